// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The draft, once it is whole: what later steps turned out to need, and the cut into
// sub-topologies.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "topology/internal_topics.h"
#include "topology/plan_draft.h"
#include "topology/untouched_text.h"

namespace sidestream::topology {
namespace {

template <typename T>
auto& At(T& items, int32_t index) {
  return items[static_cast<size_t>(index)];
}

void Remap(std::vector<int32_t>& indices, const std::vector<int32_t>& map) {
  for (int32_t& index : indices) index = At(map, index);
}

bool NeedsOrigin(const Slot& slot) {
  return slot.source == Slot::Source::kMeta && (slot.path.empty() || slot.path[0] != "timestamp");
}

/// Whether `node` does something because event time has got somewhere.
bool FollowsEventTime(const Node& node) {
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.operation)) {
    if (aggregate->window) return HasBounds(*aggregate->window);
    return aggregate->emit == Emit::kFinal || (aggregate->ttl && !aggregate->ttl->wall_clock);
  }
  if (const auto* dedup = std::get_if<DedupNode>(&node.operation)) return !dedup->wall_clock;
  return std::holds_alternative<ProcessNode>(node.operation);
}

}  // namespace

bool PlanDraft::HasEntrySlot(int32_t segment, Slot::Source source) const {
  const std::vector<Slot>& slots = At(segments_, segment).segment.slots;
  return std::any_of(slots.begin(), slots.end(),
                     [&](const Slot& slot) { return slot.source == source && slot.on_entry; });
}

void PlanDraft::ResolveMerges() {
  // Backwards: what a merge needs may make an earlier one need it, too.
  for (auto merge = merges_.rbegin(); merge != merges_.rend(); ++merge) {
    auto& operation = std::get<MergeNode>(At(nodes_, merge->node).node.operation);
    if (operation.key_becomes_computed ||
        HasEntrySlot(operation.output_segment, Slot::Source::kKey)) {
      operation.key_slot = WholeKey(merge->parent);
    }
    if (operation.value_becomes_computed ||
        HasEntrySlot(operation.output_segment, Slot::Source::kValue)) {
      operation.value_slot = WholeValue(merge->parent);
    }
  }
}

void PlanDraft::ResolveCarried() {
  // Backwards: a hop behind a hop is made later.
  for (auto input = inputs_.rbegin(); input != inputs_.rend(); ++input) {
    if (input->writer < 0) continue;
    bool headers = false;
    bool origin = false;
    std::set<int32_t> segments{input->input.segment};
    std::vector<int32_t> open = input->input.children;
    std::set<int32_t> seen(open.begin(), open.end());
    while (!open.empty()) {
      const Node& node = At(nodes_, open.back()).node;
      open.pop_back();
      segments.insert(node.segment);
      // A letter says where its record came from, and brings its headers along.
      headers = headers || MakesDeadLetters(node);
      origin = origin || MakesDeadLetters(node);
      const auto open_child = [&](int32_t child) {
        if (seen.insert(child).second) open.push_back(child);
      };
      // A result of an aggregate has neither headers nor origin; what it puts aside has both.
      if (std::holds_alternative<AggregateNode>(node.operation)) {
        for (const Node::Side& side : node.sides) {
          for (const int32_t child : side.children) open_child(child);
        }
        continue;
      }
      segments.insert(OutputSegment(node));
      for (const Node::Side& side : node.sides) {
        if (side.segment >= 0) segments.insert(side.segment);
      }
      if (std::holds_alternative<SinkNode>(node.operation)) headers = true;
      // Nobody knows what a script looks at.
      if (std::holds_alternative<ProcessNode>(node.operation)) headers = true;
      if (const auto* hop = std::get_if<RepartitionNode>(&node.operation)) {
        headers = headers || hop->carries_headers;
        origin = origin || hop->carries_origin;
      }
      ForEachChild(node, open_child);
    }
    for (const int32_t segment : segments) {
      for (const Slot& slot : At(segments_, segment).segment.slots) {
        headers = headers || slot.source == Slot::Source::kHeaders;
        origin = origin || NeedsOrigin(slot);
      }
    }
    auto& hop = std::get<RepartitionNode>(At(nodes_, input->writer).node.operation);
    hop.carries_headers = input->input.has_headers = headers;
    hop.carries_origin = input->input.has_origin = origin;
  }
}

