// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// TransactionWriter: the one door through which a worker produces, and the life cycle of its
// producer. One transaction covers outputs, repartition records, changelogs and the input
// offsets with their stamps.
//
//   kInitializing ──▶ kReady ──▶ kOpen ──▶ kFlushing ──▶ kSendingOffsets ──▶ kCommitting ─┐
//        ▲              ▲ │        │           │               │                 │         │
//        │              │ └────────┼───────────┼───────────────┘                 │         │
//        │              │          ▼           ▼                                 │         │
//        │              ├──── kAborting ◀──────┴──── (needs abort) ◀─────────────┤         │
//        └── kRebuilding◀──── (unknown, fenced, tainted) ◀───────────────────────┘         │
//                       └──────────────────────────────────────────────────────────────────┘
//   At least once the offsets are committed by the group's consumer after the flush
//   (kCommittingOffsets in place of kSendingOffsets and kCommitting). kFailed is the end.
//
// Invariants
//  T1. No transaction is committed without at least one numeric offset (CHECK): the broker
//      does not fence it otherwise (R3). StartCommit() is the only way to commit.
//  T2. A tainted producer is rebuilt before the next transaction begins: a late EndTxn would
//      tear it, a late TxnOffsetCommit would rewind offsets (KAFKA-17754, recipe 10.4).
//  T3. An outcome is reported once, and nothing is produced between StartCommit() or
//      StartAbort() and its outcome.
//  T4. After kUnknown the tasks are reopened from stamp and changelog; there is no second way.
//
// Threading: confined to the worker's thread.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/cluster.h"
#include "kafka/record_sink.h"

