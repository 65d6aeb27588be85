// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/aligned_windows.h"

#include <algorithm>

#include "operators/ordered_key.h"
#include "operators/row_key.h"

namespace sidestream::operators {
namespace {

/// Rows that are read from the store at once.
constexpr size_t kBatch = 256;

}  // namespace

AlignedWindows::AlignedWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      grid_(*node.window),
      overlap_(node.window->every > 0 && node.window->every < node.window->size),
      arguments_(node.calls),
      table_(node.calls, held_bytes_max),
      swept_(node.calls) {}

Result<std::unique_ptr<AlignedWindows>> AlignedWindows::Create(const topology::AggregateNode& node,
                                                               const topology::Segment& results,
                                                               size_t held_bytes_max) {
  std::unique_ptr<AlignedWindows> windows(new AlignedWindows(node, held_bytes_max));
  ASSIGN_OR_RETURN(windows->sender_, ResultSender::Create(node, results));
  return windows;
}

Status AlignedWindows::Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  WindowBounds window = grid_.LastWindowWith(row.timestamp);
  // Of the windows that hold the record this one is open longest.
  if (Closed(window)) return output.EmitSide(kLateSide, row);
  RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  if (table_.full()) WriteThrough(output.store());
  RETURN_IF_ERROR(Take(window, row, output));
  if (!overlap_) return Status::Ok();
  for (;;) {
    window = grid_.Before(window);
    if (row.timestamp >= window.end || Closed(window)) return Status::Ok();
    RETURN_IF_ERROR(Take(window, row, output));
  }
}

Status AlignedWindows::Take(const WindowBounds& window, Row& row, StepOutput& output) {
  ASSIGN_OR_RETURN(PaneTable::Entry* const entry, table_.Find(window.start, key_, output.store()));
  WindowState& state = entry->state;
  const size_t before = state.held_bytes();
  RETURN_IF_ERROR(state.accumulators.Fold(arguments_, row.timestamp, output.run()));
  table_.Grown(before, *entry);
  state.timestamp = std::max(state.timestamp, row.timestamp);
  entry->changed = true;
  const bool over = Over(window);
  next_due_ = std::min(next_due_, window.end - 1 + (over ? node_.allowed_lateness : 0));
  return sender_->AfterRecord(Keyed(window, *entry, over), state, output);
}

Status AlignedWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
  if (watermark >= next_due_) {
    ASSIGN_OR_RETURN(const Timestamp next_drop, Sweep(dropped_before_, node_.allowed_lateness,
                                                      watermark, /*drop=*/true, output));
    const Timestamp closed =
        watermark == kEndOfTime ? watermark : watermark - node_.allowed_lateness;
    if (closed.value() > 0) dropped_before_ = FirstOpen(closed);
    Timestamp next_end = next_drop;
    if (node_.allowed_lateness > 0) {
      ASSIGN_OR_RETURN(next_end, Sweep(ended_before_, 0, watermark, /*drop=*/false, output));
      ended_before_ = FirstOpen(watermark);
    }
    next_due_ = std::min(next_drop, next_end);
  }
  watermark_ = watermark;
  return Status::Ok();
}

Timestamp AlignedWindows::FirstOpen(Timestamp watermark) const {
  if (watermark == kEndOfTime) return kEndOfTime;
  WindowBounds window = grid_.LastWindowWith(watermark + 1);
  while (overlap_) {
    const WindowBounds before = grid_.Before(window);
    if (before.end - 1 <= watermark) break;
    window = before;
  }
  return window.start;
}

Result<Timestamp> AlignedWindows::Sweep(Timestamp from, int64_t grace, Timestamp watermark,
                                        bool drop, StepOutput& output) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<Timestamp> start,
                     FirstStart(from, table_, output.store()));
    if (!start) return kEndOfTime;
    const WindowBounds window = grid_.WindowAt(*start);
    if (window.end - 1 + grace > watermark) return window.end - 1 + grace;
    RETURN_IF_ERROR(SweepWindow(window, drop, output));
    if (drop) table_.Drop(*start);
    from = *start + 1;
  }
}

Status AlignedWindows::SweepWindow(const WindowBounds& window, bool drop, StepOutput& output) {
  const std::span<PaneTable::Entry* const> entries = table_.Sorted(window.start);
  auto entry = entries.begin();
  if (table_.Whole(window.start)) {
    for (; entry != entries.end(); ++entry) RETURN_IF_ERROR(End(window, **entry, drop, output));
    return Status::Ok();
  }
  std::string prefix;
  AppendWindowRowKey(window.start, "", prefix);
  const std::string end = EndOfPrefix(prefix);
  std::string from = prefix;
  std::vector<std::pair<std::string, std::string>> rows;
  do {
    rows.clear();
    RETURN_IF_ERROR(output.store().Scan(
        from, end, [&](std::string_view key, std::string_view row) -> Result<bool> {
          rows.emplace_back(key.substr(prefix.size()), row);
          return rows.size() < kBatch;
        }));
    for (const auto& [key, row] : rows) {
      for (; entry != entries.end() && (*entry)->key < key; ++entry) {
        RETURN_IF_ERROR(End(window, **entry, drop, output));
      }
      // What is in memory is newer than its row.
      if (entry != entries.end() && (*entry)->key == key) continue;
      swept_.key = key;
      swept_.stored = true;
      RETURN_IF_ERROR(DecodeWindowRow(row, swept_.state));
      RETURN_IF_ERROR(End(window, swept_, drop, output));
    }
    if (!rows.empty()) from = prefix + rows.back().first + '\0';
  } while (rows.size() == kBatch);
  for (; entry != entries.end(); ++entry) RETURN_IF_ERROR(End(window, **entry, drop, output));
  return Status::Ok();
}

