// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LogSurvey: asks the cluster about the changelogs of one task: whether each fits its store
// (log_fitness.h), from where to where it is to be read, and whether from the start.
//
//   topics ──▶ starts and ends ──▶ settings, where a tail may lack deletes ──▶ surveyed
//
// Place in the flow: the first part of a restore; StoreRestorer reads what it found.
//
// Invariant (I1 of store_restorer.h): the end of a log is captured once, and stays when the offsets
// are asked for again.
//
// Threading: confined to the restorer's thread.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "changelog/log_fitness.h"
#include "kafka/admin.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

/// What is known of the changelog of one store.
struct SurveyedLog {
  size_t store = 0;
  TopicPartition changelog;
  TopicId id;
  Offset start;
  std::optional<Offset> end;
  /// The store is to be emptied and read from the start.
  bool full = false;
  /// AgeMax() of the topic; empty: nobody asked.
  std::optional<Milliseconds> age_max;
  /// Said by the restorer: the store is complete, and nothing is asked of the log any more.
  bool done = false;
};

struct LogSurveyOptions {
  /// I1: see RestoreRules.
  kafka::IsolationLevel end = kafka::IsolationLevel::kReadUncommitted;
  /// How long a topic may stay invisible, or the cluster silent, before the survey fails.
  Milliseconds give_up_after{120'000};
  /// Between a question that failed and the next one.
  Milliseconds ask_again_after{100};
  /// Asks for the settings of every log that is to be read, not only where a tail may lack deletes.
  bool all_settings = false;
};

class LogSurvey {
 public:
  /// All are borrowed and outlive the survey. A store without a changelog is not in it.
  LogSurvey(kafka::Admin& admin, const Clock& clock, const TaskId& task,
            const statestore::TaskState& state, LogSurveyOptions options);

  /// Goes on, and never waits; empty: an answer is still to come. Ok: logs() are surveyed.
  /// Otherwise as RestoreOutcome::status.
  std::optional<Status> Step(MonotonicTime now);
  /// Asks for starts and settings once more: a log has lost what was to be read.
  void AskAgain();

  std::vector<SurveyedLog>& logs() { return logs_; }
  const std::vector<SurveyedLog>& logs() const { return logs_; }

 private:
  enum class Phase { kTopics, kOffsets, kSettings, kSurveyed };
  using Offsets = std::vector<kafka::PartitionOffset>;

  // Each takes the answer of its phase: ok and in the same phase when there is none yet.
  Status TakeTopics();
  Status TakeOffsets();
  Status TakeSettings();
  Status TakeStarts(const Offsets& starts, const Offsets& ends);
  void ForgetQuestions();
  KnownStore Known(const SurveyedLog& log) const;

  kafka::Admin& admin_;
  const Clock& clock_;
  const TaskId task_;
  const statestore::TaskState& state_;
  const LogSurveyOptions options_;
  std::vector<SurveyedLog> logs_;

  Phase phase_ = Phase::kTopics;
  kafka::Admin::Reply<std::vector<kafka::TopicDescription>> topics_;
  kafka::Admin::Reply<Offsets> starts_;
  kafka::Admin::Reply<Offsets> ends_;
  std::optional<Offsets> known_starts_;
  kafka::Admin::Reply<std::map<std::string, std::string>> settings_;
  /// Logs whose settings are still to be asked for.
  std::vector<SurveyedLog*> unsettled_;
  std::optional<MonotonicTime> silent_since_;
  MonotonicTime ask_at_;
};

}  // namespace sidestream::changelog
