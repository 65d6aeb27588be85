// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SlidingWindows: an aggregate in the sliding windows of Kafka Streams: for each record the window
// that ends with it, and the one that begins behind it, if anything follows within the length.
// Internal to operators.
//
// A piece of a key's timeline is one instant with the records of exactly that time. A window is
// known by its last instant and merged from its pieces whenever a result of it is made; so under
// `final` a record costs one update, and a window as many merges as it has instants. The key's mark
// is the last instant up to which windows have ended.
//
// Under `changes` and `every` a row per window says what was sent of it ('v', key, last instant: a
// WindowState without records). It goes when no record can come for the window any more.
//
// Threading: confined to the task's worker.

#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "operators/due_index.h"
#include "operators/stateful_step.h"
#include "operators/window/key_timeline.h"
#include "operators/window/result_sender.h"
#include "topology/plan.h"

namespace sidestream::operators {

class SlidingWindows final : public StatefulStep {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<SlidingWindows>> Create(
      const topology::AggregateNode& node, const topology::Segment& results,
      size_t held_bytes_max = KeyTimeline::kHeldBytesMax);

  Status Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) override;
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, StepOutput& output) override;
  Status AdvanceWallTime(Timestamp now, StepOutput& output) override;
  std::optional<Timestamp> NextWallTime() const override;
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  using Piece = KeyTimeline::Piece;
  using Key = KeyTimeline::Key;
  /// What a result is made for.
  enum class When { kAtRecord, kAtCommit, kAtClock, kAtEnd };

  SlidingWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  bool EndsWithAResult() const {
    return node_.emit == topology::Emit::kFinal || node_.emit == topology::Emit::kEvery;
  }
  /// Windows of `key` with this last instant, or an earlier one, have ended.
  Timestamp EndedUpTo(const Key& key) const { return std::max(key.mark, watermark_); }
  /// When nothing asks for the instant any more.
  Timestamp Gone(Timestamp instant) const {
    return instant + 1 + length_ + node_.allowed_lateness;
  }

  /// Last instants of the windows of `key` with from <= last <= to, in order.
  std::vector<Timestamp> WindowsBetween(const Key& key, Timestamp from, Timestamp to) const;
  /// A record came for the instant `time`.
  Status Touch(Key& key, Timestamp time, StepOutput& output);
  /// Lets the sender do with the window that ends with `last` what it is time for.
  Status Report(const Key& key, Timestamp last, When when, StepOutput& output);
  /// Adds the pieces of that window to merged_. Fails with kBadRecord.
  Status Merge(const Key& key, Timestamp last, RunState& run);
  /// The row of what was sent of the window, from merged_.
  void SaveSent(const Key& key, Timestamp last, statestore::KeyValueStore& store);
  /// Deletes those rows of windows that end at `to` or before.
  Status DropSent(const Key& key, Timestamp to, statestore::KeyValueStore& store);
  /// Deletes what only `changes` and `every` keep.
  Status DropStrays(statestore::KeyValueStore& store);
  Status Settle(Key& key, Timestamp watermark, StepOutput& output);
  /// Sends what is owed of windows that take no records any more at `closed`.
  Status SendOwed(Timestamp closed, bool at_commit, StepOutput& output);
  void WriteThrough(statestore::KeyValueStore& store);

  const topology::AggregateNode& node_;
  const int64_t length_;
  const bool keeps_sent_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  KeyTimeline timeline_;
  DueIndex held_{kHeldRows};
  Timestamp watermark_ = kNoWatermark;
  /// Windows, by last instant, that records of this transaction have changed or made, and of which
  /// a result is owed at the commit.
  std::set<std::pair<Timestamp, std::string>> owed_;
  std::string key_;
  WindowState merged_;
  std::string row_;
  std::string scratch_;
};

}  // namespace sidestream::operators
