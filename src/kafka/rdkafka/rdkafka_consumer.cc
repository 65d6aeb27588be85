// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/log.h"
#include "kafka/rdkafka/rdkafka_group_metadata.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr Milliseconds kSeekSlice{100};
// A partition that has not started yet answers at once; this is how often it is asked.
constexpr Milliseconds kSeekRetry{5};
constexpr Milliseconds kSeekPatience{30'000};
constexpr size_t kPartitionErrorsMax = 1'000;

std::vector<TopicPartition> ToPartitions(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  if (list == nullptr) return partitions;
  partitions.reserve(static_cast<size_t>(list->cnt));
  for (int i = 0; i < list->cnt; ++i) partitions.push_back(ToTopicPartition(list->elems[i]));
  return partitions;
}

// Pause and resume answer by partition only.
Status FirstPartitionError(const PartitionList& list, std::string_view what) {
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return Status::Fatal(fmt::format("{} failed: partition={} error={}", what,
                                       ToString(ToTopicPartition(element)),
                                       rd_kafka_err2str(element.err)));
    }
  }
  return Status::Ok();
}

Status FromError(rd_kafka_error_t* error, std::string_view what) {
  const std::optional<ErrorFacts> facts = TakeFacts(error);
  if (!facts) return Status::Ok();
  return Status::Fatal(fmt::format("{} failed: {}", what, facts->text));
}

