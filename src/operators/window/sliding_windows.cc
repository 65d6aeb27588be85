// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/sliding_windows.h"

#include <algorithm>

#include "operators/ordered_key.h"
#include "operators/row_key.h"

namespace sidestream::operators {
namespace {

/// Keys that are taken from the store at once.
constexpr size_t kBatch = 256;
/// Rows of what was sent of a window.
constexpr char kSentRows = 'v';

std::string SentPrefix(std::string_view key) {
  std::string row_key(1, kSentRows);
  AppendOrderedBytes(key, row_key);
  return row_key;
}

std::string SentKey(std::string_view key, Timestamp last) {
  std::string row_key = SentPrefix(key);
  AppendOrderedTime(last, row_key);
  return row_key;
}

std::string HeldName(std::string_view key, Timestamp last) {
  std::string name;
  AppendOrderedTime(last, name);
  return name.append(key);
}

}  // namespace

SlidingWindows::SlidingWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      length_(node.window->size),
      keeps_sent_(node.emit == topology::Emit::kChanges || node.emit == topology::Emit::kEvery),
      arguments_(node.calls),
      timeline_(node.calls, held_bytes_max),
      merged_(node.calls) {}

Result<std::unique_ptr<SlidingWindows>> SlidingWindows::Create(const topology::AggregateNode& node,
                                                               const topology::Segment& results,
                                                               size_t held_bytes_max) {
  std::unique_ptr<SlidingWindows> windows(new SlidingWindows(node, held_bytes_max));
  ASSIGN_OR_RETURN(windows->sender_, ResultSender::Create(node, results));
  return windows;
}

Status SlidingWindows::Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  const Timestamp time = row.timestamp;
  // The last window that can hold it ends so long behind it.
  if (watermark_ >= time + length_ + node_.allowed_lateness) {
    return output.EmitSide(kLateSide, row);
  }
  RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  if (timeline_.full()) WriteThrough(output.store());
  ASSIGN_OR_RETURN(Key* const key, timeline_.Find(key_, output.store()));
  const size_t index = key->IndexOf(time);
  const bool fresh = index == key->pieces.size() || key->pieces[index]->time != time;
  Piece& piece = fresh ? timeline_.Insert(*key, index, time) : *key->pieces[index];
  const size_t before = piece.state.held_bytes();
  if (Status folded = piece.state.accumulators.Fold(arguments_, time, output.run());
      !folded.ok()) {
    if (fresh) timeline_.Erase(*key, index, output.store());
    return folded;
  }
  timeline_.Grown(piece.state.held_bytes() - before);
  piece.state.timestamp = time;
  piece.changed = true;
  // One that is over is looked at with the next advance at the latest.
  timeline_.RequireDue(*key, std::max(time, watermark_ + 1), output.store());
  // No window that holds it ends before it.
  if (node_.emit == topology::Emit::kFinal && time > EndedUpTo(*key)) return Status::Ok();
  return Touch(*key, time, output);
}

Status SlidingWindows::Touch(Key& key, Timestamp time, StepOutput& output) {
  const Timestamp ended = EndedUpTo(key);
  // Those that hold the instant, and the one that begins behind it.
  for (const Timestamp last : WindowsBetween(key, time, time + 1 + length_)) {
    const Timestamp closes = last + node_.allowed_lateness;
    if (watermark_ >= closes) continue;
    if (ended >= last) {
      owed_.emplace(last, key.key);
      timeline_.RequireDue(key, closes, output.store());
    } else if (keeps_sent_) {
      owed_.emplace(last, key.key);
    } else if (node_.emit == topology::Emit::kEach) {
      RETURN_IF_ERROR(Report(key, last, When::kAtRecord, output));
    }
  }
  return Status::Ok();
}

std::vector<Timestamp> SlidingWindows::WindowsBetween(const Key& key, Timestamp from,
                                                      Timestamp to) const {
  std::vector<Timestamp> lasts;
  for (size_t i = key.IndexOf(from); i < key.pieces.size() && key.pieces[i]->time <= to; ++i) {
    lasts.push_back(key.pieces[i]->time);
  }
  const size_t ends = lasts.size();
  for (size_t i = key.IndexOf(from - 1 - length_); i < key.pieces.size(); ++i) {
    const Timestamp last = key.pieces[i]->time + 1 + length_;
    if (last > to) break;
    // Without a record in it there is no such window.
    const bool any = i + 1 < key.pieces.size() && key.pieces[i + 1]->time <= last;
    if (any) lasts.push_back(last);
  }
  std::ranges::inplace_merge(lasts, lasts.begin() + static_cast<ptrdiff_t>(ends));
  lasts.erase(std::unique(lasts.begin(), lasts.end()), lasts.end());
  return lasts;
}

