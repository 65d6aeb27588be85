// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RunState: what all nodes of a program share while a record runs through. Internal to this
// folder.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/status.h"
#include "expression/program.h"
#include "operators/processor_context.h"
#include "operators/row.h"
#include "serde/json_text.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class RunState final : public expression::Environment {
 public:
  /// `context` and `arena` are borrowed until the run ends.
  void Begin(ProcessorContext& context, Arena& arena) {
    context_ = &context;
    arena_ = &arena;
  }

  /// The largest `max_ahead` of the application.
  void SetMaxAhead(Milliseconds max_ahead) { max_ahead_ = max_ahead.count(); }
  /// The time that a record gives to a result that it has a part in: its own, or the wall clock
  /// where it is further ahead than `max_ahead`. One record of a far future would else date the
  /// results of all others there.
  Timestamp TimeInResult(Timestamp of_record) {
    const Timestamp now = context_->WallTime();
    return of_record > now && of_record - now > max_ahead_ ? now : of_record;
  }

  ProcessorContext& context() { return *context_; }
  Arena& arena() { return *arena_; }
  serde::JsonParser& parser() { return parser_; }
  /// A buffer for the bytes of one call.
  std::string& scratch() { return scratch_; }

  /// The result with its optional taken off; kMissing stands for optional.none().
  Result<serde::Value> Evaluate(const topology::ProgramPtr& program,
                                std::span<const serde::Value> slots) {
    Result<serde::Value> value = program->Evaluate(slots, *this, *arena_);
    if (value.ok() && value->kind() == serde::Value::Kind::kOptional) return Unwrap(*value);
    return value;
  }

  /// As Evaluate, where none cannot stand for a value.
  Result<serde::Value> EvaluateWhole(const topology::ProgramPtr& program,
                                     std::span<const serde::Value> slots) {
    Result<serde::Value> value = Evaluate(program, slots);
    if (value.ok() && value->missing()) {
      return Status::BadRecord("the result is optional.none(): give it a value with orValue()");
    }
    return value;
  }

  /// A condition.
  Result<bool> Test(const topology::ProgramPtr& program, std::span<const serde::Value> slots) {
    return program->Test(slots, *this, *arena_);
  }

  serde::Nanos Now() override {
    const int64_t millis = context_->WallTime().value();
    return {millis / 1000, static_cast<int32_t>(millis % 1000 * 1'000'000)};
  }
  uint64_t RandomBits() override { return context_->RandomBits(); }

 private:
  ProcessorContext* context_ = nullptr;
  Arena* arena_ = nullptr;
  int64_t max_ahead_ = std::numeric_limits<int64_t>::max();
  serde::JsonParser parser_;
  std::string scratch_;
};

}  // namespace sidestream::operators
