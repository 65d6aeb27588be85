// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: a member of a consumer group, and the queues from which workers fetch.
//
// Place in the flow: the first thing a record meets. GroupMember owns the Consumer;
// each Worker owns one FetchQueue.
//
// Shape: asynchronous. Events come out of Poll(); a rebalance event is answered later
// by CompleteAssign() or CompleteRevoke(), and until then the member stays in the
// group while Poll() goes on. Nothing blocks longer than the wait that it is given.
//
// Hand-over of a partition, in this order and no other (a stop clears the forward, so
// an earlier forward goes silent or leaves a gap: second-look A2):
//   CompleteAssign(numeric offsets; comes up paused) -> StartSeek -> SeekDone ->
//   the worker is ready -> Forward -> Resume.
//
// Threading: Consumer is confined to the member's thread, save HighWatermark() and HeldUntil(),
// which any thread may call. A FetchQueue is confined to its worker's thread; it outlives
// nothing: destroy queues before the Consumer that made them.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/record.h"

namespace sidestream::kafka {

/// The group's own proof of membership, as the library holds it. Never built by hand:
/// that is how the instance id, the second fence, gets lost.
class GroupMetadata {
 public:
  virtual ~GroupMetadata() = default;
  virtual int32_t generation() const = 0;
  virtual const std::string& member_id() const = 0;
  /// The broker checks nothing of a (-1, "") pair, so such a thing is no permit.
  bool usable() const { return generation() >= 1 && !member_id().empty(); }
};

/// The group gives these partitions. Under cooperative-sticky they are in addition to
/// those held (and the list may be empty: the generation moved, take a new permit);
/// under range they are all of them.
struct Assigned {
  std::vector<TopicPartition> partitions;
};

/// The group takes these partitions. `lost`: they may run elsewhere already; never commit.
struct Revoking {
  std::vector<TopicPartition> partitions;
  bool lost = false;
};

/// Answer to StartSeek(): all of them stand at their offsets and are paused.
struct SeekDone {
  std::vector<TopicPartition> partitions;
  Status status;
};

/// Answer to StartCommit().
struct CommitDone {
  uint64_t token = 0;
  Status status;
};

/// kUnavailable: goes away by itself (broker away, topic not yet visible); counted and
/// logged. kFenced: a newer join under our instance id took our place; the group does not say
/// whose it was. It and anything else ends the member.
struct ConsumerError {
  Status status;
};

using ConsumerEvent = std::variant<Assigned, Revoking, SeekDone, CommitDone, ConsumerError>;

/// Where a worker's partitions deliver. Polling it counts as a poll of the member
/// (librdkafka: "polling destq also counts"), so a member's liveness is not ours to infer
/// from the library: see tasks/watchdog.h.
class FetchQueue {
 public:
  virtual ~FetchQueue() = default;
  /// Takes up to `records_max` records, in order within each partition. Waits at most
  /// `wait` for the first one. An EOF event ends a chunk.
  virtual std::vector<std::unique_ptr<RecordChunk>> Poll(size_t records_max,
                                                         Milliseconds wait) = 0;
};

class Consumer {
 public:
  virtual ~Consumer() = default;

  /// Joins the group with these topics, or changes what it is subscribed to. With the same topics
  /// it joins again; what it holds may be revoked first.
  virtual Status Subscribe(std::span<const std::string> topics) = 0;

  /// The next event, waiting at most `wait`. At most one unanswered rebalance event is out.
  virtual std::optional<ConsumerEvent> Poll(Milliseconds wait) = 0;

  /// Answers Assigned. `positions` holds every partition of the event and those added by
  /// hand, each with a numeric offset; all come up paused and deliver nothing. Also with
  /// an empty list. Fails with kFatal when the library refuses the list.
  virtual Status CompleteAssign(std::span<const PartitionOffset> positions) = 0;

  /// Answers Revoking with every partition of the event and those added by hand.
  virtual Status CompleteRevoke(std::span<const TopicPartition> partitions) = 0;

  /// Moves held, paused partitions; SeekDone comes behind any unfinished stop of theirs.
  virtual void StartSeek(std::span<const PartitionOffset> positions) = 0;

  /// Lets a held, paused partition deliver into `queue`, and no longer into this consumer.
  virtual Status Forward(const TopicPartition& partition, FetchQueue& queue) = 0;

  /// Pausing throws away what was prefetched (librdkafka): not for everyday backpressure.
  virtual Status Pause(std::span<const TopicPartition> partitions) = 0;
  virtual Status Resume(std::span<const TopicPartition> partitions) = 0;

  virtual std::unique_ptr<FetchQueue> NewQueue() = 0;

  /// The membership now, or null when there is none. Under cooperative-sticky it may be
  /// newer than the last event.
  virtual std::shared_ptr<const GroupMetadata> Membership() = 0;

  /// Whether the held assignment is known to be lost although no event said so yet.
  virtual bool AssignmentLost() const = 0;

  /// Until when, by the clock of deadlines, the group cannot have ended this member's session and
  /// given what it holds to another: a session after the last heartbeat that the group answered was
  /// sent. Any thread.
  virtual MonotonicTime HeldUntil() const = 0;

  /// Commits offsets outside a transaction (at-least-once; the leader's control position).
  /// CommitDone with `token` answers: kTaskMigrated when the membership is over.
  virtual void StartCommit(uint64_t token, std::vector<CommittedOffset> offsets) = 0;

  /// Log end as of the last fetch, transaction markers and open transactions included;
  /// empty before the first fetch. Any thread.
  virtual std::optional<Offset> HighWatermark(const TopicPartition& partition) const = 0;

  /// Leaves the group (a static member only closes). Goes on through Poll(), whose
  /// events are still answered, until closed().
  virtual void StartClose() = 0;
  virtual bool closed() const = 0;
};

/// Reads partitions by hand, without a group, read_committed: restore and control topic.
///
/// Threading: confined to one thread.
class LogReader {
 public:
  virtual ~LogReader() = default;
  /// Adds a partition at a numeric offset, or moves it there.
  virtual Status Assign(const PartitionOffset& position) = 0;
  virtual Status Unassign(const TopicPartition& partition) = 0;
  /// As FetchQueue::Poll(). kUnavailable: nothing lost, poll again; kStopped: an offset is
  /// out of the log's range, the message names partition and offset.
  virtual Result<std::vector<std::unique_ptr<RecordChunk>>> Poll(size_t records_max,
                                                                 Milliseconds wait) = 0;
  /// The next offset to read: steps over markers and aborted records, so it is the right end
  /// test of a restore (the last record's offset may stay below the end for ever).
  virtual std::optional<Offset> Position(const TopicPartition& partition) const = 0;
};

}  // namespace sidestream::kafka