Status SlidingWindows::Merge(const Key& key, Timestamp last, RunState& run) {
  for (size_t i = key.IndexOf(last - length_);
       i < key.pieces.size() && key.pieces[i]->time <= last; ++i) {
    RETURN_IF_ERROR(merged_.accumulators.Merge(key.pieces[i]->state.accumulators, run));
    merged_.timestamp = key.pieces[i]->time;
  }
  return Status::Ok();
}

Status SlidingWindows::Report(const Key& key, Timestamp last, When when, StepOutput& output) {
  merged_.Clear();
  if (keeps_sent_) {
    ASSIGN_OR_RETURN(const std::optional<std::string_view> row,
                     output.store().Get(SentKey(key.key, last)));
    if (row) RETURN_IF_ERROR(DecodeWindowRow(*row, merged_));
    if (when == When::kAtClock && !merged_.held) return Status::Ok();
  }
  const bool over = when == When::kAtEnd;
  const KeyedWindow window{key.key, {last - length_, last + 1}, last, over};
  const Status merged = Merge(key, last, output.run());
  const bool held = merged_.held;
  if (held && over) {
    held_.Remove(sender_->HeldUntil(merged_), HeldName(key.key, last), output.store());
    merged_.held = false;
  }
  if (merged.ok()) {
    merged_.owed = true;
    RETURN_IF_ERROR(when == When::kAtRecord  ? sender_->AfterRecord(window, merged_, output)
                    : when == When::kAtClock ? sender_->AtClock(window, merged_, output)
                                             : sender_->AtCommit(window, merged_, output));
  } else {
    RETURN_IF_ERROR(sender_->Refuse(window, over ? last : merged_.timestamp, merged, output));
    merged_.held = false;
  }
  if (!keeps_sent_) return Status::Ok();
  if (merged_.held && !held) {
    held_.Add(sender_->HeldUntil(merged_), HeldName(key.key, last), output.store());
  }
  SaveSent(key, last, output.store());
  return Status::Ok();
}

void SlidingWindows::SaveSent(const Key& key, Timestamp last, statestore::KeyValueStore& store) {
  // The records are in the pieces.
  merged_.accumulators.Clear();
  row_.clear();
  EncodeWindowRow(merged_, scratch_, row_);
  store.Put(SentKey(key.key, last), row_);
}

Status SlidingWindows::DropSent(const Key& key, Timestamp to, statestore::KeyValueStore& store) {
  std::vector<std::pair<std::string, std::string>> rows;
  const std::string prefix = SentPrefix(key.key);
  const std::string end = to == kEndOfTime ? EndOfPrefix(prefix) : SentKey(key.key, to + 1);
  RETURN_IF_ERROR(store.Scan(
      prefix, end, [&](std::string_view row_key, std::string_view row) -> Result<bool> {
        rows.emplace_back(row_key, row);
        return true;
      }));
  for (const auto& [row_key, row] : rows) {
    RETURN_IF_ERROR(DecodeWindowRow(row, merged_));
    if (merged_.held) {
      OrderedKeyReader last(std::string_view(row_key).substr(prefix.size()));
      held_.Remove(sender_->HeldUntil(merged_), HeldName(key.key, last.Time()), store);
    }
    store.Delete(row_key);
  }
  return Status::Ok();
}

Status SlidingWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
  if (timeline_.MayBeDue(watermark)) {
    RETURN_IF_ERROR(SendOwed(watermark, /*at_commit=*/false, output));
    for (;;) {
      ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                       timeline_.TakeDue(watermark, kBatch, output.store()));
      if (due.empty()) break;
      for (const DueIndex::Entry& entry : due) {
        ASSIGN_OR_RETURN(Key* const key, timeline_.Find(entry.key, output.store()));
        RETURN_IF_ERROR(Settle(*key, watermark, output));
        if (timeline_.full()) WriteThrough(output.store());
      }
    }
  }
  watermark_ = watermark;
  return Status::Ok();
}

