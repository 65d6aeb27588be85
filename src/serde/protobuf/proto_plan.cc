// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_plan.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace sidestream::serde::protobuf {
namespace {

/// Numbers below this are found in a table.
constexpr int32_t kTableNumbers = 1'024;

bool Packable(const Field& field) {
  return field.repeated && WireTypeOf(field.type) != WireType::kBytes;
}

}  // namespace

const FieldPlan* MessagePlan::FindFar(uint32_t number) const {
  const auto found = std::ranges::lower_bound(far, static_cast<int32_t>(number), {},
                                              &std::pair<int32_t, uint32_t>::first);
  if (found == far.end() || found->first != static_cast<int32_t>(number)) return nullptr;
  return &fields[found->second];
}

Result<std::unique_ptr<const ProtoPlan>> ProtoPlan::Compile(ProtoSchemaPtr schema,
                                                            const Message& message,
                                                            const std::vector<WantedPath>& wanted) {
  ASSIGN_OR_RETURN(const std::unique_ptr<FieldNode> tree, BuildFieldTree({}, wanted));
  std::unique_ptr<ProtoPlan> plan(new ProtoPlan(std::move(schema)));
  for (const WantedPath& path : wanted) plan->all_slots_.push_back(path.slot);
  plan->reads_whole_ = !tree->slots.empty() || message.shape != Shape::kPlain;
  if (plan->reads_whole_) {
    plan->whole_ = PicksOf(*tree);
    plan->root_ = plan->WholePlan(message);
  } else {
    plan->slots_ = plan->SlotsOf(message, *tree);
    plan->root_ = plan->slots_->message;
  }
  while (!plan->open_.empty()) {
    MessagePlan& open = *plan->open_.back();
    plan->open_.pop_back();
    for (const Field& field : open.message->fields) {
      if (field.type == FieldType::kGroup) continue;
      open.fields.push_back(plan->PlanOf(field, false));
    }
    Index(open);
  }
  return std::unique_ptr<const ProtoPlan>(std::move(plan));
}

const MessagePlan* ProtoPlan::WholePlan(const Message& message) {
  const MessagePlan*& known = whole_plans_[&message];
  if (known != nullptr) return known;
  MessagePlan& plan = plans_.emplace_back();
  plan.message = &message;
  open_.push_back(&plan);
  known = &plan;
  return known;
}

FieldPlan ProtoPlan::PlanOf(const Field& field, bool only_clears) {
  FieldPlan plan{.field = &field,
                 .wire = WireTypeOf(field.type),
                 .packable = Packable(field),
                 .only_clears = only_clears};
  if (field.message != nullptr && !only_clears) plan.message = WholePlan(*field.message);
  return plan;
}

const SlotPlan* ProtoPlan::SlotsOf(const Message& message, const FieldNode& wanted) {
  MessagePlan& plan = plans_.emplace_back();
  SlotPlan& slots = slot_plans_.emplace_back();
  plan.message = &message;
  slots.message = &plan;
  std::set<int32_t> oneofs;
  for (const Field& field : message.fields) {
    const FieldNode* const child = wanted.Child(field.name);
    if (child != nullptr && child->wanted() && field.oneof >= 0) oneofs.insert(field.oneof);
  }
  for (const Field& field : message.fields) {
    if (field.type == FieldType::kGroup) continue;
    const FieldNode* const child = wanted.Child(field.name);
    const auto cell = static_cast<uint32_t>(plan.fields.size());
    if (child == nullptr || !child->wanted()) {
      if (oneofs.contains(field.oneof)) plan.fields.push_back(PlanOf(field, true));
      continue;
    }
    SlotPlan::Step step{.cell = cell};
    const bool inside = child->slots.empty() && field.message != nullptr && !field.repeated &&
                        field.message->shape == Shape::kPlain;
    if (inside) {
      step.below = SlotsOf(*field.message, *child);
      FieldPlan into{.field = &field, .wire = WireType::kBytes};
      into.message = step.below->message;
      plan.fields.push_back(std::move(into));
    } else {
      step.picks = PicksOf(*child);
      plan.fields.push_back(PlanOf(field, false));
    }
    slots.steps.push_back(std::move(step));
  }
  Index(plan);
  return &slots;
}

void ProtoPlan::Index(MessagePlan& plan) {
  for (uint32_t i = 0; i < plan.fields.size(); ++i) {
    FieldPlan& field = plan.fields[i];
    for (uint32_t other = 0; field.field->oneof >= 0 && other < plan.fields.size(); ++other) {
      if (other != i && plan.fields[other].field->oneof == field.field->oneof) {
        field.rivals.push_back(other);
      }
    }
    const int32_t number = field.field->number;
    if (number < kTableNumbers && i < UINT16_MAX) {
      if (plan.table.size() <= static_cast<size_t>(number)) {
        plan.table.resize(static_cast<size_t>(number) + 1);
      }
      plan.table[static_cast<size_t>(number)] = static_cast<uint16_t>(i + 1);
    } else {
      plan.far.emplace_back(number, i);
    }
  }
  std::ranges::sort(plan.far);
}

}  // namespace sidestream::serde::protobuf
