// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A CEL expression, compiled once per plan and evaluated per record.
//
// Place in the flow: topology compiles the texts of a plan; operators evaluate.
// The seam is small on purpose: Compile, slots, Evaluate.
//
// Slots: a select chain that starts at a record variable ("value.user.id") is not
// looked up per record. Compile asks the Scope for a slot once; the reader fills
// slots in one pass over the bytes; Evaluate reads slots[i]. A slot whose field is
// not there holds Value kind kMissing, which is an error where it is used.
//
// Threading: a Program is immutable after Compile and may be shared; Evaluate needs
// an arena of the calling thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "expression/type.h"
#include "serde/message_types.h"
#include "serde/value.h"

namespace sidestream::expression {

/// Position in the expression's own text: 1-based line and column.
struct SourcePosition {
  int line = 1;
  int column = 1;
};

/// Why a text does not compile. Several may be found at once.
struct CompileError {
  SourcePosition position;
  std::string message;
  std::string suggestion;  // a name that may have been meant; may be empty
};

/// The variables of one expression and where their fields come from.
class Scope {
 public:
  virtual ~Scope() = default;
  /// Whether `name` is a variable here ("value", "key", "headers", "meta", "vars", "acc" …).
  virtual bool HasVariable(std::string_view name) const = 0;
  /// Names of all variables, for suggestions.
  virtual std::vector<std::string> VariableNames() const = 0;
  /// What is known of a variable before a record is there. Requires HasVariable(name).
  virtual Type VariableType(std::string_view /*name*/) const { return Type(); }
  /// Names are looked up in this container first ("com.example"), then outwards.
  virtual std::string_view container() const { return {}; }
  /// Messages and enums that have a name here; null: none. Outlives what is compiled.
  virtual const serde::MessageTypes* message_types() const { return nullptr; }
  /// Slot that will hold `variable` followed by the fields `path` (empty path: the whole
  /// variable). The same question gets the same slot. A path into a variable whose type has
  /// no fields is the scope's to report. Requires HasVariable(variable).
  virtual int32_t Slot(std::string_view variable, std::span<const std::string> path) = 0;
};

/// What one evaluation costs, at least and at most, in steps of about one operation (cost.h has
/// the model). `most` is UINT64_MAX where it is more than that.
struct Cost {
  uint64_t least = 0;
  uint64_t most = 0;
  friend bool operator==(const Cost&, const Cost&) = default;
};

/// Elements of a list or map, or characters of a text, that an expression is assumed to meet at
/// most where nothing is known of them.
inline constexpr uint64_t kAssumedSize = 1'000;

/// Steps of one evaluation, at most: one that needs more fails. An element that a macro visits, a
/// comparison that a function makes, 64 bytes of text or 8 elements that are gone through.
inline constexpr int64_t kMaxSteps = 10'000'000;

/// What an evaluation may ask of the world (now(), uuid()).
class Environment {
 public:
  virtual ~Environment() = default;
  virtual serde::Nanos Now() = 0;
  virtual uint64_t RandomBits() = 0;
};

class Program {
 public:
  virtual ~Program() = default;
  /// The result lives in `arena`, in the memory behind `slots` or in the program.
  /// Fails with kBadRecord: the message says what, the step's on_error decides.
  virtual Result<serde::Value> Evaluate(std::span<const serde::Value> slots,
                                        Environment& environment, Arena& arena) const = 0;
  /// Evaluate() where a condition is asked for: an optional stands for its value, and what is then
  /// no bool fails too.
  virtual Result<bool> Test(std::span<const serde::Value> slots, Environment& environment,
                            Arena& arena) const = 0;
  /// The value of an expression without variables and non-deterministic calls.
  virtual std::optional<serde::Value> constant() const = 0;
  /// Of all results; dyn where it is not known.
  virtual const Type& type() const = 0;
  /// The slots that it reads, each once, ascending.
  virtual std::span<const int32_t> slots() const = 0;
  /// The slot that it only passes on ("value.user"), if that is all it does.
  virtual std::optional<int32_t> passed_slot() const = 0;
  /// Estimated from the text and the types: {0, 0} of a constant.
  virtual Cost cost() const = 0;
};

/// An empty error list means that `program` is there.
struct CompileResult {
  std::unique_ptr<Program> program;
  std::vector<CompileError> errors;
};

/// kOff: what the checker would refuse fails where it is evaluated, as CEL has it for
/// expressions that are parsed only.
enum class Checking : uint8_t { kOn, kOff };

/// Parses the full CEL grammar with macros, checks types, resolves variables and functions.
/// The program keeps nothing of `text`.
CompileResult Compile(std::string_view text, Scope& scope, Checking checking = Checking::kOn);

/// One spelling for all texts with the same tree: blanks, comments and parentheses that say
/// nothing are gone. A text that does not parse comes back as it is.
/// Persistent: part of the fingerprints of stores.
std::string CanonicalText(std::string_view text);

}  // namespace sidestream::expression