Status SlidingWindows::Settle(Key& key, Timestamp watermark, StepOutput& output) {
  const Timestamp ended = EndedUpTo(key);
  const Timestamp from = ended == kNoTimestamp ? kNoTimestamp + length_ + 2 : ended + 1;
  const Timestamp to = watermark == kEndOfTime ? kEndOfTime - length_ - 2 : watermark;
  if (EndsWithAResult()) {
    for (const Timestamp last : WindowsBetween(key, from, to)) {
      output.BeginResult();
      owed_.erase({last, key.key});
      RETURN_IF_ERROR(Report(key, last, When::kAtEnd, output));
    }
  }
  key.mark = watermark;
  key.changed = true;
  const size_t before = key.pieces.size();
  while (!key.pieces.empty() && watermark >= Gone(key.pieces.front()->time)) {
    timeline_.Erase(key, 0, output.store());
  }
  if (keeps_sent_ && key.pieces.size() < before) {
    // When an instant goes, the windows that it ends and begins have closed.
    RETURN_IF_ERROR(DropSent(
        key, watermark == kEndOfTime ? watermark : watermark - node_.allowed_lateness,
        output.store()));
  }
  if (key.pieces.empty()) return Status::Ok();
  Timestamp next = Gone(key.pieces.front()->time);
  const size_t ends = key.IndexOf(watermark + 1);
  if (ends < key.pieces.size()) next = std::min(next, key.pieces[ends]->time);
  const size_t begins = key.IndexOf(watermark - length_);
  if (begins < key.pieces.size()) next = std::min(next, key.pieces[begins]->time + 1 + length_);
  timeline_.RequireDue(key, next, output.store());
  return Status::Ok();
}

Status SlidingWindows::SendOwed(Timestamp closed, bool at_commit, StepOutput& output) {
  while (!owed_.empty()) {
    const auto [last, name] = *owed_.begin();
    if (last + node_.allowed_lateness > closed) return Status::Ok();
    owed_.erase(owed_.begin());
    ASSIGN_OR_RETURN(Key* const key, timeline_.Find(name, output.store()));
    const bool over = EndedUpTo(*key) >= last;
    // What the window's end brings takes its place.
    if (!over && !at_commit && EndsWithAResult()) continue;
    output.BeginResult();
    RETURN_IF_ERROR(Report(*key, last, over ? When::kAtEnd : When::kAtCommit, output));
    if (timeline_.full()) WriteThrough(output.store());
  }
  return Status::Ok();
}

Status SlidingWindows::AdvanceWallTime(Timestamp now, StepOutput& output) {
  if (!held_.next()) return Status::Ok();
  // Rows of another `emit`.
  if (!keeps_sent_) return DropStrays(output.store());
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                     held_.Take(now, kBatch, output.store()));
    if (due.empty()) return Status::Ok();
    for (const DueIndex::Entry& entry : due) {
      OrderedKeyReader reader(entry.key);
      const Timestamp last = reader.Time();
      ASSIGN_OR_RETURN(Key* const key,
                       timeline_.Find(reader.Rest(), output.store()));
      // Its end came before the clock.
      if (EndedUpTo(*key) >= last) continue;
      output.BeginResult();
      owed_.erase({last, key->key});
      RETURN_IF_ERROR(Report(*key, last, When::kAtClock, output));
      if (timeline_.full()) WriteThrough(output.store());
    }
  }
}

Status SlidingWindows::DropStrays(statestore::KeyValueStore& store) {
  RETURN_IF_ERROR(held_.Clear(store));
  return DeleteRows(std::string_view(&kSentRows, 1), store);
}

std::optional<Timestamp> SlidingWindows::NextWallTime() const { return held_.next(); }

Status SlidingWindows::BeforeCommit(StepOutput& output) {
  RETURN_IF_ERROR(SendOwed(kEndOfTime, /*at_commit=*/true, output));
  for (Key* const key : timeline_.touched()) timeline_.Save(*key, output.store());
  timeline_.Untouch();
  return Status::Ok();
}

void SlidingWindows::WriteThrough(statestore::KeyValueStore& store) {
  for (Key* const key : timeline_.touched()) timeline_.Save(*key, store);
  timeline_.Clear();
}

void SlidingWindows::Restart(Timestamp watermark) {
  timeline_.Restart();
  held_.Forget();
  owed_.clear();
  watermark_ = watermark;
}

}  // namespace sidestream::operators
