// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port Admin on the in-process broker: each call is one request.
//
// Threading: as the port; every call takes the broker's mutex.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.h"
#include "kafka/memory/memory_broker.h"
#include "kafka/rights.h"

namespace sidestream::kafka::memory {

class MemoryAdmin final : public Admin, public RightsReader {
 public:
  /// `broker` is borrowed and outlives the admin.
  MemoryAdmin(Broker& broker, std::string client_id);
  ~MemoryAdmin() override;

  Reply<Done> CreateTopics(std::vector<NewTopic> topics) override;
  Reply<std::vector<TopicDescription>> DescribeTopics(std::vector<std::string> names) override;
  Reply<std::vector<TopicDescription>> ListTopics(std::string prefix) override;
  Reply<std::map<std::string, std::string>> DescribeTopicSettings(std::string topic) override;
  Reply<std::map<std::string, std::string>> DescribeBrokerSettings() override;
  Reply<Done> DeleteTopics(std::vector<std::string> names) override;
  Reply<Done> DeleteRecords(std::vector<PartitionOffset> below) override;
  Reply<std::vector<PartitionOffset>> ListOffsets(std::vector<TopicPartition> partitions,
                                                  OffsetSpec spec,
                                                  IsolationLevel isolation) override;
  Reply<std::vector<CommittedOffset>> CommittedOffsets(std::string group,
                                                       std::vector<TopicPartition> partitions,
                                                       bool require_stable) override;
  Reply<std::vector<CommittedOffset>> AllCommittedOffsets(std::string group) override;
  Reply<Done> CommitOffsets(std::string group, std::vector<CommittedOffset> offsets) override;
  Reply<GroupDescription> DescribeGroup(std::string group) override;
  Reply<Done> DeleteGroup(std::string group) override;

  Reply<std::map<std::string, std::set<Right>>> TopicRights(
      std::vector<std::string> names) override;
  Reply<std::set<Right>> GroupRights(std::string group) override;
  Reply<Done> MayCreateTopics(std::vector<NewTopic> topics) override;

 private:
  template <typename T>
  Reply<T> Ask(ApiKey api, std::function<Result<T>(Broker&)> question);

  Broker& broker_;
  const std::string client_id_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
};

}  // namespace sidestream::kafka::memory
