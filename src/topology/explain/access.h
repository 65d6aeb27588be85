// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The rights that an application needs on a cluster with an authorizer, from its plan.
//
// Threading: values and a pure function.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/plan.h"

namespace sidestream::topology::explain {

enum class ResourceKind : uint8_t { kTopic, kGroup, kTransactionalId };

/// "topic", "group", "transactional-id": as kafka-acls.sh names them.
std::string_view ResourceKindName(ResourceKind kind);

/// Operations have Kafka's names ("DescribeConfigs"). Read and Write imply Describe.
struct AccessNeed {
  ResourceKind resource = ResourceKind::kTopic;
  std::string name;
  bool prefixed = false;
  std::vector<std::string> operations;
  std::string why;
};

std::vector<AccessNeed> AccessNeeds(const Plan& plan);

/// The options of kafka-acls.sh behind --add --allow-principal.
std::string AclOptions(const AccessNeed& need);

}  // namespace sidestream::topology::explain
