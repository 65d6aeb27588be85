// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ProcessStep: user code with keyed state and timers. A record or a timer is one call of the
// script; its state, timers and emissions take effect when the call has succeeded, or not at all.
// Internal to operators.
//
// What the clock of a call is decides which elements of stores with a ttl count: for a record the
// larger of its timestamp and the watermark, for a timer the larger of its time and the watermark
// before the one that fired it. So what a call sees depends on neither when expired bytes go nor
// how far a watermark has jumped.
//
// Timers in event time fire when the watermark reaches them, in the order of their times; one that
// is set for a time that has passed already fires behind the record that set it. When all inputs
// have ended time runs on to the last timer that is set; what timers set for later goes.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "operators/process/call_writes.h"
#include "operators/process/keyed_state.h"
#include "operators/process/script.h"
#include "operators/process/timers.h"
#include "operators/segment_entry.h"
#include "operators/stateful_step.h"
#include "serde/writer.h"
#include "topology/plan.h"

namespace sidestream::operators {

class ProcessStep final : public StatefulStep, private ScriptHost {
 public:
  /// `node` is borrowed. Fails with kInvalidConfig: the script does not load.
  static Result<std::unique_ptr<ProcessStep>> Create(const topology::ProcessNode& node,
                                                     const ScriptLimits& limits = {});
  ~ProcessStep() override;

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  explicit ProcessStep(const topology::ProcessNode& node);

  // ScriptHost.
  Timestamp timestamp() const override { return row_->timestamp; }
  std::optional<Timestamp> watermark() const override;
  Timestamp wall_time() const override { return output_->run().context().WallTime(); }
  std::span<const Header> headers() const override { return row_->headers; }
  Arena& arena() override { return output_->run().arena(); }
  size_t written_bytes() const override { return writes_.bytes(); }
  Status Emit(const Emission& emission) override;
  Status SetTimer(TimeDomain domain, std::string_view name, Timestamp time) override;
  Status CancelTimer(std::string_view name) override;
  Result<serde::Value> Get(size_t store, const serde::Value& key, Arena& arena) override;
  Status Put(size_t store, const serde::Value& key, const serde::Value& value) override;
  Status Delete(size_t store, const serde::Value& key) override;
  Status Append(size_t store, const serde::Value& value) override;
  Result<Pairs> All(size_t store, const serde::Value& from, const serde::Value& to,
                    Arena& arena) override;

  /// One call about the key of `row`; `call` runs the script. kBadRecord: nothing has changed.
  template <typename Call>
  Status RunCall(Row& row, Timestamp event_time, StepOutput& output, const Call& call);
  Status Deliver(const Row& row, StepOutput& output);
  /// Fires what is due at the watermark; up to `settled`, which it was before it moved, what has
  /// ended may be gone. `fresh_arena`: not inside of Process().
  Status FireEventTimers(Timestamp settled, StepOutput& output, bool fresh_arena);
  Status FireTimers(TimeDomain domain, Timestamp now, Timestamp settled, StepOutput& output,
                    bool fresh_arena);
  Status Fire(TimeDomain domain, const Timers::Timer& timer, Timestamp settled, StepOutput& output);
  /// Whether something that ended in event time is still there, and the commit has room.
  bool HasEventBacklog() const;
  Status ExpireEventTime(StepOutput& output);

  const topology::ProcessNode& node_;
  topology::Segment key_segment_;  // of one slot: the key as a value
  std::unique_ptr<SegmentEntry> entry_;
  std::vector<serde::Value> key_slots_;
  std::optional<serde::Writer> key_writer_;  // of a key that is no computed one
  std::unique_ptr<Script> script_;
  CallWrites writes_;
  KeyedState state_;
  Timers timers_;
  Timestamp watermark_ = kNoWatermark;

  // Of the call.
  StepOutput* output_ = nullptr;
  const Row* row_ = nullptr;
  std::string store_key_;
  struct Pending {
    Emission emission;
    RowKey key;
  };
  std::vector<Pending> pending_;
  bool call_failed_ = false;  // the script did, not a step behind
  // While timers of this domain fire: the time of the one that does.
  std::optional<std::pair<TimeDomain, Timestamp>> firing_;
  std::string scratch_;
};

}  // namespace sidestream::operators
