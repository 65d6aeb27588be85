// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/taint.h"

namespace sidestream::kafka::rdkafka {
namespace {

// Kafka's numbers of requests.
constexpr int16_t kProduce = 0;
constexpr int16_t kInitProducerId = 22;
constexpr int16_t kAddPartitionsToTxn = 24;
constexpr int16_t kAddOffsetsToTxn = 25;
constexpr int16_t kEndTxn = 26;
constexpr int16_t kTxnOffsetCommit = 28;

bool IsTransactional(int16_t api_key) {
  switch (api_key) {
    case kProduce:
    case kInitProducerId:
    case kAddPartitionsToTxn:
    case kAddOffsetsToTxn:
    case kEndTxn:
    case kTxnOffsetCommit:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Taint::OnRequestSent(int16_t api_key) {
  if (api_key == kEndTxn) end_transaction_sent_.fetch_add(1, std::memory_order_acq_rel);
  if (api_key == kTxnOffsetCommit) offset_commit_sent_.fetch_add(1, std::memory_order_acq_rel);
}

void Taint::OnResponse(int16_t api_key, bool transport_error) {
  if (transport_error && IsTransactional(api_key)) tainted_.store(true, std::memory_order_release);
}

void Taint::OnInitialized() {
  ResetCounters();
  tainted_.store(false, std::memory_order_release);
}

void Taint::OnTransactionEnded() {
  if (end_transaction_sent_.load(std::memory_order_acquire) > 1 ||
      offset_commit_sent_.load(std::memory_order_acquire) > send_offsets_calls_) {
    tainted_.store(true, std::memory_order_release);
  }
  ResetCounters();
}

void Taint::ResetCounters() {
  end_transaction_sent_.store(0, std::memory_order_release);
  offset_commit_sent_.store(0, std::memory_order_release);
  send_offsets_calls_ = 0;
}

}  // namespace sidestream::kafka::rdkafka
