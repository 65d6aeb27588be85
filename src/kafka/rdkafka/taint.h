// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether a late copy of a transactional request may still be under way. librdkafka repeats
// requests without a word and speaks the old transaction protocol: a late EndTxn ends the next
// transaction, a late TxnOffsetCommit rewinds committed offsets (KAFKA-17754; engine-kafka4 C).
//
// Rule (recipe 10.4): tainted by any transport error on a transactional request, or when EndTxn or
// TxnOffsetCommit went out more often than it was asked for. AddPartitions and AddOffsets are
// repeated in health, so their sends are not counted.
//
// Threading: On…() on the client's broker threads; the rest on the producer's.

#pragma once

#include <atomic>
#include <cstdint>

namespace sidestream::kafka::rdkafka {

class Taint {
 public:
  void OnRequestSent(int16_t api_key);
  /// librdkafka calls it twice for one response; it sees transport errors only.
  void OnResponse(int16_t api_key, bool transport_error);

  /// A transactional id was taken over: the epoch is new, what is late no longer counts.
  void OnInitialized();
  void OnSendOffsetsCalled() { ++send_offsets_calls_; }
  /// After each commit and abort.
  void OnTransactionEnded();

  bool tainted() const { return tainted_.load(std::memory_order_acquire); }

 private:
  void ResetCounters();

  std::atomic<bool> tainted_{false};
  std::atomic<int64_t> end_transaction_sent_{0};
  std::atomic<int64_t> offset_commit_sent_{0};
  int64_t send_offsets_calls_ = 0;
};

}  // namespace sidestream::kafka::rdkafka
