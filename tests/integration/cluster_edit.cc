// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/cluster_edit.h"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cctype>
#include <thread>
#include <utility>

#include "base/check.h"
#include "kafka/producer.h"
#include "kafka/rdkafka/admin_request.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/handle.h"
#include "tests/integration/awaited.h"

namespace sidestream::integration {
namespace {

using kafka::Done;
using kafka::rdkafka::AdminRequest;
using kafka::rdkafka::Client;
using Finding = std::optional<Result<Done>>;

constexpr Milliseconds kBeat{5};

Status Outcome(kafka::Producer& producer, const Clock& clock, const char* what) {
  const MonotonicTime deadline = clock.Now() + kPatience;
  std::optional<Status> status;
  while (!(status = producer.Poll(kBeat))) {
    CHECK(clock.Now() < deadline) << what << " takes too long";
  }
  return *status;
}

/// A broker that has only just come back is asked again.
void Init(kafka::Producer& producer, const Clock& clock) {
  Status status;
  (void)Until([&] {
    producer.StartInit();
    status = Outcome(producer, clock, "the start of the feeder");
    return status.code() != StatusCode::kUnavailable;
  });
  CHECK(status.ok()) << status;
}

/// A client for the requests that the ports do not have.
std::shared_ptr<Client> NewClient(const ClusterView::Properties& properties) {
  return ValueOf(Client::Make(RD_KAFKA_PRODUCER, properties, {}));
}

Finding ToFinding(rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Result<Done>(Done{});
  return Result<Done>(Status::Unavailable(rd_kafka_err2str(code)));
}

rd_kafka_ResourceType_t ResourceOf(const std::string& word) {
  if (word == "topic") return RD_KAFKA_RESOURCE_TOPIC;
  if (word == "group") return RD_KAFKA_RESOURCE_GROUP;
  CHECK(word == "transactional-id") << "an unknown resource: " << word;
  return RD_KAFKA_RESOURCE_TRANSACTIONAL_ID;
}

/// "DescribeConfigs" is DESCRIBE_CONFIGS to the library.
rd_kafka_AclOperation_t OperationOf(const std::string& word) {
  std::string name;
  for (const char letter : word) {
    if (std::isupper(letter) != 0 && !name.empty()) name += '_';
    name += static_cast<char>(std::toupper(letter));
  }
  int operation = 0;
  while (rd_kafka_AclOperation_name(static_cast<rd_kafka_AclOperation_t>(operation)) != name) {
    CHECK(++operation < RD_KAFKA_ACL_OPERATION__CNT) << "an unknown operation: " << word;
  }
  return static_cast<rd_kafka_AclOperation_t>(operation);
}

/// `make` is rd_kafka_AclBinding_new or rd_kafka_AclBindingFilter_new.
rd_kafka_AclBinding_t* BindingOf(decltype(&rd_kafka_AclBinding_new) make, const std::string& user,
                                 const Access& access) {
  std::array<char, 256> error{};
  rd_kafka_AclBinding_t* binding =
      make(ResourceOf(access.resource), access.name.c_str(),
           access.prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL,
           ("User:" + user).c_str(), "*", OperationOf(access.operation),
           RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error.data(), error.size());
  CHECK(binding != nullptr) << error.data();
  return binding;
}

/// Until all see of a topic what an answer has said already.
void AwaitPartitions(ClusterView& view, const std::string& topic, int32_t wanted) {
  CHECK(Until([&] { return view.Partitions(topic) == wanted; }))
      << topic << " does not come to " << wanted << " partitions";
}

}  // namespace

ClusterEdit::ClusterEdit(ClusterView& view, ClusterView::Properties properties)
    : view_(view),
      properties_(std::move(properties)),
      admin_(ValueOf(view.cluster().NewAdmin("integration-edit"))) {}

void ClusterEdit::CreateTopic(const std::string& topic, int32_t partitions,
                              const Settings& settings) {
  Answer<Done>(clock_, [&] {
    return admin_->CreateTopics({{.name = topic, .partitions = partitions, .settings = settings}});
  });
  AwaitPartitions(view_, topic, partitions);
}

void ClusterEdit::DeleteTopic(const std::string& topic) {
  Answer<Done>(clock_, [&] { return admin_->DeleteTopics({topic}); });
  AwaitPartitions(view_, topic, 0);
}

void ClusterEdit::GrowTopic(const std::string& topic, int32_t total) {
  const auto client = NewClient(properties_);
  Answer<Done>(clock_, [&]() -> kafka::Admin::Reply<Done> {
    auto request =
        std::make_unique<AdminRequest<Done>>(client, [](rd_kafka_event_t& event, auto&) -> Finding {
          size_t count = 0;
          const auto** results = rd_kafka_CreatePartitions_result_topics(
              rd_kafka_event_CreatePartitions_result(&event), &count);
          CHECK(count == 1) << "an answer for another topic";
          return ToFinding(rd_kafka_topic_result_error(results[0]));
        });
    std::array<char, 256> error{};
    rd_kafka_NewPartitions_t* wanted = rd_kafka_NewPartitions_new(
        topic.c_str(), static_cast<size_t>(total), error.data(), error.size());
    CHECK(wanted != nullptr) << error.data();
    rd_kafka_CreatePartitions(request->handle(), &wanted, 1, nullptr, request->queue());
    rd_kafka_NewPartitions_destroy(wanted);
    return request;
  });
  AwaitPartitions(view_, topic, total);
}

void ClusterEdit::SetTopic(const std::string& topic, const Settings& settings) {
  const auto client = NewClient(properties_);
  Answer<Done>(clock_, [&]() -> kafka::Admin::Reply<Done> {
    auto request =
        std::make_unique<AdminRequest<Done>>(client, [](rd_kafka_event_t& event, auto&) -> Finding {
          size_t count = 0;
          const auto** results = rd_kafka_IncrementalAlterConfigs_result_resources(
              rd_kafka_event_IncrementalAlterConfigs_result(&event), &count);
          CHECK(count == 1) << "an answer for another topic";
          return ToFinding(rd_kafka_ConfigResource_error(results[0]));
        });
    rd_kafka_ConfigResource_t* wanted =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
    for (const auto& [name, value] : settings) {
      rd_kafka_error_t* refused = rd_kafka_ConfigResource_add_incremental_config(
          wanted, name.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str());
      CHECK(refused == nullptr) << rd_kafka_error_string(refused);
    }
    rd_kafka_IncrementalAlterConfigs(request->handle(), &wanted, 1, nullptr, request->queue());
    rd_kafka_ConfigResource_destroy(wanted);
    return request;
  });
}

void ClusterEdit::Feed(const std::string& topic, const std::vector<FedRecord>& records,
                       Milliseconds pause) {
  const auto producer = ValueOf(view_.cluster().NewProducer({.client_id = "integration-feed"}));
  const kafka::TopicHandle handle = producer->RegisterTopic(topic);
  Init(*producer, clock_);
  const Status begun = producer->Begin();
  CHECK(begun.ok()) << begun;
  for (const FedRecord& record : records) {
    std::vector<kafka::Header> headers;
    for (const auto& [name, value] : record.headers) {
      headers.push_back({name, value ? std::optional(std::string_view(*value)) : std::nullopt});
    }
    const kafka::OutgoingRecord outgoing{.topic = handle,
                                         .partition = record.partition,
                                         .key = record.key,
                                         .value = record.value,
                                         .timestamp = record.timestamp,
                                         .headers = headers};
    Status queued;
    (void)Until([&] {
      queued = producer->Produce(outgoing);
      if (queued.code() != StatusCode::kUnavailable) return true;
      (void)producer->Poll(kBeat);
      return false;
    });
    CHECK(queued.ok()) << queued;
    if (pause > Milliseconds(0)) {
      std::this_thread::sleep_for(pause);
      (void)producer->Poll(Milliseconds(0));
    }
  }
  producer->StartFlush();
  const Status flushed = Outcome(*producer, clock_, "the last flush of the feeder");
  CHECK(flushed.ok()) << flushed;
  CHECK(!producer->first_failure()) << producer->first_failure()->status;
}

void ClusterEdit::CommitOffset(const std::string& group, const TopicPartition& partition,
                               int64_t offset, const std::string& metadata) {
  const auto client = NewClient(properties_);
  const auto list = kafka::rdkafka::ToList(std::vector<kafka::CommittedOffset>{
      {.partition = partition, .offset = Offset(offset), .metadata = metadata}});
  Answer<Done>(clock_, [&]() -> kafka::Admin::Reply<Done> {
    auto request =
        std::make_unique<AdminRequest<Done>>(client, [](rd_kafka_event_t& event, auto&) -> Finding {
          size_t count = 0;
          const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
              rd_kafka_event_AlterConsumerGroupOffsets_result(&event), &count);
          CHECK(count == 1) << "an answer for another group";
          const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]);
          if (error != nullptr) return ToFinding(rd_kafka_error_code(error));
          return ToFinding(rd_kafka_group_result_partitions(groups[0])->elems[0].err);
        });
    rd_kafka_AlterConsumerGroupOffsets_t* wanted =
        rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get());
    rd_kafka_AlterConsumerGroupOffsets(request->handle(), &wanted, 1, nullptr, request->queue());
    rd_kafka_AlterConsumerGroupOffsets_destroy(wanted);
    return request;
  });
}

