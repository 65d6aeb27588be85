// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// `fold:` of an aggregate: three expressions, each with variables of its own, become one call.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "topology/field_types.h"
#include "topology/step_builder.h"

namespace sidestream::topology {
namespace {

using Kind = serde::Value::Kind;
using AccumulatorSlots = std::vector<FoldPrograms::AccumulatorSlot>;

/// Remembers that `slot` holds `path` of an accumulator.
void Remember(int32_t slot, std::span<const std::string> path, AccumulatorSlots& slots) {
  const bool known = std::ranges::any_of(slots, [&](const auto& one) { return one.slot == slot; });
  if (!known) slots.push_back({slot, {path.begin(), path.end()}});
}

/// What `init` sees: the group's key, which its first record has, and constants.
class InitScope final : public expression::Scope {
 public:
  explicit InitScope(RowScope& row) : row_(row) {}
  bool HasVariable(std::string_view name) const override { return name == "key" || name == "vars"; }
  std::vector<std::string> VariableNames() const override { return {"key", "vars"}; }
  expression::Type VariableType(std::string_view name) const override {
    return row_.VariableType(name);
  }
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override {
    return row_.Slot(variable, path);
  }
  const serde::MessageTypes* message_types() const override { return row_.message_types(); }

 private:
  RowScope& row_;
};

/// What `step` sees: the record and `acc`.
class StepScope final : public expression::Scope {
 public:
  StepScope(RowScope& row, PlanDraft& draft, int32_t segment)
      : row_(row), draft_(draft), segment_(segment) {}
  bool HasVariable(std::string_view name) const override {
    return name == "acc" || row_.HasVariable(name);
  }
  std::vector<std::string> VariableNames() const override {
    std::vector<std::string> names = row_.VariableNames();
    names.emplace_back("acc");
    return names;
  }
  expression::Type VariableType(std::string_view name) const override {
    return name == "acc" ? expression::Type() : row_.VariableType(name);
  }
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override {
    if (variable != "acc") return row_.Slot(variable, path);
    const int32_t slot = draft_.SlotFor(segment_, topology::Slot::Source::kAccumulator, path);
    Remember(slot, path, acc_);
    return slot;
  }
  const serde::MessageTypes* message_types() const override { return row_.message_types(); }
  AccumulatorSlots TakeAcc() { return std::move(acc_); }

 private:
  RowScope& row_;
  PlanDraft& draft_;
  const int32_t segment_;
  AccumulatorSlots acc_;
};

/// What `merge` sees: `acc`, `other` and constants, in slots of its own.
class MergeScope final : public expression::Scope {
 public:
  explicit MergeScope(const serde::Value& vars) : vars_(vars) {}
  bool HasVariable(std::string_view name) const override {
    return name == "acc" || name == "other" || name == "vars";
  }
  std::vector<std::string> VariableNames() const override { return {"acc", "other", "vars"}; }
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override {
    if (variable == "vars") return ConstantSlot(path);
    AccumulatorSlots& slots = variable == "acc" ? acc_ : other_;
    for (const auto& slot : slots) {
      if (std::ranges::equal(slot.path, path)) return slot.slot;
    }
    const int32_t slot = Add(serde::Value());
    Remember(slot, path, slots);
    return slot;
  }
  const serde::MessageTypes* message_types() const override { return &serde::WellKnownTypes(); }

  std::vector<ScopeError> TakeErrors() { return std::exchange(errors_, {}); }
  void MoveInto(FoldPrograms& programs) {
    programs.merge_slots = std::move(slots_);
    programs.merge_acc = std::move(acc_);
    programs.merge_other = std::move(other_);
  }

 private:
  int32_t Add(serde::Value value) {
    slots_.push_back(value);
    return static_cast<int32_t>(slots_.size()) - 1;
  }
  int32_t ConstantSlot(std::span<const std::string> path) {
    const std::optional<serde::Value> value = ConstantOfVars(vars_, path, errors_);
    return Add(value.value_or(serde::Value::Null()));
  }

  const serde::Value& vars_;
  std::vector<serde::Value> slots_;
  AccumulatorSlots acc_;
  AccumulatorSlots other_;
  std::vector<ScopeError> errors_;
};

std::string FoldHint(std::string_view message, std::string_view sees) {
  if (message.find("unknown variable") == std::string_view::npos) return "";
  return fmt::format("it sees {}", sees);
}

}  // namespace

AggregateCall StepBuilder::AddFold(const FoldModel& model, RowScope& row, int32_t segment,
                                   expression::Type& type) {
  auto programs = std::make_shared<FoldPrograms>();
  const auto compile = [&](const ExpressionText& text, expression::Scope& scope, auto& reporter,
                           std::string_view sees) {
    expression::CompileResult result = expression::Compile(text.text(), scope);
    for (expression::CompileError& error : result.errors) {
      if (error.suggestion.empty()) error.suggestion = FoldHint(error.message, sees);
    }
    compiler_.Report(text, result.errors);
    compiler_.Report(text, reporter.TakeErrors());
    compiler_.RemarkImpure(text, "a restart computes another result",
                           "set a field before the step, or use meta.timestamp, which is the same "
                           "in every run");
    if (result.errors.empty()) compiler_.Remark(text, scope);
    return compiler_.Keep(std::move(result.program), text);
  };
  InitScope init(row);
  programs->init = compile(model.init, init, row, "key and vars");
  StepScope step(row, draft_, segment);
  programs->step = compile(model.step, step, row, "acc and the record");
  programs->acc = step.TakeAcc();
  if (model.merge) {
    MergeScope merge(compiler_.vars());
    programs->merge = compile(*model.merge, merge, merge, "acc, other and vars");
    merge.MoveInto(*programs);
  }
  type = CommonType(TypeOfResults(programs->init.get()), TypeOfResults(programs->step.get()));
  if (programs->merge != nullptr) type = CommonType(type, TypeOfResults(programs->merge.get()));
  AggregateCall call;
  call.function = AggregateFunction::kFold;
  call.fold = std::move(programs);
  call.text = "fold";
  return call;
}

}  // namespace sidestream::topology
