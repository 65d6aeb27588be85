// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the compiler that looks for the wanted slots.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serde/avro/resolution_compiler.h"
#include "serde/avro/type_match.h"

namespace sidestream::serde::avro {
namespace {

const FieldNode* WantedChild(const FieldNode& wanted, std::string_view name) {
  const FieldNode* const child = wanted.Child(name);
  return child != nullptr && child->wanted() ? child : nullptr;
}

}  // namespace

const SlotPlan* ResolutionCompiler::SlotPlanFor(const Node& writer, const Node& reader,
                                                const FieldNode& wanted) {
  if (!wanted.slots.empty()) return SlotsOfWhole(writer, reader, wanted);
  if (wanted.slots_below.empty()) return nullptr;
  if (writer.type == Type::kUnion) return SlotsOfUnion(writer, reader, wanted);
  const Node* met = &reader;
  if (reader.type == Type::kUnion) met = ChooseReaderBranch(writer, reader);
  if (met == nullptr || met->type != writer.type) return nullptr;
  if (writer.type == Type::kRecord) {
    return SlotsOfRecord(writer, *met, *plans_.at({&writer, &reader}), wanted);
  }
  if (writer.type == Type::kMap) return SlotsOfMap(writer, *met, wanted);
  // The one leaf that is a map to the reader.
  if (met->logical == LogicalType::kDuration) return SlotsOfWhole(writer, reader, wanted);
  return nullptr;
}

const SlotPlan* ResolutionCompiler::SlotsOfWhole(const Node& writer, const Node& reader,
                                                 const FieldNode& wanted) {
  SlotPlan& plan = resolution_.slot_plans_.emplace_back();
  plan.op = SlotPlan::Op::kWhole;
  plan.whole = plans_.at({&writer, &reader});
  plan.picks = PicksOf(wanted);
  return &plan;
}

const SlotPlan* ResolutionCompiler::SlotsOfUnion(const Node& writer, const Node& reader,
                                                 const FieldNode& wanted) {
  SlotPlan plan{.op = SlotPlan::Op::kUnion, .writer = &writer};
  bool found = false;
  for (const Node* const branch : writer.branches) {
    plan.steps.push_back({branch, SlotPlanFor(*branch, reader, wanted)});
    found = found || plan.steps.back().plan != nullptr;
  }
  return found ? &resolution_.slot_plans_.emplace_back(std::move(plan)) : nullptr;
}

const SlotPlan* ResolutionCompiler::SlotsOfMap(const Node& writer, const Node& reader,
                                               const FieldNode& wanted) {
  SlotPlan plan{.op = SlotPlan::Op::kMap, .writer = &writer};
  for (const std::unique_ptr<FieldNode>& child : wanted.children) {
    if (!child->wanted()) continue;
    SlotPlan::Entry entry{child->name, SlotPlanFor(*writer.element, *reader.element, *child),
                          child->slots};
    entry.slots.insert(entry.slots.end(), child->slots_below.begin(), child->slots_below.end());
    if (entry.plan != nullptr) plan.entries.push_back(std::move(entry));
  }
  return plan.entries.empty() ? nullptr : &resolution_.slot_plans_.emplace_back(std::move(plan));
}

const SlotPlan* ResolutionCompiler::SlotsOfRecord(const Node& writer, const Node& reader,
                                                  const Plan& whole, const FieldNode& wanted) {
  // Found out when data comes: the union above has other branches.
  if (whole.op == Op::kError) return nullptr;
  SlotPlan plan{.op = SlotPlan::Op::kRecord, .writer = &writer};
  for (const Field& field : writer.fields) plan.steps.push_back({field.type, nullptr});
  const std::vector<std::optional<size_t>> sources = MatchFields(writer, reader);
  for (size_t i = 0; i < reader.fields.size(); ++i) {
    const Field& field = reader.fields[i];
    const FieldNode* const child = WantedChild(wanted, field.name);
    if (child == nullptr) continue;
    if (sources[i].has_value()) {
      SlotPlan::Step& step = plan.steps[*sources[i]];
      step.plan = SlotPlanFor(*step.writer, *field.type, *child);
      continue;
    }
    for (const SlotPick& pick : PicksOf(*child)) {
      plan.constants.push_back({pick.slot, PickFrom(whole.prototype[i].value, pick)});
    }
  }
  return &resolution_.slot_plans_.emplace_back(std::move(plan));
}

}  // namespace sidestream::serde::avro
