// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/timers.h"

#include "operators/ordered_key.h"
#include "operators/process/process_row.h"

namespace sidestream::operators {
namespace {

constexpr size_t kAhead = 64;

std::string Prefix(TimeDomain domain) {
  return {static_cast<char>(ProcessRow::kTimerDue), static_cast<char>(domain)};
}

}  // namespace

Timers::Timers() : event_(Prefix(TimeDomain::kEvent)), wall_(Prefix(TimeDomain::kWall)) {}

void Timers::MakeRow(std::string_view key, std::string_view name) {
  row_.assign(1, static_cast<char>(ProcessRow::kTimer));
  AppendOrderedBytes(key, row_);
  row_ += name;
}

Result<std::optional<TimerRow>> Timers::Remove(statestore::KeyValueStore& rows) {
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, rows.Get(row_));
  if (!bytes) return std::optional<TimerRow>();
  ASSIGN_OR_RETURN(const TimerRow timer, DecodeTimer(*bytes));
  index(timer.domain).Remove(timer.time, std::string_view(row_).substr(1), rows);
  rows.Delete(row_);
  return std::optional<TimerRow>(timer);
}

Status Timers::Set(TimeDomain domain, std::string_view key, std::string_view name, Timestamp time,
                   statestore::KeyValueStore& rows) {
  ahead_.clear();
  MakeRow(key, name);
  RETURN_IF_ERROR(Remove(rows).status());
  value_.clear();
  EncodeTimer({domain, time}, value_);
  rows.Put(row_, value_);
  index(domain).Add(time, std::string_view(row_).substr(1), rows);
  return Status::Ok();
}

Status Timers::Cancel(std::string_view key, std::string_view name,
                      statestore::KeyValueStore& rows) {
  ahead_.clear();
  MakeRow(key, name);
  return Remove(rows).status();
}

Result<std::optional<Timers::Timer>> Timers::TakeDue(TimeDomain domain, Timestamp now,
                                                     statestore::KeyValueStore& rows) {
  if (ahead_domain_ != domain || next_ >= ahead_.size()) {
    ahead_domain_ = domain;
    next_ = 0;
    ASSIGN_OR_RETURN(ahead_, index(domain).Due(now, kAhead, rows));
  }
  if (ahead_.empty() || ahead_[next_].due > now) return std::optional<Timer>();
  const DueIndex::Entry& entry = ahead_[next_++];
  Timer timer;
  timer.time = entry.due;
  OrderedKeyReader reader(entry.key);
  reader.Bytes(timer.key);
  timer.name = reader.Rest();
  if (!reader.ok()) return Status::TaskCorrupted("a row of a timer is cut short");
  MakeRow(timer.key, timer.name);
  ASSIGN_OR_RETURN(const std::optional<TimerRow> set, Remove(rows));
  if (!set || set->domain != domain || set->time != timer.time) {
    return Status::TaskCorrupted("a timer that is due is not set");
  }
  return std::optional<Timer>(std::move(timer));
}

Status Timers::DropEventTimers(statestore::KeyValueStore& rows) {
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<Timer> timer,
                     TakeDue(TimeDomain::kEvent, kEndOfTime, rows));
    if (!timer) return Status::Ok();
  }
}

void Timers::Restart() {
  event_.Forget();
  wall_.Forget();
  ahead_.clear();
}

}  // namespace sidestream::operators
