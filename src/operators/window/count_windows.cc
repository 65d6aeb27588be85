// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/count_windows.h"

#include <algorithm>
#include <utility>

#include "operators/row_key.h"
#include "operators/window/time_grid.h"

namespace sidestream::operators {
namespace {

/// Held results that are taken from the store at once.
constexpr size_t kBatch = 256;

}  // namespace

CountWindows::CountWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      slice_(SliceLength(*node.window)),
      held_bytes_max_(held_bytes_max),
      keeps_newest_(node.emit == topology::Emit::kChanges || node.emit == topology::Emit::kEvery),
      arguments_(node.calls),
      merged_(node.calls) {}

Result<std::unique_ptr<CountWindows>> CountWindows::Create(const topology::AggregateNode& node,
                                                           const topology::Segment& results,
                                                           size_t held_bytes_max) {
  std::unique_ptr<CountWindows> windows(new CountWindows(node, held_bytes_max));
  ASSIGN_OR_RETURN(windows->sender_, ResultSender::Create(node, results));
  return windows;
}

Result<CountWindows::Key*> CountWindows::Find(const std::string& key,
                                              statestore::KeyValueStore& store) {
  const auto found = keys_.find(key);
  if (found != keys_.end()) return &found->second;
  ASSIGN_OR_RETURN(const std::optional<std::string_view> row, store.Get(key));
  Key fresh;
  if (row) {
    ASSIGN_OR_RETURN(static_cast<CountRow&>(fresh), DecodeCountRow(*row, node_));
    // Of an `emit` that was another one it is not needed.
    if (!keeps_newest_) fresh.newest.reset();
  }
  held_bytes_ += sizeof(Key) + 2 * key.size();
  for (const WindowState& slice : fresh.slices) held_bytes_ += slice.held_bytes();
  if (fresh.newest) held_bytes_ += fresh.newest->held_bytes();
  return &keys_.emplace(key, std::move(fresh)).first->second;
}

Status CountWindows::Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
  key_.assign(1, kCountRows);
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  if (held_bytes_ > held_bytes_max_) SaveAll(output.store());
  ASSIGN_OR_RETURN(Key* const key, Find(key_, output.store()));
  const bool fresh = key->records == static_cast<int64_t>(key->slices.size()) * slice_;
  if (fresh) key->slices.emplace_back(node_.calls);
  WindowState& slice = key->slices.back();
  const size_t before = fresh ? 0 : slice.held_bytes();
  if (Status folded = slice.accumulators.Fold(arguments_, row.timestamp, output.run());
      !folded.ok()) {
    if (fresh) key->slices.pop_back();
    return folded;
  }
  slice.timestamp = std::max(slice.timestamp, output.run().TimeInResult(row.timestamp));
  held_bytes_ += slice.held_bytes() - before;
  key->changed = true;
  if (++key->records < node_.window->size) return Status::Ok();
  return Complete(key_, *key, output);
}

Status CountWindows::Complete(const std::string& name, Key& key, StepOutput& output) {
  merged_.Clear();
  Status merged;
  for (const WindowState& slice : key.slices) {
    if (merged.ok()) merged = merged_.accumulators.Merge(slice.accumulators, output.run());
    merged_.timestamp = std::max(merged_.timestamp, slice.timestamp);
  }
  // The next window is complete `every` records later, and needs none of those before it.
  const int64_t every = node_.window->every;
  for (int64_t gone = 0; gone < every; gone += slice_) key.slices.pop_front();
  key.records -= every;
  const KeyedWindow window = WindowOf(name, /*over=*/true);
  if (!merged.ok()) return sender_->Refuse(window, merged_.timestamp, merged, output);
  if (!keeps_newest_) {
    return sender_->Send(window, merged_.accumulators, merged_.timestamp, output);
  }
  if (!key.newest) key.newest.emplace(node_.calls);
  const size_t before = key.newest->held_bytes();
  std::swap(key.newest->accumulators, merged_.accumulators);
  key.newest->timestamp = merged_.timestamp;
  held_bytes_ += key.newest->held_bytes() - before;
  if (!std::exchange(key.newest->owed, true)) owing_.push_back(name);
  return Status::Ok();
}

Status CountWindows::CommitKey(const std::string& name, Key& key, StepOutput& output) {
  WindowState& newest = *key.newest;
  const bool held = newest.held;
  const KeyedWindow window = WindowOf(name, /*over=*/false);
  output.BeginResult();
  RETURN_IF_ERROR(ended_ ? sender_->AtClock(window, newest, output)
                         : sender_->AtCommit(window, newest, output));
  if (newest.held && !held) held_.Add(sender_->HeldUntil(newest), name, output.store());
  key.changed = true;
  return Status::Ok();
}

bool CountWindows::FollowsEventTime() const { return node_.emit == topology::Emit::kEvery; }

Status CountWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark != kEndOfTime) return Status::Ok();
  ended_ = true;
  return AdvanceWallTime(kEndOfTime, output);
}

Status CountWindows::AdvanceWallTime(Timestamp now, StepOutput& output) {
  if (!held_.next()) return Status::Ok();
  // What another `emit` has held back waits no longer.
  if (!keeps_newest_) return held_.Clear(output.store());
  if (node_.emit != topology::Emit::kEvery) now = kEndOfTime;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                     held_.Take(now, kBatch, output.store()));
    if (due.empty()) return Status::Ok();
    for (const DueIndex::Entry& entry : due) {
      if (held_bytes_ > held_bytes_max_) SaveAll(output.store());
      ASSIGN_OR_RETURN(Key* const key, Find(entry.key, output.store()));
      if (!key->newest) continue;
      output.BeginResult();
      RETURN_IF_ERROR(sender_->AtClock(WindowOf(entry.key, /*over=*/false), *key->newest, output));
      key->changed = true;
    }
  }
}

std::optional<Timestamp> CountWindows::NextWallTime() const { return held_.next(); }

Status CountWindows::BeforeCommit(StepOutput& output) {
  const auto owing = std::exchange(owing_, {});
  for (const std::string& name : owing) {
    if (held_bytes_ > held_bytes_max_) SaveAll(output.store());
    ASSIGN_OR_RETURN(Key* const key, Find(name, output.store()));
    RETURN_IF_ERROR(CommitKey(name, *key, output));
  }
  SaveAll(output.store());
  return Status::Ok();
}

void CountWindows::SaveAll(statestore::KeyValueStore& store) {
  for (auto& [name, key] : keys_) {
    if (!key.changed) continue;
    if (key.records == 0 && !key.newest) {
      store.Delete(name);
      continue;
    }
    row_.clear();
    EncodeCountRow(key, row_);
    store.Put(name, row_);
  }
  keys_.clear();
  held_bytes_ = 0;
}

void CountWindows::Restart(Timestamp watermark) {
  ended_ = watermark == kEndOfTime;
  keys_.clear();
  owing_.clear();
  held_.Forget();
  held_bytes_ = 0;
}

}  // namespace sidestream::operators
