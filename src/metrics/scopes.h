// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One small object per scope, with verbs: components report facts, only these objects know
// families and labels. Adding a fact: a row in families.cc, a verb here, a row in
// docs/operations/metrics.md (a test compares all three).
//
// Place in the flow: whoever owns the scope owns the object (a consumer its inputs, a
// task its steps …). Several tasks may make objects with equal labels; a scrape
// folds them.
//
// Threading: each object has one writer at a time. Making and destroying one takes the
// registry's lock, so do that per task, never per record. The registry outlives them all.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "metrics/registry.h"

namespace sidestream::metrics {

using Seconds = std::chrono::duration<double>;

/// A source partition of a task.
class InputMetrics {
 public:
  InputMetrics(Registry& registry, const TopicPartition& partition);
  void RecordsConsumed(int64_t records) { consumed_.Add(static_cast<double>(records)); }
  void LagIs(int64_t offsets) { lag_.Set(static_cast<double>(offsets)); }
  void LagUnknown() { lag_.Unset(); }

 private:
  Counter consumed_;
  Gauge lag_;
};

/// A topic that a worker writes to.
class OutputMetrics {
 public:
  OutputMetrics(Registry& registry, const std::string& topic);
  void RecordsProduced(int64_t records) { produced_.Add(static_cast<double>(records)); }
  /// `latency`: wall clock minus the record's timestamp; only sinks report it.
  void RecordDelivered(Milliseconds latency);

 private:
  Registry& registry_;
  const std::string topic_;
  Counter produced_;
  // Made when first needed: internal topics have none.
  std::optional<Histogram> latency_;
};

/// A step of a pipeline; sources and sinks count as the steps "source" and "sink".
class StepMetrics {
 public:
  StepMetrics(Registry& registry, std::string pipeline, std::string step);
  /// `reason`: a word of a bounded set ("filtered", "null_key", "skipped" …).
  void RecordDropped(std::string_view reason, int64_t records = 1);
  /// One that came too late to be decided about, and passed.
  void RecordLate();
  /// `cause`: alike ("processing", "held" …).
  void RecordPutAside(std::string_view cause);

 private:
  using Counters = std::map<std::string, Counter, std::less<>>;
  Counter& CounterOf(Family family, Counters& counters, std::string_view word);

  Registry& registry_;
  const std::string pipeline_;
  const std::string step_;
  // Made when first needed: most steps drop for one reason or none.
  Counters dropped_;
  std::optional<Counter> late_;
  Counters put_aside_;
};

/// Tasks that an instance has opened since it was made, by what their stores were brought up from.
struct RestoresBySource {
  int64_t directory = 0;
  int64_t changelog = 0;
  int64_t location = 0;
  int64_t copy = 0;
};

/// The restores of an instance.
class RestoreMetrics {
 public:
  explicit RestoreMetrics(Registry& registry);
  void RestoreAdvanced(int64_t records, int64_t remaining_offsets);
  void FetchAdvanced(int64_t bytes, int64_t remaining_bytes);
  void PaceIs(double offsets_per_second, double bytes_per_second, double seconds_left);
  void RestoresAre(const RestoresBySource& restores);

 private:
  Gauge remaining_;
  Gauge offsets_per_second_;
  Gauge seconds_left_;
  Counter records_;
  Counter fetched_bytes_;
  Gauge remaining_bytes_;
  Gauge bytes_per_second_;
  RestoresBySource told_;
  Counter directory_;
  Counter changelog_;
  Counter location_;
  Counter copy_;
};

/// What an instance has counted since it was made.
struct InstanceTotals {
  int64_t tasks_lost = 0;
  int64_t tasks_reopened = 0;
  int64_t partitions_reassigned = 0;
  int64_t input_pauses = 0;
  int64_t state_moved_aside = 0;
  int64_t repartition_purges = 0;
  int64_t records_ahead = 0;
  int64_t records_late_after_idle = 0;
};

/// What the buffers of an instance hold.
struct MemoryUse {
  int64_t caches = 0;
  int64_t blocks = 0;
  int64_t inputs = 0;
  int64_t transactions = 0;
  int64_t restores = 0;
};

class MemoryMetrics {
 public:
  explicit MemoryMetrics(Registry& registry);
  void UseIs(const MemoryUse& use);

