// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Topics and settings. Offsets, records and groups are in rdkafka_admin_offsets.cc.

#include "kafka/rdkafka/rdkafka_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "kafka/rdkafka/admin_request.h"

namespace sidestream::kafka::rdkafka {
namespace {

using Settings = std::map<std::string, std::string>;

struct NewTopicDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
using TopicToDelete =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Deleter<rd_kafka_DeleteTopic_destroy>>;
using Resource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;

/// Longest waits for the names of brokers and of topics, the only questions that block their
/// caller.
constexpr int kBrokersTimeoutMs = 500;
constexpr int kTopicNamesTimeoutMs = 2'000;

// The raw pointers of owners, as the library's arrays want them.
template <typename Owner>
auto RawPointers(const std::vector<Owner>& owners) {
  std::vector<typename Owner::pointer> raw;
  raw.reserve(owners.size());
  for (const Owner& owner : owners) raw.push_back(owner.get());
  return raw;
}

// Success unless a topic failed in another way than `harmless`.
Result<Done> TopicResults(const rd_kafka_topic_result_t** results, size_t count, int harmless) {
  for (const rd_kafka_topic_result_t* result : std::span(results, count)) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == harmless) continue;
    const char* text = rd_kafka_topic_result_error_string(result);
    return AdminStatus(code, text == nullptr ? "" : text)
        .WithContext(fmt::format("topic {}", rd_kafka_topic_result_name(result)));
  }
  return Done{};
}

TopicId ToTopicId(const rd_kafka_Uuid_t* uuid) {
  TopicId id;
  if (uuid == nullptr) return id;
  const auto put = [&](int64_t half, size_t at) {
    for (size_t i = 0; i < 8; ++i) {
      id.bytes[at + i] = static_cast<uint8_t>(static_cast<uint64_t>(half) >> (56 - 8 * i));
    }
  };
  put(rd_kafka_Uuid_most_significant_bits(uuid), 0);
  put(rd_kafka_Uuid_least_significant_bits(uuid), 8);
  return id;
}

// A description as one broker gives it; kUnavailable while a partition has no leader.
Result<TopicDescription> ToTopicDescription(const rd_kafka_TopicDescription_t& source) {
  TopicDescription topic{.name = rd_kafka_TopicDescription_name(&source)};
  if (const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(&source)) {
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return topic;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return AdminStatus(code, rd_kafka_error_string(error)).WithContext("topic " + topic.name);
    }
  }
  size_t count = 0;
  const rd_kafka_TopicPartitionInfo_t** partitions =
      rd_kafka_TopicDescription_partitions(&source, &count);
  for (const rd_kafka_TopicPartitionInfo_t* partition : std::span(partitions, count)) {
    const rd_kafka_Node_t* leader = rd_kafka_TopicPartitionInfo_leader(partition);
    if (leader == nullptr || rd_kafka_Node_id(leader) < 0) {
      return Status::Unavailable(fmt::format("a partition has no leader: topic={} partition={}",
                                             topic.name,
                                             rd_kafka_TopicPartitionInfo_partition(partition)));
    }
  }
  topic.exists = count > 0;
  topic.partitions = static_cast<int32_t>(count);
  topic.id = ToTopicId(rd_kafka_TopicDescription_topic_id(&source));
  return topic;
}

// What the cluster says of its brokers, and of all its topics if wanted: no topic of this handle
// is known otherwise.
Result<Metadata> MetadataOf(const Client& client, bool topics, int timeout_ms) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client.get(), topics ? 1 : 0, nullptr, &raw, timeout_ms);
  Metadata metadata(raw);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // Why (wrong credentials, for one) comes by the error callback, which this serves.
    rd_kafka_poll(client.get(), 0);
    return client.Explain(AdminStatus(code, "the brokers of the cluster are not known"));
  }
  return metadata;
}

// The brokers that the cluster names now, at least one. Not by DescribeCluster: when the answer
// names none, as that of a cluster whose brokers are all fenced, the library (2.14.2) takes its
// own failure for a success and the process dies of a null pointer.
Result<std::vector<int32_t>> BrokersOf(const Client& client) {
  ASSIGN_OR_RETURN(const Metadata metadata, MetadataOf(client, false, kBrokersTimeoutMs));
  std::vector<int32_t> brokers;
  for (int i = 0; i < metadata->broker_cnt; ++i) brokers.push_back(metadata->brokers[i].id);
  if (brokers.empty()) return Status::Unavailable("the cluster names no broker");
  return brokers;
}

