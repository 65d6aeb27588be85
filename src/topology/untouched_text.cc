// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/untouched_text.h"

#include <algorithm>
#include <span>
#include <variant>
#include <vector>

#include "topology/plan_programs.h"

namespace sidestream::topology {
namespace {

/// Per segment and slot: how many read it, and how many of those only write it to JSON.
struct Readers {
  int all = 0;
  int writers = 0;
};

class TextFinder {
 public:
  explicit TextFinder(SubTopology& sub_topology) : sub_topology_(sub_topology) {
    for (const Segment& segment : sub_topology.segments) {
      readers_.emplace_back(segment.slots.size());
      needs_values_.push_back(std::ranges::any_of(segment.slots, [](const Slot& slot) {
        return slot.source == Slot::Source::kValue && !slot.path.empty();
      }));
    }
  }

  void Run() {
    for (const Input& input : sub_topology_.inputs) {
      for (const ProgramPtr& program :
           {input.timestamp, input.watermark.when, input.watermark.value}) {
        if (program != nullptr) CountProgram(input.segment, *program);
      }
    }
    for (const Node& node : sub_topology_.nodes) CountNode(node);
    for (size_t i = 0; i < sub_topology_.segments.size(); ++i) FindWholeValue(i);
    for (const Node& node : sub_topology_.nodes) {
      if (const auto* map = std::get_if<MapNode>(&node.operation)) CountFields(node, *map);
    }
    for (size_t i = 0; i < sub_topology_.segments.size(); ++i) {
      std::vector<Slot>& slots = sub_topology_.segments[i].slots;
      for (size_t k = 0; k < slots.size(); ++k) {
        const Readers& readers = readers_[i][k];
        slots[k].may_stay_text = slots[k].source == Slot::Source::kValue && readers.all > 0 &&
                                 readers.all == readers.writers;
      }
    }
  }

 private:
  Readers& At(int32_t segment, int32_t slot) {
    return readers_[static_cast<size_t>(segment)][static_cast<size_t>(slot)];
  }
  void CountSlot(int32_t segment, int32_t slot) {
    if (slot >= 0) ++At(segment, slot).all;
  }
  void CountProgram(int32_t segment, const expression::Program& program) {
    for (const int32_t slot : program.slots()) CountSlot(segment, slot);
  }

  void CountNode(const Node& node) {
    ForEachProgram(node.operation, [&](const expression::Program& program) {
      CountProgram(node.segment, program);
    });
    std::visit(
        [&](const auto& operation) {
          if constexpr (requires { operation.key_slot; }) {
            CountSlot(node.segment, operation.key_slot);
          }
          if constexpr (requires { operation.value_slot; }) {
            CountSlot(node.segment, operation.value_slot);
          }
        },
        node.operation);
    if (const auto* hop = std::get_if<RepartitionNode>(&node.operation)) {
      if (hop->value.computed) needs_values_[static_cast<size_t>(node.segment)] = true;
    }
    const auto* sink = std::get_if<SinkNode>(&node.operation);
    if (sink != nullptr && sink->value_slot >= 0 &&
        sink->value_format.kind == serde::FormatKind::kJson) {
      ++At(node.segment, sink->value_slot).writers;
    }
  }

  /// A whole value that somebody reads other than to write it as JSON.
  void FindWholeValue(size_t segment) {
    const std::vector<Slot>& slots = sub_topology_.segments[segment].slots;
    for (size_t k = 0; k < slots.size(); ++k) {
      const Readers& readers = readers_[segment][k];
      if (slots[k].source == Slot::Source::kValue && readers.all != readers.writers) {
        needs_values_[segment] = true;
      }
    }
  }

  void CountFields(const Node& node, const MapNode& map) {
    if (needs_values_[static_cast<size_t>(map.output_segment)]) return;
    for (const FieldExpression& field : map.fields) {
      const std::optional<int32_t> slot = field.program->passed_slot();
      if (slot) ++At(node.segment, *slot).writers;
    }
  }

  SubTopology& sub_topology_;
  std::vector<std::vector<Readers>> readers_;
  std::vector<bool> needs_values_;
};

}  // namespace

void MarkUntouchedText(SubTopology& sub_topology) { TextFinder(sub_topology).Run(); }

}  // namespace sidestream::topology
