// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Admin port over librdkafka's asynchronous admin requests.
//
// Threading: as Admin.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/coordinator_request.h"
#include "kafka/rights.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaAdmin final : public Admin, public RightsReader {
 public:
  /// `patience`: how long a request waits for the coordinator of a group.
  static Result<std::unique_ptr<Admin>> Make(
      const Properties& properties, Milliseconds patience = Milliseconds(kAdminTimeoutMs));
  RdkafkaAdmin(const Properties& properties, std::shared_ptr<Client> client, Milliseconds patience)
      : client_(std::move(client)),
        group_clients_(std::make_shared<GroupClients>(properties, patience)) {}

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

  const std::shared_ptr<Client> client_;
  const std::shared_ptr<GroupClients> group_clients_;
};

}  // namespace sidestream::kafka::rdkafka
