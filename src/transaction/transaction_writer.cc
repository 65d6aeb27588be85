// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "transaction/transaction_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace sidestream::transaction {
namespace {

using State = TransactionWriter::State;

constexpr Milliseconds kRebuildDelay{1'000};
constexpr Milliseconds kFullQueueWait{10};
constexpr int kFullQueuePolls = 500;
// One record batch of __consumer_offsets holds 1 MiB by default; half leaves room (A6).
constexpr size_t kStampBytesPerCall = 512 * 1024;
// One abort is ordinary; a second in a row may be the producer itself (recipe 10.3).
constexpr int kAbortsBeforeRebuild = 2;

constexpr bool Allowed(State from, State to) {
  switch (to) {
    case State::kInitializing:
      return from == State::kRebuilding || from == State::kInitializing;
    case State::kReady:
      return from == State::kInitializing || from == State::kCommitting ||
             from == State::kCommittingOffsets || from == State::kAborting || from == State::kReady;
    case State::kOpen:
      return from == State::kReady;
    case State::kFlushing:
      return from == State::kReady || from == State::kOpen;
    case State::kSendingOffsets:
    case State::kCommittingOffsets:
      return from == State::kFlushing;
    case State::kCommitting:
      return from == State::kSendingOffsets;
    case State::kAborting:
      return from == State::kReady || from == State::kOpen || from == State::kFlushing ||
             from == State::kSendingOffsets || from == State::kCommittingOffsets ||
             from == State::kCommitting;
    case State::kRebuilding:
    case State::kFailed:
      return from != State::kFailed;
  }
  return false;
}

}  // namespace

std::string_view StateName(State state) {
  switch (state) {
    case State::kInitializing:
      return "initializing";
    case State::kReady:
      return "ready";
    case State::kOpen:
      return "open";
    case State::kFlushing:
      return "flushing";
    case State::kSendingOffsets:
      return "sending offsets";
    case State::kCommittingOffsets:
      return "committing offsets";
    case State::kCommitting:
      return "committing";
    case State::kAborting:
      return "aborting";
    case State::kRebuilding:
      return "rebuilding";
    case State::kFailed:
      return "failed";
  }
  return "unknown";
}

TransactionWriter::TransactionWriter(kafka::Cluster& cluster, const Clock& clock,
                                     OffsetCommitter* committer, WriterOptions options)
    : cluster_(cluster), clock_(clock), committer_(committer), options_(std::move(options)) {
  CHECK(options_.exactly_once || committer_ != nullptr);
  TransitionTo(State::kRebuilding);
  retry_at_ = clock_.Now();
}

TransactionWriter::~TransactionWriter() = default;

void TransactionWriter::TransitionTo(State next) {
  CHECK(Allowed(state_, next)) << StateName(state_) << " -> " << StateName(next);
  if (next == State::kFailed || next == State::kRebuilding) {
    log::Debug("transaction", "writer {}: {} -> {}", options_.producer.transactional_id,
               StateName(state_), StateName(next));
  }
  state_ = next;
}

kafka::SinkTopic TransactionWriter::RegisterTopic(const std::string& topic) {
  const auto known = std::find(topics_.begin(), topics_.end(), topic);
  if (known != topics_.end()) return static_cast<kafka::SinkTopic>(known - topics_.begin());
  topics_.push_back(topic);
  if (producer_) handles_.push_back(producer_->RegisterTopic(topic));
  return static_cast<kafka::SinkTopic>(topics_.size() - 1);
}

void TransactionWriter::NewProducer() {
  Result<std::unique_ptr<kafka::Producer>> made = cluster_.NewProducer(options_.producer);
  if (!made.ok()) return Finish(OutcomeKind::kFailed, made.status());
  producer_ = std::move(made).value();
  handles_.clear();
  for (const std::string& topic : topics_) handles_.push_back(producer_->RegisterTopic(topic));
  TransitionTo(State::kInitializing);
  deadline_ = clock_.Now() + options_.init_timeout;
  producer_->StartInit();
}

void TransactionWriter::Rebuild(const Status& why) {
  log::Warning("transaction", "rebuilding the producer: id={} reason={}",
               options_.producer.transactional_id, why.ToString());
  ++counters_.rebuilt;
  producer_.reset();
  TransitionTo(State::kRebuilding);
  retry_at_ = clock_.Now();
}

bool TransactionWriter::FencedAgain() {
  const MonotonicTime now = clock_.Now();
  const bool again = fenced_at_ && now - *fenced_at_ < options_.producer.transaction_timeout;
  fenced_at_ = now;
  return again;
}

void TransactionWriter::BecomeReady() {
  TransitionTo(State::kReady);
  open_bytes_ = 0;
  commit_asked_ = false;
}

void TransactionWriter::Finish(OutcomeKind kind, Status status) {
  CHECK(!outcome_ || kind == OutcomeKind::kFailed) << "an outcome was not taken";
  switch (kind) {
    case OutcomeKind::kCommitted:
      ++counters_.committed;
      aborts_in_a_row_ = 0;
      BecomeReady();
      break;
    case OutcomeKind::kAborted:
      ++counters_.aborted;
      ++aborts_in_a_row_;
      BecomeReady();
      break;
    case OutcomeKind::kUnknown:
      ++counters_.unknown;
      break;
    case OutcomeKind::kFailed:
      producer_.reset();
      TransitionTo(State::kFailed);
      break;
  }
  outcome_ = Outcome{kind, std::move(status), {}};
  if (kind == OutcomeKind::kAborted) outcome_->refused = Refused();
  offsets_.clear();
  closing_.clear();
  membership_.reset();
}

/// The failed delivery, when no later attempt would fare better by itself.
std::optional<kafka::DeliveryFailure> TransactionWriter::Refused() const {
  const auto& failure = producer_->first_failure();
  if (!failure) return std::nullopt;
  switch (failure->status.code()) {
    case StatusCode::kBadRecord:
    case StatusCode::kInvalidConfig:
    case StatusCode::kStopped:
      return failure;
    default:
      return std::nullopt;
  }
}

std::optional<Outcome> TransactionWriter::TakeOutcome() { return std::exchange(outcome_, {}); }

Status TransactionWriter::Produce(kafka::SinkTopic topic, const kafka::OutgoingRecord& record) {
  CHECK(writable()) << StateName(state_);
  if (state_ == State::kReady) {
    if (Status begun = producer_->Begin(); !begun.ok()) return Broken(begun);
    TransitionTo(State::kOpen);
    opened_at_ = clock_.Now();
  }
  Status produced = SendRecord(topic, record);
  if (produced.code() == StatusCode::kBadRecord) return produced;
  if (!produced.ok()) return Broken(produced);
  open_bytes_ += static_cast<int64_t>((record.key ? record.key->size() : 0) +
                                      (record.value ? record.value->size() : 0));
  return Status::Ok();
}

Status TransactionWriter::SendRecord(kafka::SinkTopic topic, const kafka::OutgoingRecord& record) {
  kafka::OutgoingRecord addressed = record;
  addressed.topic = handles_[static_cast<size_t>(topic)];
  Status produced = producer_->Produce(addressed);
  for (int i = 0; produced.code() == StatusCode::kUnavailable && i < kFullQueuePolls; ++i) {
    producer_->Poll(kFullQueueWait);
    produced = producer_->Produce(addressed);
  }
  return produced;
}

Status TransactionWriter::SendClosing() {
  for (const ClosingRecord& closing : std::exchange(closing_, {})) {
    kafka::OutgoingRecord record;
    record.partition = closing.partition;
    record.key = closing.key;
    record.value = closing.value;
    RETURN_IF_ERROR(SendRecord(closing.topic, record));
  }
  return Status::Ok();
}

/// The producer failed between operations: what follows is decided as for an operation.
Status TransactionWriter::Broken(const Status& status) {
  const bool open = state_ == State::kOpen;
  deadline_ = clock_.Now();
  OnError(status);
  if (!open && !outcome_) outcome_ = Outcome{OutcomeKind::kAborted, status, {}};
  return Status::AbortRequired(status.message());
}

Status TransactionWriter::ProduceInternal(kafka::SinkTopic topic, Partition partition,
                                          std::optional<std::string_view> key,
                                          std::optional<std::string_view> value) {
  kafka::OutgoingRecord record;
  record.partition = partition;
  record.key = key;
  record.value = value;
  return Produce(topic, record);
}

void TransactionWriter::StartCommit(std::vector<kafka::CommittedOffset> offsets,
                                    std::shared_ptr<const kafka::GroupMetadata> membership,
                                    std::vector<ClosingRecord> closing) {
  CHECK(writable()) << StateName(state_);
  CHECK(!options_.rules.numeric_offset ||
        std::any_of(offsets.begin(), offsets.end(),
                    [](const kafka::CommittedOffset& o) { return o.offset.has_value(); }))
      << "a commit without a numeric offset is not fenced (T1)";
  CHECK(membership != nullptr);
  if (state_ == State::kReady) {
    // Nothing was produced, yet the offsets need a transaction to be fenced by.
    if (const Status begun = producer_->Begin(); !begun.ok()) {
      (void)Broken(begun);
      return;
    }
    TransitionTo(State::kOpen);
    opened_at_ = clock_.Now();
  }
  closing_ = std::move(closing);
  if (options_.exactly_once) {
    if (const Status sent = SendClosing(); !sent.ok()) {
      (void)Broken(sent);
      return;
    }
  }
  offsets_ = std::move(offsets);
  offsets_sent_ = 0;
  membership_ = std::move(membership);
  TransitionTo(State::kFlushing);
  deadline_ = clock_.Now() + options_.operation_timeout;
  producer_->StartFlush();
}

void TransactionWriter::StartAbort(Status why) {
  CHECK(writable() || state_ == State::kFlushing || state_ == State::kSendingOffsets ||
        state_ == State::kCommittingOffsets || state_ == State::kCommitting)
      << StateName(state_);
  abort_reason_ = std::move(why);
  const bool was_open = state_ != State::kReady;
  TransitionTo(State::kAborting);
  deadline_ = clock_.Now() + options_.operation_timeout;
  // At least once nothing can be taken back; the replay repeats it.
  if (!options_.exactly_once || !was_open) return Finish(OutcomeKind::kAborted, abort_reason_);
  producer_->StartAbort();
}

void TransactionWriter::Abandon(const Status& why) {
  CHECK(!options_.exactly_once) << "an open transaction is aborted";
  if (!producer_ || (!busy() && producer_->in_flight() == 0)) return;
  if (busy()) Finish(OutcomeKind::kUnknown, why);
  // Its queues end with it.
  Rebuild(why);
}

void TransactionWriter::Step(Milliseconds wait) {
  if (state_ == State::kFailed) return;
  const MonotonicTime now = clock_.Now();
  if (state_ == State::kRebuilding) {
    if (now >= retry_at_) NewProducer();
    return;
  }
  if (state_ == State::kReady && !outcome_ && MustRebuild()) {
    return Rebuild(Status::UnknownOutcome("a transactional request was repeated or lost (T2)"));
  }
  const std::optional<Status> answer = producer_->Poll(wait);
  if (!answer) {
    const bool operating = state_ != State::kReady && state_ != State::kOpen;
    if (operating && now >= deadline_) OnError(Status::UnknownOutcome("timed out"));
    return;
  }
  if (answer->ok()) {
    OnDone();
  } else {
    OnError(*answer);
  }
}

void TransactionWriter::OnDone() {
  switch (state_) {
    case State::kInitializing:
      return BecomeReady();
    case State::kFlushing:
      return OnFlushed();
    case State::kSendingOffsets:
      return SendNextOffsets();
    case State::kCommitting:
      return Finish(OutcomeKind::kCommitted, Status::Ok());
    case State::kAborting: {
      Finish(OutcomeKind::kAborted, abort_reason_);
      // A refused produce leaves the sequence numbers torn: the next transaction would fail once.
      if (aborts_in_a_row_ >= kAbortsBeforeRebuild || producer_->first_failure()) {
        Rebuild(abort_reason_);
      }
      return;
    }
    default:
      return;  // an answer to nothing: the operation was given up meanwhile
  }
}

void TransactionWriter::OnFlushed() {
  if (const auto& failure = producer_->first_failure()) {
    return StartAbort(Status::AbortRequired("a record was not delivered: topic=" + failure->topic +
                                            " partition=" + std::to_string(failure->partition) +
                                            " " + failure->status.ToString()));
  }
  if (options_.exactly_once) {
    TransitionTo(State::kSendingOffsets);
    return SendNextOffsets();
  }
  if (!closing_.empty()) {
    if (const Status sent = SendClosing(); !sent.ok()) {
      return StartAbort(Status::AbortRequired(sent.message()));
    }
    return producer_->StartFlush();
  }
  TransitionTo(State::kCommittingOffsets);
  committer_->CommitOffsets(++token_, offsets_);
}

void TransactionWriter::SendNextOffsets() {
  if (offsets_sent_ == offsets_.size()) {
    TransitionTo(State::kCommitting);
    commit_asked_ = true;
    return producer_->StartCommit();
  }
  std::vector<kafka::CommittedOffset> call;
  size_t bytes = 0;
  while (offsets_sent_ < offsets_.size() && (call.empty() || bytes < kStampBytesPerCall)) {
    bytes += offsets_[offsets_sent_].metadata.size();
    call.push_back(offsets_[offsets_sent_++]);
  }
  const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - clock_.Now());
  producer_->StartSendOffsets(std::move(call), membership_, std::max(left, Milliseconds(1)));
}