void PlanDraft::Split(Plan& plan, std::vector<int32_t>& component_of) {
  // Only components with an input that is read become sub-topologies, in the order of inputs.
  component_of.assign(parents_.size(), -1);
  std::vector<std::vector<int32_t>> segment_maps;
  std::vector<int32_t> node_map(nodes_.size(), -1);
  for (const DraftInput& draft : inputs_) {
    const int32_t component = Component(draft.component);
    if (draft.input.children.empty()) continue;
    if (At(component_of, component) < 0) {
      At(component_of, component) = static_cast<int32_t>(plan.sub_topologies.size());
      plan.sub_topologies.emplace_back();
      plan.sub_topologies.back().index = At(component_of, component);
      segment_maps.emplace_back(segments_.size(), -1);
    }
    At(plan.sub_topologies, At(component_of, component)).inputs.push_back(draft.input);
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const int32_t sub = At(component_of, Component(nodes_[i].component));
    node_map[i] = static_cast<int32_t>(At(plan.sub_topologies, sub).nodes.size());
    At(plan.sub_topologies, sub).nodes.push_back(nodes_[i].node);
  }
  for (SubTopology& sub : plan.sub_topologies) {
    std::vector<int32_t>& segment_map = At(segment_maps, sub.index);
    const auto place = [&](int32_t& segment) {
      if (segment < 0) return;
      int32_t& mapped = At(segment_map, segment);
      if (mapped < 0) {
        mapped = static_cast<int32_t>(sub.segments.size());
        sub.segments.push_back(At(segments_, segment).segment);
      }
      segment = mapped;
    };
    for (Input& input : sub.inputs) {
      place(input.segment);
      Remap(input.children, node_map);
    }
    for (Node& node : sub.nodes) {
      place(node.segment);
      Remap(node.children, node_map);
      for (Node::Side& side : node.sides) {
        Remap(side.children, node_map);
        place(side.segment);
      }
      std::visit(
          [&](auto& operation) {
            if constexpr (requires { operation.results_segment; }) {
              place(operation.results_segment);
            }
            if constexpr (requires { operation.output_segment; }) place(operation.output_segment);
            if constexpr (requires { operation.branches; }) {
              for (auto& branch : operation.branches) Remap(branch.children, node_map);
            }
          },
          node.operation);
    }
    const Input* anchor = &sub.inputs.front();
    for (const Input& input : sub.inputs) {
      if (input.partitions > anchor->partitions) anchor = &input;
    }
    sub.anchor_topic = anchor->topic;
    sub.partitions = anchor->partitions;
  }
  // Which sub-topology writes each repartition topic.
  for (const DraftInput& draft : inputs_) {
    if (draft.writer < 0 || draft.input.children.empty()) continue;
    const int32_t writer = At(component_of, Component(At(nodes_, draft.writer).component));
    SubTopology& sub = At(plan.sub_topologies, At(component_of, Component(draft.component)));
    for (Input& input : sub.inputs) {
      if (input.topic == draft.input.topic) input.upstream = writer;
    }
  }
}

void PlanDraft::CountStores(Plan& plan, const std::vector<int32_t>& component_of) {
  for (DraftStore& draft : stores_) {
    const int32_t index = At(component_of, Component(At(nodes_, draft.node).component));
    SubTopology& sub = At(plan.sub_topologies, index);
    Store& store = draft.store;
    store.partitions = sub.partitions;
    CompleteLayout(store);
    for (Node& node : sub.nodes) {
      if (node.name != At(nodes_, draft.node).node.name) continue;
      std::visit(
          [&](auto& operation) {
            if constexpr (requires { operation.store; }) {
              operation.store = static_cast<int32_t>(sub.stores.size());
            }
          },
          node.operation);
    }
    plan.internal_topics.push_back(MakeInternalTopic(InternalTopic::Kind::kChangelog,
                                                     store.changelog_topic, store.partitions));
    sub.stores.push_back(std::move(store));
  }
}

