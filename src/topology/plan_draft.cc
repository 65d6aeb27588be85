// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The draft: growing the graph. What is done once it is whole lies in plan_finish.cc.

#include "topology/plan_draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "topology/field_types.h"

namespace sidestream::topology {
namespace {

const std::vector<std::string> kWhole;

template <typename T>
auto& At(T& items, int32_t index) {
  return items[static_cast<size_t>(index)];
}

bool SameEncoding(const Encoding& a, const Encoding& b) {
  return a.computed == b.computed && (a.computed || a.format == b.format);
}

}  // namespace

int32_t OutputSegment(const Node& node) {
  return std::visit(
      [&](const auto& operation) {
        if constexpr (requires { operation.output_segment; }) {
          if (operation.output_segment >= 0) return operation.output_segment;
        }
        return node.segment;
      },
      node.operation);
}

int32_t PlanDraft::NewSegment() {
  segments_.emplace_back();
  return static_cast<int32_t>(segments_.size()) - 1;
}

int32_t PlanDraft::FindSlot(const DraftSegment& segment, Slot::Source source,
                            std::span<const std::string> path, int32_t from) const {
  for (size_t i = 0; i < segment.from.size(); ++i) {
    const Slot& slot = segment.segment.slots[i];
    if (slot.source == source && segment.from[i] == from &&
        std::equal(slot.path.begin(), slot.path.end(), path.begin(), path.end())) {
      return static_cast<int32_t>(i);
    }
  }
  return -1;
}

int32_t PlanDraft::SlotFor(int32_t segment, Slot::Source source, std::span<const std::string> path,
                           int32_t from) {
  DraftSegment& draft = At(segments_, segment);
  if (const int32_t found = FindSlot(draft, source, path, from); found >= 0) return found;
  Slot slot;
  slot.source = source;
  slot.path.assign(path.begin(), path.end());
  slot.on_entry = from < 0;
  draft.segment.slots.push_back(std::move(slot));
  draft.from.push_back(from);
  const auto index = static_cast<int32_t>(draft.from.size()) - 1;
  if (from >= 0) {
    Operation& operation = At(nodes_, from).node.operation;
    if (auto* rekey = std::get_if<RekeyNode>(&operation)) rekey->key_slots.push_back(index);
    if (auto* headers = std::get_if<HeadersNode>(&operation)) {
      headers->header_slots.push_back(index);
    }
  }
  return index;
}

int32_t PlanDraft::ConstantSlot(int32_t segment, std::span<const std::string> path,
                                serde::Value value) {
  const int32_t index = SlotFor(segment, Slot::Source::kConstant, path);
  At(At(segments_, segment).segment.slots, index).constant = value;
  return index;
}

int32_t PlanDraft::CallSlot(int32_t segment, int32_t call) {
  const std::vector<std::string> path{fmt::format("{}", call)};
  const int32_t index = SlotFor(segment, Slot::Source::kCall, path);
  Slot& slot = At(At(segments_, segment).segment.slots, index);
  slot.call = call;
  return index;
}

serde::Value PlanDraft::ConstantAt(int32_t segment, int32_t slot) const {
  const Slot& found = At(At(segments_, segment).segment.slots, slot);
  return found.source == Slot::Source::kConstant ? found.constant : serde::Value();
}

int32_t PlanDraft::WholeKey(const Point& point) {
  // A rekey before the segment's beginning is part of the row there.
  return SlotFor(point.segment, Slot::Source::kKey, kWhole, point.key_from);
}

int32_t PlanDraft::WholeValue(const Point& point) {
  return SlotFor(point.segment, Slot::Source::kValue, kWhole);
}

int32_t PlanDraft::AddInput(Input input, const Position& position) {
  parents_.push_back(static_cast<int32_t>(parents_.size()));
  inputs_.push_back({std::move(input), position, static_cast<int32_t>(parents_.size()) - 1, -1});
  return static_cast<int32_t>(inputs_.size()) - 1;
}

int32_t PlanDraft::AddNode(const Point& point, Node node, const Position& position) {
  const auto index = static_cast<int32_t>(nodes_.size());
  node.segment = point.segment;
  parents_.push_back(static_cast<int32_t>(parents_.size()));
  const auto component = static_cast<int32_t>(parents_.size()) - 1;
  nodes_.push_back({std::move(node), position, component});
  for (const Point::End& end : point.ends) {
    switch (end.at) {
      case Point::End::At::kInput:
        At(inputs_, end.index).input.children.push_back(index);
        Join(At(inputs_, end.index).component, component);
        break;
      case Point::End::At::kNode:
        At(nodes_, end.index).node.children.push_back(index);
        Join(At(nodes_, end.index).component, component);
        break;
      case Point::End::At::kSide:
        At(At(nodes_, end.index).node.sides, end.branch).children.push_back(index);
        Join(At(nodes_, end.index).component, component);
        break;
      case Point::End::At::kBranch: {
        auto& branch = std::get<BranchNode>(At(nodes_, end.index).node.operation);
        At(branch.branches, end.branch).children.push_back(index);
        Join(At(nodes_, end.index).component, component);
        break;
      }
    }
  }
  return index;
}

int32_t PlanDraft::AddStore(Store store, int32_t node) {
  stores_.push_back({std::move(store), node});
  return static_cast<int32_t>(stores_.size()) - 1;
}

int32_t PlanDraft::Component(int32_t component) {
  while (At(parents_, component) != component) component = At(parents_, component);
  return component;
}

void PlanDraft::Join(int32_t a, int32_t b) {
  const int32_t first = Component(a);
  const int32_t second = Component(b);
  At(parents_, std::max(first, second)) = std::min(first, second);
}

Point PlanDraft::Merge(const std::vector<Point>& points, const std::string& name,
                       const std::string& location, const Position& position) {
  if (points.size() == 1) return points.front();
  Point merged;
  merged.segment = NewSegment();
  merged.key = points.front().key;
  merged.value = points.front().value;
  std::set<std::string> meanings;
  for (const Point& point : points) {
    if (!SameEncoding(point.key.encoding, merged.key.encoding)) merged.key.encoding = {true, {}};
    if (!SameEncoding(point.value.encoding, merged.value.encoding)) {
      merged.value.encoding = {true, {}};
    }
    meanings.insert(point.key.meaning);
    merged.key.type = CommonType(merged.key.type, point.key.type);
    merged.value.type = CommonType(merged.value.type, point.value.type);
    // Another count or key format puts equal keys into other partitions.
    merged.rekeyed = merged.rekeyed || point.rekeyed ||
                     point.partitions != points.front().partitions ||
                     !SameEncoding(point.key.encoding, points.front().key.encoding);
    merged.partitions = std::max(merged.partitions, point.partitions);
    merged.aggregated = merged.aggregated || point.aggregated;
    merged.processing_time = point.processing_time;
    merged.unmarked.insert(point.unmarked.begin(), point.unmarked.end());
    merged.unbounded = merged.unbounded || point.unbounded;
    merged.corrected = merged.corrected || point.corrected;
  }
  merged.key.meaning = fmt::format("{}", fmt::join(meanings, " | "));
  for (size_t i = 0; i < points.size(); ++i) {
    MergeNode merge;
    merge.output_segment = merged.segment;
    merge.key_becomes_computed = merged.key.encoding.computed && !points[i].key.encoding.computed;
    merge.value_becomes_computed =
        merged.value.encoding.computed && !points[i].value.encoding.computed;
    Node node;
    node.name = fmt::format("{}_{}", name, i + 1);
    node.location = location;
    node.operation = std::move(merge);
    const int32_t index = AddNode(points[i], std::move(node), position);
    merges_.push_back({index, points[i]});
    merged.ends.push_back({Point::End::At::kNode, index, -1});
    // One component: what stands behind the merge belongs to all of them.
    Join(At(nodes_, index).component, At(nodes_, merged.ends.front().index).component);
  }
  return merged;
}

Point PlanDraft::Hop(const Point& point, const std::string& topic, const std::string& step,
                     const std::string& location, ErrorAction on_error, int32_t partitions,
                     const Position& position) {
  RepartitionNode repartition;
  repartition.topic = topic;
  repartition.partitions = partitions;
  repartition.key = point.key.encoding;
  repartition.value = point.value.encoding;
  if (repartition.key.computed) repartition.key_slot = WholeKey(point);
  if (repartition.value.computed) repartition.value_slot = WholeValue(point);
  Node node;
  node.name = step + ".repartition";
  node.location = location;
  node.on_error = on_error;
  node.operation = std::move(repartition);
  const int32_t writer = AddNode(point, std::move(node), position);

  Input input;
  input.kind = Input::Kind::kRepartition;
  input.alias = step;
  input.topic = topic;
  input.partitions = partitions;
  input.key = point.key.encoding;
  input.value = point.value.encoding;
  input.segment = NewSegment();
  if (point.processing_time) input.dated = Dated::kProcessing;
  Point behind;
  behind.segment = input.segment;
  behind.key = point.key;
  behind.value = point.value;
  behind.partitions = partitions;
  behind.aggregated = point.aggregated;
  behind.processing_time = point.processing_time;
  behind.unmarked = point.unmarked;
  behind.unbounded = point.unbounded;
  behind.corrected = point.corrected;
  const int32_t index = AddInput(std::move(input), position);
  At(inputs_, index).writer = writer;
  behind.ends.push_back({Point::End::At::kInput, index, -1});
  return behind;
}

}  // namespace sidestream::topology
