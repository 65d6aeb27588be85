// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_consumer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace sidestream::kafka::memory {

namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

/// The longest a stop may lag behind, in polls.
constexpr int64_t kStopLagPolls = 4;

Status StatusOfCommit(ErrorCode error) {
  const std::string message = "offset commit refused: error=" + std::string(ErrorName(error));
  switch (error) {
    case ErrorCode::kNone:
      return Status::Ok();
    case ErrorCode::kIllegalGeneration:
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kFencedInstanceId:
      return Status::TaskMigrated(message);
    case ErrorCode::kRebalanceInProgress:
      return Status::Unavailable(message);
    default:
      return Status::Fatal(message);
  }
}

}  // namespace

/// Where a worker's partitions deliver.
class MemoryFetchQueue final : public FetchQueue {
 public:
  MemoryFetchQueue(MemoryConsumer& consumer, std::weak_ptr<const int> alive)
      : consumer_(consumer), broker_(consumer.broker_), alive_(std::move(alive)) {}
  ~MemoryFetchQueue() override {
    const Guard lock(broker_.mutex());
    if (!alive_.expired()) consumer_.ForgetQueue(this);
  }
  std::vector<std::unique_ptr<RecordChunk>> Poll(size_t records_max, Milliseconds) override {
    const Guard lock(broker_.mutex());
    if (alive_.expired()) return {};
    return consumer_.PollQueue(*this, records_max);
  }

  /// Of the partition that delivered last: the next poll begins behind it.
  TopicPartition last_served;
  /// Of partitions that were stopped or paused since.
  std::vector<std::unique_ptr<RecordChunk>> outdated;

 private:
  MemoryConsumer& consumer_;
  Broker& broker_;
  const std::weak_ptr<const int> alive_;
};

MemoryConsumer::MemoryConsumer(Broker& broker, const ConsumerOptions& options)
    : broker_(broker),
      options_(options),
      group_(broker, {options.client_id, alive_}, options, events_),
      fetcher_(broker, {options.client_id, alive_}) {}

MemoryConsumer::~MemoryConsumer() {
  const Guard lock(broker_.mutex());
  alive_.reset();
}

Status MemoryConsumer::Subscribe(std::span<const std::string> topics) {
  const Guard lock(broker_.mutex());
  group_.Subscribe({topics.begin(), topics.end()});
  return Status::Ok();
}

void MemoryConsumer::Serve() {
  broker_.Step();
  group_.NotePoll();
  group_.Drive();
  RunOperations();
  CheckCommits();
  if (!group_.closed()) fetcher_.Fetch();
  broker_.Step();
  while (const auto error = fetcher_.TakeError()) events_.push_back(ConsumerError{*error});
}

