// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ControlLog: reads the control topic from its start and follows it. All decisions of the
// application stand there in one order: plan, adopted inputs, end positions, stores. Every reader
// reads to the log end before it acts, so compaction of older records is harmless.
//
// Threading: Step() on one thread; the views of ControlView from any.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/control_record.h"
#include "checkpoint/control_view.h"
#include "checkpoint/outcome.h"
#include "kafka/cluster.h"

namespace sidestream::checkpoint {

class ControlLog final : public ControlView {
 public:
  /// `admin`, `reader` and `clock` are borrowed and outlive the log. `reader` is this object's alone.
  ControlLog(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock, std::string topic);
  ~ControlLog() override;

  /// Reads on, waiting at most `wait` for records.
  void Step(Milliseconds wait);
  /// Why the topic cannot be read (a record of a newer release, a lost topic); ok otherwise.
  Status failure() const;

  bool caught_up() const override;
  std::optional<TopicId> AdoptedId(const std::string& topic) const override;
  std::optional<Offset> End(const TopicPartition& partition) const override;
  std::optional<StoreRecord> Store(const std::string& store) const override;
  std::vector<StoreRecord> Stores() const;
  bool finished() const override;
  Offset position() const override;
  uint64_t checkpoint_changes() const override { return checkpoint_changes_; }
  std::shared_ptr<const Checkpoint> LatestCheckpoint() const override;
  bool stop_at_savepoint() const override;
  /// The hash of the plan that the last leader announced; empty: none yet.
  std::optional<uint64_t> plan_hash() const;
  std::optional<PlanRecord> plan() const;
  std::map<uint64_t, SavepointRequest> SavepointRequests() const;
  /// Keys of records that nobody needs any more.
  std::vector<std::string> OutdatedKeys() const;
  /// The savepoint that the application was started from.
  std::optional<OriginRecord> origin() const;

 private:
  void Begin();
  void Read(Milliseconds wait);
  void Apply(const ControlRecord& record, const kafka::Record& raw);

  kafka::Admin& admin_;
  kafka::LogReader& reader_;
  const Clock& clock_;
  const TopicPartition partition_;
  std::unique_ptr<kafka::Pending<std::vector<kafka::PartitionOffset>>> start_reply_;
  std::unique_ptr<kafka::Pending<std::vector<kafka::PartitionOffset>>> end_reply_;
  std::optional<Offset> log_start_;
  std::optional<Offset> log_end_;
  bool assigned_ = false;
  MonotonicTime retry_at_{};
  /// Of checkpoint records; counted behind what they changed.
  std::atomic<uint64_t> checkpoint_changes_{0};

  mutable std::mutex mutex_;
  // guarded by mutex_
  bool caught_up_ = false;
  Offset position_;
  std::map<std::string, TopicId> adopted_;
  std::map<TopicPartition, Offset> ends_;
  std::map<std::string, StoreRecord> stores_;
  std::optional<PlanRecord> plan_;
  bool finished_ = false;
  CheckpointHistory checkpoints_;
  /// A copy of the newest, which readers may keep.
  std::shared_ptr<const Checkpoint> latest_checkpoint_;
  bool stop_at_savepoint_ = false;
  Status failure_;
};

}  // namespace sidestream::checkpoint