rd_kafka_resp_err_t OnRequestSent(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t,
                                  int32_t, size_t, void* opaque) {
  static_cast<SessionLease*>(opaque)->OnRequestSent(api_key, std::chrono::steady_clock::now());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnResponseReceived(rd_kafka_t*, int, const char*, int32_t, int16_t api_key,
                                       int16_t, int32_t, size_t, int64_t, rd_kafka_resp_err_t err,
                                       void* opaque) {
  static_cast<SessionLease*>(opaque)->OnResponse(api_key, err != RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 std::chrono::steady_clock::now());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t OnNew(rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
  rd_kafka_interceptor_add_on_request_sent(handle, "sidestream", &OnRequestSent, opaque);
  rd_kafka_interceptor_add_on_response_received(handle, "sidestream", &OnResponseReceived, opaque);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

Status FromCode(rd_kafka_resp_err_t code, std::string_view what) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::Ok();
  return Status::Fatal(fmt::format("{} failed: {}", what, rd_kafka_err2str(code)));
}

}  // namespace

void PartitionErrors::Add(Status status) {
  std::lock_guard lock(mutex_);
  // What does not fit repeats, or its first occurrence has ended the member.
  if (errors_.size() < kPartitionErrorsMax) errors_.push_back(std::move(status));
}

std::optional<Status> PartitionErrors::Take() {
  std::lock_guard lock(mutex_);
  if (errors_.empty()) return std::nullopt;
  Status status = std::move(errors_.front());
  errors_.pop_front();
  return status;
}

RdkafkaFetchQueue::RdkafkaFetchQueue(std::shared_ptr<Client> client,
                                     std::shared_ptr<PartitionErrors> errors)
    : client_(std::move(client)),
      errors_(std::move(errors)),
      queue_(rd_kafka_queue_new(client_->get())),
      reader_(queue_.get()) {}

std::vector<std::unique_ptr<RecordChunk>> RdkafkaFetchQueue::Poll(size_t records_max,
                                                                  Milliseconds wait) {
  Batch batch = reader_.Take(records_max, wait);
  for (const QueueError& error : batch.errors) {
    errors_->Add(ConsumerStatus({.code = error.code,
                                 .text = fmt::format("{}: partition={} offset={}", error.text,
                                                     ToString(error.partition),
                                                     error.offset.value())}));
  }
  return std::move(batch.chunks);
}

Result<std::unique_ptr<Consumer>> RdkafkaConsumer::Make(const Properties& properties,
                                                        Milliseconds session_timeout) {
  const auto lease = std::make_shared<SessionLease>(session_timeout);
  Client::Hooks hooks;
  hooks.on_new = &OnNew;
  hooks.on_new_opaque = lease.get();
  hooks.kept = lease;
  hooks.events = RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT | RD_KAFKA_EVENT_ERROR;
  ASSIGN_OR_RETURN(std::shared_ptr<Client> client,
                   Client::Make(RD_KAFKA_CONSUMER, properties, hooks));
  // One queue for everything: events of the client come with those of the group.
  RETURN_IF_ERROR(FromCode(rd_kafka_poll_set_consumer(client->get()), "joining the queues"));
  return std::unique_ptr<Consumer>(std::make_unique<RdkafkaConsumer>(std::move(client), lease));
}

RdkafkaConsumer::RdkafkaConsumer(std::shared_ptr<Client> client,
                                 std::shared_ptr<const SessionLease> lease)
    : client_(std::move(client)),
      lease_(std::move(lease)),
      partition_errors_(std::make_shared<PartitionErrors>()),
      queue_(rd_kafka_queue_get_consumer(client_->get())) {}

RdkafkaConsumer::~RdkafkaConsumer() {
  if (closed()) return;
  // rd_kafka_destroy() waits for ever while a rebalance event has no answer, one that nobody has
  // polled included (seen with 2.14.2).
  const auto is_rebalance = [](const Event& event) {
    return rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE;
  };
  if (rebalance_unanswered_ || !held_rebalances_.empty()) Release();
  for (Event event(rd_kafka_queue_poll(queue_.get(), 0)); event != nullptr;
       event.reset(rd_kafka_queue_poll(queue_.get(), 0))) {
    if (is_rebalance(event)) Release();
  }
}

void RdkafkaConsumer::Release() {
  // Either call fits one of the two kinds of event and is refused, without harm, by the other.
  if (Cooperative()) {
    const PartitionList none = NewPartitionList(0);
    const Error assigned(rd_kafka_incremental_assign(client_->get(), none.get()));
    rd_kafka_topic_partition_list_t* held = nullptr;
    rd_kafka_assignment(client_->get(), &held);
    const PartitionList list(held);
    const Error unassigned(rd_kafka_incremental_unassign(client_->get(), list.get()));
  } else {
    rd_kafka_assign(client_->get(), nullptr);
  }
}

Status RdkafkaConsumer::Subscribe(std::span<const std::string> topics) {
  PartitionList list = NewPartitionList(topics.size());
  for (const std::string& topic : topics) Add(list, {topic, RD_KAFKA_PARTITION_UA});
  // The library ignores a subscription that changes nothing; leaving it first makes it join again.
  std::vector<std::string> wanted(topics.begin(), topics.end());
  if (wanted == subscribed_) {
    RETURN_IF_ERROR(FromCode(rd_kafka_unsubscribe(client_->get()), "unsubscribe"));
  }
  subscribed_ = std::move(wanted);
  return FromCode(rd_kafka_subscribe(client_->get(), list.get()), "subscribe");
}

std::optional<ConsumerEvent> RdkafkaConsumer::Poll(Milliseconds wait) {
  if (auto event = TakeReady()) return event;
  if (!seeks_.empty()) {
    AdvanceSeek();
    if (auto event = TakeReady()) return event;
    wait = std::min(wait, kSeekRetry);
  }
  const Event event(rd_kafka_queue_poll(queue_.get(), static_cast<int>(wait.count())));
  if (event != nullptr) {
    if (auto translated = Translate(*event)) return translated;
  }
  return TakeReady();
}

std::optional<ConsumerEvent> RdkafkaConsumer::TakeReady() {
  if (!rebalance_unanswered_ && !held_rebalances_.empty()) {
    ConsumerEvent event = std::move(held_rebalances_.front());
    held_rebalances_.pop_front();
    rebalance_unanswered_ = true;
    return event;
  }
  if (!ready_.empty()) {
    ConsumerEvent event = std::move(ready_.front());
    ready_.pop_front();
    return event;
  }
  if (auto error = partition_errors_->Take()) return ConsumerError{std::move(*error)};
  return std::nullopt;
}

std::optional<ConsumerEvent> RdkafkaConsumer::Translate(rd_kafka_event_t& event) {
  switch (rd_kafka_event_type(&event)) {
    case RD_KAFKA_EVENT_REBALANCE:
      held_rebalances_.push_back(TranslateRebalance(event));
      return TakeReady();
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      return TranslateCommit(event);
    case RD_KAFKA_EVENT_ERROR:
      return TranslateError(event);
    case RD_KAFKA_EVENT_FETCH:
      // Nobody would see these records again: their positions have moved past them.
      return ConsumerError{Status::Fatal(
          "records came to the member instead of a worker: resumed before it was forwarded")};
    default:
      return std::nullopt;
  }
}

ConsumerEvent RdkafkaConsumer::TranslateRebalance(rd_kafka_event_t& event) {
  std::vector<TopicPartition> partitions =
      ToPartitions(rd_kafka_event_topic_partition_list(&event));
  if (rd_kafka_event_error(&event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    return Assigned{std::move(partitions)};
  }
  return Revoking{std::move(partitions), AssignmentLost()};
}

std::optional<ConsumerEvent> RdkafkaConsumer::TranslateError(rd_kafka_event_t& event) {
  ErrorFacts error{.code = rd_kafka_event_error(&event),
                   .text = rd_kafka_event_error_string(&event)};
  if (error.code == RD_KAFKA_RESP_ERR__PARTITION_EOF) return std::nullopt;
  if (const std::unique_ptr<rd_kafka_topic_partition_t, Deleter<rd_kafka_topic_partition_destroy>>
          partition(rd_kafka_event_topic_partition(&event));
      partition != nullptr) {
    error.text += fmt::format(": partition={} offset={}", ToString(ToTopicPartition(*partition)),
                              partition->offset);
  }
  if (rd_kafka_event_error_is_fatal(&event) != 0 || error.code == RD_KAFKA_RESP_ERR__FATAL) {
    char text[512];
    const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client_->get(), text, sizeof(text));
    if (cause != RD_KAFKA_RESP_ERR_NO_ERROR) error = {.code = cause, .text = text};
    error.fatal = true;
  }
  client_->NoteProblem(error);
  return ConsumerError{ConsumerStatus(error)};
}

ConsumerEvent RdkafkaConsumer::TranslateCommit(rd_kafka_event_t& event) {
  int code = rd_kafka_event_error(&event);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(&event);
  for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && list != nullptr && i < list->cnt; ++i) {
    code = list->elems[i].err;
  }
  const auto token = reinterpret_cast<uintptr_t>(rd_kafka_event_opaque(&event));
  return CommitDone{static_cast<uint64_t>(token), CommitStatus(code)};
}

