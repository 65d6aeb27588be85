// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An in-process Kafka: what clients of NewMemoryCluster() talk to.
//
// Place in the flow: stands where a cluster would. Deterministic: everything that happens
// follows from the calls, the clock's readings and the seed. Time passes only by the clock;
// sessions, transaction timeouts and delayed requests are looked at in Step(), which every
// poll of a client calls too. A harness that lets the clock jump far must give its clients
// timeouts that are longer than its jumps.
//
// A client that is destroyed without StartClose() is as gone as by kill -9: its requests
// under way arrive, the broker notices the rest by its timeouts.
//
// Threading: one mutex for all; clients of one broker may live in several threads. The
// broker outlives its clusters, they their clients.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kafka/memory/faults.h"
#include "kafka/memory/group_coordinator.h"
#include "kafka/memory/network.h"
#include "kafka/memory/topic_registry.h"
#include "kafka/memory/transaction_coordinator.h"

namespace sidestream::kafka::memory {

struct BrokerOptions {
  uint64_t seed = 1;
  /// group.initial.rebalance.delay.ms; Kafka's own default is 3 s.
  Milliseconds initial_rebalance_delay{0};
  /// transaction.abort.timed.out.transaction.cleanup.interval.ms
  Milliseconds transaction_cleanup_interval{10'000};
  /// transaction.max.timeout.ms
  Milliseconds transaction_timeout_max{900'000};
  /// log.cleaner.backoff.ms and log.retention.check.interval.ms. Zero: never, for an embedded run
  /// keeps what it was given.
  Milliseconds cleaner_backoff{0};
  Milliseconds retention_check_interval{0};
  /// From CreateTopics to the moment at which clients see the topic.
  Milliseconds topic_visibility_delay{0};

  // What is the clients' in a real cluster.
  /// A request without an answer is sent again after this (socket.timeout.ms).
  Milliseconds request_timeout{5'000};
  /// Pause before a refused request is repeated.
  Milliseconds retry_backoff{20};
  /// How often a member looks whether its topics changed.
  Milliseconds metadata_refresh{1'000};
  /// Records fetched ahead per partition, and per fetch.
  size_t prefetch_records_max = 1'000;
  size_t fetch_records_max = 500;
  size_t fetch_bytes_max = 1 << 20;
  /// message.max.bytes and queue.buffering.max.messages of a producer.
  size_t message_bytes_max = 1'000'000;
  /// The producer refuses a membership without generation or member, which the broker accepts from
  /// anyone (engine-kafka4 B). False shows what the engine's own permits are worth alone.
  bool refuse_unusable_membership = true;
  /// What was fetched for a partition before a stop or a pause leaves the queue that it is
  /// forwarded to. False: it stays there, as with a client that does not number its fetches.
  bool drop_outdated_records = true;
  int64_t producer_queue_records_max = 100'000;
};

/// A record as an oracle sees it.
struct InspectedRecord {
  Offset offset;
  Timestamp timestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  /// A marker has neither key nor value.
  LogEntry::Kind kind = LogEntry::Kind::kData;
  bool transactional = false;
  bool aborted = false;
};

class Broker {
 public:
  explicit Broker(const Clock& clock, BrokerOptions options = {});
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Delivers what is due and lets timeouts act.
  void Step();

  /// Whether no message is under way. (Timeouts may still be pending.)
  bool quiet();

  // Faults. Use from the thread that steps, between steps.
  Faults& faults() { return faults_; }
  /// The members of this client are evicted now.
  void ExpireSession(const std::string& group, const std::string& client_id);
  /// Until ThawMarkers() no transaction marker is written: what was committed stays unreadable.
  void FreezeMarkers();
  void ThawMarkers();
  /// Nobody may write to the topic, until it is allowed again.
  void DenyWrites(const std::string& topic);
  void AllowWrites(const std::string& topic);

  // Set-up without a client.
  Status CreateTopic(const NewTopic& topic);

  // Inspection, for oracles.
  std::vector<std::string> Topics();
  /// Partition count; 0: no such topic.
  int32_t PartitionCount(const std::string& topic);
  /// What a read_committed reader can read now.
  std::vector<InspectedRecord> ReadCommitted(const TopicPartition& partition);
  /// Everything: open, aborted, markers.
  std::vector<InspectedRecord> DumpLog(const TopicPartition& partition);
  Offset LogStart(const TopicPartition& partition);
  Offset LogEnd(const TopicPartition& partition);
  Offset LastStableOffset(const TopicPartition& partition);
  std::vector<OpenTransaction> OpenTransactions();
  std::vector<CommittedOffset> CommittedOffsets(const std::string& group);
  GroupDescription Group(const std::string& group);
  uint64_t TraceHash();
  int64_t DeliveredRequests();

  // For the clients of this folder, under mutex().
  std::recursive_mutex& mutex() { return mutex_; }
  const Clock& clock() const { return clock_; }
  const BrokerOptions& options() const { return options_; }
  Network& network() { return network_; }
  TopicRegistry& topics() { return topics_; }
  GroupCoordinator& groups() { return groups_; }
  TransactionCoordinator& transactions() { return transactions_; }
  Random& random() { return random_; }
  bool MayWrite(const std::string& topic) const { return !unwritable_.contains(topic); }
  AppendResult Produce(const TopicPartition& partition, const ProducerStamp& stamp,
                       std::shared_ptr<const RecordBatch> batch);
  ErrorCode TransactionalCommit(const MemberProof& proof, ProducerIdentity producer,
                                const std::vector<CommittedOffset>& offsets);
  bool DeleteTopic(const std::string& topic);

 private:
  void SendMarker(const TransactionMarker& marker, std::function<void()> written);
  void DeliverMarker(const TransactionMarker& marker, std::function<void()> written);
  void CleanLogs();
  std::vector<InspectedRecord> Inspect(const TopicPartition& partition, bool committed_only);

  const Clock& clock_;
  const BrokerOptions options_;
  std::recursive_mutex mutex_;
  Random random_;
  Faults faults_;
  Network network_;
  TopicRegistry topics_;
  GroupCoordinator groups_;
  MonotonicTime stepped_at_{};
  MonotonicTime compacted_at_;
  MonotonicTime retained_at_;
  std::set<std::string> unwritable_;
  bool markers_frozen_ = false;
  std::vector<std::pair<TransactionMarker, std::function<void()>>> frozen_;
  TransactionCoordinator transactions_;
};

}  // namespace sidestream::kafka::memory