std::optional<ConsumerEvent> MemoryConsumer::Poll(Milliseconds) {
  const Guard lock(broker_.mutex());
  Serve();
  if (events_.empty()) return std::nullopt;
  ConsumerEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void MemoryConsumer::RunOperations() {
  while (!operations_.empty()) {
    Operation& operation = operations_.front();
    if (operation.polls_left > 0) {
      --operation.polls_left;
      return;
    }
    for (const TopicPartition& p : operation.stops) forwards_.erase(p);
    SeekDone done;
    for (const PartitionOffset& seek : operation.seeks) {
      if (fetcher_.Has(seek.partition)) fetcher_.Seek(seek.partition, seek.offset);
      done.partitions.push_back(seek.partition);
    }
    if (operation.answered) events_.push_back(std::move(done));
    operations_.pop_front();
  }
}

void MemoryConsumer::CheckCommits() {
  for (auto commit = commits_.begin(); commit != commits_.end();) {
    if (!commit->second.exchange.Overdue(broker_.clock().Now())) {
      ++commit;
      continue;
    }
    events_.push_back(
        CommitDone{commit->first, Status::Unavailable("offset commit was not answered")});
    commit = commits_.erase(commit);
  }
}

Status MemoryConsumer::CompleteAssign(std::span<const PartitionOffset> positions) {
  const Guard lock(broker_.mutex());
  if (!group_.awaits_assign()) return Status::Fatal("no assignment awaits an answer");
  const bool replaces = options_.strategy == AssignmentStrategy::kRange;
  std::set<TopicPartition> seen;
  for (const PartitionOffset& p : positions) {
    if (p.offset < Offset(0) || !seen.insert(p.partition).second ||
        (!replaces && fetcher_.Has(p.partition))) {
      return Status::Fatal("refused assignment: partition=" + ToString(p.partition) +
                           " offset=" + std::to_string(p.offset.value()));
    }
  }
  if (replaces) Drop(fetcher_.All());
  for (const PartitionOffset& p : positions) fetcher_.Start(p.partition, p.offset, true);
  group_.AssignAnswered();
  return Status::Ok();
}

Status MemoryConsumer::CompleteRevoke(std::span<const TopicPartition> partitions) {
  const Guard lock(broker_.mutex());
  if (!group_.awaits_revoke()) return Status::Fatal("no revocation awaits an answer");
  std::vector<TopicPartition> stopped(partitions.begin(), partitions.end());
  if (options_.strategy == AssignmentStrategy::kRange) stopped = fetcher_.All();
  Drop(stopped);
  operations_.push_back(
      {.stops = std::move(stopped), .polls_left = broker_.random().Below(kStopLagPolls)});
  group_.RevokeAnswered();
  return Status::Ok();
}

void MemoryConsumer::Drop(const std::vector<TopicPartition>& stopped) {
  const auto gone = [&](const TopicPartition& p) {
    return std::find(stopped.begin(), stopped.end(), p) != stopped.end();
  };
  for (const TopicPartition& p : stopped) {
    LeaveOutdated(p);
    fetcher_.Stop(p);
  }
  // A seek of an assignment that is over must not move the next one.
  for (Operation& operation : operations_) {
    std::erase_if(operation.seeks, [&](const PartitionOffset& p) { return gone(p.partition); });
  }
  for (ConsumerEvent& event : events_) {
    if (auto* done = std::get_if<SeekDone>(&event)) std::erase_if(done->partitions, gone);
  }
}

void MemoryConsumer::StartSeek(std::span<const PartitionOffset> positions) {
  const Guard lock(broker_.mutex());
  operations_.push_back({.seeks = {positions.begin(), positions.end()}, .answered = true});
}

Status MemoryConsumer::CheckHeld(std::span<const TopicPartition> partitions) const {
  for (const TopicPartition& p : partitions) {
    if (!fetcher_.Has(p)) return Status::Fatal("partition is not held: " + ToString(p));
  }
  return Status::Ok();
}

Status MemoryConsumer::Forward(const TopicPartition& partition, FetchQueue& queue) {
  const Guard lock(broker_.mutex());
  RETURN_IF_ERROR(CheckHeld({&partition, 1}));
  forwards_[partition] = &dynamic_cast<MemoryFetchQueue&>(queue);
  return Status::Ok();
}

Status MemoryConsumer::Pause(std::span<const TopicPartition> partitions) {
  const Guard lock(broker_.mutex());
  RETURN_IF_ERROR(CheckHeld(partitions));
  for (const TopicPartition& p : partitions) {
    LeaveOutdated(p);
    fetcher_.Pause(p);
  }
  return Status::Ok();
}

Status MemoryConsumer::Resume(std::span<const TopicPartition> partitions) {
  const Guard lock(broker_.mutex());
  RETURN_IF_ERROR(CheckHeld(partitions));
  for (const TopicPartition& p : partitions) fetcher_.Resume(p);
  return Status::Ok();
}

std::unique_ptr<FetchQueue> MemoryConsumer::NewQueue() {
  return std::make_unique<MemoryFetchQueue>(*this, alive_);
}

void MemoryConsumer::LeaveOutdated(const TopicPartition& partition) {
  const auto forward = forwards_.find(partition);
  if (broker_.options().drop_outdated_records || forward == forwards_.end()) return;
  size_t budget = std::numeric_limits<size_t>::max();
  fetcher_.Take(partition, budget, forward->second->outdated);
}

void MemoryConsumer::ForgetQueue(const MemoryFetchQueue* queue) {
  std::erase_if(forwards_, [&](const auto& entry) { return entry.second == queue; });
}

std::vector<std::unique_ptr<RecordChunk>> MemoryConsumer::PollQueue(MemoryFetchQueue& queue,
                                                                    size_t records_max) {
  Serve();
  if (fetcher_.empty() && queue.outdated.empty()) return {};
  std::vector<TopicPartition> mine;
  for (const auto& [partition, forward] : forwards_) {
    if (forward == &queue) mine.push_back(partition);
  }
  // Round robin: one busy partition does not starve the others.
  std::rotate(mine.begin(), std::upper_bound(mine.begin(), mine.end(), queue.last_served),
              mine.end());
  std::vector<std::unique_ptr<RecordChunk>> chunks = std::exchange(queue.outdated, {});
  size_t budget = records_max;
  for (const TopicPartition& p : mine) {
    const size_t before = chunks.size();
    fetcher_.Take(p, budget, chunks);
    if (chunks.size() > before) queue.last_served = p;
    if (budget == 0) break;
  }
  return chunks;
}

std::shared_ptr<const GroupMetadata> MemoryConsumer::Membership() {
  const Guard lock(broker_.mutex());
  if (!group_.ever_joined() || group_.closed()) return nullptr;
  return std::make_shared<MemoryGroupMetadata>(group_.proof());
}

bool MemoryConsumer::AssignmentLost() const {
  const Guard lock(broker_.mutex());
  return group_.lost();
}

MonotonicTime MemoryConsumer::HeldUntil() const {
  const Guard lock(broker_.mutex());
  return group_.held_until();
}

void MemoryConsumer::StartCommit(uint64_t token, std::vector<CommittedOffset> offsets) {
  const Guard lock(broker_.mutex());
  if (!MemoryGroupMetadata(group_.proof()).usable()) {
    // A group without members would accept it.
    events_.push_back(CommitDone{token, Status::TaskMigrated("commit without a membership")});
    return;
  }
  commits_[token].exchange.Send<ErrorCode>(
      broker_.network(), ApiKey::kOffsetCommit, {options_.client_id, alive_},
      broker_.options().request_timeout,
      [&broker = broker_, proof = group_.proof(), offsets = std::move(offsets)](
          Reply<ErrorCode> reply) { reply(broker.groups().Commit(proof, offsets)); },
      [this, token](ErrorCode error) {
        events_.push_back(CommitDone{token, StatusOfCommit(error)});
        commits_.erase(token);
      });
}

std::optional<Offset> MemoryConsumer::HighWatermark(const TopicPartition& partition) const {
  const Guard lock(broker_.mutex());
  return fetcher_.HighWatermark(partition);
}

void MemoryConsumer::StartClose() {
  const Guard lock(broker_.mutex());
  group_.StartClose();
}

bool MemoryConsumer::closed() const {
  const Guard lock(broker_.mutex());
  return group_.closed();
}

}  // namespace sidestream::kafka::memory