void TransactionWriter::OffsetsCommitted(uint64_t token, const Status& status) {
  if (state_ != State::kCommittingOffsets || token != token_) return;
  if (status.ok()) return Finish(OutcomeKind::kCommitted, Status::Ok());
  // Whether they were committed or not, a replay from the last known ones is at least once.
  TransitionTo(State::kAborting);
  Finish(OutcomeKind::kAborted, status);
}

void TransactionWriter::OnError(const Status& status) {
  const bool had_transaction = state_ != State::kInitializing && state_ != State::kReady;
  switch (status.code()) {
    case StatusCode::kUnavailable:
      if (clock_.Now() < deadline_) {
        if (state_ == State::kInitializing) return producer_->StartInit();
        if (state_ == State::kFlushing) return producer_->StartFlush();
        if (state_ == State::kCommitting) return producer_->StartCommit();
        if (state_ == State::kAborting) return producer_->StartAbort();
      }
      // send_offsets is not resumable (a second call is a second request), a full queue neither.
      if (state_ == State::kOpen || state_ == State::kSendingOffsets) return StartAbort(status);
      break;
    case StatusCode::kAbortRequired:
    case StatusCode::kTaskMigrated:
      if (had_transaction && state_ != State::kAborting) return StartAbort(status);
      break;
    case StatusCode::kFenced:
      if (FencedAgain()) {
        return Finish(OutcomeKind::kFailed,
                      Status::InvalidConfig(
                          "another process uses the same instance name; give each its own: "
                          "transactional id=" +
                          options_.producer.transactional_id));
      }
      break;
    case StatusCode::kStopped:
      // An output topic is gone, which a rebuild does not bring back.
      if (state_ != State::kInitializing) break;
      [[fallthrough]];
    case StatusCode::kInvalidConfig:
    case StatusCode::kFatal:
      return Finish(OutcomeKind::kFailed, status);
    default:
      break;
  }
  if (state_ == State::kAborting && !commit_asked_ && Refused()) {
    // A transaction of which the coordinator knows no partition, because the first one may not be
    // written, cannot be ended there. The taking over of the new producer ends what there is of it.
    Finish(OutcomeKind::kAborted, abort_reason_);
  } else if (had_transaction) {
    Finish(OutcomeKind::kUnknown, status);
  }
  const bool initializing = state_ == State::kInitializing;
  Rebuild(status);
  if (initializing) retry_at_ = clock_.Now() + kRebuildDelay;
}

std::optional<Offset> TransactionWriter::DeliveredEnd(kafka::SinkTopic topic,
                                                      Partition partition) const {
  if (!producer_) return std::nullopt;
  return producer_->DeliveredEnd(handles_[static_cast<size_t>(topic)], partition);
}

}  // namespace sidestream::transaction
