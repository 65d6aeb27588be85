// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SlidingWindows: an aggregate in the sliding windows of Kafka Streams: for each record the window
// that ends with it, and the one that begins behind it, if anything follows within the length.
// Internal to operators.
//
// A piece of a key's timeline is one instant with the records of exactly that time. A window is
// known by its last instant and merged from its pieces when it has ended; so a record costs one
// update, and a window as many merges as it has instants. The key's mark is the last instant up to
// which windows have ended.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
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
  Status BeforeCommit(StepOutput& output) override;
  void Restart(Timestamp watermark) override;

 private:
  using Piece = KeyTimeline::Piece;
  using Key = KeyTimeline::Key;

  SlidingWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  /// Last instants of the windows of `key` with from <= last <= to, in order.
  std::vector<Timestamp> WindowsBetween(const Key& key, Timestamp from, Timestamp to) const;
  /// Sends the result of the window that ends with `last`. `over`: with the time of its end.
  Status Send(const Key& key, Timestamp last, bool over, StepOutput& output);
  Status Settle(Key& key, Timestamp watermark, StepOutput& output);
  /// Sends what late records have changed of windows that are closed at `watermark`.
  Status Correct(Timestamp watermark, StepOutput& output);
  /// When nothing asks for the instant any more.
  Timestamp Gone(Timestamp instant) const {
    return instant + 1 + length_ + node_.allowed_lateness;
  }
  void SaveAll(statestore::KeyValueStore& store);

  const topology::AggregateNode& node_;
  const int64_t length_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  KeyTimeline timeline_;
  Timestamp watermark_ = kNoWatermark;
  /// Ended windows, by last instant, that late records of this transaction have changed or made.
  std::set<std::pair<Timestamp, std::string>> corrections_;
  std::string key_;
  WindowState merged_;
};

}  // namespace sidestream::operators
