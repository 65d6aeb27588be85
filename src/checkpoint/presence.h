// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Presence: tells the other instances of an application who we are and what we hold, and hears the
// same of them, over `<app>-presence`.
//
// Place in the flow: stepped with the background. Standbys are computed from it; nothing that must
// be right hangs on it: a record that is lost or late costs a standby at the wrong place for a
// while.
//
// Invariants
//  P1. Only what was written after our start counts: a reader begins at the log's end.
//  P2. Others are alive while they were heard within kAliveFor of our own clock; theirs may differ.
//
// Threading: Step() and views on one thread.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/presence_record.h"
#include "kafka/cluster.h"

namespace sidestream::checkpoint {

class Presence {
 public:
  static constexpr Milliseconds kEvery{3'000};
  static constexpr Milliseconds kAliveFor{10'000};

  struct Dependencies {
    kafka::Cluster& cluster;
    kafka::Admin& admin;
    kafka::LogReader& reader;
    const Clock& clock;
  };

  /// All of `dependencies` is borrowed and outlives this; `reader` is this object's alone.
  Presence(Dependencies dependencies, std::string topic, std::string client_id);
  ~Presence();

  /// Reads on; writes `own` when it is due or its flags or tasks changed.
  void Step(const PresenceRecord& own);

  /// The others that are alive, by name.
  std::map<std::string, PresenceRecord> Others() const;
  /// Heard long enough to know who is there.
  bool settled() const;

 private:
  struct Heard {
    PresenceRecord record;
    MonotonicTime at;
  };
  void Read();
  void Take(const kafka::Record& record);
  void Write(const PresenceRecord& own);
  void Complain(const Status& why);
  static std::vector<TaskId> OutlineOf(const PresenceRecord& record);

  Dependencies dependencies_;
  const TopicPartition partition_;
  const std::string client_id_;
  std::string own_name_;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> end_;
  std::optional<MonotonicTime> reading_since_;
  MonotonicTime retry_at_{};
  std::unique_ptr<kafka::Producer> producer_;
  kafka::TopicHandle topic_;
  bool initialized_ = false;
  std::optional<MonotonicTime> written_at_;
  std::vector<TaskId> written_tasks_;
  bool written_stopping_ = false;
  std::map<std::string, Heard> heard_;
  std::optional<MonotonicTime> complained_at_;
};

}  // namespace sidestream::checkpoint
