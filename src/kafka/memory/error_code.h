// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a request of the in-process broker answers: Kafka's error codes by Kafka's names.
// They stay inside this folder; ports speak Status.

#pragma once

#include <string_view>

namespace sidestream::kafka::memory {

enum class ErrorCode {
  kNone,
  kOffsetOutOfRange,
  kUnknownTopicOrPartition,
  kTopicAuthorizationFailed,
  kMessageTooLarge,
  kInvalidTimestamp,
  kInvalidRecord,
  kOffsetMetadataTooLarge,
  kIllegalGeneration,
  kUnknownMemberId,
  kRebalanceInProgress,
  kFencedInstanceId,
  kInconsistentGroupProtocol,
  kInvalidProducerEpoch,
  kInvalidProducerIdMapping,
  kInvalidTransactionTimeout,
  kInvalidTxnState,
  kConcurrentTransactions,
  kOutOfOrderSequence,
  kUnstableOffsetCommit,
  kNonEmptyGroup,
  kInvalidConfig,
  kUnknownServerError,
};

/// Kafka's name, as "ILLEGAL_GENERATION".
std::string_view ErrorName(ErrorCode code);

}  // namespace sidestream::kafka::memory
