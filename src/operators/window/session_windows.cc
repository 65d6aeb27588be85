// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/session_windows.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "operators/row_key.h"

namespace sidestream::operators {
namespace {

/// Keys that are taken from the store at once.
constexpr size_t kBatch = 256;

}  // namespace

SessionWindows::SessionWindows(const topology::AggregateNode& node, size_t held_bytes_max)
    : node_(node),
      gap_(node.window->size),
      by_instant_(node.window->max_length > 0),
      regroups_(by_instant_ && node.emit != topology::Emit::kFinal),
      arguments_(node.calls),
      timeline_(node.calls, held_bytes_max),
      whole_(node.calls) {}

Result<std::unique_ptr<SessionWindows>> SessionWindows::Create(const topology::AggregateNode& node,
                                                               const topology::Segment& results,
                                                               size_t held_bytes_max) {
  std::unique_ptr<SessionWindows> windows(new SessionWindows(node, held_bytes_max));
  ASSIGN_OR_RETURN(windows->sender_, ResultSender::Create(node, results));
  return windows;
}

Timestamp SessionWindows::EndOf(Timestamp first, Timestamp last) const {
  const int64_t most = node_.window->max_length;
  return most == 0 ? last + gap_ : std::min(last + gap_, first + most);
}

bool SessionWindows::Joins(Timestamp first, Timestamp last, Timestamp other_first,
                           Timestamp other_last) const {
  if (other_first > last + gap_ || first > other_last + gap_) return false;
  const int64_t most = node_.window->max_length;
  return most == 0 || std::max(last, other_last) - std::min(first, other_first) < most;
}

KeyedWindow SessionWindows::Keyed(const Key& key, Timestamp first, Timestamp last,
                                  Timestamp watermark) const {
  const Timestamp end = EndOf(first, last);
  return {key.key, {first, end}, end, watermark >= end};
}

std::vector<SessionWindows::Group> SessionWindows::GroupsOf(const Key& key) const {
  std::vector<Group> groups;
  for (size_t i = 0; i < key.pieces.size(); ++i) {
    const Piece& piece = *key.pieces[i];
    const Timestamp last = piece.state.timestamp;
    if (by_instant_ && !groups.empty() &&
        Joins(groups.back().first, groups.back().last, piece.time, last)) {
      groups.back().last = std::max(groups.back().last, last);
      groups.back().end = i + 1;
    } else {
      groups.push_back({i, i + 1, piece.time, last});
    }
  }
  return groups;
}

bool SessionWindows::Owes(const Key& key, const Group& group) const {
  return std::any_of(key.pieces.begin() + static_cast<ptrdiff_t>(group.begin),
                     key.pieces.begin() + static_cast<ptrdiff_t>(group.end),
                     [](const std::unique_ptr<Piece>& piece) { return piece->state.owed; });
}

void SessionWindows::Absorb(WindowState& session, const WindowState& later) {
  session.owed = session.owed || later.owed;
  if (session.was_sent || session.sent_at != kNoTimestamp) return;
  session.was_sent = later.was_sent;
  session.sent = later.sent;
  session.sent_at = later.sent_at;
  session.held = later.held;
}

Status SessionWindows::Report(Key& key, const Group& group, Send send, StepOutput& output) {
  const KeyedWindow window = Keyed(key, group.first, group.last, watermark_);
  Piece& lead = *key.pieces[group.begin];
  lead.changed = true;
  const auto act = [&](WindowState& state) -> Status {
    const bool held = state.held;
    RETURN_IF_ERROR((*sender_.*send)(window, state, output));
    // Under the key alone: when the clock says so, all its sessions are looked at.
    if (state.held && !held) held_.Add(sender_->HeldUntil(state), key.key, output.store());
    return Status::Ok();
  };
  if (group.end == group.begin + 1) return act(lead.state);
  whole_.Clear();
  whole_.timestamp = group.last;
  whole_.ended = lead.state.ended;
  Status merged;
  for (size_t i = group.begin; i < group.end; ++i) {
    WindowState& part = key.pieces[i]->state;
    if (merged.ok()) merged = whole_.accumulators.Merge(part.accumulators, output.run());
    Absorb(whole_, part);
    if (part.owed || part.held || part.was_sent) key.pieces[i]->changed = true;
    part.owed = part.held = part.was_sent = false;
    part.sent.clear();
    part.sent_at = kNoTimestamp;
  }
  if (!merged.ok()) return sender_->Refuse(window, group.last, merged, output);
  RETURN_IF_ERROR(act(whole_));
  lead.state.ended = whole_.ended;
  Absorb(lead.state, whole_);
  return Status::Ok();
}

Status SessionWindows::Process(Row& row, std::span<const serde::Value> slots, StepOutput& output) {
  if (row.value.null) {
    output.CountDropped(kNullValue);
    return Status::Ok();
  }
  const Timestamp time = row.timestamp;
  key_.clear();
  if (Status status = AppendStoreKey(row.key, key_); !status.ok()) {
    return status.WithContext("key");
  }
  if (timeline_.full()) WriteThrough(output.store());
  ASSIGN_OR_RETURN(Key* const key, timeline_.Find(key_, output.store()));
  if (by_instant_ && time > watermark_) {
    RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
    return TakeInstant(*key, time, output);
  }
  RETURN_IF_ERROR(Unite(*key, watermark_, output));
  // The session that begins last of those that begin at or before it, and the one behind.
  const size_t behind = key->IndexOf(time + 1);
  std::optional<size_t> left;
  std::optional<size_t> right;
  Timestamp first = time;
  Timestamp last = time;
  const auto join = [&](size_t index) {
    const Piece& session = *key->pieces[index];
    if (!Joins(first, last, session.time, session.state.timestamp)) return false;
    first = std::min(first, session.time);
    last = std::max(last, session.state.timestamp);
    return true;
  };
  if (behind > 0 && join(behind - 1)) left = behind - 1;
  if (behind < key->pieces.size() && join(behind)) right = behind;
  // With the end that the session has when the record is in it.
  if (watermark_ >= EndOf(first, last) + node_.allowed_lateness) {
    return output.EmitSide(kLateSide, row);
  }
  RETURN_IF_ERROR(arguments_.Evaluate(slots, output.run()));
  return Take(*key, left, right, time, output);
}

Status SessionWindows::TakeInstant(Key& key, Timestamp time, StepOutput& output) {
  const std::vector<Group> before = regroups_ ? GroupsOf(key) : std::vector<Group>();
  const size_t index = key.IndexOf(time);
  const bool fresh = index == key.pieces.size() || key.pieces[index]->time != time;
  Piece& piece = fresh ? timeline_.Insert(key, index, time) : *key.pieces[index];
  if (Status folded = Fold(piece, time, output.run()); !folded.ok()) {
    if (fresh) timeline_.Erase(key, index, output.store());
    return folded;
  }
  timeline_.RequireDue(key, EndOf(time, time), output.store());
  return regroups_ ? SendRegrouped(key, before, time, output) : Status::Ok();
}

Status SessionWindows::SendRegrouped(Key& key, const std::vector<Group>& before, Timestamp time,
                                     StepOutput& output) {
  for (const Group& group : GroupsOf(key)) {
    const bool has_it = group.first <= time && time <= group.last;
    const auto same = [&](const Group& other) {
      return other.first == group.first && other.last == group.last;
    };
    if (!has_it && std::ranges::any_of(before, same)) continue;
    key.pieces[group.begin]->state.owed = true;
    if (node_.emit != topology::Emit::kEach) continue;
    RETURN_IF_ERROR(Report(key, group, &ResultSender::AfterRecord, output));
  }
  return Status::Ok();
}

Status SessionWindows::Unite(Key& key, Timestamp watermark, StepOutput& output) {
  if (!by_instant_) return Status::Ok();
  for (size_t i = 0; i + 1 < key.pieces.size();) {
    Piece& session = *key.pieces[i];
    Piece& next = *key.pieces[i + 1];
    if (next.time > watermark) return Status::Ok();
    if (!Joins(session.time, session.state.timestamp, next.time, next.state.timestamp)) {
      ++i;
      continue;
    }
    const Status merged =
        session.state.accumulators.Merge(next.state.accumulators, output.run());
    if (!merged.ok()) {
      // They stay what they are; the policy of the step says whether that is an end.
      RETURN_IF_ERROR(sender_->Refuse(
          Keyed(key, next.time, next.state.timestamp, watermark), next.time, merged, output));
      ++i;
      continue;
    }
    session.state.timestamp = std::max(session.state.timestamp, next.state.timestamp);
    Absorb(session.state, next.state);
    session.changed = true;
    timeline_.Erase(key, i + 1, output.store());
  }
  return Status::Ok();
}

Status SessionWindows::Fold(Piece& session, Timestamp time, RunState& run) {
  const size_t before = session.state.held_bytes();
  RETURN_IF_ERROR(session.state.accumulators.Fold(arguments_, time, run));
  timeline_.Grown(session.state.held_bytes() - before);
  session.state.timestamp = std::max(session.state.timestamp, time);
  session.time = std::min(session.time, time);
  session.changed = true;
  return Status::Ok();
}

Status SessionWindows::Take(Key& key, std::optional<size_t> left, std::optional<size_t> right,
                            Timestamp time, StepOutput& output) {
  RunState& run = output.run();
  const std::vector<Group> before = regroups_ ? GroupsOf(key) : std::vector<Group>();
  const bool fresh = !left && !right;
  const size_t index = left ? *left : right ? *right : key.IndexOf(time);
  Piece& session = fresh ? timeline_.Insert(key, index, time) : *key.pieces[index];
  Status folded;
  if (left && right) {
    // Both or nothing: the record first, which cannot be taken back otherwise.
    std::string bytes;
    session.state.accumulators.Encode(bytes);
    const Timestamp last = session.state.timestamp;
    const WindowState& later = key.pieces[*right]->state;
    folded = Fold(session, time, run);
    if (folded.ok()) folded = session.state.accumulators.Merge(later.accumulators, run);
    if (!folded.ok()) {
      CHECK(session.state.accumulators.Decode(bytes).ok()) << "own bytes";
      session.state.timestamp = last;
      return folded;
    }
    session.state.timestamp = std::max(session.state.timestamp, later.timestamp);
    session.state.ended = session.state.ended || later.ended;
    Absorb(session.state, later);
    timeline_.Erase(key, *right, output.store());
  } else {
    folded = Fold(session, time, run);
    if (!folded.ok()) {
      if (fresh) timeline_.Erase(key, index, output.store());
      return folded;
    }
  }
  const KeyedWindow window =
      Keyed(key, session.time, session.state.timestamp, watermark_);
  if (!window.over) session.state.ended = false;
  timeline_.RequireDue(key, window.bounds.end + (window.over ? node_.allowed_lateness : 0),
                       output.store());
  return regroups_ ? SendRegrouped(key, before, time, output)
                   : sender_->AfterRecord(window, session.state, output);
}

Status SessionWindows::AdvanceEventTime(Timestamp watermark, StepOutput& output) {
  if (watermark <= watermark_) return Status::Ok();
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
  watermark_ = watermark;
  return Status::Ok();
}

Status SessionWindows::Settle(Key& key, Timestamp watermark, StepOutput& output) {
  RETURN_IF_ERROR(Unite(key, watermark, output));
  Timestamp next = kEndOfTime;
  for (size_t i = 0; i < key.pieces.size();) {
    Piece& session = *key.pieces[i];
    const KeyedWindow window =
        Keyed(key, session.time, session.state.timestamp, watermark);
    if (!window.over) {
      next = std::min(next, window.bounds.end);
      ++i;
      continue;
    }
    const Timestamp closes = window.bounds.end + node_.allowed_lateness;
    // A late record waits for the commit, unless the session is gone by then.
    if (!session.state.ended || (session.state.owed && watermark >= closes)) {
      output.BeginResult();
      RETURN_IF_ERROR(sender_->AtEnd(window, session.state, output));
      session.changed = true;
    }
    if (watermark >= closes) {
      timeline_.Erase(key, i, output.store());
      continue;
    }
    next = std::min(next, closes);
    ++i;
  }
  if (!key.pieces.empty()) timeline_.RequireDue(key, next, output.store());
  return Status::Ok();
}

Status SessionWindows::AdvanceWallTime(Timestamp now, StepOutput& output) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DueIndex::Entry> due,
                     held_.Take(now, kBatch, output.store()));
    if (due.empty()) return Status::Ok();
    for (const DueIndex::Entry& entry : due) {
      if (timeline_.full()) WriteThrough(output.store());
      ASSIGN_OR_RETURN(Key* const key, timeline_.Find(entry.key, output.store()));
      for (const Group& group : GroupsOf(*key)) {
        const WindowState& state = key->pieces[group.begin]->state;
        if (!state.held) continue;
        if (const Timestamp until = sender_->HeldUntil(state); until > now) {
          // Of another session of the key, or the time was a shorter one then.
          held_.Add(until, entry.key, output.store());
          continue;
        }
        output.BeginResult();
        RETURN_IF_ERROR(Report(*key, group, &ResultSender::AtClock, output));
      }
    }
  }
}