bool RdkafkaConsumer::Cooperative() const {
  const char* protocol = rd_kafka_rebalance_protocol(client_->get());
  return protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0;
}

// The library knows no protocol any more when its part in the group has ended, which at the end of
// a close may be before we answer its last event.
bool RdkafkaConsumer::GroupEnded() const {
  return rd_kafka_rebalance_protocol(client_->get()) == nullptr;
}

Status RdkafkaConsumer::CompleteAssign(std::span<const PartitionOffset> positions) {
  const PartitionList list = ToList(positions);
  // A fetch may go out before the pause below takes hold, so the number must be one that the log
  // has. A logical offset is no way out: its late answer undoes the seek (seen: gaps).
  for (const PartitionOffset& position : positions) unsought_.insert(position.partition);
  rebalance_unanswered_ = false;
  if (GroupEnded()) return Status::Ok();
  if (Cooperative()) {
    RETURN_IF_ERROR(
        FromError(rd_kafka_incremental_assign(client_->get(), list.get()), "incremental assign"));
  } else {
    RETURN_IF_ERROR(FromCode(rd_kafka_assign(client_->get(), list.get()), "assign"));
  }
  if (positions.empty()) return Status::Ok();
  // Before the next poll: what was fetched in between is outdated by the pause.
  rd_kafka_pause_partitions(client_->get(), list.get());
  // A close may take them away meanwhile.
  return closing_ ? Status::Ok() : FirstPartitionError(list, "pause after assign");
}

