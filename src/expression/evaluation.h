// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One run of an expression, and the node that runs are made of.
//
// A node answers true with a result, or false with an error in the evaluation. Errors
// are absorbed by && and || in either order, so a false is not the end; nothing on the
// way of a true allocates outside of the arena.
//
// Bounds: steps and bytes per run. An expression that a user wrote by mistake ends with
// an error of the record, never with the process.
//
// Threading: a node is immutable; an Evaluation is confined to one thread and one run.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "expression/program.h"
#include "serde/value.h"

namespace sidestream::expression {

class Evaluation {
 public:
  /// What counts as one of kMaxSteps.
  static constexpr size_t kBytesPerStep = 64;
  static constexpr size_t kElementsPerStep = 8;
  /// Bytes of text and lists that one run makes, at most.
  static constexpr int64_t kMaxBytes = 64 << 20;

  /// All are borrowed for the run. `locals` holds the variables of macros.
  Evaluation(std::span<const serde::Value> slots, std::span<serde::Value> locals,
             Environment& environment, Arena& arena)
      : slots_(slots), locals_(locals), environment_(environment), arena_(arena) {}

  const serde::Value& slot(int32_t index) const { return slots_[static_cast<size_t>(index)]; }
  serde::Value& local(int index) { return locals_[static_cast<size_t>(index)]; }
  Environment& environment() { return environment_; }
  Arena& arena() { return arena_; }

  /// Always false: `return evaluation.Fail("…")`.
  bool Fail(std::string message) {
    error_ = std::move(message);
    return false;
  }
  std::string TakeError() { return std::move(error_); }

  /// Counts work that is about to be done.
  [[nodiscard]] bool Step(size_t steps = 1) {
    if (steps <= static_cast<size_t>(kMaxSteps - steps_)) {
      steps_ += static_cast<int64_t>(steps);
      return true;
    }
    // Nothing absorbs this one for long: every further step fails too.
    steps_ = kMaxSteps;
    return Fail("the expression visits too many elements for one record");
  }
  /// Counts text that is about to be gone through.
  [[nodiscard]] bool StepOverText(size_t bytes) {
    return bytes < kBytesPerStep || Step(bytes / kBytesPerStep);
  }
  /// Counts elements that are about to be gone through, each at little cost.
  [[nodiscard]] bool StepOverElements(size_t count) {
    return count < kElementsPerStep || Step(count / kElementsPerStep);
  }
  /// Counts bytes that are about to be made.
  [[nodiscard]] bool Reserve(size_t bytes) {
    if (bytes <= static_cast<size_t>(kMaxBytes - bytes_)) {
      bytes_ += static_cast<int64_t>(bytes);
      return true;
    }
    return Fail("the expression makes more than 64 MiB for one record");
  }
  /// Room for a text or list made in this run; false when it would be too much.
  [[nodiscard]] bool NewText(size_t bytes, std::span<char>& out) {
    if (!Reserve(bytes)) return false;
    out = {static_cast<char*>(arena_.Allocate(bytes, 1)), bytes};
    return true;
  }
  [[nodiscard]] bool NewValues(size_t count, std::span<serde::Value>& out) {
    if (!Reserve(count * sizeof(serde::Value))) return false;
    out = arena_.NewArray<serde::Value>(count);
    return true;
  }
  [[nodiscard]] bool NewEntries(size_t count, std::span<serde::MapEntry>& out) {
    if (!Reserve(count * sizeof(serde::MapEntry))) return false;
    out = arena_.NewArray<serde::MapEntry>(count);
    return true;
  }
  /// A string value that holds a copy of `text`.
  [[nodiscard]] bool MakeString(std::string_view text, serde::Value& out) {
    if (!Reserve(text.size())) return false;
    out = serde::Value::String(arena_.Copy(text));
    return true;
  }

 private:
  std::span<const serde::Value> slots_;
  std::span<serde::Value> locals_;
  Environment& environment_;
  Arena& arena_;
  int64_t steps_ = 0;
  int64_t bytes_ = 0;
  std::string error_;
};

/// Always false: a value of another kind than `needs` says, which begins the message.
bool NeedsOther(Evaluation& evaluation, std::string_view needs, const serde::Value& value);

class Node {
 public:
  virtual ~Node() = default;
  /// Puts the result in `out`; false leaves an error in `evaluation` and `out` undefined.
  [[nodiscard]] virtual bool Evaluate(Evaluation& evaluation, serde::Value& out) const = 0;
  /// As Evaluate where a condition is asked for; what is no bool fails with `needs`, which begins
  /// the message ("'&&' needs bools").
  [[nodiscard]] virtual bool Test(Evaluation& evaluation, std::string_view needs,
                                  bool& result) const {
    serde::Value value;
    if (!Evaluate(evaluation, value)) return false;
    if (value.kind() != serde::Value::Kind::kBool) return NeedsOther(evaluation, needs, value);
    result = value.bool_value();
    return true;
  }
  /// The value of a node that has the same one in every run, else null.
  virtual const serde::Value* constant() const { return nullptr; }
  /// The slot whose value is the result as it is, else -1.
  virtual int32_t passed_slot() const { return -1; }
};

using NodePtr = std::unique_ptr<const Node>;

/// "int", "string" …: the kind of a value for a message.
inline std::string KindText(const serde::Value& value) {
  return std::string(serde::TypeName(value));
}

}  // namespace sidestream::expression
