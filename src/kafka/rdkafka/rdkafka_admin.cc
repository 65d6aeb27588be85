// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "kafka/rdkafka/admin_request.h"

namespace sidestream::kafka::rdkafka {
namespace {

using Settings = std::map<std::string, std::string>;

struct NewTopicDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
using TopicToDelete = std::unique_ptr<rd_kafka_DeleteTopic_t, Deleter<rd_kafka_DeleteTopic_destroy>>;
using RecordsToDelete =
    std::unique_ptr<rd_kafka_DeleteRecords_t, Deleter<rd_kafka_DeleteRecords_destroy>>;
using GroupToDelete = std::unique_ptr<rd_kafka_DeleteGroup_t, Deleter<rd_kafka_DeleteGroup_destroy>>;
using OffsetsToList = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                      Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;
using TopicNames =
    std::unique_ptr<rd_kafka_TopicCollection_t, Deleter<rd_kafka_TopicCollection_destroy>>;

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;

/// Longest wait for the names of the brokers, the only question that blocks its caller.
constexpr int kBrokersTimeoutMs = 500;

template <typename T>
Admin::Reply<T> Answer(Result<T> answer) {
  return std::make_unique<Answered<T>>(std::move(answer));
}

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

// The brokers that the cluster names now, at least one. Not by DescribeCluster: when the answer
// names none, as that of a cluster whose brokers are all fenced, the library (2.14.2) takes its
// own failure for a success and the process dies of a null pointer.
Result<std::vector<int32_t>> BrokersOf(const Client& client) {
  const rd_kafka_metadata_t* raw = nullptr;
  // No topic of this handle is known, so brokers are all that is asked for.
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client.get(), 0, nullptr, &raw, kBrokersTimeoutMs);
  const Metadata metadata(raw);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // Why (wrong credentials, for one) comes by the error callback, which this serves.
    rd_kafka_poll(client.get(), 0);
    return client.Explain(AdminStatus(code, "the brokers of the cluster are not known"));
  }
  std::vector<int32_t> brokers;
  for (int i = 0; i < raw->broker_cnt; ++i) brokers.push_back(raw->brokers[i].id);
  if (brokers.empty()) return Status::Unavailable("the cluster names no broker");
  return brokers;
}

// What the brokers say about a list of topics, asked one by one and merged.
class TopicSurvey {
 public:
  explicit TopicSurvey(std::vector<std::string> names) : names_(std::move(names)) {
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
    const rd_kafka_TopicDescription_t** topics = rd_kafka_DescribeTopics_result_topics(
        rd_kafka_event_DescribeTopics_result(&event), &count);
    for (const rd_kafka_TopicDescription_t* source : std::span(topics, count)) {
      Result<TopicDescription> topic = ToTopicDescription(*source);
      if (!topic.ok()) return topic.status();
      Merge(*std::move(topic));
    }
    ++answers_;
    if (answers_ < brokers_) return std::nullopt;
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
  std::vector<TopicDescription> merged_;
  size_t brokers_ = 0;
  size_t answers_ = 0;
};

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
  const AdminOptions options =
      NewAdminOptions(request.handle(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  rd_kafka_DescribeConfigs(request.handle(), &raw, 1, options.get(), request.queue());
}

const rd_kafka_topic_partition_t* Find(const rd_kafka_topic_partition_list_t* list,
                                       const TopicPartition& partition) {
  return rd_kafka_topic_partition_list_find(
      const_cast<rd_kafka_topic_partition_list_t*>(list), partition.topic.c_str(),
      partition.partition);
}

Result<std::vector<PartitionOffset>> ListedOffsets(rd_kafka_event_t& event,
                                                   const std::vector<TopicPartition>& partitions) {
  size_t count = 0;
  const rd_kafka_ListOffsetsResultInfo_t** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(&event), &count);
  std::map<TopicPartition, Offset> found;
  for (const rd_kafka_ListOffsetsResultInfo_t* info : std::span(infos, count)) {
    const rd_kafka_topic_partition_t* element =
        rd_kafka_ListOffsetsResultInfo_topic_partition(info);
    if (element->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return AdminStatus(element->err, "").WithContext(ToString(ToTopicPartition(*element)));
    }
    found.emplace(ToTopicPartition(*element), Offset(element->offset));
  }
  std::vector<PartitionOffset> offsets;
  for (const TopicPartition& partition : partitions) {
    const auto offset = found.find(partition);
    if (offset == found.end() || offset->second.value() < 0) {
      return Status::Unavailable("no offset is known: partition=" + ToString(partition));
    }
    offsets.push_back({partition, offset->second});
  }
  return offsets;
}

// Whether the library asked with a leader epoch that is over. It refreshes what it knows for other
// errors only (2.14.2), so it would be refused with the same epoch for minutes.
bool HasStaleLeader(rd_kafka_event_t& event) {
  size_t count = 0;
  const rd_kafka_ListOffsetsResultInfo_t** infos =
      rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(&event), &count);
  for (const rd_kafka_ListOffsetsResultInfo_t* info : std::span(infos, count)) {
    const rd_kafka_resp_err_t code = rd_kafka_ListOffsetsResultInfo_topic_partition(info)->err;
    if (code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH ||
        code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH) {
      return true;
    }
  }
  return false;
}

