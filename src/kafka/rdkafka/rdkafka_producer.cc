// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_producer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
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
constexpr Milliseconds kHandOverSlice{2};

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

size_t NumberProperty(rd_kafka_t* handle, const char* name) {
  char text[32];
  size_t size = sizeof(text);
  CHECK(rd_kafka_conf_get(rd_kafka_conf(handle), name, text, &size) == RD_KAFKA_CONF_OK)
      << "librdkafka has no " << name;
  return static_cast<size_t>(std::strtoull(text, nullptr, 10));
}

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

}  // namespace

Result<std::unique_ptr<Producer>> RdkafkaProducer::Make(const Properties& properties,
                                                        std::function<bool()> may_send) {
  std::unique_ptr<RdkafkaProducer> producer(
      new RdkafkaProducer(properties.contains("transactional.id"), std::move(may_send)));
  Client::Hooks hooks;
  // One delivery report for each record also makes a flush end at once instead of in steps of
  // 10 ms (engine.md D3).
  hooks.on_delivery = [self = producer.get()](const rd_kafka_message_t& message) {
    self->OnDelivery(message);
  };
  hooks.on_new = &RdkafkaProducer::OnNew;
  hooks.on_new_opaque = &producer->taint_;
  ASSIGN_OR_RETURN(producer->client_, Client::Make(RD_KAFKA_PRODUCER, properties, hooks));
  rd_kafka_t* const handle = producer->client_->get();
  producer->record_bytes_max_ = NumberProperty(handle, "message.max.bytes");
  producer->batch_limits_ = {.bytes = NumberProperty(handle, "batch.size"),
                             .records = NumberProperty(handle, "batch.num.messages")};
  // As much may be in librdkafka's own queue.
  producer->waiting_bytes_max_ = NumberProperty(handle, "queue.buffering.max.kbytes") * 1024 / 2;
  return std::unique_ptr<Producer>(std::move(producer));
}

// The library wants its topics back before the client they belong to; the client's end may still
// report deliveries.
RdkafkaProducer::~RdkafkaProducer() {
  for (Topic& topic : topics_) topic.object.reset();
  client_.reset();
}

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
  if (transactional_) DropWaiting();
  deadline_ = Now() + kAbortFlush;
}

void RdkafkaProducer::DropWaiting() {
  for (const Waiting& waiting : waiting_) {
    TopicPartitionState& state = topics_[waiting.topic].partitions[waiting.partition];
    in_flight_ -= static_cast<int64_t>(state.sender.Clear());
    state.waiting = false;
  }
  waiting_.clear();
  waiting_bytes_ = 0;
}

Status RdkafkaProducer::Begin() {
  first_failure_.reset();
  failed_topics_.clear();
  if (!transactional_) return Status::Ok();
  const auto error = TakeFacts(rd_kafka_begin_transaction(client_->get()));
  if (error) return ProducerStatus(ProducerOperation::kBegin, *error);
  in_transaction_ = true;
  return Status::Ok();
}

RdkafkaProducer::TopicPartitionState& RdkafkaProducer::StateOf(size_t topic, size_t partition) {
  std::vector<TopicPartitionState>& partitions = topics_[topic].partitions;
  if (partitions.size() <= partition) partitions.resize(partition + 1);
  return partitions[partition];
}

Status RdkafkaProducer::Produce(const OutgoingRecord& record) {
  const auto topic = static_cast<size_t>(record.topic.index);
  CHECK(record.topic.index >= 0 && topic < topics_.size()) << "a topic of another producer";
  if (transactional_ && !in_transaction_) return Status::Fatal("a record outside a transaction");
  const size_t size = PartitionSender::SizeOf(record);
  if (size > record_bytes_max_) {
    return Status::BadRecord(fmt::format(
        "the record is larger than message.max.bytes: bytes={} message.max.bytes={}", size,
        record_bytes_max_));
  }
  if (waiting_bytes_ + size > waiting_bytes_max_ && waiting_bytes_ > 0) {
    HandOver();
    if (waiting_bytes_ + size > waiting_bytes_max_ && waiting_bytes_ > 0) {
      return Status::Unavailable("the producer's queue is full");
    }
  }
  const Waiting place{topic, static_cast<size_t>(record.partition)};
  TopicPartitionState& state = StateOf(place.topic, place.partition);
  state.sender.Add(record, size, batch_limits_);
  waiting_bytes_ += size;
  ++in_flight_;
  if (!std::exchange(state.waiting, true)) waiting_.push_back(place);
  if (state.sender.full()) HandOver(place);
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

void RdkafkaProducer::HandOver(const Waiting& waiting) {
  if (may_send_ && !may_send_()) return;
  Topic& topic = topics_[waiting.topic];
  const auto partition = static_cast<Partition>(waiting.partition);
  waiting_bytes_ -= topic.partitions[waiting.partition].sender.HandOver(
      {client_->get(), topic.object.get(), partition, topic.known}, [&](const ErrorFacts& error) {
        --in_flight_;
        NoteFailure(topic, partition, RefusalStatus(error));
      });
}

void RdkafkaProducer::HandOver() {
  std::erase_if(waiting_, [this](const Waiting& waiting) {
    HandOver(waiting);
    TopicPartitionState& state = topics_[waiting.topic].partitions[waiting.partition];
    state.waiting = !state.sender.empty();
    return !state.waiting;
  });
}

void RdkafkaProducer::OnDelivery(const rd_kafka_message_t& message) {
  --in_flight_;
  const auto index = static_cast<size_t>(
      reinterpret_cast<intptr_t>(rd_kafka_topic_opaque(message.rkt)));
  TopicPartitionState& state = StateOf(index, static_cast<size_t>(message.partition));
  state.sender.OnReport();
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return NoteFailure(topics_[index], message.partition, DeliveryStatus(message.err));
  }
  state.delivered_end = std::max(state.delivered_end, message.offset + 1);
}

