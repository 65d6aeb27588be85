// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/memory_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "kafka/rdkafka/settings.h"
#include "operators/process/lua_machine.h"
#include "statestore/rocksdb_task_state.h"
#include "tasks/worker.h"
#include "topology/scalars.h"

namespace sidestream::app {
namespace {

using topology::explain::MemoryPart;

constexpr int64_t kMiB = int64_t{1} << 20;
/// Code, threads, clients and what the heap keeps: measured 34 MiB with nothing to do.
constexpr int64_t kProgramBytes = 48 * kMiB;
constexpr int64_t kRestoreBytesMax = 64 * kMiB;
// More readers than that only share the network.
constexpr int64_t kRestoreLanesMax = 4;
/// The client keeps some 600 bytes beside each record; small ones lie in the log in 20 (measured).
constexpr int64_t kAnswerGrowth = 32;
const auto kTransactionBytes = static_cast<int64_t>(tasks::WorkerOptions().transaction_bytes_max);

int64_t Number(const std::map<std::string, std::string>& properties, const std::string& name,
               int64_t otherwise) {
  const auto found = properties.find(name);
  const auto number =
      found == properties.end() ? std::nullopt : topology::ParseInteger(found->second);
  return std::max<int64_t>(number.value_or(otherwise), 0);
}

int64_t StoreCount(const topology::Plan& plan) {
  int64_t stores = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    stores += static_cast<int64_t>(sub.stores.size());
  }
  return stores;
}

/// Input partitions; `waiting`: only of tasks that read several, whose records may have to wait.
int64_t InputPartitions(const topology::Plan& plan, bool waiting) {
  int64_t partitions = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    if (waiting && sub.inputs.size() < 2) continue;
    for (const topology::Input& input : sub.inputs) partitions += input.partitions;
  }
  return partitions;
}

int64_t ChangelogPartitions(const topology::Plan& plan) {
  int64_t partitions = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    for (const topology::Store& store : sub.stores) partitions += store.partitions;
  }
  return partitions;
}

bool HasStandbys(const topology::Plan& plan) { return !plan.presence_topic.empty(); }

/// Readers of changelogs that go on at the same time.
int64_t Readers(const topology::Plan& plan, const MemoryBounds& bounds) {
  if (StoreCount(plan) == 0) return 0;
  return bounds.restore_lanes + (HasStandbys(plan) ? 1 : 0);
}

/// Partitions for which an answer may be on its way: a task reads its inputs or its changelogs.
int64_t AnsweredPartitions(const topology::Plan& plan) {
  return std::max(InputPartitions(plan, /*waiting=*/false), ChangelogPartitions(plan)) +
         (HasStandbys(plan) ? ChangelogPartitions(plan) : 0);
}

MemoryPart State(const topology::Plan& plan, const Settings& settings) {
  if (StoreCount(plan) == 0) return {"state", 0, "no store"};
  return {"state", static_cast<int64_t>(statestore::StateMemory(settings.state)),
          "caches, write buffers and blocks of all stores: application.state.memory"};
}

/// The most that the scripts of all tasks may hold.
std::vector<MemoryPart> Scripts(const topology::Plan& plan) {
  int64_t machines = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    for (const topology::Node& node : sub.nodes) {
      if (std::holds_alternative<topology::ProcessNode>(node.operation)) machines += sub.partitions;
    }
  }
  if (machines == 0) return {};
  const auto bytes = static_cast<int64_t>(operators::ScriptLimits().held_bytes);
  return {{"scripts", machines * bytes,
           fmt::format("process steps, one script for each of {} tasks: at most {} MiB each, most "
                       "need less than one",
                       machines, bytes >> 20)}};
}

kafka::RdkafkaOptions OptionsOf(const topology::Model& model) {
  return {.common = model.kafka.common,
          .consumer = model.kafka.consumer,
          .producer = model.kafka.producer,
          .admin = model.kafka.admin};
}

}  // namespace