Status RdkafkaConsumer::CompleteRevoke(std::span<const TopicPartition> partitions) {
  rebalance_unanswered_ = false;
  for (Seek& seek : seeks_) {
    const auto revoked = [&](const TopicPartition& partition) {
      return std::find(partitions.begin(), partitions.end(), partition) != partitions.end();
    };
    std::erase_if(seek.partitions, revoked);
    std::erase_if(seek.waiting, [&](const PartitionOffset& p) { return revoked(p.partition); });
  }
  std::erase_if(seeks_, [](const Seek& seek) { return seek.partitions.empty(); });
  if (GroupEnded()) return Status::Ok();
  if (!Cooperative()) {
    return FromCode(rd_kafka_assign(client_->get(), nullptr), "unassign");
  }
  const PartitionList list = ToList(partitions);
  return FromError(rd_kafka_incremental_unassign(client_->get(), list.get()),
                   "incremental unassign");
}

void RdkafkaConsumer::StartSeek(std::span<const PartitionOffset> positions) {
  Seek seek{.waiting = {positions.begin(), positions.end()},
            .deadline = std::chrono::steady_clock::now() + kSeekPatience};
  for (const PartitionOffset& position : positions) seek.partitions.push_back(position.partition);
  seeks_.push_back(std::move(seek));
}

