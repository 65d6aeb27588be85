// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What tasks know of the plan: plain data, without topology's types, so that hand-built
// sub-topologies run on the same engine (simulation, `test`).

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "operators/processor_context.h"
#include "statestore/task_state.h"
#include "time/source_time.h"

namespace sidestream::tasks {

enum class StartFrom { kEarliest, kLatest };

/// Whose clock dates the records of an input.
enum class Dated {
  kByRecord,  // the record, or an expression over it
  kAtEntry,   // the wall clock when a task takes it: ingestion time, processing time
};

struct InputSpec {
  std::string topic;
  int32_t partitions = 0;
  /// A repartition topic of ours: internal encoding, purged behind the committed offset.
  bool repartition = false;
  /// Of a repartition topic: how many tasks write it.
  int32_t upstream_tasks = 0;
  Dated dated = Dated::kByRecord;
  /// Of a user's topic, and of processing time also behind a hop.
  time::WatermarkPolicy watermark = {};
  StartFrom start_from = StartFrom::kEarliest;
  /// Ends where the log ended at the application's first start.
  bool bounded = false;
};

/// What the output topic's broker takes; read at start, checked before a record is produced,
/// because a refused produce poisons the worker's whole transaction (R11).
struct OutputLimits {
  int64_t message_bytes_max = 1'048'588;
  Milliseconds timestamp_before_max{std::numeric_limits<int64_t>::max()};
  Milliseconds timestamp_after_max{3'600'000};
  /// The topic is compacted: a record without a key has no place there.
  bool key_required = false;
};

struct OutputSpec {
  std::string topic;
  int32_t partitions = 0;
  bool repartition = false;
  OutputLimits limits;
};

struct SubTopologySpec {
  std::string name;
  std::vector<InputSpec> inputs;
  /// Index into `inputs`: the topic the group subscribes to; the others are added by hand.
  size_t anchor = 0;
  /// Hashes of anchors that an earlier version had, and that may stand in stamps (anchor_choice.h).
  std::set<uint64_t> former_anchors = {};
  std::vector<OutputSpec> outputs;
  std::vector<statestore::StoreSpec> stores;
  std::shared_ptr<operators::TaskProgramFactory> programs;

  const std::string& anchor_topic() const { return inputs[anchor].topic; }
  int32_t task_count() const { return inputs[anchor].partitions; }
};

/// A whole application as its instances run it.
struct ApplicationSpec {
  std::string id;
  bool exactly_once = true;
  Milliseconds commit_interval{100};
  /// How often partitions of repartition topics that get no data hear of an advance of time.
  Milliseconds mark_interval{1'000};
  /// How old the committed offsets of a task at rest become. The broker forgets those of topics that
  /// the group did not subscribe to, such as inputs that were added by hand (KIP-211).
  Milliseconds recommit_interval{std::chrono::hours(6)};
  std::vector<SubTopologySpec> sub_topologies;
  std::string control_topic;
  /// Instances beside the owner that keep a task's state up to date; with any there is a topic over
  /// which they find each other.
  int32_t standby_replicas = 0;
  std::string presence_topic;
  /// Anchors that running members of the group subscribe to (anchor_choice.h).
  std::vector<std::string> recorded_topics = {};
  /// What was agreed to at the start, see checkpoint::LeaderOptions.
  bool may_lose_state = false;
  std::set<std::string> emptied_stores;
  std::set<std::string> dropped_stores;
  /// Between periodic checkpoints; 0: none.
  Milliseconds checkpoint_interval{0};
};

}  // namespace sidestream::tasks