void PlanDraft::CheckHops(const Plan& plan, const std::vector<int32_t>& component_of,
                          Findings& findings) {
  for (const DraftInput& draft : inputs_) {
    if (draft.writer < 0) continue;
    if (draft.input.children.empty()) {
      findings.Error("SS3008", draft.position,
                     fmt::format("nothing reads what {} sends", draft.input.alias),
                     "add steps or to: behind it, or read the pipeline from another one");
    }
    const int32_t writer = At(component_of, Component(At(nodes_, draft.writer).component));
    const int32_t tasks = At(plan.sub_topologies, writer).partitions;
    if (tasks <= kUpstreamTasksMax) continue;
    findings.Error("SS5003", draft.position,
                   fmt::format("{} is written by {} tasks; {} are the most", draft.input.topic,
                               tasks, kUpstreamTasksMax),
                   "a task per partition of the input writes to it: use an input with fewer "
                   "partitions");
  }
}

/// Tasks that read what they write themselves wait for their own marks: event time stands still
/// there, and behind them.
void PlanDraft::CheckCycles(const Plan& plan, const std::vector<int32_t>& component_of,
                            Findings& findings) {
  const size_t count = plan.sub_topologies.size();
  std::vector<std::vector<bool>> leads(count, std::vector<bool>(count, false));
  const auto ends_of = [&](const DraftInput& draft) {
    return std::pair(
        static_cast<size_t>(At(component_of, Component(At(nodes_, draft.writer).component))),
        static_cast<size_t>(At(component_of, Component(draft.component))));
  };
  const auto is_hop = [](const DraftInput& draft) {
    return draft.writer >= 0 && !draft.input.children.empty() &&
           draft.input.dated != Dated::kProcessing;
  };
  for (const DraftInput& draft : inputs_) {
    if (is_hop(draft)) leads[ends_of(draft).first][ends_of(draft).second] = true;
  }
  for (size_t by = 0; by < count; ++by) {
    for (size_t from = 0; from < count; ++from) {
      for (size_t to = 0; to < count; ++to) {
        if (leads[from][by] && leads[by][to]) leads[from][to] = true;
      }
    }
  }
  for (const DraftInput& draft : inputs_) {
    if (!is_hop(draft)) continue;
    const auto [writer, reader] = ends_of(draft);
    if (!leads[reader][writer]) continue;
    for (size_t sub = 0; sub < count; ++sub) {
      const auto& nodes = plan.sub_topologies[sub].nodes;
      const auto waits = std::ranges::find_if(nodes, FollowsEventTime);
      if (!leads[reader][sub] || waits == nodes.end()) continue;
      findings.Error(
          "SS3024", draft.position,
          fmt::format("{} would wait for ever: its tasks read the repartition topic of {}, "
                      "which they write themselves",
                      waits->name, draft.input.alias),
          "do not merge what lies before that step with what lies behind it: write both "
          "to the same stream from pipelines of their own");
      return;
    }
  }
}

void PlanDraft::Finish(const Model& model, const PartitionCounts& counts, Findings& findings,
                       Plan& plan) {
  ResolveMerges();
  ResolveCarried();
  std::vector<int32_t> component_of;
  for (const DraftInput& draft : inputs_) {
    if (draft.writer < 0) continue;
    plan.internal_topics.push_back(MakeInternalTopic(InternalTopic::Kind::kRepartition,
                                                     draft.input.topic, draft.input.partitions));
  }
  Split(plan, component_of);
  CountStores(plan, component_of);
  CheckHops(plan, component_of, findings);
  CheckCycles(plan, component_of, findings);
  PlaceDeadLetters(model, counts, plan);
  HoldKeys(model, findings, plan);
  // What does not compile has no program to look at, and a plan with errors goes nowhere.
  if (findings.has_errors()) return;
  for (SubTopology& sub_topology : plan.sub_topologies) MarkUntouchedText(sub_topology);
}

}  // namespace sidestream::topology
