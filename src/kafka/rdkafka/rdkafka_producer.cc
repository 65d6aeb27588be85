// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "kafka/rdkafka/rdkafka_group_metadata.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr Milliseconds kSlice{100};
// How long an operation goes on by itself before the caller hears kUnavailable and decides.
constexpr Milliseconds kPatience{5'000};
constexpr Milliseconds kAbortFlush{1'000};
// A late answer to a metadata request is lost, so on a slow cluster the slice must grow.
constexpr Milliseconds kMetadataSliceMax{1'000};
// The first answer may come from a connection that is dropped at once (engine-kafka4 D4).
constexpr int kMetadataRounds = 2;
// Room for what librdkafka adds to key and value when it compares with message.max.bytes.
constexpr size_t kRecordOverhead = 1024;
constexpr size_t kFixedArguments = 7;
constexpr size_t kInlineHeaders = 8;

MonotonicTime Now() { return std::chrono::steady_clock::now(); }

rd_kafka_resp_err_t OnRequestSent(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t,
                                  int32_t, size_t, void* opaque) {
  static_cast<Taint*>(opaque)->OnRequestSent(api_key);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnResponseReceived(rd_kafka_t*, int, const char*, int32_t, int16_t api_key,
                                       int16_t, int32_t, size_t, int64_t, rd_kafka_resp_err_t err,
                                       void* opaque) {
  static_cast<Taint*>(opaque)->OnResponse(api_key, err != RD_KAFKA_RESP_ERR_NO_ERROR);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

size_t MessageBytesMax(rd_kafka_t* handle) {
  char text[32];
  size_t size = sizeof(text);
  CHECK(rd_kafka_conf_get(rd_kafka_conf(handle), "message.max.bytes", text, &size) ==
        RD_KAFKA_CONF_OK)
      << "librdkafka has no message.max.bytes";
  return static_cast<size_t>(std::strtoull(text, nullptr, 10));
}

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

}  // namespace

Result<std::unique_ptr<Producer>> RdkafkaProducer::Make(const Properties& properties) {
  std::unique_ptr<RdkafkaProducer> producer(
      new RdkafkaProducer(properties.contains("transactional.id")));
  Client::Hooks hooks;
  // One delivery report for each record also makes a flush end at once instead of in steps of
  // 10 ms (engine.md D3).
  hooks.on_delivery = [self = producer.get()](const rd_kafka_message_t& message) {
    self->OnDelivery(message);
  };
  hooks.on_new = &RdkafkaProducer::OnNew;
  hooks.on_new_opaque = &producer->taint_;
  ASSIGN_OR_RETURN(producer->client_, Client::Make(RD_KAFKA_PRODUCER, properties, hooks));
  const size_t bytes_max = MessageBytesMax(producer->client_->get());
  producer->record_bytes_max_ = bytes_max - std::min(bytes_max, kRecordOverhead);
  return std::unique_ptr<Producer>(std::move(producer));
}

RdkafkaProducer::~RdkafkaProducer() = default;

rd_kafka_resp_err_t RdkafkaProducer::OnNew(rd_kafka_t* handle, const rd_kafka_conf_t* /*conf*/,
                                           void* opaque, char* /*text*/, size_t /*text_size*/) {
  rd_kafka_interceptor_add_on_request_sent(handle, "sidestream", &OnRequestSent, opaque);
  rd_kafka_interceptor_add_on_response_received(handle, "sidestream", &OnResponseReceived, opaque);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

TopicHandle RdkafkaProducer::RegisterTopic(std::string_view name) {
  const auto [found, added] =
      topic_index_.emplace(std::string(name), static_cast<int32_t>(topics_.size()));
  if (!added) return {found->second};
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client_->get());
  rd_kafka_topic_conf_set_opaque(conf,
                                 reinterpret_cast<void*>(static_cast<intptr_t>(found->second)));
  Topic topic{.name = std::string(name)};
  topic.object.reset(rd_kafka_topic_new(client_->get(), topic.name.c_str(), conf));
  CHECK(topic.object != nullptr) << "topic is refused: " << topic.name;
  topic.batcher = std::make_unique<RecordBatcher>(topic.object.get());
  topics_.push_back(std::move(topic));
  return {found->second};
}

void RdkafkaProducer::Start(Operation operation) {
  CHECK(operation_ == Operation::kNone) << "one operation at a time";
  operation_ = operation;
  deadline_ = Now() + kPatience;
}

void RdkafkaProducer::StartInit() {
  Start(Operation::kMetadata);
  metadata_rounds_ = 0;
  metadata_attempts_ = 0;
}

void RdkafkaProducer::StartFlush() { Start(Operation::kFlush); }

void RdkafkaProducer::StartSendOffsets(std::vector<CommittedOffset> offsets,
                                       std::shared_ptr<const GroupMetadata> membership,
                                       Milliseconds timeout) {
  Start(Operation::kSendOffsets);
  offsets_ = std::move(offsets);
  membership_ = std::move(membership);
  send_offsets_timeout_ = timeout;
}

void RdkafkaProducer::StartCommit() { Start(Operation::kCommit); }

void RdkafkaProducer::StartAbort() {
  Start(Operation::kAbortFlush);
  if (transactional_) {
    for (Topic& topic : topics_) in_flight_ -= static_cast<int64_t>(topic.batcher->Clear());
  }
  deadline_ = Now() + kAbortFlush;
}

Status RdkafkaProducer::Begin() {
  first_failure_.reset();
  if (!transactional_) return Status::Ok();
  const auto error = TakeFacts(rd_kafka_begin_transaction(client_->get()));
  if (error) return ProducerStatus(ProducerOperation::kBegin, *error);
  in_transaction_ = true;
  return Status::Ok();
}

Status RdkafkaProducer::Produce(const OutgoingRecord& record) {
  CHECK(record.topic.index >= 0 && static_cast<size_t>(record.topic.index) < topics_.size())
      << "a topic of another producer";
  Topic& topic = topics_[static_cast<size_t>(record.topic.index)];
  const size_t size = record.key.value_or("").size() + record.value.value_or("").size();
  const bool single = record.timestamp || !record.headers.empty() || !topic.known ||
                      size > record_bytes_max_ || (transactional_ && !in_transaction_);
  if (!single) {
    if (topic.batcher->full() && !FlushBatch(topic)) {
      return Status::Unavailable("the producer's queue is full");
    }
    topic.batcher->Add(record);
    ++in_flight_;
    return Status::Ok();
  }
  // Behind what was collected: order within a partition.
  if (!FlushBatch(topic)) return Status::Unavailable("the producer's queue is full");
  return ProduceSingle(record, topic);
}

Status RdkafkaProducer::ProduceSingle(const OutgoingRecord& record, Topic& topic) {
  std::array<rd_kafka_vu_t, kFixedArguments + kInlineHeaders> inline_arguments;
  std::vector<rd_kafka_vu_t> more_arguments;
  rd_kafka_vu_t* arguments = inline_arguments.data();
  if (record.headers.size() > kInlineHeaders) {
    more_arguments.resize(kFixedArguments + record.headers.size());
    arguments = more_arguments.data();
  }
  size_t count = 0;
  const auto next = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    arguments[count].vtype = type;
    return arguments[count++];
  };
  next(RD_KAFKA_VTYPE_RKT).u.rkt = topic.object.get();
  next(RD_KAFKA_VTYPE_PARTITION).u.i32 = record.partition;
  next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  if (record.value) {
    rd_kafka_vu_t& value = next(RD_KAFKA_VTYPE_VALUE);
    value.u.mem.ptr = const_cast<char*>(record.value->empty() ? "" : record.value->data());
    value.u.mem.size = record.value->size();
  }
  if (record.key) {
    rd_kafka_vu_t& key = next(RD_KAFKA_VTYPE_KEY);
    key.u.mem.ptr = const_cast<char*>(record.key->empty() ? "" : record.key->data());
    key.u.mem.size = record.key->size();
  }
  if (record.timestamp) next(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = record.timestamp->value();
  std::vector<std::string> names;  // the library wants terminated names
  names.reserve(record.headers.size());
  for (const Header& header : record.headers) {
    rd_kafka_vu_t& argument = next(RD_KAFKA_VTYPE_HEADER);
    argument.u.header.name = names.emplace_back(header.name).c_str();
    argument.u.header.val =
        header.value ? (header.value->empty() ? "" : header.value->data()) : nullptr;
    argument.u.header.size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
  }
  const auto error = TakeFacts(rd_kafka_produceva(client_->get(), arguments, count));
  if (error) return RefusalStatus(*error);
  ++in_flight_;
  return Status::Ok();
}

Status RdkafkaProducer::RefusalStatus(const ErrorFacts& error) {
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return Status::Unavailable("the producer's queue is full");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return Status::BadRecord("the record is larger than message.max.bytes: " + error.text);
    case RD_KAFKA_RESP_ERR__STATE:
      // The library says the same of a transaction that must be aborted and of none at all.
      if (in_transaction_) return Status::AbortRequired(error.text);
      return Status::Fatal("a record outside a transaction: " + error.text);
    case RD_KAFKA_RESP_ERR__FATAL: {
      char text[512];
      const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client_->get(), text, sizeof(text));
      return ProducerStatus(ProducerOperation::kCommit,
                            {.code = cause, .fatal = true, .text = text});
    }
    default:
      return DeliveryStatus(error.code);
  }
}

bool RdkafkaProducer::FlushBatch(Topic& topic) {
  const auto refused = [&](Partition partition, int code) {
    --in_flight_;
    NoteFailure(topic, partition, code);
  };
  if (topic.batcher->Flush(refused)) return true;
  // Reports that are in make room.
  rd_kafka_poll(client_->get(), 0);
  return topic.batcher->Flush(refused);
}

bool RdkafkaProducer::FlushBatches() {
  bool all = true;
  for (Topic& topic : topics_) all = FlushBatch(topic) && all;
  return all;
}

void RdkafkaProducer::OnDelivery(const rd_kafka_message_t& message) {
  --in_flight_;
  Topic& topic = topics_[static_cast<size_t>(
      reinterpret_cast<intptr_t>(rd_kafka_topic_opaque(message.rkt)))];
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    NoteFailure(topic, message.partition, message.err);
    return;
  }
  const auto partition = static_cast<size_t>(message.partition);
  if (topic.delivered_end.size() <= partition) topic.delivered_end.resize(partition + 1, -1);
  topic.delivered_end[partition] = std::max(topic.delivered_end[partition], message.offset + 1);
}

void RdkafkaProducer::NoteFailure(const Topic& topic, Partition partition, int code) {
  if (first_failure_) return;
  first_failure_ = DeliveryFailure{topic.name, partition, DeliveryStatus(code)};
}

std::optional<Offset> RdkafkaProducer::DeliveredEnd(TopicHandle topic, Partition partition) const {
  const std::vector<int64_t>& ends = topics_[static_cast<size_t>(topic.index)].delivered_end;
  const auto index = static_cast<size_t>(partition);
  if (index >= ends.size() || ends[index] < 0) return std::nullopt;
  return Offset(ends[index]);
}

std::optional<Status> RdkafkaProducer::Poll(Milliseconds wait) {
  const bool flushed = FlushBatches();
  const bool idle = operation_ == Operation::kNone;
  rd_kafka_poll(client_->get(), idle ? static_cast<int>(wait.count()) : 0);
  // Nothing may overtake records that still wait for room.
  if (idle || (!flushed && operation_ != Operation::kMetadata)) return std::nullopt;
  std::optional<Status> answer = Advance(wait);
  if (answer) operation_ = Operation::kNone;
  return answer;
}

std::optional<Status> RdkafkaProducer::Advance(Milliseconds wait) {
  switch (operation_) {
    case Operation::kNone:
      return std::nullopt;
    case Operation::kMetadata:
      return AdvanceMetadata();
    case Operation::kInit:
      return AdvanceInit();
    case Operation::kFlush:
      return AdvanceFlush(wait);
    case Operation::kSendOffsets:
      return AdvanceSendOffsets();
    case Operation::kCommit:
      return AdvanceEnd(ProducerOperation::kCommit);
    case Operation::kAbortFlush:
      return AdvanceAbortFlush();
    case Operation::kAbort:
      return AdvanceEnd(ProducerOperation::kAbort);
  }
  return std::nullopt;
}

std::optional<Status> RdkafkaProducer::AdvanceMetadata() {
  const Milliseconds slice = std::min(kSlice * (1 << std::min(metadata_attempts_, 4)),
                                      kMetadataSliceMax);
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t code = rd_kafka_metadata(client_->get(), 0 /* known topics */, nullptr,
                                                     &raw, static_cast<int>(slice.count()));
  const std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter> metadata(raw);
  if (IsConfigurationError(code)) {
    return Status::InvalidConfig(fmt::format("metadata: {}", rd_kafka_err2str(code)));
  }
  const bool complete = code == RD_KAFKA_RESP_ERR_NO_ERROR && HasAllMetadata(*metadata);
  metadata_rounds_ = complete ? metadata_rounds_ + 1 : 0;
  if (metadata_rounds_ >= kMetadataRounds) {
    operation_ = Operation::kInit;
    deadline_ = Now() + kPatience;
    return transactional_ ? std::nullopt : std::optional<Status>(Status::Ok());
  }
  if (complete) return std::nullopt;
  ++metadata_attempts_;
  const auto problem = client_->LastProblem();
  if (Now() < deadline_ && !(problem && problem->code() == StatusCode::kInvalidConfig)) {
    return std::nullopt;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      if (metadata->topics[i].err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
      return Status::Stopped(
          fmt::format("an output topic does not exist: topic={}", metadata->topics[i].topic));
    }
  }
  return client_->Explain(Status::Unavailable("metadata of the output topics is not complete"));
}

bool RdkafkaProducer::HasAllMetadata(const rd_kafka_metadata_t& metadata) {
  size_t complete = 0;
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
    const auto found = topic_index_.find(topic.topic);
    if (found == topic_index_.end() || topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const bool led = std::all_of(topic.partitions, topic.partitions + topic.partition_cnt,
                                 [](const auto& partition) { return partition.leader >= 0; });
    if (!led || topic.partition_cnt == 0) continue;
    topics_[static_cast<size_t>(found->second)].known = true;
    ++complete;
  }
  return complete == topics_.size();
}

std::optional<Status> RdkafkaProducer::SliceAnswer(ProducerOperation operation,
                                                   const std::optional<ErrorFacts>& error) {
  if (!error) return Status::Ok();
  Status status = ProducerStatus(operation, *error);
  if (status.code() != StatusCode::kUnavailable) return status;
  const auto problem = client_->LastProblem();
  if (problem && problem->code() == StatusCode::kInvalidConfig) return *problem;
  if (error->code == RD_KAFKA_RESP_ERR__TIMED_OUT && Now() < deadline_) return std::nullopt;
  return client_->Explain(std::move(status));
}

std::optional<Status> RdkafkaProducer::AdvanceInit() {
  const auto error = TakeFacts(
      rd_kafka_init_transactions(client_->get(), static_cast<int>(kSlice.count())));
  auto answer = SliceAnswer(ProducerOperation::kInit, error);
  if (answer && answer->ok()) taint_.OnInitialized();
  return answer;
}

std::optional<Status> RdkafkaProducer::AdvanceFlush(Milliseconds wait) {
  if (in_flight_ > 0) {
    rd_kafka_flush(client_->get(), static_cast<int>(std::min(wait, kSlice).count()));
  }
  if (in_flight_ > 0) return std::nullopt;
  return Status::Ok();
}

std::optional<Status> RdkafkaProducer::AdvanceSendOffsets() {
  if (!transactional_) return Status::Fatal("offsets in a transaction that there is not");
  if (membership_ == nullptr || !membership_->usable()) {
    // The broker would accept (-1, "") from anyone (engine-kafka4 B).
    return Status::TaskMigrated("offsets cannot be committed without a membership");
  }
  const PartitionList list = ToList(std::span<const CommittedOffset>(offsets_));
  const auto& membership = static_cast<const RdkafkaGroupMetadata&>(*membership_);
  taint_.OnSendOffsetsCalled();
  const auto error = TakeFacts(rd_kafka_send_offsets_to_transaction(
      client_->get(), list.get(), membership.get(),
      static_cast<int>(send_offsets_timeout_.count())));
  return error ? client_->Explain(ProducerStatus(ProducerOperation::kSendOffsets, *error))
               : Status::Ok();
}

std::optional<Status> RdkafkaProducer::AdvanceAbortFlush() {
  if (!transactional_) return Status::Ok();
  // An abort that overtakes the request that adds its partitions ends fatally (engine-kafka4 C5).
  if (in_flight_ > 0 && Now() < deadline_) {
    rd_kafka_flush(client_->get(), static_cast<int>(kSlice.count()));
    return std::nullopt;
  }
  operation_ = Operation::kAbort;
  deadline_ = Now() + kPatience;
  return std::nullopt;
}

std::optional<Status> RdkafkaProducer::AdvanceEnd(ProducerOperation operation) {
  if (!transactional_) return Status::Ok();
  const int slice = static_cast<int>(kSlice.count());
  rd_kafka_t* handle = client_->get();
  const auto error = TakeFacts(operation == ProducerOperation::kCommit
                                   ? rd_kafka_commit_transaction(handle, slice)
                                   : rd_kafka_abort_transaction(handle, slice));
  auto answer = SliceAnswer(operation, error);
  if (answer && answer->code() != StatusCode::kUnavailable) {
    if (answer->ok()) in_transaction_ = false;
    taint_.OnTransactionEnded();
  }
  return answer;
}

}  // namespace sidestream::kafka::rdkafka