void RdkafkaConsumer::AdvanceSeek() {
  Seek& seek = seeks_.front();
  Status status;
  if (!seek.waiting.empty()) {
    const PartitionList list = ToList(seek.waiting);
    // A time-out leaves its partitions IN_PROGRESS; a second seek answers behind the first.
    const Error error(
        rd_kafka_seek_partitions(client_->get(), list.get(), static_cast<int>(kSeekSlice.count())));
    std::vector<PartitionOffset> waiting;
    for (int i = 0; i < list->cnt; ++i) {
      const rd_kafka_topic_partition_t& element = list->elems[i];
      if (element.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      waiting.push_back({ToTopicPartition(element), Offset(element.offset)});
      if (element.err == RD_KAFKA_RESP_ERR__INVALID_ARG) {
        status = Status::Fatal(fmt::format("seek is refused: partition={} offset={}",
                                           ToString(ToTopicPartition(element)), element.offset));
      } else if (std::chrono::steady_clock::now() >= seek.deadline) {
        status = Status::Unavailable(fmt::format("seek has no answer: partition={} error={}",
                                                 ToString(ToTopicPartition(element)),
                                                 rd_kafka_err2name(element.err)));
      }
    }
    seek.waiting = std::move(waiting);
  }
  if (!seek.waiting.empty() && status.ok()) return;
  if (status.ok()) {
    for (const TopicPartition& partition : seek.partitions) unsought_.erase(partition);
  }
  ready_.push_back(SeekDone{std::move(seek.partitions), std::move(status)});
  seeks_.pop_front();
}

Status RdkafkaConsumer::Forward(const TopicPartition& partition, FetchQueue& queue) {
  if (unsought_.contains(partition)) {
    return Status::Fatal(fmt::format("forward before the seek has answered: partition={}",
                                     ToString(partition)));
  }
  auto& target = static_cast<RdkafkaFetchQueue&>(queue);
  const Queue source(rd_kafka_queue_get_partition(client_->get(), partition.topic.c_str(),
                                                  partition.partition));
  if (source == nullptr) {
    return Status::Fatal(fmt::format("forward of a partition that is not held: partition={}",
                                     ToString(partition)));
  }
  rd_kafka_queue_forward(source.get(), target.get());
  return Status::Ok();
}

Status RdkafkaConsumer::Pause(std::span<const TopicPartition> partitions) {
  const PartitionList list = ToList(partitions);
  rd_kafka_pause_partitions(client_->get(), list.get());
  return FirstPartitionError(list, "pause");
}

Status RdkafkaConsumer::Resume(std::span<const TopicPartition> partitions) {
  const PartitionList list = ToList(partitions);
  rd_kafka_resume_partitions(client_->get(), list.get());
  RETURN_IF_ERROR(FirstPartitionError(list, "resume"));
  WakeFetchers(list);
  return Status::Ok();
}

// A broker thread that has nothing to fetch sleeps up to a second, and a resume does not wake it
// (R34); a request to its broker does. The answer comes as an event that nobody needs.
void RdkafkaConsumer::WakeFetchers(const PartitionList& list) {
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = RD_KAFKA_OFFSET_SPEC_LATEST;
  rd_kafka_ListOffsets(client_->get(), list.get(), nullptr, queue_.get());
}

std::unique_ptr<FetchQueue> RdkafkaConsumer::NewQueue() {
  return std::make_unique<RdkafkaFetchQueue>(client_, partition_errors_);
}

std::shared_ptr<const GroupMetadata> RdkafkaConsumer::Membership() {
  rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata(client_->get());
  if (metadata == nullptr) return nullptr;
  return std::make_shared<RdkafkaGroupMetadata>(metadata);
}

bool RdkafkaConsumer::AssignmentLost() const {
  return rd_kafka_assignment_lost(client_->get()) != 0;
}

MonotonicTime RdkafkaConsumer::HeldUntil() const { return lease_->held_until(); }

void RdkafkaConsumer::StartCommit(uint64_t token, std::vector<CommittedOffset> offsets) {
  // The library would send what it has, and to an empty group (-1, "") is a simple consumer whose
  // commit the broker accepts.
  const std::shared_ptr<const GroupMetadata> membership = Membership();
  if (membership == nullptr || !membership->usable() || AssignmentLost()) {
    ready_.push_back(CommitDone{
        token, Status::TaskMigrated("offsets cannot be committed without a membership")});
    return;
  }
  const PartitionList list = ToList(std::span<const CommittedOffset>(offsets));
  const rd_kafka_resp_err_t code =
      rd_kafka_commit_queue(client_->get(), list.get(), queue_.get(), nullptr,
                            reinterpret_cast<void*>(static_cast<uintptr_t>(token)));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) ready_.push_back(CommitDone{token, CommitStatus(code)});
}

std::optional<Offset> RdkafkaConsumer::HighWatermark(const TopicPartition& partition) const {
  int64_t low = RD_KAFKA_OFFSET_INVALID;
  int64_t high = RD_KAFKA_OFFSET_INVALID;
  if (rd_kafka_get_watermark_offsets(client_->get(), partition.topic.c_str(), partition.partition,
                                     &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      high < 0) {
    return std::nullopt;
  }
  return Offset(high);
}

void RdkafkaConsumer::StartClose() {
  if (closing_) return;
  closing_ = true;
  // The library leads the group's queue into this one, and polling the former follows.
  close_queue_.reset(rd_kafka_queue_new(client_->get()));
  if (auto facts = TakeFacts(rd_kafka_consumer_close_queue(client_->get(), close_queue_.get()))) {
    log::Warning("kafka", "the consumer does not close in order: {}", facts->text);
  }
}

bool RdkafkaConsumer::closed() const {
  if (!closing_) return false;
  // After a fatal error the library refuses to close; there is no membership left to give up.
  return rd_kafka_consumer_closed(client_->get()) != 0 ||
         rd_kafka_fatal_error(client_->get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace sidestream::kafka::rdkafka
