// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/sliced_windows.h"

#include <algorithm>

#include "operators/ordered_key.h"
#include "operators/row_key.h"

namespace sidestream::operators {
namespace {

/// Rows that are merged at once, of all slices of a window; at least some of each.
constexpr size_t kMergedRows = 4096;
constexpr size_t kRowsPerSliceMin = 16;
/// The row that says up to which end windows have been fired.
constexpr std::string_view kFiredRow = "f";

}  // namespace

SlicedWindows::SlicedWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      grid_(*node.window),
      slice_(SliceLength(*node.window)),
      arguments_(node.calls),
      table_(node.calls, held_bytes_max),
      merged_(node.calls),
      part_(node.calls) {}

Result<std::unique_ptr<SlicedWindows>> SlicedWindows::Create(const topology::AggregateNode& node,
                                                             const topology::Segment& results,
                                                             size_t held_bytes_max) {
  std::unique_ptr<SlicedWindows> windows(new SlicedWindows(node, held_bytes_max));
  ASSIGN_OR_RETURN(windows->sender_, ResultSender::Create(node, results));
  return windows;
}

Timestamp SlicedWindows::SliceOf(Timestamp time) const {
  // Slices lie on the grid of the windows' starts, in whole parts of it.
  const Timestamp start = grid_.LastWindowWith(time).start;
  return start + (time - start) / slice_ * slice_;
}

WindowBounds SlicedWindows::FirstWindowWith(Timestamp slice) const {
  const WindowBounds last = grid_.LastWindowWith(slice);
  const int64_t every = node_.window->every;
  return grid_.WindowAt(last.start - (last.end - slice - 1) / every * every);
}

WindowBounds SlicedWindows::FirstWindowBehind(Timestamp slice, Timestamp time) const {
  const WindowBounds first = FirstWindowWith(slice);
  if (first.end > time) return first;
  const int64_t every = node_.window->every;
  return grid_.WindowAt(first.start + ((time - first.end) / every + 1) * every);
}

Status SlicedWindows::Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  const WindowBounds last = grid_.LastWindowWith(row.timestamp);
  if (watermark_ >= last.end - 1 + node_.allowed_lateness) {
    return output.EmitSide(kLateSide, row);
  }
  RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  if (table_.full()) {
    SaveAll(output.store());
    ClearTable();
  }
  const Timestamp slice = SliceOf(row.timestamp);
  ASSIGN_OR_RETURN(PaneTable::Entry* const entry, table_.Find(slice, key_, output.store()));
  WindowState& state = entry->state;
  const size_t before = state.held_bytes();
  RETURN_IF_ERROR(state.accumulators.Fold(arguments_, row.timestamp, output.run()));
  table_.Grown(before, *entry);
  state.timestamp = std::max(state.timestamp, row.timestamp);
  const bool first = !entry->changed;
  entry->changed = true;
  if (watermark_ < slice + slice_ - 1) {
    // The common case: none of its windows is over.
    if (first) next_due_ = std::min(next_due_, FirstWindowWith(slice).end - 1);
    return Status::Ok();
  }
  // Of those that take the record; not all of its windows may be open.
  for (WindowBounds window = FirstWindowBehind(slice, watermark_ - node_.allowed_lateness + 1);
       window.start <= slice; window = grid_.Behind(window)) {
    if (watermark_ < window.end - 1) {
      next_due_ = std::min(next_due_, window.end - 1);
      break;
    }
    corrections_.emplace(window.start, key_);
    next_due_ = std::min(next_due_, window.end - 1 + node_.allowed_lateness);
  }
  next_due_ = std::min(next_due_, Closes(slice));
  return Status::Ok();
}

Status SlicedWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
  if (watermark >= next_due_) {
    next_due_ = kEndOfTime;
    if (!corrections_.empty()) SaveAll(output.store());
    // Before others are taken into slices of windows that are closed by then.
    RETURN_IF_ERROR(Correct(watermark, output));
    RETURN_IF_ERROR(FireWindows(watermark, output));
    RETURN_IF_ERROR(DropSlices(watermark, output.store()));
  }
  watermark_ = watermark;
  return Status::Ok();
}

Status SlicedWindows::LoadFired(statestore::KeyValueStore& store) {
  if (fired_) return Status::Ok();
  ASSIGN_OR_RETURN(const std::optional<std::string_view> row, store.Get(kFiredRow));
  fired_ = kNoTimestamp;
  if (!row) return Status::Ok();
  OrderedKeyReader reader(*row);
  fired_ = reader.Time();
  return reader.ok() ? Status::Ok() : Status::TaskCorrupted("the row of fired windows is cut");
}

