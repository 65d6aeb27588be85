// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Rights, as brokers list them beside descriptions of topics and groups (KIP-430).

#include <memory>
#include <optional>
#include <span>

#include "kafka/rdkafka/admin_request.h"
#include "kafka/rdkafka/rdkafka_admin.h"

namespace sidestream::kafka::rdkafka {
namespace {

std::set<Right> RightsOf(const rd_kafka_AclOperation_t* operations, size_t count) {
  std::set<Right> rights;
  if (operations == nullptr) return rights;
  for (const rd_kafka_AclOperation_t operation : std::span(operations, count)) {
    switch (operation) {
      case RD_KAFKA_ACL_OPERATION_READ:
        rights.insert(Right::kRead);
        break;
      case RD_KAFKA_ACL_OPERATION_WRITE:
        rights.insert(Right::kWrite);
        break;
      case RD_KAFKA_ACL_OPERATION_DELETE:
        rights.insert(Right::kDelete);
        break;
      case RD_KAFKA_ACL_OPERATION_DESCRIBE:
        rights.insert(Right::kDescribe);
        break;
      case RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS:
        rights.insert(Right::kDescribeConfigs);
        break;
      default:
        break;
    }
  }
  return rights;
}

void AskForRights(rd_kafka_AdminOptions_t* options) {
  // It refuses only options of other operations.
  if (rd_kafka_error_t* error =
          rd_kafka_AdminOptions_set_include_authorized_operations(options, 1)) {
    rd_kafka_error_destroy(error);
  }
}

}  // namespace

Admin::Reply<std::map<std::string, std::set<Right>>> RdkafkaAdmin::TopicRights(
    std::vector<std::string> names) {
  using Rights = std::map<std::string, std::set<Right>>;
  if (names.empty()) return Answer<Rights>(Rights{});
  auto request = std::make_unique<AdminRequest<Rights>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Rights>> {
        Rights rights;
        size_t count = 0;
        const rd_kafka_TopicDescription_t** topics = rd_kafka_DescribeTopics_result_topics(
            rd_kafka_event_DescribeTopics_result(&event), &count);
        for (const rd_kafka_TopicDescription_t* topic : std::span(topics, count)) {
          const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topic);
          if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            continue;
          }
          size_t operations = 0;
          const rd_kafka_AclOperation_t* list =
              rd_kafka_TopicDescription_authorized_operations(topic, &operations);
          rights[rd_kafka_TopicDescription_name(topic)] = RightsOf(list, operations);
        }
        return rights;
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
  AskForRights(options.get());
  std::vector<const char*> raw;
  for (const std::string& name : names) raw.push_back(name.c_str());
  const TopicNames collection(rd_kafka_TopicCollection_of_topic_names(raw.data(), raw.size()));
  rd_kafka_DescribeTopics(client_->get(), collection.get(), options.get(), request->queue());
  return request;
}

Admin::Reply<std::set<Right>> RdkafkaAdmin::GroupRights(std::string group) {
  return AskCoordinator<std::set<Right>>(
      group_clients_, group, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
      [](rd_kafka_event_t& event, auto&) -> std::optional<Result<std::set<Right>>> {
        size_t count = 0;
        const rd_kafka_ConsumerGroupDescription_t** groups =
            rd_kafka_DescribeConsumerGroups_result_groups(
                rd_kafka_event_DescribeConsumerGroups_result(&event), &count);
        if (count != 1) return std::set<Right>{};
        size_t operations = 0;
        const rd_kafka_AclOperation_t* list =
            rd_kafka_ConsumerGroupDescription_authorized_operations(groups[0], &operations);
        return RightsOf(list, operations);
      },
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        AskForRights(options);
        const char* name = group.c_str();
        rd_kafka_DescribeConsumerGroups(handle, &name, 1, options, queue);
      });
}

}  // namespace sidestream::kafka::rdkafka
