// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/memory_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "kafka/rdkafka/settings.h"
#include "operators/process/lua_machine.h"
#include "statestore/rocksdb_task_state.h"
#include "topology/scalars.h"

namespace sidestream::app {
namespace {

using topology::explain::MemoryPart;

int64_t Kibibytes(const std::map<std::string, std::string>& properties, const std::string& name) {
  const auto found = properties.find(name);
  const auto number =
      found == properties.end() ? std::nullopt : topology::ParseInteger(found->second);
  return std::max<int64_t>(number.value_or(0), 0) * 1024;
}

MemoryPart State(const topology::Plan& plan, const Settings& settings) {
  int64_t stores = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    stores += static_cast<int64_t>(sub.stores.size());
  }
  if (stores == 0) return {"state", 0, "no store"};
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

}  // namespace

std::vector<MemoryPart> EstimateMemory(const topology::Model& model, const topology::Plan& plan,
                                       const Settings& settings) {
  const kafka::RdkafkaOptions options{.common = model.kafka.common,
                                      .consumer = model.kafka.consumer,
                                      .producer = model.kafka.producer,
                                      .admin = model.kafka.admin};
  int64_t partitions = 0;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    for (const topology::Input& input : sub.inputs) partitions += input.partitions;
  }
  constexpr const char* kFetch = "queued.max.messages.kbytes";
  constexpr const char* kProduce = "queue.buffering.max.kbytes";
  const int64_t fetch = Kibibytes(kafka::rdkafka::ConsumerProperties(options, {}), kFetch);
  const int64_t produce = Kibibytes(kafka::rdkafka::ProducerProperties(options, {}), kProduce);
  std::vector<MemoryPart> parts = {
      State(plan, settings),
      {"fetched records", partitions * fetch,
       fmt::format("{} input partitions, each {} KiB while it catches up: kafka.{}", partitions,
                   fetch / 1024, kFetch)},
      {"records to send", settings.workers * produce,
       fmt::format("{} workers, each {} KiB: kafka.{}", settings.workers, produce / 1024,
                   kProduce)}};
  const std::vector<MemoryPart> scripts = Scripts(plan);
  parts.insert(parts.end(), scripts.begin(), scripts.end());
  return parts;
}

}  // namespace sidestream::app