 private:
  Gauge caches_;
  Gauge blocks_;
  Gauge inputs_;
  Gauge transactions_;
  Gauge restores_;
};

/// The tasks of an instance, looked at from outside now and then.
class InstanceMetrics {
 public:
  explicit InstanceMetrics(Registry& registry);
  void TasksAre(int64_t active, int64_t restoring);
  /// Tasks of others that are followed, and the offsets that they lie behind.
  void StandbysAre(int64_t tasks, int64_t remaining_offsets);
  void UnownedTasksAre(int64_t tasks) { unowned_.Set(static_cast<double>(tasks)); }
  /// Whether this instance leads the control topic.
  void LeaderIs(bool us) { leader_.Set(us ? 1 : 0); }
  /// Counts what has been added since the last call.
  void TotalsAre(const InstanceTotals& totals);

 private:
  Gauge active_;
  Gauge restoring_;
  Gauge standby_;
  Gauge standby_remaining_;
  Gauge unowned_;
  Gauge leader_;
  Counter lost_;
  Counter reopened_;
  Counter reassigned_;
  Counter pauses_;
  Counter moved_aside_;
  Counter purges_;
  Counter ahead_;
  Counter late_after_idle_;
  InstanceTotals reported_;
};

/// The checkpoints of the application, looked at from outside now and then.
class CheckpointMetrics {
 public:
  explicit CheckpointMetrics(Registry& registry);
  /// The newest complete one.
  void NewestIs(int64_t number, Timestamp begun_at, Milliseconds duration, int64_t bytes);
  /// Each counts what has been added since the last call; `pause`: of the last one.
  void OutcomesAre(int64_t complete, int64_t failed);
  void PausesAre(Milliseconds pause, Milliseconds sum, int64_t revocations);

 private:
  Registry& registry_;
  Counter complete_;
  Counter failed_;
  Counter paused_;
  Counter revocations_;
  /// Made with the first one: before it nobody knows them.
  struct Newest {
    explicit Newest(Registry& registry);
    Gauge number;
    Gauge begun_at;
    Gauge duration;
    Gauge bytes;
  };
  std::optional<Newest> newest_;
  std::optional<Gauge> pause_;
  int64_t reported_complete_ = 0;
  int64_t reported_failed_ = 0;
  int64_t reported_revocations_ = 0;
  Milliseconds reported_sum_{0};
};

/// How far event time has come, looked at from outside now and then: what is not there any more
/// leaves the scrape.
class EventTimeMetrics {
 public:
  explicit EventTimeMetrics(Registry& registry) : registry_(registry) {}
  struct Labels {
    std::string first;   // pipeline, or topic
    std::string second;  // step, or partition
    friend auto operator<=>(const Labels&, const Labels&) = default;
  };
  void StepsAre(const std::map<Labels, Timestamp>& watermarks) {
    Set(Family::kStepWatermark, watermarks, steps_);
  }
  void InputsAre(const std::map<Labels, Timestamp>& watermarks) {
    Set(Family::kInputWatermark, watermarks, inputs_);
  }

 private:
  using Gauges = std::map<Labels, Gauge>;
  void Set(Family family, const std::map<Labels, Timestamp>& watermarks, Gauges& gauges);

  Registry& registry_;
  Gauges steps_;
  Gauges inputs_;
};

/// The client of the schema registry, looked at from outside now and then.
class RegistryMetrics {
 public:
  explicit RegistryMetrics(Registry& registry);
  void WaitingAre(int64_t questions) { waiting_.Set(static_cast<double>(questions)); }
  /// Counts what has been added since the last call.
  void TotalsAre(int64_t requests, int64_t failures);

 private:
  Counter requests_;
  Counter failures_;
  Gauge waiting_;
  int64_t reported_requests_ = 0;
  int64_t reported_failures_ = 0;
};

/// The member of the group.
class ConsumerMetrics {
 public:
  explicit ConsumerMetrics(Registry& registry);
  void RebalanceFinished(Seconds duration);
  void ClientError() { errors_.Add(); }

 private:
  Counter rebalances_;
  Histogram duration_;
  Counter errors_;
};

/// A transactional or idempotent producer.
class ProducerMetrics {
 public:
  explicit ProducerMetrics(Registry& registry);
  void CommitFinished(Seconds latency) { commits_.Observe(latency.count()); }
  void TransactionAborted() { aborts_.Add(); }
  /// This producer stands in for one that was given up.
  void ProducerRebuilt() { rebuilds_.Add(); }

 private:
  Histogram commits_;
  Counter aborts_;
  Counter rebuilds_;
};

/// What the process is: set once by app.
class BuildMetrics {
 public:
  /// `config_hash`: of the loaded files, as 16 hexadecimal digits.
  BuildMetrics(Registry& registry, const std::string& version, const std::string& config_hash);

 private:
  Gauge build_;
  Gauge config_;
};

}  // namespace sidestream::metrics
