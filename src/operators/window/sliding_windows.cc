// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/sliding_windows.h"

#include <algorithm>

#include "operators/row_key.h"

namespace sidestream::operators {
namespace {

/// Keys that are taken from the store at once.
constexpr size_t kBatch = 256;

}  // namespace

SlidingWindows::SlidingWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      length_(node.window->size),
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
  if (timeline_.full()) {
    SaveAll(output.store());
    timeline_.Clear();
  }
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
  // Those that hold it, and the one that begins behind it.
  for (const Timestamp last : WindowsBetween(*key, time, time + 1 + length_)) {
    const Timestamp closes = last + node_.allowed_lateness;
    if (watermark_ >= closes) continue;
    if (watermark_ >= last) {
      corrections_.emplace(last, key_);
      timeline_.RequireDue(*key, closes, output.store());
    } else if (node_.emit == topology::Emit::kEach) {
      RETURN_IF_ERROR(Send(*key, last, /*over=*/false, output));
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

Status SlidingWindows::Send(const Key& key, Timestamp last, bool over, StepOutput& output) {
  merged_.Clear();
  Status merged;
  for (size_t i = key.IndexOf(last - length_);
       i < key.pieces.size() && key.pieces[i]->time <= last && merged.ok(); ++i) {
    merged = merged_.accumulators.Merge(key.pieces[i]->state.accumulators, output.run());
    merged_.timestamp = key.pieces[i]->time;
  }
  const bool of_end = over && node_.emit == topology::Emit::kFinal;
  const Timestamp time = of_end ? last : merged_.timestamp;
  const KeyedWindow window{key.key, {last - length_, last + 1}, last, over};
  return merged.ok() ? sender_->Send(window, merged_.accumulators, time, output)
                     : sender_->Refuse(window, time, merged, output);
}

Status SlidingWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
  if (watermark >= timeline_.next_due()) {
    RETURN_IF_ERROR(Correct(watermark, output));
    for (std::vector<std::string> keys;;) {
      RETURN_IF_ERROR(timeline_.TakeDue(watermark, kBatch, output.store(), keys));
      if (keys.empty()) break;
      for (const std::string& name : keys) {
        ASSIGN_OR_RETURN(Key* const key, timeline_.Find(name, output.store()));
        RETURN_IF_ERROR(Settle(*key, watermark, output));
        if (!timeline_.full()) continue;
        SaveAll(output.store());
        timeline_.Clear();
      }
    }
  }
  watermark_ = watermark;
  return Status::Ok();
}

Status SlidingWindows::Settle(Key& key, Timestamp watermark, StepOutput& output) {
  const Timestamp from = std::max(key.mark, watermark_) == kNoTimestamp
                             ? kNoTimestamp + length_ + 2
                             : std::max(key.mark, watermark_) + 1;
  const Timestamp to = watermark == kEndOfTime ? kEndOfTime - length_ - 2 : watermark;
  if (node_.emit == topology::Emit::kFinal) {
    for (const Timestamp last : WindowsBetween(key, from, to)) {
      output.BeginResult();
      RETURN_IF_ERROR(Send(key, last, /*over=*/true, output));
    }
  }
  key.mark = watermark;
  key.changed = true;
  while (!key.pieces.empty() && watermark >= Gone(key.pieces.front()->time)) {
    timeline_.Erase(key, 0, output.store());
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

Status SlidingWindows::Correct(Timestamp watermark, StepOutput& output) {
  while (!corrections_.empty()) {
    const auto [last, name] = *corrections_.begin();
    if (last + node_.allowed_lateness > watermark) return Status::Ok();
    corrections_.erase(corrections_.begin());
    output.BeginResult();
    ASSIGN_OR_RETURN(Key* const key, timeline_.Find(name, output.store()));
    RETURN_IF_ERROR(Send(*key, last, /*over=*/true, output));
  }
  return Status::Ok();
}

Status SlidingWindows::BeforeCommit(StepOutput& output) {
  RETURN_IF_ERROR(Correct(kEndOfTime, output));
  SaveAll(output.store());
  timeline_.Clear();
  return Status::Ok();
}

void SlidingWindows::SaveAll(statestore::KeyValueStore& store) {
  for (const std::unique_ptr<Key>& key : timeline_.keys()) timeline_.Save(*key, store);
}

void SlidingWindows::Restart(Timestamp watermark) {
  timeline_.Restart();
  corrections_.clear();
  watermark_ = watermark;
}

}  // namespace sidestream::operators