Status AlignedWindows::End(const WindowBounds& window, PaneTable::Entry& entry, bool drop,
                           StepOutput& output) {
  WindowState& state = entry.state;
  // A record that failed opened it and left it empty.
  if (state.timestamp == kNoTimestamp) return Status::Ok();
  if (!state.ended || state.owed) {
    output.BeginResult();
    RETURN_IF_ERROR(sender_->AtEnd(Keyed(window, entry, /*over=*/true), state, output));
    entry.changed = true;
  }
  if (!drop) {
    if (entry.changed) table_.Save(window.start, entry, output.store());
    return Status::Ok();
  }
  if (state.held) {
    key_.clear();
    AppendOrderedTime(window.start, key_);
    held_.Remove(sender_->HeldUntil(state), key_.append(entry.key), output.store());
  }
  table_.Delete(window.start, entry, output.store());
  return Status::Ok();
}

Status AlignedWindows::AdvanceWallTime(Timestamp now, StepOutput& output) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                     held_.Take(now, kBatch, output.store()));
    if (due.empty()) return Status::Ok();
    for (const DueIndex::Entry& entry : due) {
      if (table_.full()) WriteThrough(output.store());
      OrderedKeyReader reader(entry.key);
      const WindowBounds window = grid_.WindowAt(reader.Time());
      ASSIGN_OR_RETURN(PaneTable::Entry* const held,
                       table_.Find(window.start, reader.Rest(), output.store()));
      if (held->state.timestamp == kNoTimestamp) continue;
      output.BeginResult();
      RETURN_IF_ERROR(sender_->AtClock(Keyed(window, *held, Over(window)), held->state, output));
      held->changed = true;
    }
  }
}

std::optional<Timestamp> AlignedWindows::NextWallTime() const { return held_.next(); }

Status AlignedWindows::CommitEntry(const WindowBounds& window, PaneTable::Entry& entry,
                                   StepOutput& output) {
  WindowState& state = entry.state;
  const bool held = state.held;
  output.BeginResult();
  RETURN_IF_ERROR(sender_->AtCommit(Keyed(window, entry, Over(window)), state, output));
  if (state.held && !held) {
    key_.clear();
    AppendOrderedTime(window.start, key_);
    held_.Add(sender_->HeldUntil(state), key_.append(entry.key), output.store());
  }
  table_.Save(window.start, entry, output.store());
  return Status::Ok();
}

Status AlignedWindows::BeforeCommit(StepOutput& output) {
  for (const Timestamp start : table_.StartsFrom(kNoTimestamp)) {
    const WindowBounds window = grid_.WindowAt(start);
    for (const std::unique_ptr<PaneTable::Entry>& entry : table_.EntriesOf(start)) {
      if (entry->changed) RETURN_IF_ERROR(CommitEntry(window, *entry, output));
    }
  }
  const auto written = std::exchange(written_, {});
  for (const auto& [start, key] : written) {
    ASSIGN_OR_RETURN(PaneTable::Entry* const entry, table_.Find(start, key, output.store()));
    // It may have ended since, and sent what it owed.
    if (entry->state.owed) RETURN_IF_ERROR(CommitEntry(grid_.WindowAt(start), *entry, output));
    if (table_.full()) table_.Clear();
  }
  return Status::Ok();
}

void AlignedWindows::WriteThrough(statestore::KeyValueStore& store) {
  for (const Timestamp start : table_.StartsFrom(kNoTimestamp)) {
    // Of `final` only what is late comes out at a commit.
    const bool owes = node_.emit != topology::Emit::kFinal || Over(grid_.WindowAt(start));
    for (const std::unique_ptr<PaneTable::Entry>& entry : table_.EntriesOf(start)) {
      if (!entry->changed) continue;
      if (owes && entry->state.owed) written_.emplace_back(start, entry->key);
      table_.Save(start, *entry, store);
    }
  }
  table_.Clear();
}

void AlignedWindows::Restart(Timestamp watermark) {
  table_.Clear();
  written_.clear();
  held_.Forget();
  watermark_ = watermark;
  next_due_ = kNoTimestamp;
  ended_before_ = kNoTimestamp;
  dropped_before_ = kNoTimestamp;
}

}  // namespace sidestream::operators
