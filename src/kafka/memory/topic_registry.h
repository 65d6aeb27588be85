// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The topics of the in-process broker, their settings and their logs.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/admin.h"
#include "kafka/memory/partition_log.h"

namespace sidestream::kafka::memory {

struct Topic {
  std::string name;
  TopicId id;
  /// Effective settings, defaults included.
  std::map<std::string, std::string> settings;
  LogLimits limits;
  std::vector<PartitionLog> partitions;
  /// Until then no client sees it.
  MonotonicTime visible_at;
};

class TopicRegistry {
 public:
  TopicRegistry(const Clock& clock, uint64_t seed, Milliseconds visibility_delay)
      : clock_(clock), seed_(seed), visibility_delay_(visibility_delay) {}

  /// An existing topic is success and stays as it is. kInvalidConfig: a name, a partition
  /// count or a setting that Kafka refuses.
  Status Create(const NewTopic& topic);
  /// What Create() would say.
  Status Validate(const NewTopic& topic) const;
  /// Whether there was such a topic.
  bool Delete(const std::string& name);

  /// Null when it does not exist or is not visible yet.
  Topic* Find(const std::string& name);
  /// Null as Find(), or when there is no such partition.
  const PartitionLog* FindLog(const TopicPartition& partition);
  /// As FindLog(), also when the topic is not visible yet: for what goes on inside the broker.
  const PartitionLog* FindHiddenLog(const TopicPartition& partition) { return LogOf(partition); }
  /// As FindHiddenLog(), for whoever is going to change the log.
  PartitionLog* ChangeLog(const TopicPartition& partition);
  /// Rises with whatever may have changed a log.
  uint64_t changes() const { return changes_; }
  std::vector<std::string> names() const;
  void ForEachLog(const std::function<void(PartitionLog&)>& visit);

 private:
  PartitionLog* LogOf(const TopicPartition& partition);

  const Clock& clock_;
  const uint64_t seed_;
  const Milliseconds visibility_delay_;
  uint64_t created_ = 0;
  uint64_t changes_ = 0;
  std::map<std::string, std::unique_ptr<Topic>> topics_;
};

}  // namespace sidestream::kafka::memory
