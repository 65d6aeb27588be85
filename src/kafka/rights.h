// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: what the cluster lets its user do. The admin clients of both adapters have this side, too;
// `validate --connect` asks for it.
//
// Threading: as Admin.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.h"

namespace sidestream::kafka {

/// Operations of Kafka's ACLs that the engine needs.
enum class Right { kRead, kWrite, kDelete, kDescribe, kDescribeConfigs };

class RightsReader {
 public:
  virtual ~RightsReader() = default;
  /// What the user may do with each topic; absent topics, and those that he may not see, are left
  /// out.
  virtual Admin::Reply<std::map<std::string, std::set<Right>>> TopicRights(
      std::vector<std::string> names) = 0;
  /// What the user may do with a group; empty where the cluster does not say, as it may of a group
  /// that does not exist yet.
  virtual Admin::Reply<std::set<Right>> GroupRights(std::string group) = 0;
  /// What CreateTopics() would say of these topics; nothing is created. Rights on what does not
  /// exist are in no list, and a policy or the number of brokers may be against it, too.
  virtual Admin::Reply<Done> MayCreateTopics(std::vector<NewTopic> topics) = 0;
};

}  // namespace sidestream::kafka
