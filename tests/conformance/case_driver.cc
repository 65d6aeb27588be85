// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/conformance/case_driver.h"

#include <algorithm>

namespace sidestream::conformance {
namespace {

constexpr size_t kRecordsMax = 500;
constexpr Milliseconds kNoWait{0};
constexpr Milliseconds kSendOffsetsTimeout{10'000};

template <typename T>
T ValueOf(Result<T> result) {
  CHECK(result.ok()) << result.status();
  return std::move(result).value();
}

}  // namespace

kafka::Admin& TheAdmin() {
  static kafka::Admin* admin =
      ValueOf(TheEnvironment().cluster().NewAdmin("conformance-admin")).release();
  return *admin;
}

std::string NewTopicNamed(const std::string& prefix, int32_t partitions,
                          std::map<std::string, std::string> settings) {
  const std::string name = TheEnvironment().UniqueName(prefix);
  std::vector<kafka::NewTopic> topics = {
      {.name = name, .partitions = partitions, .settings = std::move(settings)}};
  const auto created = Await(TheAdmin().CreateTopics(topics));
  CHECK(created.ok()) << created.status();
  const bool visible = TheEnvironment().PumpUntil(
      [&] {
        const auto described = Await(TheAdmin().DescribeTopics({name}));
        return described.ok() && described->at(0).exists &&
               described->at(0).partitions == partitions;
      },
      kSoon);
  CHECK(visible) << "the topic did not become visible: " << name;
  return name;
}

Result<kafka::CommittedOffset> Committed(const std::string& group, const TopicPartition& partition,
                                         bool require_stable, Milliseconds limit) {
  Result<std::vector<kafka::CommittedOffset>> answer = Status::Unavailable("not asked");
  TheEnvironment().PumpUntil(
      [&] {
        answer = Await(TheAdmin().CommittedOffsets(group, {partition}, require_stable), limit);
        return answer.ok() || answer.status().code() != StatusCode::kUnavailable;
      },
      limit);
  if (!answer.ok()) return answer.status();
  return answer->at(0);
}

Offset OffsetOf(const TopicPartition& partition, kafka::OffsetSpec spec,
                kafka::IsolationLevel isolation) {
  Result<std::vector<kafka::PartitionOffset>> answer = Status::Unavailable("not asked");
  // A broker that has just made the partition may not lead it yet.
  TheEnvironment().PumpUntil(
      [&] {
        answer = Await(TheAdmin().ListOffsets({partition}, spec, isolation));
        return answer.ok() || answer.status().code() != StatusCode::kUnavailable;
      },
      kSoon);
  return ValueOf(std::move(answer)).at(0).offset;
}

ProducerDriver::ProducerDriver(const std::string& transactional_id,
                               Milliseconds transaction_timeout)
    : producer_(ValueOf(TheEnvironment().cluster().NewProducer(
          {.client_id = "conformance-producer",
           .transactional_id = transactional_id,
           .transaction_timeout = transaction_timeout}))) {}

Status ProducerDriver::Finish(const std::function<void()>& start, Milliseconds limit) {
  std::optional<Status> answer;
  start();
  TheEnvironment().PumpUntil(
      [&] {
        answer = producer_->Poll(kNoWait);
        if (!answer || answer->code() != StatusCode::kUnavailable) return answer.has_value();
        start();
        return false;
      },
      limit);
  return answer.value_or(Status::Unavailable("the operation did not end"));
}

Status ProducerDriver::Init() {
  initialized_ = true;
  return Finish([&] { producer_->StartInit(); });
}

Status ProducerDriver::Begin() {
  if (!initialized_) RETURN_IF_ERROR(Init());
  return producer_->Begin();
}

Status ProducerDriver::Produce(const TopicPartition& partition, const std::string& value) {
  const kafka::TopicHandle topic = producer_->RegisterTopic(partition.topic);
  if (!initialized_) RETURN_IF_ERROR(Init());
  return producer_->Produce(
      {.topic = topic, .partition = partition.partition, .key = value, .value = value});
}

Status ProducerDriver::Produce(const TopicPartition& partition, int count) {
  for (int i = 0; i < count; ++i) RETURN_IF_ERROR(Produce(partition, std::to_string(i)));
  return Flush();
}

Status ProducerDriver::Flush() {
  RETURN_IF_ERROR(Finish([&] { producer_->StartFlush(); }));
  if (producer_->first_failure()) return producer_->first_failure()->status;
  return Status::Ok();
}

Status ProducerDriver::SendOffsets(std::vector<kafka::CommittedOffset> offsets,
                                   std::shared_ptr<const kafka::GroupMetadata> membership) {
  return Finish([&] { producer_->StartSendOffsets(offsets, membership, kSendOffsetsTimeout); });
}

Status ProducerDriver::Commit() {
  return Finish([&] { producer_->StartCommit(); });
}

Status ProducerDriver::Abort() {
  return Finish([&] { producer_->StartAbort(); });
}

Status ProducerDriver::Transaction(const TopicPartition& partition, int count, bool commit) {
  producer_->RegisterTopic(partition.topic);
  RETURN_IF_ERROR(Begin());
  RETURN_IF_ERROR(Produce(partition, count));
  return commit ? Commit() : Abort();
}

MemberDriver::MemberDriver(MemberPlan plan)
    : plan_(std::move(plan)),
      consumer_(ValueOf(TheEnvironment().cluster().NewConsumer(
          {.group = plan_.group,
           .client_id = "conformance-member",
           .instance_id = plan_.instance_id,
           .strategy = plan_.strategy,
           .session_timeout = plan_.session_timeout,
           .heartbeat_interval = plan_.session_timeout / 10,
           .max_poll_interval = plan_.max_poll_interval}))),
      queue_(consumer_->NewQueue()) {
  if (plan_.topics.empty()) return;
  const Status subscribed = consumer_->Subscribe(plan_.topics);
  CHECK(subscribed.ok()) << subscribed;
}

void MemberDriver::Step() {
  StepEvents();
  StepQueue();
}

std::vector<Status> MemberDriver::lasting_errors() const {
  std::vector<Status> lasting = errors;
  std::erase_if(lasting,
                [](const Status& error) { return error.code() == StatusCode::kUnavailable; });
  return lasting;
}

void MemberDriver::StepEvents() {
  if (consumer_ == nullptr) return;
  if (auto event = consumer_->Poll(kNoWait)) {
    std::visit([&](auto& e) { On(std::move(e)); }, *event);
  }
}

void MemberDriver::StepQueue() {
  if (queue_ == nullptr) return;
  for (const auto& chunk : queue_->Poll(kRecordsMax, kNoWait)) {
    for (const kafka::Record& record : chunk->records()) {
      seen_[chunk->partition()].push_back(record.offset.value());
      next_[chunk->partition()] = record.offset + 1;
    }
    if (chunk->end_position()) {
      ends_[chunk->partition()] = *chunk->end_position();
      next_[chunk->partition()] = *chunk->end_position();
    }
  }
}

std::vector<TopicPartition> MemberDriver::WithExtras(
    const std::vector<TopicPartition>& partitions) const {
  std::vector<TopicPartition> all = partitions;
  for (const TopicPartition& partition : partitions) {
    if (partition.topic != plan_.topics.front()) continue;
    for (const std::string& extra : plan_.extras) all.push_back({extra, partition.partition});
  }
  return all;
}

void MemberDriver::On(kafka::Assigned event) {
  ++assigned_events;
  if (event.partitions.empty()) ++empty_assigned_events;
  CHECK(!held_assign_ && !held_revoke_) << "two unanswered rebalance events";
  held_assign_ = std::move(event);
  permit_ = consumer_->Membership();
  if (!hold_assigns_) AnswerAssign();
}

void MemberDriver::AnswerAssign() {
  const std::vector<TopicPartition> partitions = WithExtras(held_assign_->partitions);
  held_assign_.reset();
  std::vector<kafka::PartitionOffset> positions;
  for (const TopicPartition& partition : partitions) {
    positions.push_back({partition, next_.emplace(partition, Offset(0)).first->second});
    held_.insert(partition);
  }
  const Status answered = consumer_->CompleteAssign(positions);
  CHECK(answered.ok()) << answered;
  if (!positions.empty() && !hold_start_) consumer_->StartSeek(positions);
}

void MemberDriver::On(kafka::Revoking event) {
  ++revoking_events;
  if (event.lost) ++lost_events;
  last_revoked = event.partitions;
  CHECK(!held_assign_ && !held_revoke_) << "two unanswered rebalance events";
  held_revoke_ = std::move(event);
  permit_ = consumer_->Membership();
  if (!hold_revokes_) AnswerRevoke();
}

void MemberDriver::AnswerRevoke() {
  const std::vector<TopicPartition> partitions = WithExtras(held_revoke_->partitions);
  held_revoke_.reset();
  // What the queue still holds of them was read before the hand-over.
  StepQueue();
  for (const TopicPartition& partition : partitions) held_.erase(partition);
  const Status answered = consumer_->CompleteRevoke(partitions);
  CHECK(answered.ok()) << answered;
}

void MemberDriver::On(kafka::SeekDone event) {
  seeks.push_back(event);
  if (hold_start_ || !event.status.ok()) return;
  for (const TopicPartition& partition : event.partitions) {
    const Status forwarded = consumer_->Forward(partition, *queue_);
    CHECK(forwarded.ok()) << forwarded;
  }
  const Status resumed = consumer_->Resume(event.partitions);
  CHECK(resumed.ok()) << resumed;
}

Status MemberDriver::Commit(const TopicPartition& partition, int64_t offset,
                            const std::string& metadata) {
  const uint64_t token = next_token_++;
  consumer_->StartCommit(token, {{partition, Offset(offset), metadata}});
  const bool answered = StepUntil({this}, [&] { return commits.contains(token); });
  return answered ? commits[token] : Status::Unavailable("no answer to the commit");
}

bool MemberDriver::Close() {
  consumer_->StartClose();
  return StepUntil({this}, [&] { return consumer_->closed(); });
}

void MemberDriver::Vanish() {
  queue_.reset();
  consumer_.reset();
  held_.clear();
}

bool MemberDriver::HoldsAll(const std::string& topic, int32_t count) const {
  for (Partition partition = 0; partition < count; ++partition) {
    if (!Holds({topic, partition})) return false;
  }
  return true;
}

size_t MemberDriver::HeldOf(const std::string& topic) const {
  return static_cast<size_t>(std::count_if(held_.begin(), held_.end(), [&](const auto& partition) {
    return partition.topic == topic;
  }));
}

const std::vector<int64_t>& MemberDriver::Seen(const TopicPartition& partition) const {
  static const std::vector<int64_t> none;
  const auto found = seen_.find(partition);
  return found == seen_.end() ? none : found->second;
}

std::optional<Offset> MemberDriver::End(const TopicPartition& partition) const {
  const auto found = ends_.find(partition);
  if (found == ends_.end()) return std::nullopt;
  return found->second;
}

bool StepUntil(const std::vector<MemberDriver*>& members, const std::function<bool()>& done,
               Milliseconds limit) {
  const bool reached = TheEnvironment().PumpUntil(
      [&] {
        for (MemberDriver* member : members) member->Step();
        return done();
      },
      limit);
  // The round that gave one member its last event gave the others one too, perhaps an empty one.
  for (MemberDriver* member : members) member->Step();
  return reached;
}

ReaderDriver::ReaderDriver(const kafka::PartitionOffset& start)
    : partition(start.partition),
      reader_(ValueOf(TheEnvironment().cluster().NewLogReader("conformance-reader"))) {
  const Status assigned = reader_->Assign(start);
  CHECK(assigned.ok()) << assigned;
}

void ReaderDriver::Step() {
  const auto polled = reader_->Poll(kRecordsMax, kNoWait);
  if (!polled.ok()) {
    errors.push_back(polled.status());
    return;
  }
  for (const auto& chunk : *polled) {
    for (const kafka::Record& record : chunk->records()) {
      offsets.push_back(record.offset.value());
      values.emplace_back(record.value.value_or(""));
    }
    if (chunk->end_position()) ends.push_back(chunk->end_position()->value());
  }
}

Offset ReaderDriver::position() const { return reader_->Position(partition).value_or(Offset(-1)); }

Status ReaderDriver::ReadTo(Offset target, Milliseconds limit) {
  const bool reached = TheEnvironment().PumpUntil(
      [&] {
        Step();
        return position() >= target;
      },
      limit);
  if (reached) return Status::Ok();
  return errors.empty() ? Status::Unavailable("the position was not reached") : errors.back();
}

}  // namespace sidestream::conformance
