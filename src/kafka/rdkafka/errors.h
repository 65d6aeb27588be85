// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What librdkafka reports, as the reaction that the caller owes. The flags of a transactional
// error rule; its code only refines them (engine.md B3): new codes keep arriving.
//
// Pure functions over numbers, so that the table can be tested without a client.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace sidestream::kafka::rdkafka {

/// One error of librdkafka, copied out of its object.
struct ErrorFacts {
  /// rd_kafka_resp_err_t.
  int code = 0;
  bool retriable = false;
  bool abortable = false;
  bool fatal = false;
  std::string text;
};

/// What a producer was doing.
enum class ProducerOperation { kInit, kBegin, kSendOffsets, kCommit, kAbort };

/// Credentials, access rights and whatever else no retry mends.
bool IsConfigurationError(int code);
/// The membership that was sent is over.
bool IsMembershipError(int code);

Status ProducerStatus(ProducerOperation operation, const ErrorFacts& error);
/// A record that was queued and not delivered.
Status DeliveryStatus(int code);
/// An error event of a group member or of one of its partitions.
Status ConsumerStatus(const ErrorFacts& error);
/// The answer to an offset commit outside a transaction.
Status CommitStatus(int code);
/// The answer to an admin request, whole or in part.
Status AdminStatus(int code, std::string_view text);
/// An error of a partition that is read by hand; `where` names partition and offset.
Status ReaderStatus(int code, std::string_view where);

}  // namespace sidestream::kafka::rdkafka