Status SlicedWindows::FireWindows(Timestamp watermark, StepOutput& output) {
  statestore::KeyValueStore& store = output.store();
  RETURN_IF_ERROR(LoadFired(store));
  const Timestamp before = *fired_;
  // Windows that were over before are done with: what came late for them is a correction.
  Timestamp done = std::max(before, watermark_ == kNoWatermark ? before : watermark_ + 1);
  // All windows of what lies before are done; it waits for late records.
  Timestamp from = done == kNoTimestamp ? dropped_before_
                                        : std::max(dropped_before_, done - node_.window->size);
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<Timestamp> slice, FirstStart(from, table_, store));
    if (!slice) break;
    const WindowBounds window = FirstWindowBehind(*slice, done);
    if (window.start > *slice) {
      // All its windows are behind us; it waits for late records.
      from = window.start;
      continue;
    }
    if (window.end - 1 > watermark) {
      next_due_ = std::min(next_due_, window.end - 1);
      break;
    }
    RETURN_IF_ERROR(FireWindow(window, output));
    fired_ = done = window.end;
    from = grid_.Behind(window).start;
  }
  if (*fired_ == before) return Status::Ok();
  std::string row;
  AppendOrderedTime(*fired_, row);
  store.Put(kFiredRow, row);
  return Status::Ok();
}

Result<bool> SlicedWindows::Held(const WindowBounds& window, statestore::KeyValueStore& store) {
  if (window.start < held_from_ || window.start > held_to_) held_from_ = held_to_ = window.start;
  while (held_to_ < window.end) {
    if (table_.Whole(held_to_)) {
      held_to_ = held_to_ + slice_;
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<Timestamp> stored, FirstStoredStart(held_to_, store));
    if (!stored || *stored >= window.end) {
      held_to_ = window.end;
      break;
    }
    held_to_ = *stored;
    if (!table_.Whole(*stored)) return false;
  }
  return true;
}

Status SlicedWindows::FireHeld(const WindowBounds& window, StepOutput& output) {
  panes_.clear();
  for (const Timestamp slice : table_.StartsFrom(window.start, window.end)) {
    panes_.push_back(table_.Sorted(slice));
  }
  merge_.Start(panes_);
  for (auto parts = merge_.Next(); !parts.empty(); parts = merge_.Next()) {
    output.BeginResult();
    merged_.Clear();
    bool any = false;
    Status merged;
    for (const PaneTable::Entry* const part : parts) {
      // A record that failed opened it and left it empty.
      if (part->state.timestamp == kNoTimestamp) continue;
      any = true;
      if (merged.ok()) merged = merged_.accumulators.Merge(part->state.accumulators, output.run());
    }
    if (!any) continue;
    RETURN_IF_ERROR(
        SendMerged({parts.front()->key, window, window.end - 1, true}, merged, output));
  }
  return Status::Ok();
}

Status SlicedWindows::FireWindow(const WindowBounds& window, StepOutput& output) {
  ASSIGN_OR_RETURN(const bool held, Held(window, output.store()));
  return held ? FireHeld(window, output) : FireStored(window, output);
}

Status SlicedWindows::FireStored(const WindowBounds& window, StepOutput& output) {
  statestore::KeyValueStore& store = output.store();
  SaveAll(store);
  std::vector<std::string> prefixes;
  for (Timestamp from = window.start;;) {
    ASSIGN_OR_RETURN(const std::optional<Timestamp> slice, FirstStoredStart(from, store));
    if (!slice || *slice >= window.end) break;
    AppendWindowRowKey(*slice, "", prefixes.emplace_back());
    from = *slice + 1;
  }
  const size_t most = std::max(kMergedRows / std::max<size_t>(prefixes.size(), 1),
                               kRowsPerSliceMin);
  std::vector<SliceRow> rows;
  std::string from;  // the first key of this round
  for (bool more = true; more;) {
    more = false;
    rows.clear();
    // Keys up to this one are here from all slices.
    std::optional<std::string> last;
    for (const std::string& prefix : prefixes) {
      const size_t before = rows.size();
      RETURN_IF_ERROR(
          store.Scan(prefix + from, EndOfPrefix(prefix),
                     [&](std::string_view key, std::string_view row) -> Result<bool> {
                       rows.push_back({std::string(key.substr(prefix.size())), std::string(row)});
                       return rows.size() - before < most;
                     }));
      if (rows.size() - before < most) continue;
      more = true;
      if (!last || rows.back().key < *last) last = rows.back().key;
    }
    std::erase_if(rows, [&](const SliceRow& row) { return last && row.key > *last; });
    std::ranges::stable_sort(rows, {},
                             [](const SliceRow& row) -> const std::string& { return row.key; });
    RETURN_IF_ERROR(MergeRows(window, rows, output));
    if (last) from = *last + '\0';
  }
  return Status::Ok();
}

