// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Admin port over librdkafka's asynchronous admin requests.
//
// Threading: as Admin.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rights.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaAdmin final : public Admin, public RightsReader {
 public:
  static Result<std::unique_ptr<Admin>> Make(const Properties& properties);
  RdkafkaAdmin(const Properties& properties, std::shared_ptr<Client> client)
      : properties_(properties), client_(std::move(client)) {}

  Reply<Done> CreateTopics(std::vector<NewTopic> topics) override;
  /// Asks every broker of the cluster.
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
  /// `validate_only`: the broker says what it would say, and creates nothing.
  Reply<Done> CreateOrValidate(const std::vector<NewTopic>& topics, bool validate_only);
  Reply<std::vector<CommittedOffset>> ListCommitted(
      const std::string& group, const rd_kafka_topic_partition_list_t* list, bool require_stable,
      std::function<Result<std::vector<CommittedOffset>>(rd_kafka_event_t&)> read);
  /// A consumer of `group` that never joins it: a new one after one that got no answer. Any thread.
  Result<std::shared_ptr<Client>> GroupClient(const std::string& group);

  const Properties properties_;
  const std::shared_ptr<Client> client_;
  std::mutex mutex_;
  std::string group_;                     // guarded by mutex_
  std::shared_ptr<Client> group_client_;  // guarded by mutex_; of the group asked for last
  /// Whether a request of the group client ended without an answer; shared with those under way.
  const std::shared_ptr<std::atomic<bool>> group_client_doubtful_ =
      std::make_shared<std::atomic<bool>>(false);
};

}  // namespace sidestream::kafka::rdkafka
