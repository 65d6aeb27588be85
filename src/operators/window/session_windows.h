// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SessionWindows: an aggregate in sessions: records of a key of which each is at most the gap away
// from the next. A record joins a session, makes one, or joins two. Internal to operators.
//
// A session is a piece of its key's timeline: the piece's time is its first event, the state's
// timestamp its last. It ends at last + gap, with `max_length` at first + max_length if that is
// earlier: an event from there on begins the next session.
//
// Where a session is cut depends on its first event, so with `max_length` records stay apart by
// instant until the watermark has passed them: then none comes before them any more, and they are
// united from the first one on. So the order of arrival does not matter. Until then the pieces that
// would be a session if nothing else came are a group; results before the end are those of groups,
// and the first piece of a group keeps what was sent of it. Without `max_length` each piece is a
// group.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "operators/due_index.h"
#include "operators/stateful_step.h"
#include "operators/window/key_timeline.h"
#include "operators/window/result_sender.h"
#include "topology/plan.h"

namespace sidestream::operators {

class SessionWindows final : public StatefulStep {
 public:
  /// `node` and `results` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<SessionWindows>> Create(
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

  /// The pieces [begin, end) of a key, with their first and last event.
  struct Group {
    size_t begin = 0;
    size_t end = 0;
    Timestamp first;
    Timestamp last;
  };
  using Send = Status (ResultSender::*)(const KeyedWindow&, WindowState&, StepOutput&);

  SessionWindows(const topology::AggregateNode& node, size_t held_bytes_max);

  Timestamp EndOf(Timestamp first, Timestamp last) const;
  /// Whether events in [first, last] and in [other_first, other_last] are one session.
  bool Joins(Timestamp first, Timestamp last, Timestamp other_first, Timestamp other_last) const;
  KeyedWindow Keyed(const Key& key, Timestamp first, Timestamp last, Timestamp watermark) const;

  std::vector<Group> GroupsOf(const Key& key) const;
  bool Owes(const Key& key, const Group& group) const;
  /// `later` becomes part of `session`: what it owes, and what was sent of it if nothing was of that.
  static void Absorb(WindowState& session, const WindowState& later);
  /// Lets the sender do `send` with a group, and keeps with its first piece what comes of that.
  Status Report(Key& key, const Group& group, Send send, StepOutput& output);
  /// A record of the instant `time` came; the groups were `before`.
  Status SendRegrouped(Key& key, const std::vector<Group>& before, Timestamp time,
                       StepOutput& output);

  /// Takes the record into `key`, whose sessions `left` and `right` it joins, if they are there.
  Status Take(Key& key, std::optional<size_t> left, std::optional<size_t> right, Timestamp time,
              StepOutput& output);
  /// The record is one of those that stay apart for now.
  Status TakeInstant(Key& key, Timestamp time, StepOutput& output);
  /// Makes sessions of what the watermark has passed.
  Status Unite(Key& key, Timestamp watermark, StepOutput& output);
  Status Fold(Piece& session, Timestamp time, RunState& run);
  Status Settle(Key& key, Timestamp watermark, StepOutput& output);
  Status CommitKey(Key& key, StepOutput& output);
  void WriteThrough(statestore::KeyValueStore& store);

  const topology::AggregateNode& node_;
  const int64_t gap_;
  /// Records behind the watermark stay apart by instant.
  const bool by_instant_;
  /// And there are results of groups of them.
  const bool regroups_;
  std::unique_ptr<ResultSender> sender_;
  AggregateArguments arguments_;
  KeyTimeline timeline_;
  DueIndex held_{kHeldRows};
  Timestamp watermark_ = kNoWatermark;
  /// Keys that were written through in this transaction and may owe a result at the commit.
  std::vector<std::string> written_;
  std::string key_;
  WindowState whole_;
};

}  // namespace sidestream::operators