// Has the library learn the leaders of these topics anew: any description does, and its answer may
// go to a queue that is gone by then.
void RefreshLeaders(const std::vector<TopicPartition>& partitions, rd_kafka_t* handle,
                    rd_kafka_queue_t* queue) {
  std::vector<const char*> names;
  for (const TopicPartition& partition : partitions) {
    if (names.empty() || partition.topic != names.back()) names.push_back(partition.topic.c_str());
  }
  const TopicNames collection(rd_kafka_TopicCollection_of_topic_names(names.data(), names.size()));
  const AdminOptions options = NewAdminOptions(handle, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
  rd_kafka_DescribeTopics(handle, collection.get(), options.get(), queue);
}

// The one group of an answer about one group, or its error.
Result<const rd_kafka_group_result_t*> OnlyGroup(const rd_kafka_group_result_t** groups,
                                                 size_t count) {
  if (count != 1) return Status::Unavailable("the coordinator did not answer for the group");
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0])) {
    return AdminStatus(rd_kafka_error_code(error), rd_kafka_error_string(error))
        .WithContext(fmt::format("group {}", rd_kafka_group_result_name(groups[0])));
  }
  return groups[0];
}

Result<std::vector<CommittedOffset>> ListedCommits(rd_kafka_event_t& event,
                                                   const std::vector<TopicPartition>& partitions) {
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(&event), &count);
  ASSIGN_OR_RETURN(const rd_kafka_group_result_t* group, OnlyGroup(groups, count));
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(group);
  std::vector<CommittedOffset> offsets;
  for (const TopicPartition& partition : partitions) {
    CommittedOffset committed{.partition = partition};
    const rd_kafka_topic_partition_t* element = Find(list, partition);
    if (element != nullptr && element->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return AdminStatus(element->err, "").WithContext(ToString(partition));
    }
    if (element != nullptr && element->offset >= 0) {
      committed.offset = Offset(element->offset);
      committed.metadata.assign(static_cast<const char*>(element->metadata),
                                element->metadata == nullptr ? 0 : element->metadata_size);
    }
    offsets.push_back(std::move(committed));
  }
  return offsets;
}

Result<GroupDescription> DescribedGroup(rd_kafka_event_t& event) {
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(&event), &count);
  if (count != 1) return Status::Unavailable("the coordinator did not describe the group");
  const rd_kafka_ConsumerGroupDescription_t* source = groups[0];
  GroupDescription group{.group = rd_kafka_ConsumerGroupDescription_group_id(source)};
  if (const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(source)) {
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    if (code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
      group.state = "Dead";
      return group;
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return AdminStatus(code, rd_kafka_error_string(error));
  }
  group.state =
      rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(source));
  for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(source); ++i) {
    const rd_kafka_MemberDescription_t* member =
        rd_kafka_ConsumerGroupDescription_member(source, i);
    const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
    GroupMember described{.member_id = rd_kafka_MemberDescription_consumer_id(member),
                          .instance_id = instance == nullptr ? "" : instance,
                          .client_id = rd_kafka_MemberDescription_client_id(member)};
    const rd_kafka_topic_partition_list_t* list =
        rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(member));
    for (int p = 0; list != nullptr && p < list->cnt; ++p) {
      described.assignment.push_back(ToTopicPartition(list->elems[p]));
    }
    group.members.push_back(std::move(described));
  }
  return group;
}

}  // namespace

Result<std::unique_ptr<Admin>> RdkafkaAdmin::Make(const Properties& properties) {
  ASSIGN_OR_RETURN(std::shared_ptr<Client> client,
                   Client::Make(RD_KAFKA_PRODUCER, properties, {}));
  return std::unique_ptr<Admin>(std::make_unique<RdkafkaAdmin>(std::move(client)));
}

Admin::Reply<Done> RdkafkaAdmin::CreateTopics(std::vector<NewTopic> topics) {
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
  auto raw = RawPointers(owners);
  rd_kafka_CreateTopics(client_->get(), raw.data(), raw.size(), options.get(), request->queue());
  return request;
}

