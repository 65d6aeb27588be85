// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "applications.h"

#include <algorithm>
#include <utility>

#include "programs.h"
#include "simulated_cluster.h"

namespace sidestream::simulation {
namespace {

constexpr int32_t kRelayPartitions = 2;

/// A topic that the application keeps for itself.
std::string Own(const ClusterOptions& options, const std::string& name) {
  return options.application + "-" + name;
}
/// A topic that it writes for others.
std::string Out(const ClusterOptions& options, const std::string& name) {
  return options.outputs + name;
}

int32_t PartitionsOf(const std::string& topic) { return topic == "right" ? 3 : 4; }

tasks::OutputLimits AnyTimestamp() {
  tasks::OutputLimits limits;
  limits.timestamp_after_max = Milliseconds::max();
  return limits;
}

/// As a plan does it, the input with the most partitions owns the tasks, the first among equals.
void SetInputs(const std::vector<std::string>& topics, tasks::SubTopologySpec& spec) {
  for (const std::string& topic : topics) {
    spec.inputs.push_back({.topic = topic, .partitions = PartitionsOf(topic)});
    if (PartitionsOf(topic) > spec.task_count()) spec.anchor = spec.inputs.size() - 1;
  }
}

tasks::ApplicationSpec Common(const ClusterOptions& options) {
  tasks::ApplicationSpec application;
  application.id = options.application;
  application.exactly_once = options.exactly_once;
  application.control_topic = Own(options, "control");
  application.checkpoint_interval = options.checkpoint_interval;
  application.standby_replicas = options.standby_replicas;
  application.presence_topic = Own(options, "presence");
  return application;
}

/// A sub-topology between the two that count. Its tasks are not as many as the partitions that it
/// writes, so each of them writes to all.
tasks::SubTopologySpec InsertRelay(const ClusterOptions& options, tasks::SubTopologySpec& rekey,
                                   tasks::SubTopologySpec& count) {
  const std::string to_relay = Own(options, "relay-repartition");
  tasks::SubTopologySpec relay;
  relay.name = "relay";
  relay.inputs = {{.topic = to_relay,
                   .partitions = kRelayPartitions,
                   .repartition = true,
                   .upstream_tasks = rekey.task_count()}};
  relay.outputs = {rekey.outputs[0]};
  relay.programs = Merge();
  rekey.outputs[0].topic = to_relay;
  rekey.outputs[0].partitions = kRelayPartitions;
  count.inputs[0].upstream_tasks = relay.task_count();
  return relay;
}

void AddCounting(const ClusterOptions& options, const Version& version,
                 tasks::ApplicationSpec& application) {
  tasks::SubTopologySpec rekey;
  rekey.name = "rekey";
  SetInputs(version.counted, rekey);
  rekey.outputs = {{.topic = Own(options, "counts-repartition"), .partitions = options.hop_partitions, .repartition = true, .limits = {}},
                   {.topic = Out(options, "copied"), .partitions = 2, .limits = {}}};
  rekey.programs = RekeyAndCopy();

  tasks::SubTopologySpec count;
  count.name = "count";
  count.inputs = {{.topic = Own(options, "counts-repartition"),
                   .partitions = options.hop_partitions,
                   .repartition = true,
                   .upstream_tasks = rekey.task_count()}};
  count.outputs = {{.topic = Out(options, "counts"), .partitions = 2, .limits = {}}};
  count.stores = {{"counts", Own(options, "counts-changelog"), 42}};
  count.programs = CountPerKey(options.row_at_each_commit);

  std::vector<tasks::SubTopologySpec> counting;
  if (options.two_hops) counting.push_back(InsertRelay(options, rekey, count));
  counting.insert(counting.begin(), {rekey, count});
  for (tasks::SubTopologySpec& spec : counting) {
    // Processing time needs no marks.
    for (tasks::InputSpec& input : spec.inputs) {
      if (!options.marks) input.watermark.kind = time::WatermarkPolicy::Kind::kClock;
    }
    application.sub_topologies.push_back(std::move(spec));
  }
}

}  // namespace

std::vector<std::string> Version::AllMerged() const {
  std::vector<std::string> all;
  for (const std::vector<std::string>& topics : merged) {
    all.insert(all.end(), topics.begin(), topics.end());
  }
  return all;
}

std::set<std::string> Version::Topics() const {
  const std::vector<std::string> all = AllMerged();
  std::set<std::string> topics(all.begin(), all.end());
  topics.insert(counted.begin(), counted.end());
  return topics;
}

std::string Describe(const Version& version) {
  std::string text = "counts";
  for (const std::string& topic : version.counted) text += " " + topic;
  for (const std::vector<std::string>& topics : version.merged) {
    text += ", merges";
    for (const std::string& topic : topics) text += " " + topic;
  }
  return version.totals ? text + " with totals" : text;
}

tasks::ApplicationSpec CountAndMerge(const ClusterOptions& options, const Version& version) {
  tasks::ApplicationSpec application = Common(options);
  if (!version.counted.empty()) AddCounting(options, version, application);
  for (const std::vector<std::string>& topics : version.merged) {
    tasks::SubTopologySpec merge;
    merge.name = "merge-" + topics.front();
    SetInputs(topics, merge);
    merge.outputs = {{.topic = Out(options, "merged"), .partitions = 2, .limits = AnyTimestamp()}};
    const bool totals = version.totals && &topics == &version.merged.front();
    if (totals) merge.stores = {{"totals", Own(options, "totals-changelog"), 44}};
    merge.programs = Merge(totals);
    application.sub_topologies.push_back(std::move(merge));
  }
  return application;
}

tasks::ApplicationSpec CountWindows(const ClusterOptions& options) {
  tasks::SubTopologySpec rekey;
  rekey.name = "rekey";
  SetInputs({"clicks"}, rekey);
  rekey.inputs[0].watermark = {.lateness = kLateness, .idle = kIdle, .max_drift = {}};
  rekey.outputs = {{.topic = Own(options, "windows-repartition"), .partitions = options.hop_partitions, .repartition = true, .limits = {}},
                   {.topic = Out(options, "copied"), .partitions = 2, .limits = AnyTimestamp()}};
  rekey.programs = RekeyAndCopy();

  tasks::SubTopologySpec windows;
  windows.name = "windows";
  windows.inputs = {{.topic = Own(options, "windows-repartition"),
                     .partitions = options.hop_partitions,
                     .repartition = true,
                     .upstream_tasks = rekey.task_count()}};
  windows.outputs = {{.topic = Out(options, "windows"), .partitions = 2, .limits = {}},
                     {.topic = Out(options, "late"), .partitions = 1, .limits = AnyTimestamp()}};
  windows.stores = {{"windows", Own(options, "windows-changelog"), 43}};
  windows.programs = CountPerWindow(kWindow);

  tasks::ApplicationSpec application = Common(options);
  application.sub_topologies = {rekey, windows};
  return application;
}

std::vector<std::pair<std::string, int32_t>> TopicsOf(const ClusterOptions& options) {
  std::vector<std::pair<std::string, int32_t>> topics;
  for (const char* name : {"copied", "counts", "merged", "windows"}) {
    topics.emplace_back(Out(options, name), 2);
  }
  topics.emplace_back(Out(options, "late"), 1);
  for (const char* name : {"control", "presence"}) topics.emplace_back(Own(options, name), 1);
  for (const char* name :
       {"counts-repartition", "counts-changelog", "windows-repartition", "windows-changelog"}) {
    topics.emplace_back(Own(options, name), options.hop_partitions);
  }
  topics.emplace_back(Own(options, "relay-repartition"), kRelayPartitions);
  topics.emplace_back(Own(options, "totals-changelog"), 4);
  return topics;
}

std::vector<std::pair<std::string, int32_t>> Sources() {
  std::vector<std::pair<std::string, int32_t>> topics;
  for (const char* topic : {"orders", "left", "right", "clicks"}) {
    topics.emplace_back(topic, PartitionsOf(topic));
  }
  return topics;
}

}  // namespace sidestream::simulation