namespace sidestream::transaction {

/// Commits offsets outside a transaction, for at-least-once. The answer comes back through
/// TransactionWriter::OffsetsCommitted() with the same token.
class OffsetCommitter {
 public:
  virtual ~OffsetCommitter() = default;
  virtual void CommitOffsets(uint64_t token, std::vector<kafka::CommittedOffset> offsets) = 0;
};

/// A record that says what the records before it amount to (a mark, a task's cut): at least once it
/// is written only when they are known to be delivered, or it would overtake one that fails (R7).
struct ClosingRecord {
  kafka::SinkTopic topic = 0;
  Partition partition = 0;
  std::string value;
  std::optional<std::string> key = std::nullopt;
};

/// Rules that negative tests switch off, to show that the oracles catch it.
struct WriterRules {
  bool rebuild_tainted = true;
  /// T1.
  bool numeric_offset = true;
};

struct WriterOptions {
  bool exactly_once = true;
  kafka::ProducerOptions producer;
  /// How long a flush, send, commit or abort may take before its outcome counts as unknown.
  Milliseconds operation_timeout{10'000};
  Milliseconds init_timeout{60'000};
  WriterRules rules;
};

enum class OutcomeKind {
  kCommitted,
  kAborted,   // everything of the transaction is undone; status says why
  kUnknown,   // it may or may not have been committed; the producer is being rebuilt
  kFailed,    // the writer is at its end; status says what to tell the user
};

struct Outcome {
  OutcomeKind kind = OutcomeKind::kCommitted;
  Status status;
  /// Of kAborted: the broker refused a record, and would refuse it again. Its status is
  /// kBadRecord (the record), kInvalidConfig (access rights) or kStopped (the topic is gone).
  std::optional<kafka::DeliveryFailure> refused;
};

struct WriterCounters {
  int64_t committed = 0;
  int64_t aborted = 0;
  int64_t unknown = 0;
  int64_t rebuilt = 0;
};

class TransactionWriter final : public kafka::RecordSink {
 public:
  enum class State {
    kInitializing,
    kReady,
    kOpen,
    kFlushing,
    kSendingOffsets,
    kCommittingOffsets,
    kCommitting,
    kAborting,
    kRebuilding,
    kFailed,
  };

  /// `cluster`, `clock` and `committer` are borrowed and outlive the writer. `committer` may be
  /// null under exactly-once.
  TransactionWriter(kafka::Cluster& cluster, const Clock& clock, OffsetCommitter* committer,
                    WriterOptions options);
  ~TransactionWriter() override;
  TransactionWriter(const TransactionWriter&) = delete;
  TransactionWriter& operator=(const TransactionWriter&) = delete;

  /// The same topic gets the same number; good for the writer's whole life.
  kafka::SinkTopic RegisterTopic(const std::string& topic);

  /// Drives the producer and the running operation; waits at most `wait`.
  void Step(Milliseconds wait);

  State state() const { return state_; }
  /// Produce(), StartCommit() and StartAbort() are allowed: kOpen, or kReady with a producer that
  /// may begin (T2), and the last outcome has been taken.
  bool writable() const {
    return (state_ == State::kOpen || (state_ == State::kReady && !MustRebuild())) && !outcome_;
  }
  bool open() const { return state_ == State::kOpen; }
  /// A transaction is open or being ended.
  bool busy() const {
    return state_ == State::kOpen || state_ == State::kFlushing ||
           state_ == State::kSendingOffsets || state_ == State::kCommittingOffsets ||
           state_ == State::kCommitting || state_ == State::kAborting;
  }
  /// When the open transaction began; requires open().
  MonotonicTime opened_at() const { return opened_at_; }
  int64_t open_bytes() const { return open_bytes_; }

  /// Requires writable(); opens a transaction when none is open. Waits while the local queue is
  /// full. kBadRecord: larger than the client allows. kAbortRequired: undo what the transaction
  /// did to the tasks; the outcome that says so follows by itself.
  Status Produce(kafka::SinkTopic topic, const kafka::OutgoingRecord& record);
  Status ProduceInternal(kafka::SinkTopic topic, Partition partition,
                         std::optional<std::string_view> key,
                         std::optional<std::string_view> value) override;

  /// Requires writable() and a numeric offset in `offsets` (T1). `closing` goes out behind
  /// everything else. The outcome comes later.
  void StartCommit(std::vector<kafka::CommittedOffset> offsets,
                   std::shared_ptr<const kafka::GroupMetadata> membership,
                   std::vector<ClosingRecord> closing = {});
  /// Requires writable(). An outcome comes also when nothing was open.
  void StartAbort(Status why);
  /// At least once: what was written and is not delivered yet does not leave any more; a transaction
  /// under way ends with kUnknown.
  void Abandon(const Status& why);
  /// Answer to OffsetCommitter::CommitOffsets(); another token than the awaited is ignored.
  void OffsetsCommitted(uint64_t token, const Status& status);

  std::optional<Outcome> TakeOutcome();

  /// Position behind the last delivered record of a partition; empty when there is none yet.
  std::optional<Offset> DeliveredEnd(kafka::SinkTopic topic, Partition partition) const;

  const WriterCounters& counters() const { return counters_; }

 private:
  bool MustRebuild() const { return options_.rules.rebuild_tainted && producer_->tainted(); }
  void NewProducer();
  void Rebuild(const Status& why);
  void BecomeReady();
  void TransitionTo(State next);
  void Finish(OutcomeKind kind, Status status);
  void OnDone();
  void OnError(const Status& status);
  void OnFlushed();
  Status SendRecord(kafka::SinkTopic topic, const kafka::OutgoingRecord& record);
  Status SendClosing();
  void SendNextOffsets();
  Status Broken(const Status& status);
  bool FencedAgain();
  std::optional<kafka::DeliveryFailure> Refused() const;

  kafka::Cluster& cluster_;
  const Clock& clock_;
  OffsetCommitter* const committer_;
  const WriterOptions options_;

  std::vector<std::string> topics_;
  std::vector<kafka::TopicHandle> handles_;
  std::unique_ptr<kafka::Producer> producer_;
  State state_ = State::kInitializing;
  MonotonicTime deadline_{};
  MonotonicTime retry_at_{};
  MonotonicTime opened_at_{};
  int64_t open_bytes_ = 0;
  std::vector<kafka::CommittedOffset> offsets_;
  size_t offsets_sent_ = 0;
  std::vector<ClosingRecord> closing_;
  std::shared_ptr<const kafka::GroupMetadata> membership_;
  /// Of the open transaction: it may be committed.
  bool commit_asked_ = false;
  uint64_t token_ = 0;
  Status abort_reason_;
  std::optional<Outcome> outcome_;
  std::optional<MonotonicTime> fenced_at_;
  int aborts_in_a_row_ = 0;
  WriterCounters counters_;
};

std::string_view StateName(TransactionWriter::State state);

}  // namespace sidestream::transaction
