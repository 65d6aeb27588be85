// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The draft, last of all: where dead letters go, and which streams hold the keys of theirs.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "topology/internal_topics.h"
#include "topology/plan_draft.h"

namespace sidestream::topology {
namespace {

bool MakesDeadLetters(const SubTopology& sub) {
  return std::any_of(sub.inputs.begin(), sub.inputs.end(),
                     [](const Input& input) {
                       return input.on_deserialization_error == ErrorAction::kDeadLetter;
                     }) ||
         std::any_of(sub.nodes.begin(), sub.nodes.end(),
                     [](const Node& node) { return topology::MakesDeadLetters(node); });
}

/// The first node that makes dead letters among `open` and all behind them, or null pointer.
template <typename NodeAt>
const Node* FirstWithDeadLetters(std::vector<int32_t> open, const NodeAt& node_at) {
  std::set<int32_t> seen(open.begin(), open.end());
  while (!open.empty()) {
    const Node& node = node_at(static_cast<size_t>(open.back()));
    open.pop_back();
    if (topology::MakesDeadLetters(node)) return &node;
    ForEachChild(node, [&](int32_t child) {
      if (seen.insert(child).second) open.push_back(child);
    });
  }
  return nullptr;
}

/// Whether a record of the source can become one.
bool CanFail(const Input& input, const SubTopology& sub) {
  return input.on_deserialization_error == ErrorAction::kDeadLetter ||
         FirstWithDeadLetters(input.children, [&](size_t index) -> const Node& {
           return sub.nodes[index];
         }) != nullptr;
}

/// The store of the input's stream in `sub`, made when new.
int32_t HeldStoreOf(const Input& input, const std::string& application, SubTopology& sub,
                    Plan& plan) {
  const std::string name = HeldStoreName(input.alias);
  for (size_t i = 0; i < sub.stores.size(); ++i) {
    if (sub.stores[i].name == name) return static_cast<int32_t>(i);
  }
  Store store;
  store.name = name;
  store.kind = Store::Kind::kHeldKeys;
  store.changelog_topic = ChangelogTopicName(application, name);
  store.key = input.key;
  store.partitions = sub.partitions;
  CompleteLayout(store);
  plan.internal_topics.push_back(
      MakeInternalTopic(InternalTopic::Kind::kChangelog, store.changelog_topic, store.partitions));
  sub.stores.push_back(std::move(store));
  return static_cast<int32_t>(sub.stores.size()) - 1;
}

}  // namespace

bool MakesDeadLetters(const Node& node) {
  if (const auto* sink = std::get_if<SinkNode>(&node.operation)) {
    return sink->on_production_error == ErrorAction::kDeadLetter;
  }
  return node.on_error == ErrorAction::kDeadLetter;
}

void PlanDraft::PlaceDeadLetters(const Model& model, const PartitionCounts& counts,
                                 Plan& plan) const {
  DeadLetterTopic topic;
  topic.name = DeadLetterTopicOf(model);
  const auto existing = counts.find(topic.name);
  std::vector<SubTopology*> senders;
  for (SubTopology& sub : plan.sub_topologies) {
    if (!MakesDeadLetters(sub)) continue;
    senders.push_back(&sub);
    topic.partitions = std::max(topic.partitions, sub.partitions);
  }
  if (senders.empty()) return;
  // Letters of a key stay in one partition as long as the count does, so what is there rules.
  if (existing != counts.end()) topic.partitions = existing->second;
  for (SubTopology* sub : senders) sub->dead_letters = topic;
  plan.internal_topics.push_back(
      MakeInternalTopic(InternalTopic::Kind::kDeadLetters, topic.name, topic.partitions));
}

void PlanDraft::HoldKeys(const Model& model, Findings& findings, Plan& plan) const {
  if (!model.errors.hold_key) return;
  bool holds = false;
  std::set<std::string> told;
  for (SubTopology& sub : plan.sub_topologies) {
    if (!sub.dead_letters) continue;
    holds = true;
    for (Input& input : sub.inputs) {
      if (input.kind != Input::Kind::kSource || !CanFail(input, sub)) continue;
      const StreamModel* stream = model.FindStream(input.alias);
      CHECK(stream != nullptr) << input.alias;
      if (!stream->declares_key && told.insert(input.alias).second) {
        findings.Error(
            "SS3021", stream->name.position,
            fmt::format("hold_key needs the keys of {}, and it declares none", input.alias),
            "add key: <format> where every record has a key; else set hold_key: false");
      }
      input.held_store = HeldStoreOf(input, plan.application_id, sub, plan);
    }
  }
  if (!holds) {
    findings.Warning("SS3022", *model.errors.hold_key, "hold_key has nothing to hold",
                     "no policy of the topology is dlq");
  }
  CheckNoHoldBehindHops(*model.errors.hold_key, findings);
}

void PlanDraft::CheckNoHoldBehindHops(const Position& hold_key, Findings& findings) const {
  for (const DraftInput& input : inputs_) {
    if (input.writer < 0) continue;
    const Node* const node = FirstWithDeadLetters(
        input.input.children, [this](size_t index) -> const Node& { return nodes_[index].node; });
    if (node == nullptr) continue;
    findings.Error(
        "SS3020", hold_key,
        fmt::format("hold_key cannot keep the order behind {}: by the time {} fails, "
                    "later records of the key are on their way",
                    input.input.topic, node->name),
        fmt::format("set on_error: fail or skip there ({}), or hold_key: false", node->location));
    return;
  }
}

}  // namespace sidestream::topology