// What the brokers say about a list of topics, asked one by one and merged.
class TopicSurvey {
 public:
  enum class Absent { kDescribed, kLeftOut };
  TopicSurvey(std::vector<std::string> names, Absent absent)
      : names_(std::move(names)), absent_(absent) {
    for (const std::string& name : names_) merged_.push_back({.name = name});
  }

  using Request = AdminRequest<std::vector<TopicDescription>>;
  void AskBrokers(std::span<const int32_t> brokers, Request& request) {
    std::vector<const char*> names;
    for (const std::string& name : names_) names.push_back(name.c_str());
    const TopicNames collection(
        rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
    brokers_ = brokers.size();
    for (const int32_t broker : brokers) {
      const AdminOptions options =
          NewAdminOptions(request.handle(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
      char text[256];
      rd_kafka_AdminOptions_set_broker(options.get(), broker, text, sizeof(text));
      rd_kafka_DescribeTopics(request.handle(), collection.get(), options.get(), request.queue());
    }
  }

  std::optional<Result<std::vector<TopicDescription>>> On(rd_kafka_event_t& event) {
    size_t count = 0;
    const rd_kafka_TopicDescription_t** topics =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(&event), &count);
    for (const rd_kafka_TopicDescription_t* source : std::span(topics, count)) {
      Result<TopicDescription> topic = ToTopicDescription(*source);
      if (!topic.ok()) return topic.status();
      Merge(*std::move(topic));
    }
    ++answers_;
    if (answers_ < brokers_) return std::nullopt;
    if (absent_ == Absent::kLeftOut) {
      std::erase_if(merged_, [](const TopicDescription& topic) { return !topic.exists; });
    }
    return std::move(merged_);
  }

 private:
  // The first broker's word stands unless another knows less or something else.
  void Merge(TopicDescription topic) {
    const auto known = std::find_if(merged_.begin(), merged_.end(),
                                    [&](const auto& m) { return m.name == topic.name; });
    if (known == merged_.end()) return;
    const bool same = known->exists == topic.exists && known->partitions == topic.partitions &&
                      known->id == topic.id;
    if (answers_ == 0) {
      *known = std::move(topic);
    } else if (!same) {
      *known = TopicDescription{.name = topic.name};
    }
  }

  const std::vector<std::string> names_;
  const Absent absent_;
  std::vector<TopicDescription> merged_;
  size_t brokers_ = 0;
  size_t answers_ = 0;
};

Admin::Reply<std::vector<TopicDescription>> Survey(const std::shared_ptr<Client>& client,
                                                   std::vector<std::string> names,
                                                   TopicSurvey::Absent absent) {
  if (names.empty()) return Answer<std::vector<TopicDescription>>(std::vector<TopicDescription>{});
  const auto brokers = BrokersOf(*client);
  if (!brokers.ok()) return Answer<std::vector<TopicDescription>>(brokers.status());
  auto survey = std::make_shared<TopicSurvey>(std::move(names), absent);
  auto request = std::make_unique<TopicSurvey::Request>(
      client, [survey](rd_kafka_event_t& event, auto&) { return survey->On(event); });
  survey->AskBrokers(*brokers, *request);
  return request;
}

std::optional<Result<Settings>> SettingsOf(rd_kafka_event_t& event) {
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(&event), &count);
  if (count != 1) return Status::Unavailable("the broker did not answer with settings");
  const rd_kafka_ConfigResource_t* resource = resources[0];
  if (const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(resource);
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* text = rd_kafka_ConfigResource_error_string(resource);
    return AdminStatus(code, text == nullptr ? "" : text)
        .WithContext(rd_kafka_ConfigResource_name(resource));
  }
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resource, &count);
  Settings settings;
  for (const rd_kafka_ConfigEntry_t* entry : std::span(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr) settings.emplace(rd_kafka_ConfigEntry_name(entry), value);
  }
  return settings;
}

void AskSettings(rd_kafka_ResourceType_t type, const std::string& name,
                 AdminRequest<Settings>& request) {
  const Resource resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  rd_kafka_ConfigResource_t* raw = resource.get();
  const AdminOptions options = NewAdminOptions(request.handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(request.handle(), &raw, 1, options.get(), request.queue());
}

}  // namespace

Result<std::unique_ptr<Admin>> RdkafkaAdmin::Make(const Properties& properties,
                                                  Milliseconds patience) {
  ASSIGN_OR_RETURN(std::shared_ptr<Client> client, Client::Make(RD_KAFKA_PRODUCER, properties, {}));
  return std::unique_ptr<Admin>(
      std::make_unique<RdkafkaAdmin>(properties, std::move(client), patience));
}

