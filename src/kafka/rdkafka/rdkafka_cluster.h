// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A real Kafka cluster, through librdkafka's C API.
//
// Place in the flow: app makes one of these from the `kafka:` section of the topology; everything
// else sees the ports of kafka/ only. This folder is the only user of librdkafka.
//
// Threading: as cluster.h. Clients that were made keep what they need of librdkafka alive until
// they and their record chunks are gone.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/status.h"
#include "kafka/cluster.h"

namespace sidestream::kafka {

/// librdkafka properties as the user wrote them. `common` reaches every client that knows the
/// property; the others win over it. What would break the guarantee is refused: settings.h.
struct RdkafkaOptions {
  std::map<std::string, std::string> common;
  std::map<std::string, std::string> consumer;
  std::map<std::string, std::string> producer;
  std::map<std::string, std::string> admin;
};

/// Checks library version and properties; talks to nobody. kInvalidConfig names every finding.
Result<std::unique_ptr<Cluster>> NewRdkafkaCluster(RdkafkaOptions options);

/// Strategy and time-outs as the user's properties say, else the defaults of ConsumerOptions;
/// names stay empty. Whoever makes consumers starts from this, so that engine and client agree.
/// Requires: properties that NewRdkafkaCluster() accepts.
ConsumerOptions ConsumerOptionsFrom(const RdkafkaOptions& options);

/// "2.14.2": the library that is linked.
std::string RdkafkaVersion();

}  // namespace sidestream::kafka
