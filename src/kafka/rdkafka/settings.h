// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the user's `kafka:` properties and our own settings to the property list of each
// client (recipe: engine-kafka4 10.1).
//
// Three layers, the last wins: our defaults, the user's properties, what the guarantee needs. The
// user may not name the last kind at all: a setting that is silently ignored misleads.
//
// Pure, but for the list of known names, which comes from the library that is linked.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "kafka/cluster.h"
#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::kafka::rdkafka {

using Properties = std::map<std::string, std::string>;

/// Which clients a property is for.
enum class PropertyScope { kAll, kConsumer, kProducer };

struct KnownProperty {
  PropertyScope scope = PropertyScope::kAll;
  /// The name behind an alias ("acks" is "request.required.acks"); else the name itself.
  std::string canonical;
};

/// A property that cannot be taken, and why. `section` is empty, "consumer", "producer", "admin".
struct PropertyFinding {
  std::string section;
  std::string name;
  std::string reason;
};

/// Names that the linked library knows.
const std::map<std::string, KnownProperty>& KnownProperties();

/// Everything wrong with the user's properties: unknown (with the nearest name), for another
/// client, with a value that the library refuses, or against the guarantee.
std::vector<PropertyFinding> CheckProperties(const RdkafkaOptions& options);

/// kInvalidConfig when `version` (librdkafka's number, 0x020e02ff) is older than 2.14.2.
Status CheckLibraryVersion(int version);

Properties ConsumerProperties(const RdkafkaOptions& options, const ConsumerOptions& consumer);
Properties ProducerProperties(const RdkafkaOptions& options, const ProducerOptions& producer);
Properties LogReaderProperties(const RdkafkaOptions& options, const std::string& client_id);
Properties AdminProperties(const RdkafkaOptions& options, const std::string& client_id);

}  // namespace sidestream::kafka::rdkafka
