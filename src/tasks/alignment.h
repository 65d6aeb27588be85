// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Alignment: how far the partitions of a topic with `max_drift` have come in event time, so that a
// fast one waits for the slowest and state behind them stays bounded.
//
// Place in the flow: tasks of this instance say where their partition stands; what other instances
// hold is read from the stamps that they commit. A task that asks is told how far it may go.
//
// Threading: Publish(), Release() and LimitOf() on any worker's thread; Step() on one thread.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "kafka/admin.h"
#include "tasks/sub_topology.h"
#include "time/upstream_time.h"

namespace sidestream::tasks {

class Alignment {
 public:
  /// Of every input of `application` that has a bound. All arguments are borrowed.
  Alignment(const ApplicationSpec& application, kafka::Admin& admin, const Clock& clock);
  ~Alignment();

  /// A task of this instance stands there. Of a topic without a bound nothing happens.
  void Publish(const TopicPartition& partition, time::Progress progress, Timestamp watermark);
  /// No task of this instance does any more.
  void Release(const TopicPartition& partition);
  /// Up to which event time records of `partition` may be taken now: the slowest of the others that
  /// are neither idle nor finished, plus the bound. kEndOfTime: as far as it likes.
  Timestamp LimitOf(const TopicPartition& partition) const;
  /// A record lies beyond its limit: what others commit is looked at more often.
  void Wait() { somebody_waits_.store(true, std::memory_order_relaxed); }

  /// Reads what others have committed, at most once a second, or ten times while somebody waits.
  void Step();

 private:
  struct Place {
    std::atomic<bool> local{false};
    /// Counts for the others: neither idle nor finished, and heard of.
    std::atomic<bool> counts{false};
    std::atomic<int64_t> watermark{0};
  };
  struct Topic {
    Milliseconds max_drift{0};
    std::vector<std::unique_ptr<Place>> places;  // by partition
  };
  Place* Find(const TopicPartition& partition);
  void TakeStamps(const std::vector<kafka::CommittedOffset>& offsets);

  const std::string group_;
  kafka::Admin& admin_;
  const Clock& clock_;
  std::map<std::string, Topic> topics_;
  kafka::Admin::Reply<std::vector<kafka::CommittedOffset>> reply_;
  MonotonicTime looked_at_{};
  std::atomic<bool> somebody_waits_{false};
};

}  // namespace sidestream::tasks
