// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: a producer, transactional or merely idempotent.
//
// Place in the flow: owned by transaction::TransactionWriter, one per worker, and by the
// control topic's leader.
//
// Shape: asynchronous. Start…() begins an operation, Poll() says how it goes; one operation
// at a time. The librdkafka adapter works inside Poll() on the caller's thread, in slices of
// 100 ms at most (init, commit and abort resume; send_offsets is one request and gets the
// remaining transaction time at once: second-look B8). The memory adapter never blocks.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/consumer.h"
#include "kafka/record.h"

namespace sidestream::kafka {

/// A topic as one producer knows it; cheap to copy, good for that producer only.
struct TopicHandle {
  int32_t index = -1;
};

struct OutgoingRecord {
  TopicHandle topic;
  Partition partition = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  /// Empty: the producer's clock. Internal topics always leave it empty, because retention
  /// would delete live state by event time (architecture 7).
  std::optional<Timestamp> timestamp;
  std::span<const Header> headers;
};

/// A record that the broker refused or that timed out.
struct DeliveryFailure {
  std::string topic;
  Partition partition = 0;
  Status status;
};

class Producer {
 public:
  virtual ~Producer() = default;

  /// Makes `topic` known before StartInit(), which fetches metadata of all known topics
  /// (else the first transaction waits a second: recipe, decision 16). Later calls work too.
  virtual TopicHandle RegisterTopic(std::string_view topic) = 0;

  /// Fetches metadata and, when transactional, takes over the transactional id: ends a
  /// predecessor's transaction and fences it.
  virtual void StartInit() = 0;
  /// Opens a transaction. Local. A merely idempotent producer does nothing.
  virtual Status Begin() = 0;
  /// Queues a record; bytes are copied. kUnavailable: the local queue is full, Poll() and
  /// call again. kBadRecord: larger than the client's limit, nothing was queued.
  virtual Status Produce(const OutgoingRecord& record) = 0;
  /// Done when every delivery report is in, delivered or failed.
  virtual void StartFlush() = 0;
  /// Adds offsets to the transaction. More than one call per transaction is legal.
  virtual void StartSendOffsets(std::vector<CommittedOffset> offsets,
                                std::shared_ptr<const GroupMetadata> membership,
                                Milliseconds timeout) = 0;
  virtual void StartCommit() = 0;
  /// Flushes at most one second, then aborts (an abort within milliseconds of begin is
  /// fatal otherwise: recipe, decision 15).
  virtual void StartAbort() = 0;

  /// Serves the client and the running operation, waiting at most `wait`. Empty: still under
  /// way, or none was started. The errors of an operation:
  ///   kUnavailable     start the same operation again, same arguments
  ///   kAbortRequired   abort the transaction
  ///   kTaskMigrated    abort it; the membership that was sent is over: await a newer one
  ///   kFenced          someone took the transactional id: rebuild the producer
  ///   kUnknownOutcome  rebuild the producer, reopen the tasks
  ///   kInvalidConfig   credentials, authorization, a second process with our name: exit 78
  ///   kFatal           anything else
  virtual std::optional<Status> Poll(Milliseconds wait) = 0;

  /// Records queued whose report is not in yet.
  virtual int64_t in_flight() const = 0;
  /// The first failed delivery since the last Begin().
  virtual const std::optional<DeliveryFailure>& first_failure() const = 0;
  /// Highest delivered offset + 1 of a partition since this producer was made; empty when
  /// nothing was delivered there.
  virtual std::optional<Offset> DeliveredEnd(TopicHandle topic, Partition partition) const = 0;

  /// A transactional request saw a transport error or was sent twice: a late copy of it may
  /// tear the next transaction (KAFKA-17754; recipe 10.4). Or all nodes were lost for a while.
  /// Rebuild before the next Begin().
  virtual bool tainted() const = 0;
};

}  // namespace sidestream::kafka
