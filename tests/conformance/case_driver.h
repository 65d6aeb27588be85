// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Verbs for conformance cases: a group member that answers its own events, a producer that runs
// whole transactions, a log reader that reads to a position, and waiting for admin replies.
//
// Threading: everything on the case's thread; several members take turns in one PumpUntil().

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/cluster.h"
#include "tests/conformance/environment.h"

namespace sidestream::conformance {

/// Longest wait for anything that is to happen at once on a healthy cluster.
inline constexpr Milliseconds kSoon{15'000};
/// How long a case watches that something does not happen.
inline constexpr Milliseconds kQuiet{700};

template <typename T>
Result<T> Await(std::unique_ptr<kafka::Pending<T>> pending, Milliseconds limit = kSoon) {
  std::optional<Result<T>> answer;
  const bool answered = TheEnvironment().PumpUntil(
      [&] {
        answer = pending->Poll();
        return answer.has_value();
      },
      limit);
  if (!answered) return Status::Unavailable("no answer within the limit of the case");
  return *std::move(answer);
}

/// EXPECT_TRUE(IsOk(status)) prints the status.
inline testing::AssertionResult IsOk(const Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << status;
}

/// Lets time pass while `step` runs.
template <typename Step>
void PumpFor(Milliseconds duration, Step step) {
  TheEnvironment().PumpUntil(
      [&] {
        step();
        return false;
      },
      duration);
}

/// An admin client of the whole binary.
kafka::Admin& TheAdmin();

/// Creates a topic and waits until it is visible; its name.
std::string NewTopicNamed(const std::string& prefix, int32_t partitions,
                          std::map<std::string, std::string> settings = {});

/// Offsets from the group's point of view; repeats while the reply is kUnavailable.
Result<kafka::CommittedOffset> Committed(const std::string& group, const TopicPartition& partition,
                                         bool require_stable = true, Milliseconds limit = kSoon);
/// The end (or start) of a partition.
Offset OffsetOf(const TopicPartition& partition, kafka::OffsetSpec spec,
                kafka::IsolationLevel isolation);

/// A producer that waits for its operations and repeats what is kUnavailable.
class ProducerDriver {
 public:
  /// Empty `transactional_id`: idempotent only.
  explicit ProducerDriver(const std::string& transactional_id = "",
                          Milliseconds transaction_timeout = Milliseconds(10'000));

  /// Initializes on first use. One record with key and value of its number.
  Status Produce(const TopicPartition& partition, const std::string& value);
  Status Produce(const TopicPartition& partition, int count);
  Status Flush();
  Status Init();
  Status Begin();
  Status SendOffsets(std::vector<kafka::CommittedOffset> offsets,
                     std::shared_ptr<const kafka::GroupMetadata> membership);
  Status Commit();
  Status Abort();
  /// Begin, `count` records, commit or abort.
  Status Transaction(const TopicPartition& partition, int count, bool commit);

  kafka::Producer& port() { return *producer_; }

 private:
  Status Finish(const std::function<void()>& start, Milliseconds limit = Milliseconds(30'000));

  std::unique_ptr<kafka::Producer> producer_;
  bool initialized_ = false;
};

struct MemberPlan {
  std::string group;
  std::vector<std::string> topics;
  /// Partitions of these topics go with those of the first subscribed topic, by hand.
  std::vector<std::string> extras;
  kafka::AssignmentStrategy strategy = kafka::AssignmentStrategy::kCooperativeSticky;
  std::string instance_id;
  Milliseconds session_timeout{3'000};
  Milliseconds max_poll_interval{60'000};
};

/// A group member with one fetch queue. It answers its events in the order that consumer.h asks
/// for, unless a case holds a kind of answer back.
class MemberDriver {
 public:
  explicit MemberDriver(MemberPlan plan);

  /// One non-blocking turn: an event, then the fetch queue. Does nothing after Vanish().
  void Step();
  /// Only the fetch queue, as a worker does.
  void StepQueue();
  /// Only the member, as if its workers hung.
  void StepEvents();

  /// Where partitions start that have not been read; 0 by default.
  void StartAt(const TopicPartition& partition, Offset offset) { next_[partition] = offset; }
  void HoldRevokes() { hold_revokes_ = true; }
  void HoldAssigns() { hold_assigns_ = true; }
  /// Assigned partitions stay paused and unforwarded; the case does the rest.
  void HoldStart() { hold_start_ = true; }
  bool has_held_revoke() const { return held_revoke_.has_value(); }
  bool has_held_assign() const { return held_assign_.has_value(); }
  const kafka::Revoking& held_revoke() const { return *held_revoke_; }
  const kafka::Assigned& held_assign() const { return *held_assign_; }
  void AnswerRevoke();
  void AnswerAssign();

  /// Commits offset and metadata outside a transaction and waits for the answer.
  Status Commit(const TopicPartition& partition, int64_t offset, const std::string& metadata = "");
  /// Leaves in order; false when it did not end in time.
  bool Close();
  /// Destroys the client without a word, as a crash does.
  void Vanish();

  bool Holds(const TopicPartition& partition) const { return held_.contains(partition); }
  /// All partitions of `topic` from 0 on, `count` of them.
  bool HoldsAll(const std::string& topic, int32_t count) const;
  size_t HeldOf(const std::string& topic) const;
  const std::set<TopicPartition>& held() const { return held_; }
  const std::vector<int64_t>& Seen(const TopicPartition& partition) const;
  std::optional<Offset> End(const TopicPartition& partition) const;
  /// The last membership that was taken at an event.
  std::shared_ptr<const kafka::GroupMetadata> permit() const { return permit_; }
  /// Without those that pass: a real client may hear that a new topic is not there yet from a node
  /// that is behind the one that the case has asked.
  std::vector<Status> lasting_errors() const;

  kafka::Consumer& port() { return *consumer_; }
  kafka::FetchQueue& queue() { return *queue_; }

  int assigned_events = 0;
  int empty_assigned_events = 0;
  int revoking_events = 0;
  int lost_events = 0;
  std::vector<TopicPartition> last_revoked;
  std::vector<Status> errors;
  std::vector<kafka::SeekDone> seeks;
  std::map<uint64_t, Status> commits;

 private:
  void On(kafka::Assigned event);
  void On(kafka::Revoking event);
  void On(kafka::SeekDone event);
  void On(kafka::CommitDone event) { commits[event.token] = event.status; }
  void On(kafka::ConsumerError event) { errors.push_back(event.status); }
  std::vector<TopicPartition> WithExtras(const std::vector<TopicPartition>& partitions) const;

  const MemberPlan plan_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<kafka::FetchQueue> queue_;
  std::set<TopicPartition> held_;
  std::map<TopicPartition, Offset> next_;
  std::map<TopicPartition, std::vector<int64_t>> seen_;
  std::map<TopicPartition, Offset> ends_;
  std::shared_ptr<const kafka::GroupMetadata> permit_;
  bool hold_revokes_ = false;
  bool hold_assigns_ = false;
  bool hold_start_ = false;
  std::optional<kafka::Revoking> held_revoke_;
  std::optional<kafka::Assigned> held_assign_;
  uint64_t next_token_ = 1;
};

/// Steps all members until `done`.
bool StepUntil(const std::vector<MemberDriver*>& members, const std::function<bool()>& done,
               Milliseconds limit = kSoon);

/// A log reader of one partition that collects what it reads.
class ReaderDriver {
 public:
  explicit ReaderDriver(const kafka::PartitionOffset& start);
  /// Reads until the position reaches `target`; the last status otherwise.
  Status ReadTo(Offset target, Milliseconds limit = kSoon);
  void Step();
  Offset position() const;
  kafka::LogReader& port() { return *reader_; }

  const TopicPartition partition;
  std::vector<int64_t> offsets;
  std::vector<std::string> values;
  std::vector<int64_t> ends;
  std::vector<Status> errors;

 private:
  std::unique_ptr<kafka::LogReader> reader_;
};

}  // namespace sidestream::conformance