std::optional<Timestamp> SessionWindows::NextWallTime() const {
  return held_.next();
}

Status SessionWindows::CommitKey(Key& key, StepOutput& output) {
  RETURN_IF_ERROR(Unite(key, watermark_, output));
  if (Owes(key, {0, key.pieces.size(), {}, {}})) {
    for (const Group& group : GroupsOf(key)) {
      if (!Owes(key, group)) continue;
      output.BeginResult();
      RETURN_IF_ERROR(Report(key, group, &ResultSender::AtCommit, output));
    }
  }
  timeline_.Save(key, output.store());
  return Status::Ok();
}

Status SessionWindows::BeforeCommit(StepOutput& output) {
  for (Key* const key : timeline_.touched()) RETURN_IF_ERROR(CommitKey(*key, output));
  timeline_.Untouch();
  const auto written = std::exchange(written_, {});
  for (const std::string& name : written) {
    ASSIGN_OR_RETURN(Key* const key, timeline_.Find(name, output.store()));
    RETURN_IF_ERROR(CommitKey(*key, output));
    if (timeline_.full()) timeline_.Clear();
  }
  timeline_.Untouch();
  return Status::Ok();
}

void SessionWindows::WriteThrough(statestore::KeyValueStore& store) {
  for (Key* const key : timeline_.touched()) {
    const bool owes = std::ranges::any_of(key->pieces, [&](const auto& session) {
      const KeyedWindow window =
          Keyed(*key, session->time, session->state.timestamp, watermark_);
      return session->state.owed && (node_.emit != topology::Emit::kFinal || window.over);
    });
    if (owes) written_.push_back(key->key);
    timeline_.Save(*key, store);
  }
  timeline_.Clear();
}

void SessionWindows::Restart(Timestamp watermark) {
  timeline_.Restart();
  held_.Forget();
  written_.clear();
  watermark_ = watermark;
}

}  // namespace sidestream::operators
