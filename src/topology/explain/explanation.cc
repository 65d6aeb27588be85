// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/explain/explanation.h"

#include "topology/plan_text.h"

namespace sidestream::topology::explain {
namespace {

InputUse UseOf(const SubTopology& sub, const Input& input) {
  InputUse use{.alias = input.alias,
               .topic = input.topic,
               .partitions = input.partitions,
               .sub_topology = sub.index,
               .key = EncodingText(input.key),
               .value = EncodingText(input.value),
               .slots = {}};
  for (const Slot& slot : sub.segments[static_cast<size_t>(input.segment)].slots) {
    if (slot.on_entry && slot.source != Slot::Source::kConstant &&
        slot.source != Slot::Source::kAccumulator) {
      use.slots.push_back(SlotText(slot));
    }
  }
  return use;
}

}  // namespace

Explanation Explain(const LoadedTopology& loaded, const Plan& plan) {
  Explanation explanation;
  explanation.application = plan.application_id;
  explanation.settings = EffectiveSettings(loaded.root, loaded.files);
  for (const SubTopology& sub : plan.sub_topologies) {
    for (const Input& input : sub.inputs) explanation.inputs.push_back(UseOf(sub, input));
    for (const Store& store : sub.stores) {
      const bool held = store.kind == Store::Kind::kHeldKeys;
      const std::string key = held ? "the record's key" : EncodingText(store.key);
      explanation.stores.push_back(
          {.name = store.name,
           .sub_topology = sub.index,
           .key = store.key_meaning.empty() ? key : store.key_meaning,
           .value = held ? "number of dead letters to be replayed" : store.value_layout,
           .changelog = store.changelog_topic,
           .partitions = store.partitions});
    }
  }
  explanation.expressions = ListExpressions(plan);
  explanation.topics = plan.internal_topics;
  explanation.access = AccessNeeds(plan);
  return explanation;
}

}  // namespace sidestream::topology::explain
