// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The half of MemoryProducer that runs operations: init, flush, offsets, commit, abort.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "kafka/memory/group_client.h"
#include "kafka/memory/memory_producer.h"

namespace sidestream::kafka::memory {

namespace {

using Guard = std::lock_guard<std::recursive_mutex>;

/// An abort waits this long for what is under way.
constexpr Milliseconds kAbortFlush{1'000};

}  // namespace

void MemoryProducer::StartOperation(Operation operation, Phase phase) {
  operation_ = operation;
  phase_ = phase;
  step_done_ = false;
  sends_ = 0;
  exchange_.Cancel();
  retry_at_ = MonotonicTime();
}

void MemoryProducer::StartInit() {
  const Guard lock(broker_.mutex());
  StartOperation(Operation::kInit, Phase::kDrain);
}

void MemoryProducer::StartFlush() {
  const Guard lock(broker_.mutex());
  StartOperation(Operation::kFlush, Phase::kDrain);
}

void MemoryProducer::StartSendOffsets(std::vector<CommittedOffset> offsets,
                                      std::shared_ptr<const GroupMetadata> membership,
                                      Milliseconds timeout) {
  const Guard lock(broker_.mutex());
  StartOperation(Operation::kSendOffsets, Phase::kAddOffsets);
  deadline_ = broker_.clock().Now() + timeout;
  offsets_ = std::move(offsets);
  offsets_refused_.reset();
  for (const CommittedOffset& o : offsets_) {
    // An entry without a number would not fence (design-review 3).
    CHECK(o.offset && *o.offset >= Offset(0)) << o.partition << " has no numeric offset";
  }
  const auto* metadata = dynamic_cast<const MemoryGroupMetadata*>(membership.get());
  const bool refuse = broker_.options().refuse_unusable_membership;
  if (metadata == nullptr || (refuse && !metadata->usable())) {
    // The broker would accept (-1, "") from anyone.
    offsets_refused_ = Status::TaskMigrated("offsets without a usable membership");
  } else {
    proof_ = metadata->proof();
  }
}

void MemoryProducer::StartCommit() {
  const Guard lock(broker_.mutex());
  StartOperation(Operation::kCommit, Phase::kDrain);
}

void MemoryProducer::StartAbort() {
  const Guard lock(broker_.mutex());
  StartOperation(Operation::kAbort, Phase::kDrain);
  deadline_ = broker_.clock().Now() + kAbortFlush;
}

std::optional<Status> MemoryProducer::Poll(Milliseconds) {
  const Guard lock(broker_.mutex());
  broker_.Step();
  Pump();
  broker_.Step();
  // Answers lead to the next requests of the same operation; each pass is one step of it.
  constexpr int kPasses = 8;
  for (int pass = 0; pass < kPasses; ++pass) {
    if (operation_ == Operation::kNone) return std::nullopt;
    Pump();
    if (auto done = Advance(broker_.clock().Now())) {
      operation_ = Operation::kNone;
      exchange_.Cancel();
      return done;
    }
    broker_.Step();
  }
  return std::nullopt;
}

std::optional<Status> MemoryProducer::Advance(MonotonicTime now) {
  if (fatal_) return fatal_;
  switch (operation_) {
    case Operation::kNone:
      return std::nullopt;
    case Operation::kInit:
      if (initialized_) return Status::Ok();
      if (MaySend(now)) SendInit();
      return std::nullopt;
    case Operation::kFlush:
      if (!initialized_) return Status::Fatal("flush before init");
      if (in_flight_ > 0) return std::nullopt;
      return denied_ ? *denied_ : Status::Ok();
    case Operation::kSendOffsets:
      return AdvanceSendOffsets(now);
    case Operation::kCommit:
      return AdvanceCommit(now);
    case Operation::kAbort:
      return AdvanceAbort(now);
  }
  return std::nullopt;
}

bool MemoryProducer::MaySend(MonotonicTime now) {
  if (exchange_.Overdue(now)) {
    // A transport error on a transactional request: a copy of it may come late.
    tainted_ = tainted_ || transactional();
    exchange_.Cancel();
  }
  return !exchange_.waiting() && now >= retry_at_;
}

void MemoryProducer::SendInit() {
  const bool bump = initialized_ && transactional();
  const auto current = bump ? std::optional(identity_) : std::nullopt;
  const bool twice = exchange_.Send<InitAnswer>(
      broker_.network(), ApiKey::kInitProducerId, sender_, broker_.options().request_timeout,
      [&broker = broker_, options = options_, current](Reply<InitAnswer> reply) {
        reply(broker.transactions().Init(options.transactional_id, options.transaction_timeout,
                                         current));
      },
      [this](InitAnswer answer) {
        switch (answer.error) {
          case ErrorCode::kNone:
            identity_ = answer.identity;
            initialized_ = true;
            bump_wanted_ = false;
            step_done_ = true;
            for (auto& [partition, lane] : lanes_) {
              lane.sending_sequence = 0;
              lane.next_sequence =
                  lane.sending == nullptr ? 0 : static_cast<int32_t>(lane.sending->count());
            }
            return;
          case ErrorCode::kConcurrentTransactions:
            return RetryLater();
          case ErrorCode::kInvalidTransactionTimeout:
            return Fatal(Status::InvalidConfig("transaction.timeout.ms is not allowed"));
          default:
            return OnRequestError(answer.error, "InitProducerId");
        }
      });
  tainted_ = tainted_ || (twice && transactional());
}

std::optional<Status> MemoryProducer::AdvanceSendOffsets(MonotonicTime now) {
  if (!in_transaction_) return Status::Fatal("offsets outside a transaction");
  if (abort_required_) return abort_required_;
  if (offsets_refused_) return offsets_refused_;
  // Nothing to send is nothing refused, and nothing fenced.
  if (offsets_.empty()) return Status::Ok();
  if (std::exchange(step_done_, false)) {
    if (phase_ == Phase::kCommitOffsets) return Status::Ok();
    phase_ = Phase::kCommitOffsets;
    sends_ = 0;
  }
  if (now >= deadline_) {
    tainted_ = true;
    return Status::Unavailable("sending offsets was not answered in time");
  }
  if (!MaySend(now)) return std::nullopt;
  if (phase_ == Phase::kAddOffsets) {
    SendAddOffsets();
  } else {
    SendCommitOffsets();
  }
  return std::nullopt;
}

void MemoryProducer::SendAddOffsets() {
  partitions_sent_ = true;
  const bool twice = exchange_.Send<ErrorCode>(
      broker_.network(), ApiKey::kAddOffsetsToTxn, sender_, broker_.options().request_timeout,
      [&broker = broker_, id = options_.transactional_id, identity = identity_,
       group = proof_.group](Reply<ErrorCode> reply) {
        reply(broker.transactions().AddOffsets(id, identity, group));
      },
      [this](ErrorCode error) {
        if (error == ErrorCode::kNone) {
          step_done_ = true;
        } else if (error == ErrorCode::kConcurrentTransactions) {
          RetryLater();
        } else {
          OnRequestError(error, "AddOffsetsToTxn");
        }
      });
  tainted_ = tainted_ || twice;
}

void MemoryProducer::SendCommitOffsets() {
  const bool twice = exchange_.Send<ErrorCode>(
      broker_.network(), ApiKey::kTxnOffsetCommit, sender_, broker_.options().request_timeout,
      [&broker = broker_, proof = proof_, identity = identity_, offsets = offsets_](
          Reply<ErrorCode> reply) { reply(broker.TransactionalCommit(proof, identity, offsets)); },
      [this](ErrorCode error) {
        if (error == ErrorCode::kNone) {
          step_done_ = true;
        } else {
          OnRequestError(error, "TxnOffsetCommit");
        }
      });
  tainted_ = tainted_ || twice || ++sends_ > 1;
}

void MemoryProducer::OnRequestError(ErrorCode error, std::string_view request) {
  const std::string what =
      std::string(request) + " refused: error=" + std::string(ErrorName(error));
  switch (error) {
    case ErrorCode::kInvalidProducerEpoch:
    case ErrorCode::kInvalidProducerIdMapping:
      return Fatal(Status::Fenced(what));
    case ErrorCode::kInvalidTxnState:
      return Fatal(Status::UnknownOutcome(what));
    case ErrorCode::kIllegalGeneration:
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kFencedInstanceId:
      return RequireAbort(Status::TaskMigrated(what));
    default:
      return RequireAbort(Status::AbortRequired(what));
  }
}

std::optional<Status> MemoryProducer::AdvanceCommit(MonotonicTime now) {
  if (!transactional()) return Status::Fatal("commit without a transactional id");
  if (!in_transaction_) return Status::Fatal("commit outside a transaction");
  if (abort_required_) return abort_required_;
  if (phase_ == Phase::kDrain) {
    if (in_flight_ > 0) return std::nullopt;
    phase_ = Phase::kEnd;
  }
  // A transaction of which the coordinator never heard ends here.
  if (!partitions_sent_) step_done_ = true;
  if (step_done_) {
    EndLocally();
    return Status::Ok();
  }
  if (MaySend(now)) SendEnd(/*commit=*/true);
  return std::nullopt;
}

std::optional<Status> MemoryProducer::AdvanceAbort(MonotonicTime now) {
  if (!transactional()) return Status::Fatal("abort without a transactional id");
  if (!in_transaction_) return Status::Fatal("abort outside a transaction");
  if (phase_ == Phase::kDrain) {
    const bool busy = in_flight_ > 0 || add_partitions_.waiting();
    if (busy && now < deadline_) return std::nullopt;
    RequireAbort(Status::AbortRequired("the transaction is being aborted"));
    for (auto& [partition, lane] : lanes_) {
      if (lane.sending == nullptr) continue;
      // What is still under way may be written or not.
      bump_wanted_ = true;
      in_flight_ -= static_cast<int64_t>(lane.sending->count());
      lane.sending.reset();
      lane.exchange.Cancel();
    }
    // Left behind, it may open a transaction that nobody owns.
    tainted_ = tainted_ || add_partitions_.waiting();
    add_partitions_.Cancel();
    phase_ = Phase::kEnd;
    if (!partitions_sent_) step_done_ = true;
  }
  if (phase_ == Phase::kEnd && std::exchange(step_done_, false)) {
    if (!bump_wanted_) {
      EndLocally();
      return Status::Ok();
    }
    phase_ = Phase::kBumpEpoch;
  }
  if (phase_ == Phase::kBumpEpoch && std::exchange(step_done_, false)) {
    EndLocally();
    return Status::Ok();
  }
  if (!MaySend(now)) return std::nullopt;
  if (phase_ == Phase::kBumpEpoch) {
    SendInit();
  } else {
    SendEnd(/*commit=*/false);
  }
  return std::nullopt;
}

void MemoryProducer::SendEnd(bool commit) {
  const bool twice = exchange_.Send<ErrorCode>(
      broker_.network(), ApiKey::kEndTxn, sender_, broker_.options().request_timeout,
      [&broker = broker_, id = options_.transactional_id, identity = identity_,
       commit](Reply<ErrorCode> reply) { reply(broker.transactions().End(id, identity, commit)); },
      [this](ErrorCode error) {
        if (error == ErrorCode::kNone) {
          step_done_ = true;
        } else if (error == ErrorCode::kConcurrentTransactions) {
          RetryLater();
        } else {
          OnRequestError(error, "EndTxn");
        }
      });
  tainted_ = tainted_ || twice || ++sends_ > 1;
}

void MemoryProducer::EndLocally() {
  in_transaction_ = false;
  partitions_sent_ = false;
  abort_required_.reset();
}

}  // namespace sidestream::kafka::memory
