// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CountWindows: an aggregate over so many records of a key, in the order in which they came. A
// record goes into one slice, however many windows hold it; a complete window merges its slices.
// Internal to operators.
//
// The row of a key lies under 'c', the key: how many records came, and the slices that are still
// needed. What is not complete has no result. Under `final` and `each` a window's result comes with
// the record that makes it complete. Under `changes` and `every` the newest complete window of a key
// speaks for the key: its result comes at the commit, where it differs from the last one sent, or
// waits for the clock; the row has that window too.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "operators/due_index.h"
#include "operators/stateful_step.h"
#include "operators/window/count_row.h"
#include "operators/window/result_sender.h"
#include "topology/plan.h"

namespace sidestream::operators {

class CountWindows final : public StatefulStep {
 public:
  static constexpr size_t kHeldBytesMax = 8u << 20;

  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<CountWindows>> Create(const topology::AggregateNode& node,
                                                      const topology::Segment& results,
                                                      size_t held_bytes_max = kHeldBytesMax);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override;
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  /// What is known of one key.
  struct Key : CountRow {
    bool changed = false;
  };

  CountWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  Result<Key*> Find(const std::string& key, statestore::KeyValueStore& store);
  void SaveAll(statestore::KeyValueStore& store);
  Status Complete(const std::string& name, Key& key, StepOutput& output);
  /// Sends or holds what the key owes.
  Status CommitKey(const std::string& name, Key& key, StepOutput& output);
  static KeyedWindow WindowOf(std::string_view name, bool over) {
    return {name.substr(1), {}, kNoTimestamp, over};
  }

  const topology::AggregateNode& node_;
  const int64_t slice_;
  const size_t held_bytes_max_;
  const bool keeps_newest_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  std::unordered_map<std::string, Key> keys_;
  size_t held_bytes_ = 0;
  DueIndex held_{kHeldRows};
  /// All inputs have: nothing is held back any more.
  bool ended_ = false;
  /// Keys, as they are called in keys_, of which a window has become complete in this transaction.
  std::vector<std::string> owing_;
  WindowState merged_;
  std::string key_;
  std::string row_;
};

}  // namespace sidestream::operators
