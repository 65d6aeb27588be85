// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the model of a topology file to the options that each folder owns. The only place
// that knows both; nobody else reads a global configuration.
//
// Threading: values and pure functions, save MakeSettings(), which reads the cgroup's limit.

#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "http/server.h"
#include "kafka/rdkafka/rdkafka_cluster.h"
#include "statestore/rocksdb_task_state.h"
#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::app {

struct Settings {
  int32_t workers = 1;
  statestore::StateOptions state;
  http::ServerOptions http;
};

Settings MakeSettings(const topology::Model& model);

/// Properties for the adapter. kInvalidConfig when there is no `bootstrap.servers`.
Result<kafka::RdkafkaOptions> KafkaOptions(const topology::KafkaModel& model);

/// What `bootstrap.servers` says, for commands that we print; empty when it is not set.
std::string BootstrapServers(const topology::KafkaModel& model);

/// Of the texts of all files, as 16 hexadecimal digits: config_hash_info.
std::string ConfigHash(const topology::SourceFiles& files, size_t count);

/// "0.1.0".
std::string ProgramVersion();

}  // namespace sidestream::app
