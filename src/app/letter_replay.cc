// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/letter_replay.h"

#include <utility>
#include <variant>

#include "base/overloaded.h"

namespace sidestream::app {
namespace {

constexpr Milliseconds kTransactionTimeout{60'000};
constexpr Milliseconds kPoll{20};
constexpr Milliseconds kPause{1};

std::optional<std::string_view> View(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(std::string_view(*bytes)) : std::nullopt;
}

}  // namespace

std::string ReplayGroup(const std::string& application) { return application + "-dlq-replay"; }

LetterReplay::~LetterReplay() { Leave(); }

Result<std::unique_ptr<LetterReplay>> LetterReplay::Join(kafka::Cluster& cluster,
                                                         const std::string& application,
                                                         const std::string& letters,
                                                         Waiting& waiting,
                                                         const Patience& patience) {
  std::unique_ptr<LetterReplay> replay(new LetterReplay(waiting, patience));
  const std::string name = ReplayGroup(application);
  ASSIGN_OR_RETURN(replay->member_,
                   cluster.NewConsumer({.group = name, .client_id = name, .instance_id = ""}));
  RETURN_IF_ERROR(replay->JoinGroup(letters));
  kafka::ProducerOptions options;
  options.client_id = name;
  options.transactional_id = name;
  options.transaction_timeout = kTransactionTimeout;
  ASSIGN_OR_RETURN(replay->producer_, cluster.NewProducer(options));
  RETURN_IF_ERROR(replay->Finish([&] { replay->producer_->StartInit(); }));
  return replay;
}

Status LetterReplay::JoinGroup(const std::string& letters) {
  const std::vector<std::string> topics{letters};
  RETURN_IF_ERROR(member_->Subscribe(topics));
  const MonotonicTime deadline = waiting_.clock().Now() + patience_.total;
  while (!assigned_ || member_->Membership() == nullptr) {
    RETURN_IF_ERROR(PollMember());
    if (waiting_.stopping()) return Status::Unavailable("interrupted");
    if (waiting_.clock().Now() >= deadline) {
      return Status::Unavailable(
          "the cluster does not answer: wanted=a place in the group of the "
          "replays");
    }
    waiting_.Pass(kPause);
  }
  return Status::Ok();
}

Status LetterReplay::PollMember() {
  std::optional<kafka::ConsumerEvent> event = member_->Poll(Milliseconds(0));
  if (!event) return Status::Ok();
  return std::visit(
      Overloaded{
          [this](const kafka::Assigned& given) {
            for (const TopicPartition& partition : given.partitions) {
              partitions_.push_back(partition);
            }
            assigned_ = true;
            // Nothing is fetched through the group: the partitions stay paused.
            std::vector<kafka::PartitionOffset> positions;
            for (const TopicPartition& partition : given.partitions) {
              positions.push_back({partition, Offset(0)});
            }
            return member_->CompleteAssign(positions);
          },
          [this](const kafka::Revoking& taken) {
            RETURN_IF_ERROR(member_->CompleteRevoke(taken.partitions));
            return Status::TaskMigrated("another replay of the same letters has begun");
          },
          [](const kafka::ConsumerError& error) {
            return error.status.code() == StatusCode::kUnavailable ? Status::Ok() : error.status;
          },
          [](const auto&) { return Status::Ok(); },
      },
      *event);
}

Status LetterReplay::Finish(const std::function<void()>& start) {
  const MonotonicTime deadline = waiting_.clock().Now() + patience_.total;
  start();
  for (;;) {
    const std::optional<Status> answer = producer_->Poll(kPoll);
    const bool late = waiting_.clock().Now() >= deadline;
    if (answer && (answer->code() != StatusCode::kUnavailable || late)) return *answer;
    if (late) return Status::Unavailable("the cluster does not answer in time");
    if (answer) start();
    RETURN_IF_ERROR(PollMember());
    waiting_.Pass(kPause);
  }
}

Status LetterReplay::Send(const PutBack& put_back) {
  auto topic = topics_.find(put_back.to.topic);
  if (topic == topics_.end()) {
    const kafka::TopicHandle handle = producer_->RegisterTopic(put_back.to.topic);
    topic = topics_.emplace(put_back.to.topic, handle).first;
  }
  std::vector<Header> headers;
  for (const auto& [name, value] : put_back.record.headers) headers.push_back({name, View(value)});
  const MonotonicTime deadline = waiting_.clock().Now() + patience_.total;
  for (;;) {
    const Status sent = producer_->Produce({.topic = topic->second,
                                            .partition = put_back.to.partition,
                                            .key = View(put_back.record.key),
                                            .value = View(put_back.record.value),
                                            .timestamp = put_back.record.timestamp,
                                            .headers = headers});
    if (sent.code() != StatusCode::kUnavailable) return sent;
    if (waiting_.clock().Now() >= deadline) return sent;
    producer_->Poll(kPoll);
    waiting_.Pass(kPause);
  }
}

Status LetterReplay::Commit(std::span<const PutBack> records,
                            std::vector<kafka::CommittedOffset> positions) {
  RETURN_IF_ERROR(producer_->Begin());
  const Status committed = CommitOpen(records, positions);
  switch (committed.code()) {
    case StatusCode::kOk:
      return committed;
    case StatusCode::kUnknownOutcome:
      return committed.WithContext(
          "it is not known whether the last letters were put back; run it "
          "again, what was put back is remembered");
    default:
      // The next replay ends the transaction if this fails.
      (void)Finish([this] { producer_->StartAbort(); });
      return committed;
  }
}

Status LetterReplay::CommitOpen(std::span<const PutBack> records,
                                const std::vector<kafka::CommittedOffset>& positions) {
  for (const PutBack& record : records) RETURN_IF_ERROR(Send(record));
  RETURN_IF_ERROR(Finish([this] { producer_->StartFlush(); }));
  if (const auto& failure = producer_->first_failure()) {
    return failure->status.WithContext(
        "the source does not take a record back: topic=" + failure->topic +
        " partition=" + std::to_string(failure->partition));
  }
  RETURN_IF_ERROR(PollMember());
  const std::shared_ptr<const kafka::GroupMetadata> membership = member_->Membership();
  if (membership == nullptr || !membership->usable()) {
    return Status::TaskMigrated("the place in the group of the replays is lost");
  }
  RETURN_IF_ERROR(
      Finish([&] { producer_->StartSendOffsets(positions, membership, kTransactionTimeout / 2); }));
  return Finish([this] { producer_->StartCommit(); });
}

void LetterReplay::Leave() {
  producer_.reset();
  if (member_ == nullptr) return;
  member_->StartClose();
  const MonotonicTime deadline = waiting_.clock().Now() + Milliseconds(5'000);
  while (!member_->closed() && waiting_.clock().Now() < deadline) {
    // An order to give the partitions back is what closing brings about.
    if (Status status = PollMember(); status.code() == StatusCode::kFatal) break;
    waiting_.Pass(kPause);
  }
}

}  // namespace sidestream::app
