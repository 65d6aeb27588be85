// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: what the engine asks of and does to the cluster apart from records.
//
// Shape: asynchronous. Every call returns a Pending<T>; Poll() it until it answers.
// Nothing is sent twice behind the caller's back.
//
// Threading: an Admin may be called from any thread; a Pending is confined to its holder
// and must not outlive the Admin. The member's and the background thread of an
// instance share one, and no worker calls it: on a real cluster DescribeTopics() and
// DescribeBrokerSettings() may block their caller for half a second, ListTopics() for two seconds.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/record.h"

namespace sidestream::kafka {

/// An answer under way. Dropping it gives the request up.
template <typename T>
class Pending {
 public:
  virtual ~Pending() = default;
  /// Empty: not yet. The answer is given once. kUnavailable: ask again.
  virtual std::optional<Result<T>> Poll() = 0;
};

/// The answer of a call that has none but success.
struct Done {};

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  /// -1: the broker's default.
  int16_t replication_factor = -1;
  /// Settings by Kafka's names ("cleanup.policy", "retention.ms" …).
  std::map<std::string, std::string> settings;
};

struct TopicDescription {
  std::string name;
  /// False: no such topic; all else is empty.
  bool exists = false;
  TopicId id;
  int32_t partitions = 0;
};

enum class IsolationLevel { kReadUncommitted, kReadCommitted };
/// Which offset of a partition is asked for.
struct OffsetSpec {
  enum class Kind : uint8_t { kEarliest, kLatest, kTime };

  /// The low watermark.
  static const OffsetSpec kEarliest;
  /// The log end under read_uncommitted and the last stable offset under read_committed.
  static const OffsetSpec kLatest;
  /// Of the first record with this timestamp or a later one; -1: there is none.
  static constexpr OffsetSpec At(Timestamp time) { return {Kind::kTime, time}; }

  Kind kind;
  Timestamp time{};  // of kTime
  friend bool operator==(const OffsetSpec&, const OffsetSpec&) = default;
};
inline constexpr OffsetSpec OffsetSpec::kEarliest{Kind::kEarliest};
inline constexpr OffsetSpec OffsetSpec::kLatest{Kind::kLatest};

struct GroupMember {
  std::string member_id;
  std::string instance_id;  // empty: dynamic
  std::string client_id;
  std::vector<TopicPartition> assignment;
};

struct GroupDescription {
  std::string group;
  /// Kafka's state name: "Empty", "Stable", "PreparingRebalance", "CompletingRebalance", "Dead".
  std::string state;
  std::vector<GroupMember> members;
};

class Admin {
 public:
  template <typename T>
  using Reply = std::unique_ptr<Pending<T>>;

  virtual ~Admin() = default;

  /// A topic that exists already is success. Visible on all brokers only later: see
  /// DescribeTopics().
  virtual Reply<Done> CreateTopics(std::vector<NewTopic> topics) = 0;
  /// In the order of `names`; a topic that is not visible with all partitions on every broker
  /// counts as absent.
  virtual Reply<std::vector<TopicDescription>> DescribeTopics(std::vector<std::string> names) = 0;
  /// The topics of the cluster whose names begin with `prefix`, by name, each as DescribeTopics()
  /// gives it; absent ones are left out.
  virtual Reply<std::vector<TopicDescription>> ListTopics(std::string prefix) = 0;
  /// Effective settings of a topic (defaults included) by Kafka's names.
  virtual Reply<std::map<std::string, std::string>> DescribeTopicSettings(std::string topic) = 0;
  /// Effective settings of a broker of the cluster; kInvalidConfig when we may not ask.
  virtual Reply<std::map<std::string, std::string>> DescribeBrokerSettings() = 0;
  virtual Reply<Done> DeleteTopics(std::vector<std::string> names) = 0;
  /// Deletes the records below each offset.
  virtual Reply<Done> DeleteRecords(std::vector<PartitionOffset> below) = 0;

  /// In the order of `partitions`. An unknown partition makes the whole reply kUnavailable.
  virtual Reply<std::vector<PartitionOffset>> ListOffsets(std::vector<TopicPartition> partitions,
                                                          OffsetSpec spec,
                                                          IsolationLevel isolation) = 0;
  /// Offsets and metadata that `group` has committed, in the order of `partitions`. With
  /// `require_stable` the reply is kUnavailable while any of them has a pending transactional
  /// offset, so ask task by task.
  virtual Reply<std::vector<CommittedOffset>> CommittedOffsets(
      std::string group, std::vector<TopicPartition> partitions, bool require_stable) = 0;
  /// All of them, also of topics that nobody reads any more. kUnavailable while any is pending.
  virtual Reply<std::vector<CommittedOffset>> AllCommittedOffsets(std::string group) = 0;
  /// Commits offsets with their metadata for a group that has no members, also for one that does not
  /// exist yet. Each offset is numeric. kStopped while the group has members.
  virtual Reply<Done> CommitOffsets(std::string group, std::vector<CommittedOffset> offsets) = 0;
  /// A group that does not exist is described as "Dead" without members.
  virtual Reply<GroupDescription> DescribeGroup(std::string group) = 0;
  /// Deletes the group with its offsets; kStopped while it has members; absent is success.
  virtual Reply<Done> DeleteGroup(std::string group) = 0;
};

}  // namespace sidestream::kafka
