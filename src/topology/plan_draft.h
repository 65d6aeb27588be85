// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A plan in the making: one graph of inputs and nodes over the whole application, not yet
// cut into sub-topologies. Internal to this folder.
//
// Place in the flow: StepBuilder adds nodes behind points; Finish() splits the graph.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "expression/program.h"
#include "expression/type.h"
#include "topology/build_plan.h"
#include "topology/finding.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::topology {

/// What is known of a key or value at a point.
struct Flow {
  Encoding encoding;
  /// Of all values but null, as far as the text says it.
  expression::Type type;
  /// Of a computed key: what the last expression that made it computes, in one spelling.
  std::string meaning;

  /// Empty: more than one, or not known.
  std::optional<serde::Value::Kind> kind() const { return expression::KindOfType(type); }
};

/// Where the next step goes: behind all `ends` at once.
struct Point {
  struct End {
    enum class At { kInput, kNode, kBranch, kSide };
    At at = At::kInput;
    int32_t index = -1;   // of the draft's inputs or nodes
    int32_t branch = -1;  // of a BranchNode; or of the node's sides
  };
  std::vector<End> ends;
  int32_t segment = -1;
  Flow key;
  Flow value;
  /// RekeyNode and HeadersNode that made the current key and headers; -1: as at entry.
  int32_t key_from = -1;
  int32_t headers_from = -1;
  /// The rows may not lie where their key belongs.
  bool rekeyed = false;
  /// Largest partition count of the topics that lead here.
  int32_t partitions = 0;
  /// Behind an aggregate: no origin.
  bool aggregated = false;
  /// Event time is the wall clock.
  bool processing_time = false;
  /// Streams that lead here, by the records' own times, and say nothing of a watermark.
  std::set<std::string> unmarked;
  /// One of the streams that lead here never ends.
  bool unbounded = false;
  /// Rows are results of which a later one may take the place.
  bool corrected = false;
  /// Rows are changes: `old` and `meta.op` are there. They do not pass a hop or a merge.
  bool changes = false;
};

class PlanDraft {
 public:
  struct DraftNode {
    Node node;
    Position position;
    int32_t component = -1;
  };
  struct DraftInput {
    Input input;
    Position position;
    int32_t component = -1;
    int32_t writer = -1;  // RepartitionNode
  };
  struct DraftStore {
    Store store;
    int32_t node = -1;
  };

  int32_t NewSegment();
  /// Index of the slot for (source, path) in `segment`, made when new. `from` is the node
  /// that fills it, -1 for entry.
  int32_t SlotFor(int32_t segment, Slot::Source source, std::span<const std::string> path,
                  int32_t from = -1);
  int32_t ConstantSlot(int32_t segment, std::span<const std::string> path, serde::Value value);
  int32_t CallSlot(int32_t segment, int32_t call);
  /// The value of a slot that is a constant; kMissing of any other.
  serde::Value ConstantAt(int32_t segment, int32_t slot) const;
  /// Slots with the whole key and value at a point.
  int32_t WholeKey(const Point& point);
  int32_t WholeValue(const Point& point);

  int32_t AddInput(Input input, const Position& position);
  /// Adds `node` behind all ends of `point`; its segment becomes the point's.
  int32_t AddNode(const Point& point, Node node, const Position& position);
  int32_t AddStore(Store store, int32_t node);
  Node& node(int32_t index) { return nodes_[static_cast<size_t>(index)].node; }

  /// All points as one. `name` is that of the merge nodes.
  Point Merge(const std::vector<Point>& points, const std::string& name,
              const std::string& location, const Position& position);
  /// Sends the rows of `point` through `topic`; returns the point behind it.
  Point Hop(const Point& point, const std::string& topic, const std::string& step,
            const std::string& location, ErrorAction on_error, int32_t partitions,
            const Position& position);

  /// Splits into sub-topologies, computes counts, anchors, fingerprints. The counts of topics that
  /// exist may name the one for dead letters.
  void Finish(const Model& model, const PartitionCounts& counts, Findings& findings, Plan& plan);

 private:
  struct DraftSegment {
    Segment segment;
    std::vector<int32_t> from;  // per slot
  };

  int32_t FindSlot(const DraftSegment& segment, Slot::Source source,
                   std::span<const std::string> path, int32_t from) const;
  int32_t Component(int32_t component);
  void Join(int32_t a, int32_t b);
  bool HasEntrySlot(int32_t segment, Slot::Source source) const;
  void ResolveMerges();
  void ResolveCarried();
  void Split(Plan& plan, std::vector<int32_t>& component_of);
  void CountStores(Plan& plan, const std::vector<int32_t>& component_of);
  void CheckHops(const Plan& plan, const std::vector<int32_t>& component_of, Findings& findings);
  void CheckCycles(const Plan& plan, const std::vector<int32_t>& component_of, Findings& findings);
  void PlaceDeadLetters(const Model& model, const PartitionCounts& counts, Plan& plan) const;
  void HoldKeys(const Model& model, Findings& findings, Plan& plan) const;
  void CheckNoHoldBehindHops(const Position& hold_key, Findings& findings) const;

  std::vector<DraftSegment> segments_;
  std::vector<DraftInput> inputs_;
  std::vector<DraftNode> nodes_;
  std::vector<DraftStore> stores_;
  std::vector<int32_t> parents_;  // union-find of components
  struct MergeEnd {
    int32_t node;
    Point parent;
  };
  std::vector<MergeEnd> merges_;
};

/// Segment that the children of a node stand in.
int32_t OutputSegment(const Node& node);

/// Whether a failure in `node` makes a dead letter.
bool MakesDeadLetters(const Node& node);

/// Visits the children of a node, those of its branches and sides too.
template <typename Visit>
void ForEachChild(const Node& node, Visit visit) {
  for (const int32_t child : node.children) visit(child);
  for (const Node::Side& side : node.sides) {
    for (const int32_t child : side.children) visit(child);
  }
  if (const auto* branch = std::get_if<BranchNode>(&node.operation)) {
    for (const BranchNode::Branch& entry : branch->branches) {
      for (const int32_t child : entry.children) visit(child);
    }
  }
}

}  // namespace sidestream::topology