Admin::Reply<std::vector<TopicDescription>> RdkafkaAdmin::DescribeTopics(
    std::vector<std::string> names) {
  if (names.empty()) return Answer<std::vector<TopicDescription>>(std::vector<TopicDescription>{});
  const auto brokers = BrokersOf(*client_);
  if (!brokers.ok()) return Answer<std::vector<TopicDescription>>(brokers.status());
  auto survey = std::make_shared<TopicSurvey>(std::move(names));
  auto request = std::make_unique<TopicSurvey::Request>(
      client_, [survey](rd_kafka_event_t& event, auto&) { return survey->On(event); });
  survey->AskBrokers(*brokers, *request);
  return request;
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

Admin::Reply<Done> RdkafkaAdmin::DeleteRecords(std::vector<PartitionOffset> below) {
  if (below.empty()) return Answer<Done>(Done{});
  const PartitionList list = ToList(std::span<const PartitionOffset>(below));
  const RecordsToDelete records(rd_kafka_DeleteRecords_new(list.get()));
  auto request = std::make_unique<AdminRequest<Done>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
        const rd_kafka_topic_partition_list_t* results =
            rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(&event));
        for (int i = 0; i < results->cnt; ++i) {
          const rd_kafka_topic_partition_t& element = results->elems[i];
          if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
          return AdminStatus(element.err, "").WithContext(ToString(ToTopicPartition(element)));
        }
        return Done{};
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_DELETERECORDS);
  rd_kafka_DeleteRecords_t* raw = records.get();
  rd_kafka_DeleteRecords(client_->get(), &raw, 1, options.get(), request->queue());
  return request;
}

Admin::Reply<std::vector<PartitionOffset>> RdkafkaAdmin::ListOffsets(
    std::vector<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation) {
  if (partitions.empty()) {
    return Answer<std::vector<PartitionOffset>>(std::vector<PartitionOffset>{});
  }
  const PartitionList list = ToList(std::span<const TopicPartition>(partitions));
  for (int i = 0; i < list->cnt; ++i) {
    list->elems[i].offset = spec == OffsetSpec::kEarliest ? RD_KAFKA_OFFSET_SPEC_EARLIEST
                                                          : RD_KAFKA_OFFSET_SPEC_LATEST;
  }
  auto request = std::make_unique<AdminRequest<std::vector<PartitionOffset>>>(
      client_, [partitions = std::move(partitions)](rd_kafka_event_t& event, auto& self)
                   -> std::optional<Result<std::vector<PartitionOffset>>> {
        if (HasStaleLeader(event)) RefreshLeaders(partitions, self.handle(), self.queue());
        return ListedOffsets(event, partitions);
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_LISTOFFSETS);
  const Error error(rd_kafka_AdminOptions_set_isolation_level(
      options.get(), isolation == IsolationLevel::kReadCommitted
                         ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                         : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  CHECK(error == nullptr) << rd_kafka_error_string(error.get());
  rd_kafka_ListOffsets(client_->get(), list.get(), options.get(), request->queue());
  return request;
}

Admin::Reply<std::vector<CommittedOffset>> RdkafkaAdmin::CommittedOffsets(
    std::string group, std::vector<TopicPartition> partitions, bool require_stable) {
  if (partitions.empty()) {
    return Answer<std::vector<CommittedOffset>>(std::vector<CommittedOffset>{});
  }
  const PartitionList list = ToList(std::span<const TopicPartition>(partitions));
  const OffsetsToList offsets(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get()));
  auto request = std::make_unique<AdminRequest<std::vector<CommittedOffset>>>(
      client_, [partitions = std::move(partitions)](rd_kafka_event_t& event, auto&)
                   -> std::optional<Result<std::vector<CommittedOffset>>> {
        return ListedCommits(event, partitions);
      });
  const AdminOptions options =
      NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
  const Error error(
      rd_kafka_AdminOptions_set_require_stable_offsets(options.get(), require_stable ? 1 : 0));
  CHECK(error == nullptr) << rd_kafka_error_string(error.get());
  rd_kafka_ListConsumerGroupOffsets_t* raw = offsets.get();
  rd_kafka_ListConsumerGroupOffsets(client_->get(), &raw, 1, options.get(), request->queue());
  return request;
}

Admin::Reply<GroupDescription> RdkafkaAdmin::DescribeGroup(std::string group) {
  auto request = std::make_unique<AdminRequest<GroupDescription>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<GroupDescription>> {
        return DescribedGroup(event);
      });
  const AdminOptions options =
      NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
  const char* name = group.c_str();
  rd_kafka_DescribeConsumerGroups(client_->get(), &name, 1, options.get(), request->queue());
  return request;
}

Admin::Reply<Done> RdkafkaAdmin::DeleteGroup(std::string group) {
  auto request = std::make_unique<AdminRequest<Done>>(
      client_, [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
        size_t count = 0;
        const rd_kafka_group_result_t** groups =
            rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(&event), &count);
        if (count == 1 && rd_kafka_group_result_error(groups[0]) != nullptr &&
            rd_kafka_error_code(rd_kafka_group_result_error(groups[0])) ==
                RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
          return Done{};
        }
        const auto answered = OnlyGroup(groups, count);
        if (!answered.ok()) return answered.status();
        return Done{};
      });
  const AdminOptions options = NewAdminOptions(client_->get(), RD_KAFKA_ADMIN_OP_DELETEGROUPS);
  const GroupToDelete owner(rd_kafka_DeleteGroup_new(group.c_str()));
  rd_kafka_DeleteGroup_t* raw = owner.get();
  rd_kafka_DeleteGroups(client_->get(), &raw, 1, options.get(), request->queue());
  return request;
}

}  // namespace sidestream::kafka::rdkafka
