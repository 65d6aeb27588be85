// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Compiles the expressions of steps: variables become slots of the segment at a point, and
// errors get their place in the YAML file. Internal to this folder.
//
// Threading: confined to one thread.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expression/program.h"
#include "serde/protobuf/message_catalog.h"
#include "topology/finding.h"
#include "topology/model.h"
#include "topology/plan_draft.h"

namespace sidestream::topology {

/// A variable that cannot be had, with the chain as written ("value.x").
struct ScopeError {
  std::string chain;
  std::string message;
  std::string suggestion;
};

/// The record's variables at a point. Problems with paths are collected: Compile has no
/// place for them.
class RowScope : public expression::Scope {
 public:
  enum class For { kStep, kTimestamp };
  /// All arguments are borrowed for the scope's life.
  RowScope(PlanDraft& draft, const Point& point, const serde::Value& vars, For purpose)
      : draft_(draft), point_(point), vars_(vars), purpose_(purpose) {}

  bool HasVariable(std::string_view name) const override;
  std::vector<std::string> VariableNames() const override;
  expression::Type VariableType(std::string_view name) const override;
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override;
  const serde::MessageTypes* message_types() const override { return &serde::WellKnownTypes(); }
  /// Errors since the last call.
  std::vector<ScopeError> TakeErrors() { return std::exchange(errors_, {}); }
  /// The constants that were asked for, with their values: " with vars.k=3"; empty: none.
  std::string ConstantsText() const;
  /// The same, by name: "vars.k" and its JSON.
  const std::map<std::string, std::string>& constants() const { return constants_; }

 private:
  int32_t ConstantSlot(std::span<const std::string> path);
  int32_t MetaSlot(std::span<const std::string> path);
  void CheckFields(std::string_view variable, const Flow& flow, std::span<const std::string> path);
  void Report(std::string_view variable, std::span<const std::string> path, std::string message,
              std::string suggestion = "");

  PlanDraft& draft_;
  const Point& point_;
  const serde::Value& vars_;
  For purpose_;
  std::vector<ScopeError> errors_;
  std::map<std::string, std::string> constants_;  // by chain, as JSON
};

/// The variables of an aggregate's results: `key`, `vars`, `window` where there is one, and the
/// results of its calls.
class ResultScope final : public expression::Scope {
 public:
  ResultScope(PlanDraft& draft, int32_t segment, const serde::Value& vars,
              expression::Type key_type, bool has_window)
      : draft_(draft),
        segment_(segment),
        vars_(vars),
        key_type_(std::move(key_type)),
        has_window_(has_window) {}
  bool HasVariable(std::string_view name) const override {
    return name == "key" || name == "vars" || (name == "window" && has_window_);
  }
  std::vector<std::string> VariableNames() const override {
    std::vector<std::string> names{"key", "vars"};
    if (has_window_) names.emplace_back("window");
    return names;
  }
  expression::Type VariableType(std::string_view name) const override;
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override;
  const serde::MessageTypes* message_types() const override { return &serde::WellKnownTypes(); }
  std::vector<ScopeError> TakeErrors() { return std::exchange(errors_, {}); }

 private:
  PlanDraft& draft_;
  int32_t segment_;
  const serde::Value& vars_;
  const expression::Type key_type_;
  const bool has_window_;
  std::vector<ScopeError> errors_;
};

class ExpressionCompiler {
 public:
  ExpressionCompiler(PlanDraft& draft, const serde::Value& vars, const SourceFiles& files,
                     Findings& findings)
      : draft_(draft), vars_(vars), files_(files), findings_(findings) {}

  /// Null when there is a finding.
  ProgramPtr Compile(const ExpressionText& expression, const Point& point,
                     RowScope::For purpose = RowScope::For::kStep);
  /// Takes over what `expression` was compiled to, and remembers its text. Null stays null.
  ProgramPtr Keep(std::unique_ptr<expression::Program> program, const ExpressionText& expression);
  std::vector<ProgramSource> TakeSources() { return std::move(sources_); }
  /// What it computes at `point`, in one spelling: canonical text and the constants in it.
  std::string MeaningOf(const ExpressionText& expression, const Point& point);

  /// Warnings for what is doubtful in an expression that compiles.
  void Remark(const ExpressionText& expression, const expression::Scope& scope);
  /// A warning for each call that differs from run to run; `where` ends the message.
  void RemarkImpure(const ExpressionText& expression, std::string_view where,
                    const std::string& suggestion);

  /// Findings for errors in `expression`; where they stand is found in its YAML scalar.
  void Report(const ExpressionText& expression,
              const std::vector<expression::CompileError>& errors);
  void Report(const ExpressionText& expression, const std::vector<ScopeError>& errors);

  const serde::Value& vars() const { return vars_; }

 private:
  PlanDraft& draft_;
  const serde::Value& vars_;
  const SourceFiles& files_;
  Findings& findings_;
  std::vector<ProgramSource> sources_;
};

/// The constant at `path` of `vars`; empty, with an error, when there is none.
std::optional<serde::Value> ConstantOfVars(const serde::Value& vars,
                                           std::span<const std::string> path,
                                           std::vector<ScopeError>& errors);

/// Byte offset of a 1-based line and column (in code points) of `text`.
size_t OffsetOf(std::string_view text, const expression::SourcePosition& position);

/// Without blanks around.
std::string_view Trimmed(std::string_view text);

}  // namespace sidestream::topology
