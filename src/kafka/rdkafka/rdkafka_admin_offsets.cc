// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Offsets, records and groups. Topics are in rdkafka_admin.cc.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "base/check.h"
#include "kafka/rdkafka/admin_request.h"
#include "kafka/rdkafka/rdkafka_admin.h"

namespace sidestream::kafka::rdkafka {
namespace {

using RecordsToDelete =
    std::unique_ptr<rd_kafka_DeleteRecords_t, Deleter<rd_kafka_DeleteRecords_destroy>>;
using GroupToDelete =
    std::unique_ptr<rd_kafka_DeleteGroup_t, Deleter<rd_kafka_DeleteGroup_destroy>>;
using OffsetsToAlter = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                       Deleter<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using OffsetsToList = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                      Deleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

const rd_kafka_topic_partition_t* Find(const rd_kafka_topic_partition_list_t* list,
                                       const TopicPartition& partition) {
  return rd_kafka_topic_partition_list_find(const_cast<rd_kafka_topic_partition_list_t*>(list),
                                            partition.topic.c_str(), partition.partition);
}

int64_t OffsetSpecOf(const OffsetSpec& spec) {
  switch (spec.kind) {
    case OffsetSpec::Kind::kEarliest:
      return RD_KAFKA_OFFSET_SPEC_EARLIEST;
    case OffsetSpec::Kind::kLatest:
      return RD_KAFKA_OFFSET_SPEC_LATEST;
    case OffsetSpec::Kind::kTime:
      // What is not negative is a timestamp, what is means something else.
      return std::max<int64_t>(spec.time.value(), 0);
  }
  return RD_KAFKA_OFFSET_SPEC_LATEST;
}

Result<std::vector<PartitionOffset>> ListedOffsets(rd_kafka_event_t& event,
                                                   const std::vector<TopicPartition>& partitions,
                                                   const OffsetSpec& spec) {
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
    const bool may_lack = spec.kind == OffsetSpec::Kind::kTime;
    if (offset == found.end() || (offset->second.value() < 0 && !may_lack)) {
      return Status::Unavailable("no offset is known: partition=" + ToString(partition));
    }
    offsets.push_back({partition, offset->second});
  }
  return offsets;
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

Result<std::vector<CommittedOffset>> ListedAll(rd_kafka_event_t& event) {
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(&event), &count);
  ASSIGN_OR_RETURN(const rd_kafka_group_result_t* group, OnlyGroup(groups, count));
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(group);
  std::vector<TopicPartition> all;
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    all.push_back(ToTopicPartition(list->elems[i]));
  }
  return ListedCommits(event, all);
}

Result<Done> CommittedAll(rd_kafka_event_t& event) {
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(&event), &count);
  ASSIGN_OR_RETURN(const rd_kafka_group_result_t* group, OnlyGroup(groups, count));
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(group);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const std::string where = ToString(ToTopicPartition(element));
    // What the coordinator says to a stranger while there are members.
    if (element.err == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID) {
      return Status::Stopped("the group has members: partition=" + where);
    }
    return AdminStatus(element.err, "").WithContext(where);
  }
  return Done{};
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
  group.state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(source));
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
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = OffsetSpecOf(spec);
  auto request = std::make_unique<AdminRequest<std::vector<PartitionOffset>>>(
      client_, [partitions = std::move(partitions), spec](rd_kafka_event_t& event, auto&) {
        return ListedOffsets(event, partitions, spec);
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
  return ListCommitted(group, list.get(), require_stable,
                       [partitions = std::move(partitions)](rd_kafka_event_t& event) {
                         return ListedCommits(event, partitions);
                       });
}

Admin::Reply<std::vector<CommittedOffset>> RdkafkaAdmin::AllCommittedOffsets(std::string group) {
  return ListCommitted(group, /*list=*/nullptr, /*require_stable=*/true, ListedAll);
}

/// Of the partitions of `list`, or of all where it is null.
Admin::Reply<std::vector<CommittedOffset>> RdkafkaAdmin::ListCommitted(
    const std::string& group, const rd_kafka_topic_partition_list_t* list, bool require_stable,
    std::function<Result<std::vector<CommittedOffset>>(rd_kafka_event_t&)> read) {
  using Offsets = std::vector<CommittedOffset>;
  const OffsetsToList offsets(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list));
  return AskCoordinator<Offsets>(
      group_clients_, group, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS,
      [read = std::move(read)](rd_kafka_event_t& event, auto&)
          -> std::optional<Result<Offsets>> { return read(event); },
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        const Error error(
            rd_kafka_AdminOptions_set_require_stable_offsets(options, require_stable ? 1 : 0));
        CHECK(error == nullptr) << rd_kafka_error_string(error.get());
        rd_kafka_ListConsumerGroupOffsets_t* raw = offsets.get();
        rd_kafka_ListConsumerGroupOffsets(handle, &raw, 1, options, queue);
      });
}

Admin::Reply<Done> RdkafkaAdmin::CommitOffsets(std::string group,
                                               std::vector<CommittedOffset> offsets) {
  if (offsets.empty()) return Answer<Done>(Done{});
  const PartitionList list = ToList(std::span<const CommittedOffset>(offsets));
  const OffsetsToAlter altered(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
  return AskCoordinator<Done>(
      group_clients_, group, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
      [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
        return CommittedAll(event);
      },
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        rd_kafka_AlterConsumerGroupOffsets_t* raw = altered.get();
        rd_kafka_AlterConsumerGroupOffsets(handle, &raw, 1, options, queue);
      });
}

Admin::Reply<GroupDescription> RdkafkaAdmin::DescribeGroup(std::string group) {
  return AskCoordinator<GroupDescription>(
      group_clients_, group, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
      [](rd_kafka_event_t& event, auto&) -> std::optional<Result<GroupDescription>> {
        return DescribedGroup(event);
      },
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        const char* name = group.c_str();
        rd_kafka_DescribeConsumerGroups(handle, &name, 1, options, queue);
      });
}

Admin::Reply<Done> RdkafkaAdmin::DeleteGroup(std::string group) {
  return AskCoordinator<Done>(
      group_clients_, group, RD_KAFKA_ADMIN_OP_DELETEGROUPS,
      [](rd_kafka_event_t& event, auto&) -> std::optional<Result<Done>> {
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
      },
      [&](rd_kafka_t* handle, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
        const GroupToDelete owner(rd_kafka_DeleteGroup_new(group.c_str()));
        rd_kafka_DeleteGroup_t* raw = owner.get();
        rd_kafka_DeleteGroups(handle, &raw, 1, options, queue);
      });
}

}  // namespace sidestream::kafka::rdkafka
