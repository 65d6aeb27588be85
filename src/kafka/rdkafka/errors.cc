// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/errors.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "kafka/rdkafka/handle.h"

namespace sidestream::kafka::rdkafka {
namespace {

std::string Describe(int code, std::string_view text) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  if (text.empty()) return fmt::format("{} ({})", rd_kafka_err2str(error), rd_kafka_err2name(error));
  return fmt::format("{} ({})", text, rd_kafka_err2name(error));
}

bool IsFencing(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return true;
    default:
      return false;
  }
}

// A call in the wrong state or with wrong arguments: ours to repair, not the cluster's.
bool IsMisuse(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__CONFLICT:
    case RD_KAFKA_RESP_ERR__NOT_CONFIGURED:
      return true;
    default:
      return false;
  }
}

bool IsUnknownTopic(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool IsConfigurationError(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
      return true;
    default:
      return false;
  }
}

bool IsMembershipError(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH:
      return true;
    default:
      return false;
  }
}

Status ProducerStatus(ProducerOperation operation, const ErrorFacts& error) {
  std::string text = Describe(error.code, error.text);
  if (IsConfigurationError(error.code)) return Status::InvalidConfig(std::move(text));
  // PRODUCER_FENCED on the offset commit comes as abortable (engine.md B3).
  if (IsFencing(error.code)) return Status::Fenced(std::move(text));
  if (error.fatal) return Status::UnknownOutcome(std::move(text));
  if (error.retriable) return Status::Unavailable(std::move(text));
  if (error.abortable) {
    return IsMembershipError(error.code) ? Status::TaskMigrated(std::move(text))
                                         : Status::AbortRequired(std::move(text));
  }
  // The last step of librdkafka's abort or commit finds the one before it not done when a new epoch is
  // on its way (rd_kafka_txn_op_abort_transaction_ack; seen in fault 6. In a commit: "BUG: Invalid
  // transaction state transition attempted: CommittingTransaction -> AbortedNotAcked"). The next
  // producer ends it.
  const bool ends =
      operation == ProducerOperation::kAbort || operation == ProducerOperation::kCommit;
  if (ends && error.code == RD_KAFKA_RESP_ERR__STATE) {
    return Status::UnknownOutcome(std::move(text));
  }
  if (IsMisuse(error.code)) return Status::Fatal(std::move(text));
  // Local and without effect; everywhere else an error without a flag may have happened.
  if (operation == ProducerOperation::kBegin) return Status::Fatal(std::move(text));
  return Status::UnknownOutcome(std::move(text));
}

Status DeliveryStatus(int code) {
  std::string text = Describe(code, "");
  if (IsConfigurationError(code)) return Status::InvalidConfig(std::move(text));
  if (IsFencing(code)) return Status::Fenced(std::move(text));
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return Status::BadRecord(std::move(text));
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return Status::Unavailable(std::move(text));
    default:
      break;
  }
  if (IsUnknownTopic(code)) return Status::Stopped(std::move(text));
  return Status::AbortRequired(std::move(text));
}

Status ConsumerStatus(const ErrorFacts& error) {
  std::string text = Describe(error.code, error.text);
  if (error.code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    return Status::Fenced(std::move(text));
  }
  if (IsConfigurationError(error.code)) return Status::InvalidConfig(std::move(text));
  if (error.fatal) return Status::Fatal(std::move(text));
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__NO_OFFSET:
      return Status::Stopped(std::move(text));
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
      return Status::Fatal(std::move(text));
    default:
      // The library goes on by itself after anything that is neither fatal nor configuration.
      return Status::Unavailable(std::move(text));
  }
}

Status CommitStatus(int code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::Ok();
  std::string text = Describe(code, "");
  if (IsConfigurationError(code)) return Status::InvalidConfig(std::move(text));
  if (IsMembershipError(code)) return Status::TaskMigrated(std::move(text));
  switch (code) {
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return Status::Fatal(std::move(text));
    default:
      // A commit may be repeated: the same offsets again change nothing.
      return Status::Unavailable(std::move(text));
  }
}

Status AdminStatus(int code, std::string_view text) {
  std::string description = Describe(code, text);
  if (IsConfigurationError(code)) return Status::InvalidConfig(std::move(description));
  switch (code) {
    case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC:
      return Status::Stopped(std::move(description));
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
    case RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED:
      return Status::InvalidConfig(std::move(description));
    default:
      return Status::Unavailable(std::move(description));
  }
}

Status ReaderStatus(int code, std::string_view where) {
  std::string text = fmt::format("{}: {}", Describe(code, ""), where);
  if (IsConfigurationError(code)) return Status::InvalidConfig(std::move(text));
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return Status::Stopped("offset is out of the log's range: " + text);
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return Status::Fatal(std::move(text));
    default:
      return Status::Unavailable(std::move(text));
  }
}

std::optional<ErrorFacts> TakeFacts(rd_kafka_error_t* error) {
  if (error == nullptr) return std::nullopt;
  const Error owner(error);
  return ErrorFacts{.code = rd_kafka_error_code(error),
                    .retriable = rd_kafka_error_is_retriable(error) != 0,
                    .abortable = rd_kafka_error_txn_requires_abort(error) != 0,
                    .fatal = rd_kafka_error_is_fatal(error) != 0,
                    .text = rd_kafka_error_string(error)};
}

PartitionList ToList(std::span<const CommittedOffset> offsets) {
  PartitionList list = NewPartitionList(offsets.size());
  for (const CommittedOffset& committed : offsets) {
    // One entry without a number is not sent at all, and a list of such is not fenced
    // (design-review 3).
    CHECK(committed.offset.has_value() && committed.offset->value() >= 0)
        << committed.partition << " has no numeric offset";
    rd_kafka_topic_partition_t* element = Add(list, committed.partition);
    element->offset = committed.offset->value();
    if (!committed.metadata.empty()) {
      // The list frees it, so it must come from the library's allocator.
      element->metadata = rd_kafka_mem_malloc(nullptr, committed.metadata.size());
      CHECK(element->metadata != nullptr) << "no memory for offset metadata";
      committed.metadata.copy(static_cast<char*>(element->metadata), committed.metadata.size());
      element->metadata_size = committed.metadata.size();
    }
  }
  return list;
}

}  // namespace sidestream::kafka::rdkafka