void ClusterEdit::DeleteGroup(const std::string& group) {
  CHECK(Until([&] {
    const auto description =
        Answer<kafka::GroupDescription>(clock_, [&] { return admin_->DescribeGroup(group); });
    return description.members.empty();
  })) << group << " still has members";
  Answer<Done>(clock_, [&] { return admin_->DeleteGroup(group); });
}

void ClusterEdit::Grant(const std::string& user, const Access& access) {
  const auto client = NewClient(properties_);
  Answer<Done>(clock_, [&]() -> kafka::Admin::Reply<Done> {
    auto request =
        std::make_unique<AdminRequest<Done>>(client, [](rd_kafka_event_t& event, auto&) -> Finding {
          size_t count = 0;
          const auto** results =
              rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(&event), &count);
          CHECK(count == 1) << "an answer for another right";
          return ToFinding(rd_kafka_error_code(rd_kafka_acl_result_error(results[0])));
        });
    rd_kafka_AclBinding_t* binding = BindingOf(&rd_kafka_AclBinding_new, user, access);
    rd_kafka_CreateAcls(request->handle(), &binding, 1, nullptr, request->queue());
    rd_kafka_AclBinding_destroy(binding);
    return request;
  });
}

void ClusterEdit::TakeAway(const std::string& user, const Access& access) {
  const auto client = NewClient(properties_);
  Answer<Done>(clock_, [&]() -> kafka::Admin::Reply<Done> {
    auto request =
        std::make_unique<AdminRequest<Done>>(client, [](rd_kafka_event_t& event, auto&) -> Finding {
          size_t count = 0;
          const auto** responses = rd_kafka_DeleteAcls_result_responses(
              rd_kafka_event_DeleteAcls_result(&event), &count);
          CHECK(count == 1) << "an answer for another right";
          size_t gone = 0;
          rd_kafka_DeleteAcls_result_response_matching_acls(responses[0], &gone);
          CHECK(gone == 1) << "nobody had granted it";
          return ToFinding(
              rd_kafka_error_code(rd_kafka_DeleteAcls_result_response_error(responses[0])));
        });
    rd_kafka_AclBinding_t* filter = BindingOf(&rd_kafka_AclBindingFilter_new, user, access);
    rd_kafka_DeleteAcls(request->handle(), &filter, 1, nullptr, request->queue());
    rd_kafka_AclBinding_destroy(filter);
    return request;
  });
}

}  // namespace sidestream::integration
