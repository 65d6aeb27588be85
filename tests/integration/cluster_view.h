// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the integration tests ask of a real cluster, through our own ports: offsets, lags, and the
// records of a topic as a read_committed reader sees them.
//
// Place in the flow: beside the program under test, never inside it.
//
// Threading: confined to one thread.
//
// Invariant: a question that the cluster does not answer in time ends the process with the reason;
// a test that goes on without an answer proves nothing.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kafka/cluster.h"

namespace sidestream::integration {

/// Where the records of one partition lie. `stable` is the end for a read_committed reader: below
/// `high` while a transaction is open.
struct PartitionEnds {
  TopicPartition partition;
  Offset low;
  Offset high;
  Offset stable;
};

/// A partition of an input, and how far the group has committed it.
struct PartitionLag {
  TopicPartition partition;
  /// Empty: the group has committed nothing.
  std::optional<Offset> committed;
  Offset high;
  bool done() const { return high == Offset(0) || (committed && *committed == high); }
};

class ClusterView {
 public:
  /// Of librdkafka, for every client.
  using Properties = std::map<std::string, std::string>;

  explicit ClusterView(const std::string& bootstrap);
  explicit ClusterView(const Properties& properties);

  kafka::Cluster& cluster() { return *cluster_; }

  /// Partition count; 0: there is no such topic.
  int32_t Partitions(const std::string& topic);
  std::vector<PartitionEnds> Ends(const std::string& topic);
  std::vector<PartitionLag> Lags(const std::string& group, const std::string& topic);

  using Visit = std::function<void(const TopicPartition&, const kafka::Record&)>;
  /// Visits all committed records of `topic`, in order within a partition. Waits for open
  /// transactions to end, since the end of the log would not be reached before.
  void ReadAll(const std::string& topic, const Visit& visit);
  /// The same with the headers of each.
  using VisitWithHeaders = std::function<void(const TopicPartition&, const kafka::Record&,
                                              std::span<const kafka::Header>)>;
  void ReadAllWithHeaders(const std::string& topic, const VisitWithHeaders& visit);
  /// As ReadAll() up to the last stable offset of now, while transactions come and go.
  void ReadStable(const std::string& topic, const Visit& visit);

 private:
  std::vector<TopicPartition> PartitionsOf(const std::string& topic);
  std::vector<kafka::PartitionOffset> Offsets(const std::vector<TopicPartition>& partitions,
                                              kafka::OffsetSpec spec,
                                              kafka::IsolationLevel isolation);
  void ReadTo(const std::string& topic, std::vector<PartitionEnds> open,
              const VisitWithHeaders& visit);

  SystemClock clock_;
  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace sidestream::integration