Status SlicedWindows::SendMerged(const KeyedWindow& window, const Status& merged,
                                 StepOutput& output) {
  const Timestamp at = window.bounds.end - 1;
  return merged.ok() ? sender_->Send(window, merged_.accumulators, at, output)
                     : sender_->Refuse(window, at, merged, output);
}

Status SlicedWindows::MergeRows(const WindowBounds& window, std::span<const SliceRow> rows,
                                StepOutput& output) {
  for (size_t at = 0; at < rows.size();) {
    const std::string& key = rows[at].key;
    output.BeginResult();
    RETURN_IF_ERROR(DecodeWindowRow(rows[at].row, merged_));
    Status merged;
    for (++at; at < rows.size() && rows[at].key == key; ++at) {
      if (!merged.ok()) continue;
      RETURN_IF_ERROR(DecodeWindowRow(rows[at].row, part_));
      merged = merged_.accumulators.Merge(part_.accumulators, output.run());
    }
    RETURN_IF_ERROR(SendMerged({key, window, window.end - 1, true}, merged, output));
  }
  return Status::Ok();
}

Status SlicedWindows::DropSlices(Timestamp watermark, statestore::KeyValueStore& store) {
  Timestamp from = dropped_before_;
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<Timestamp> slice, FirstStart(from, table_, store));
    if (!slice) break;
    if (const Timestamp closes = Closes(*slice); closes > watermark) {
      next_due_ = std::min(next_due_, closes);
      break;
    }
    RETURN_IF_ERROR(DropSlice(*slice, store));
    from = *slice + 1;
  }
  // No window is longer, so that what begins before cannot come again.
  const int64_t longest = node_.window->size + node_.allowed_lateness;
  if (watermark.value() > longest) dropped_before_ = std::max(dropped_before_, watermark - longest);
  return Status::Ok();
}

Status SlicedWindows::DropSlice(Timestamp slice, statestore::KeyValueStore& store) {
  if (table_.Whole(slice)) {
    for (PaneTable::Entry* const entry : table_.Sorted(slice)) table_.Delete(slice, *entry, store);
    table_.Drop(slice);
    return Status::Ok();
  }
  std::string prefix;
  AppendWindowRowKey(slice, "", prefix);
  RETURN_IF_ERROR(DeleteRows(prefix, store));
  table_.Drop(slice);
  return Status::Ok();
}

Status SlicedWindows::Correct(Timestamp watermark, StepOutput& output) {
  while (!corrections_.empty()) {
    const auto [start, key] = *corrections_.begin();
    const Timestamp closes = grid_.WindowAt(start).end - 1 + node_.allowed_lateness;
    if (closes > watermark) {
      next_due_ = std::min(next_due_, closes);
      break;
    }
    corrections_.erase(corrections_.begin());
    RETURN_IF_ERROR(SendAgain(grid_.WindowAt(start), key, output));
  }
  return Status::Ok();
}

Status SlicedWindows::SendAgain(const WindowBounds& window, const std::string& key,
                                StepOutput& output) {
  output.BeginResult();
  merged_.Clear();
  Status merged;
  for (Timestamp slice = window.start; slice < window.end && merged.ok(); slice = slice + slice_) {
    std::string row_key;
    AppendWindowRowKey(slice, key, row_key);
    ASSIGN_OR_RETURN(const std::optional<std::string_view> row, output.store().Get(row_key));
    if (!row) continue;
    RETURN_IF_ERROR(DecodeWindowRow(*row, part_));
    merged = merged_.accumulators.Merge(part_.accumulators, output.run());
  }
  return SendMerged({key, window, window.end - 1, true}, merged, output);
}

Status SlicedWindows::BeforeCommit(StepOutput& output) {
  SaveAll(output.store());
  return Correct(kEndOfTime, output);
}

void SlicedWindows::SaveAll(statestore::KeyValueStore& store) {
  for (const Timestamp start : table_.StartsFrom(kNoTimestamp)) {
    for (const std::unique_ptr<PaneTable::Entry>& entry : table_.EntriesOf(start)) {
      if (entry->changed) table_.Save(start, *entry, store);
    }
  }
}

void SlicedWindows::ClearTable() {
  table_.Clear();
  held_from_ = held_to_ = kNoTimestamp;
}

void SlicedWindows::Restart(Timestamp watermark) {
  ClearTable();
  corrections_.clear();
  fired_.reset();
  dropped_before_ = kNoTimestamp;
  watermark_ = watermark;
  next_due_ = kNoTimestamp;
}

}  // namespace sidestream::operators