void RdkafkaProducer::NoteFailure(const Topic& topic, Partition partition, Status status) {
  failed_topics_.insert(topic.name);
  if (first_failure_) return;
  first_failure_ = DeliveryFailure{topic.name, partition, std::move(status)};
}

std::optional<Offset> RdkafkaProducer::DeliveredEnd(TopicHandle topic, Partition partition) const {
  const auto& partitions = topics_[static_cast<size_t>(topic.index)].partitions;
  const auto index = static_cast<size_t>(partition);
  if (index >= partitions.size() || partitions[index].delivered_end < 0) return std::nullopt;
  return Offset(partitions[index].delivered_end);
}

std::optional<Status> RdkafkaProducer::Poll(Milliseconds wait) {
  HandOver();
  // Nothing of a transaction's end may overtake records that wait for those before them.
  const bool ends = operation_ == Operation::kSendOffsets || operation_ == Operation::kCommit;
  const bool idle = operation_ == Operation::kNone || (ends && !waiting_.empty());
  // The connections of a producer at rest are closed (settings.h).
  client_->SetWanted(in_flight_ > 0 || operation_ != Operation::kNone);
  rd_kafka_poll(client_->get(), idle ? static_cast<int>(wait.count()) : 0);
  // Their reports may have made way.
  HandOver();
  if (idle) return std::nullopt;
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
  for (int i = 0; metadata && i < metadata->topic_cnt; ++i) {
    if (!IsConfigurationError(metadata->topics[i].err)) continue;
    return Status::InvalidConfig(fmt::format("an output topic may not be seen: {}: topic={}",
                                             rd_kafka_err2str(metadata->topics[i].err),
                                             metadata->topics[i].topic));
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
  if (answer && answer->ok()) {
    taint_.OnInitialized();
    rebootstraps_ = client_->rebootstraps();
  }
  return answer;
}

std::optional<Status> RdkafkaProducer::AdvanceFlush(Milliseconds wait) {
  if (in_flight_ == 0) return FlushAnswer();
  // What waits for one partition's report must not wait for those of all.
  const Milliseconds slice = std::min(wait, waiting_.empty() ? kSlice : kHandOverSlice);
  rd_kafka_flush(client_->get(), static_cast<int>(slice.count()));
  HandOver();
  if (in_flight_ > 0) return std::nullopt;
  return FlushAnswer();
}

/// A transaction that failed purges the library's queue: the deliveries tell that, not the reason.
Status RdkafkaProducer::FlushAnswer() {
  if (!in_transaction_ || !first_failure_ ||
      first_failure_->status.code() != StatusCode::kAbortRequired) {
    return Status::Ok();
  }
  // Refused within a transaction, without effect, and the refusal tells why the transaction failed.
  const auto error = TakeFacts(rd_kafka_begin_transaction(client_->get()));
  if (!error || !IsConfigurationError(error->code)) return Status::Ok();
  Status denied = ProducerStatus(ProducerOperation::kCommit, *error)
                      .WithContext(fmt::format("a transaction may not be written, topic={}",
                                               fmt::join(failed_topics_, " or ")));
  const bool one_topic = error->code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED &&
                         failed_topics_.size() == 1;
  if (!one_topic) return denied;
  // Known for sure which topic it is: as a refused delivery it meets the step's policy.
  first_failure_->status = std::move(denied);
  return Status::Ok();
}

std::optional<Status> RdkafkaProducer::AdvanceSendOffsets() {
  if (!transactional_) return Status::Fatal("offsets in a transaction that there is not");
  if (membership_ == nullptr || !membership_->usable()) {
    // The broker would accept (-1, "") from anyone (engine-kafka4 B).
    return Status::TaskMigrated("offsets cannot be committed without a membership");
  }
  // The library would wait for the group's coordinator as it was before all nodes were lost.
  if (LostAllNodes()) return Status::AbortRequired("all nodes were lost meanwhile");
  const PartitionList list = ToList(std::span<const CommittedOffset>(offsets_));
  const auto& membership = static_cast<const RdkafkaGroupMetadata&>(*membership_);
  taint_.OnSendOffsetsCalled();
  const auto error = TakeFacts(rd_kafka_send_offsets_to_transaction(
      client_->get(), list.get(), membership.get(),
      static_cast<int>(send_offsets_timeout_.count())));
  return error ? client_->Explain(ProducerStatus(ProducerOperation::kSendOffsets, *error))
               : Status::Ok();
}

bool RdkafkaProducer::tainted() const {
  return transactional_ && (taint_.tainted() || LostAllNodes());
}

bool RdkafkaProducer::LostAllNodes() const { return client_->rebootstraps() > rebootstraps_; }

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
