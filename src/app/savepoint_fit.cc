// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_fit.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidestream::app {
namespace {

const tasks::InputSpec* InputOf(const tasks::ApplicationSpec& application,
                                const std::string& topic) {
  const tasks::SubTopologySpec* part = ReaderOf(application, topic);
  if (part == nullptr) return nullptr;
  const auto found =
      std::find_if(part->inputs.begin(), part->inputs.end(),
                   [&](const tasks::InputSpec& input) { return input.topic == topic; });
  return &*found;
}

int64_t InFlightOf(const snapshot::Manifest& manifest, const std::string& topic) {
  int64_t records = 0;
  for (const snapshot::KeptTask& task : manifest.tasks) {
    for (const snapshot::KeptInput& input : task.inputs) {
      if (input.partition.topic == topic) records += input.in_flight_records;
    }
  }
  return records;
}

void FitTopic(const snapshot::Manifest& manifest, const snapshot::KeptTopic& kept,
              const tasks::ApplicationSpec& application, SavepointFit& fit) {
  const std::string here = NameHere(manifest, kept.topic, kept.repartition, application);
  const tasks::InputSpec* input = InputOf(application, here);
  if (input == nullptr) {
    const int64_t records = InFlightOf(manifest, kept.topic);
    if (records > 0) {
      fit.dropped.push_back(
          fmt::format("{} records in flight on {}: no step reads {}", records, kept.topic, here));
    }
    return;
  }
  if (input->partitions == kept.partitions) return;
  if (kept.repartition) {
    const tasks::SubTopologySpec& part = *ReaderOf(application, here);
    if (std::all_of(part.inputs.begin(), part.inputs.end(),
                    [](const tasks::InputSpec& each) { return each.repartition; })) {
      return;
    }
    fit.problems.push_back(fmt::format(
        "topic {} has {} partitions, in the snapshot {}, and a source is read beside it, whose keys "
        "stay where they are: set application.parallelism (or the step's repartition.partitions) to {}",
        here, input->partitions, kept.partitions, kept.partitions));
  } else {
    fit.problems.push_back(fmt::format(
        "source topic {} has {} partitions, at the savepoint it had {}: its keys lie elsewhere now, "
        "and their state would not be found; process its records again from the beginning instead",
        here, input->partitions, kept.partitions));
  }
}

/// What the store would be called with so many tasks; else it is the same.
uint64_t FingerprintWith(const statestore::StoreSpec& store, const PartitionCounts* counts) {
  if (counts == nullptr) return store.fingerprint;
  StoreLayout layout = store.layout;
  for (StoreLayout::Part& part : layout.parts) {
    if (part.name == "partitions") part.value = std::to_string(counts->before);
  }
  return PartsFingerprint(store.name, layout);
}

void FitStore(const snapshot::KeptStore& kept, const tasks::ApplicationSpec& application,
              const std::map<std::string, PartitionCounts>& spread, SavepointFit& fit) {
  const StorePlace place = StoreOf(application, kept.name);
  if (place.spec == nullptr) {
    fit.dropped.push_back(fmt::format("the state of store {}: no step has it", kept.name));
  } else if (FingerprintWith(*place.spec, CountsOf(*place.part, spread)) != kept.fingerprint) {
    fit.problems.push_back(fmt::format(
        "step {} is another one than at the savepoint, its state means something else: give the "
        "step another name to begin it without state, or take back what changed",
        kept.name));
  }
}

}  // namespace

std::string NameHere(const snapshot::Manifest& manifest, const std::string& topic, bool ours,
                     const tasks::ApplicationSpec& application) {
  return ours && topic.starts_with(manifest.application + "-")
             ? application.id + topic.substr(manifest.application.size())
             : topic;
}

const tasks::SubTopologySpec* ReaderOf(const tasks::ApplicationSpec& application,
                                       const std::string& topic) {
  for (const tasks::SubTopologySpec& part : application.sub_topologies) {
    for (const tasks::InputSpec& input : part.inputs) {
      if (input.topic == topic) return &part;
    }
  }
  return nullptr;
}

StorePlace StoreOf(const tasks::ApplicationSpec& application, const std::string& name) {
  for (const tasks::SubTopologySpec& part : application.sub_topologies) {
    for (const statestore::StoreSpec& store : part.stores) {
      if (store.name == name) return {&part, &store};
    }
  }
  return {};
}

std::map<std::string, PartitionCounts> SpreadTopics(const snapshot::Manifest& manifest,
                                                    const tasks::ApplicationSpec& application) {
  std::map<std::string, PartitionCounts> spread;
  for (const snapshot::KeptTopic& topic : manifest.topics) {
    const std::string here = NameHere(manifest, topic.topic, topic.repartition, application);
    const tasks::InputSpec* const input = InputOf(application, here);
    if (!topic.repartition || input == nullptr || input->partitions == topic.partitions) continue;
    spread[here] = {.before = topic.partitions, .now = input->partitions};
  }
  return spread;
}

const PartitionCounts* CountsOf(const tasks::SubTopologySpec& part,
                                const std::map<std::string, PartitionCounts>& spread) {
  for (const tasks::InputSpec& input : part.inputs) {
    const auto found = spread.find(input.topic);
    if (found != spread.end()) return &found->second;
  }
  return nullptr;
}

SavepointFit FitSavepoint(const snapshot::Manifest& manifest,
                          const tasks::ApplicationSpec& application) {
  SavepointFit fit;
  if (manifest.application == application.id) {
    fit.problems.push_back(fmt::format(
        "the savepoint is of application {} itself, whose topics hold what came after it: set "
        "application.id to another one",
        application.id));
  }
  for (const snapshot::KeptTopic& topic : manifest.topics) {
    FitTopic(manifest, topic, application, fit);
  }
  const auto spread = SpreadTopics(manifest, application);
  for (const snapshot::KeptStore& store : manifest.stores) {
    FitStore(store, application, spread, fit);
  }
  return fit;
}

}  // namespace sidestream::app
