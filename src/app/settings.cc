// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/settings.h"

#include <fmt/format.h>

#include <thread>

#include "app/machine_limits.h"

namespace sidestream::app {

Settings MakeSettings(const topology::Model& model) {
  Settings settings;
  settings.workers = model.application.workers.value_or(
      DefaultWorkers(CgroupCpuLimit(), std::thread::hardware_concurrency()));
  settings.state = {
      .dir = model.application.state_dir,
      .application = model.application.id,
      .memory_bytes = static_cast<size_t>(model.application.state_memory.value_or(0))};
  settings.http.address = model.http.address;
  settings.http.port = model.http.port;
  return settings;
}

Result<kafka::RdkafkaOptions> KafkaOptions(const topology::KafkaModel& model) {
  if (BootstrapServers(model).empty()) {
    return Status::InvalidConfig(
        "no cluster is named: set kafka: { bootstrap.servers: \"host:9092\" }, or add a file that "
        "does, such as -f config/sidecar.yaml");
  }
  return kafka::RdkafkaOptions{.common = model.common,
                               .consumer = model.consumer,
                               .producer = model.producer,
                               .admin = model.admin};
}

std::string BootstrapServers(const topology::KafkaModel& model) {
  for (const char* name : {"bootstrap.servers", "metadata.broker.list"}) {
    const auto found = model.common.find(name);
    if (found != model.common.end()) return found->second;
  }
  return "";
}

std::string ConfigHash(const topology::SourceFiles& files, size_t count) {
  // FNV-1a: tells versions of a configuration apart, and defends against nobody.
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < count; ++i) {
    for (const char c : files.text(static_cast<int32_t>(i))) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  return fmt::format("{:016x}", hash);
}

std::string ProgramVersion() { return SIDESTREAM_VERSION; }

}  // namespace sidestream::app