Admin::Reply<Done> RdkafkaAdmin::CreateTopics(std::vector<NewTopic> topics) {
  return CreateOrValidate(topics, false);
}

Admin::Reply<Done> RdkafkaAdmin::MayCreateTopics(std::vector<NewTopic> topics) {
  return CreateOrValidate(topics, true);
}

Admin::Reply<Done> RdkafkaAdmin::CreateOrValidate(const std::vector<NewTopic>& topics,
                                                  bool validate_only) {
  if (topics.empty()) return Answer<Done>(Done{});
  std::vector<std::unique_ptr<rd_kafka_NewTopic_t, NewTopicDeleter>> owners;
  for (const NewTopic& topic : topics) {
    char text[256];
    owners.emplace_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                              topic.replication_factor, text, sizeof(text)));
    if (owners.back() == nullptr) {
      return Answer<Done>(Status::InvalidConfig(fmt::format("topic {}: {}", topic.name, text)));
    }
    for (const auto& [name, value] : topic.settings) {
      rd_kafka_NewTopic_set_config(owners.back().get(), name.c_str(), value.c_str());
    }
  }
  auto request = std::make_unique<AdminRequest<Done>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
        size_t count = 0;
        const rd_kafka_topic_result_t** results =
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(&event), &count);
        return TopicResults(results, count, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
  char text[256];
  if (validate_only && rd_kafka_AdminOptions_set_validate_only(
                           options.get(), 1, text, sizeof(text)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Answer<Done>(Status::Fatal(text));
  }
  auto raw = RawPointers(owners);
  rd_kafka_CreateTopics(client_->get(), raw.data(), raw.size(), options.get(), request->queue());
  return request;
}

Admin::Reply<std::vector<TopicDescription>> RdkafkaAdmin::DescribeTopics(
    std::vector<std::string> names) {
  return Survey(client_, std::move(names), TopicSurvey::Absent::kDescribed);
}

Admin::Reply<std::vector<TopicDescription>> RdkafkaAdmin::ListTopics(std::string prefix) {
  const auto metadata = MetadataOf(*client_, true, kTopicNamesTimeoutMs);
  if (!metadata.ok()) return Answer<std::vector<TopicDescription>>(metadata.status());
  // Metadata of this kind has no ids, so the topics are described. Not all of them: one without a
  // leader, whosever it is, would hold up the answer.
  std::vector<std::string> names;
  for (const rd_kafka_metadata_topic_t& topic :
       std::span((*metadata)->topics, static_cast<size_t>((*metadata)->topic_cnt))) {
    if (std::string_view(topic.topic).starts_with(prefix)) names.emplace_back(topic.topic);
  }
  std::sort(names.begin(), names.end());
  return Survey(client_, std::move(names), TopicSurvey::Absent::kLeftOut);
}

Admin::Reply<Settings> RdkafkaAdmin::DescribeTopicSettings(std::string topic) {
  auto request = std::make_unique<AdminRequest<Settings>>(
      client_, [](rd_kafka_event_t& event, auto&) { return SettingsOf(event); });
  AskSettings(RD_KAFKA_RESOURCE_TOPIC, topic, *request);
  return request;
}

Admin::Reply<Settings> RdkafkaAdmin::DescribeBrokerSettings() {
  const auto brokers = BrokersOf(*client_);
  if (!brokers.ok()) return Answer<Settings>(brokers.status());
  auto request = std::make_unique<AdminRequest<Settings>>(
      client_, [](rd_kafka_event_t& event, auto&) { return SettingsOf(event); });
  AskSettings(RD_KAFKA_RESOURCE_BROKER, std::to_string(brokers->front()), *request);
  return request;
}

Admin::Reply<Done> RdkafkaAdmin::DeleteTopics(std::vector<std::string> names) {
  if (names.empty()) return Answer<Done>(Done{});
  std::vector<TopicToDelete> owners;
  for (const std::string& name : names) owners.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
  auto request = std::make_unique<AdminRequest<Done>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
        size_t count = 0;
        const rd_kafka_topic_result_t** results =
            rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(&event), &count);
        return TopicResults(results, count, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_DELETETOPICS);
  auto raw = RawPointers(owners);
  rd_kafka_DeleteTopics(client_->get(), raw.data(), raw.size(), options.get(), request->queue());
  return request;
}

}  // namespace sidestream::kafka::rdkafka