MemoryBounds UsualBounds(const topology::Model& model, const topology::Plan& plan,
                         const Settings& settings) {
  MemoryBounds bounds;
  const auto properties = kafka::rdkafka::ConsumerProperties(OptionsOf(model), {});
  bounds.fetch_bytes = Number(properties, kFetchProperty, 0) * 1024;
  bounds.answer_bytes = Number(properties, kAnswerProperty, kMiB);
  if (StoreCount(plan) == 0) return bounds;
  bounds.restore_lanes = std::clamp<int64_t>(settings.workers, 1, kRestoreLanesMax);
  const auto state = static_cast<int64_t>(statestore::StateMemory(settings.state));
  bounds.restore_bytes = std::clamp(state / 4, kMiB, kRestoreBytesMax);
  return bounds;
}

int64_t FetchedBytes(const topology::Plan& plan, const Settings& settings,
                     const MemoryBounds& bounds) {
  const int64_t queues =
      settings.workers + Readers(plan, bounds) + InputPartitions(plan, /*waiting=*/true);
  return queues * bounds.fetch_bytes +
         AnsweredPartitions(plan) * bounds.answer_bytes * kAnswerGrowth;
}

std::vector<MemoryPart> EstimateMemory(const topology::Model& model, const topology::Plan& plan,
                                       const Settings& settings, const MemoryBounds& bounds) {
  const kafka::RdkafkaOptions options = OptionsOf(model);
  constexpr const char* kProduce = "queue.buffering.max.kbytes";
  const int64_t produce =
      Number(kafka::rdkafka::ProducerProperties(options, {}), kProduce, 0) * 1024;
  const int64_t waiting = InputPartitions(plan, /*waiting=*/true);
  const int64_t answered = AnsweredPartitions(plan);
  std::vector<MemoryPart> parts = {
      {"the program", kProgramBytes, "code, threads and clients"},
      State(plan, settings),
      {"fetched records", settings.workers * bounds.fetch_bytes,
       fmt::format("{} workers, each {} KiB: kafka.{}", settings.workers, bounds.fetch_bytes / 1024,
                   kFetchProperty)},
      // The library looks at that bound before it asks, so answers come on top.
      {"answers of brokers", answered * bounds.answer_bytes * kAnswerGrowth,
       fmt::format("{} partitions, each {} KiB, {} times as much as small records: kafka.{}",
                   answered, bounds.answer_bytes / 1024, kAnswerGrowth, kAnswerProperty)},
      {"waiting records", waiting * bounds.fetch_bytes,
       fmt::format("{} partitions of tasks with several inputs, each {} KiB: kafka.{}", waiting,
                   bounds.fetch_bytes / 1024, kFetchProperty)},
      {"open transactions", settings.workers * kTransactionBytes,
       fmt::format("{} workers, each {} MiB: then it commits early", settings.workers,
                   kTransactionBytes / kMiB)},
      {"records to send", settings.workers * produce,
       fmt::format("{} workers, each {} KiB: kafka.{}", settings.workers, produce / 1024,
                   kProduce)}};
  if (const int64_t readers = Readers(plan, bounds); readers > 0) {
    // Standbys collect as much again.
    const int64_t pools = HasStandbys(plan) ? 2 : 1;
    parts.push_back({"restores", pools * bounds.restore_bytes + readers * bounds.fetch_bytes,
                     fmt::format("{} readers, each {} KiB: kafka.{}; and {} MiB of rows: a quarter "
                                 "of application.state.memory",
                                 readers, bounds.fetch_bytes / 1024, kFetchProperty,
                                 pools * bounds.restore_bytes / kMiB)});
  }
  const std::vector<MemoryPart> scripts = Scripts(plan);
  parts.insert(parts.end(), scripts.begin(), scripts.end());
  return parts;
}

}  // namespace sidestream::app
