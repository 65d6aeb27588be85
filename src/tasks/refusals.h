// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Refusals: finds the record that the broker does not take. A refusal undoes the worker's whole
// transaction, and the same records would be refused again, for ever.
//
// Place in the flow: told by the worker of each transaction that a refusal undid and of each
// one that was committed. The tasks that may have written the record run one at a time from then
// on, with fewer records in a transaction at each refusal, until one is left.
//
// Invariant
//  F1. A task is refused at the same input position at most so often until its transaction is one
//      record, and then kAttempts times; then the policy of the step that produces decides
//      (Verdict::kAskPolicy), once; what has no policy ends the instance.
//
// Threading: confined to the worker's thread.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kafka/producer.h"

namespace sidestream::tasks {

class StreamTask;

class Refusals {
 public:
  static constexpr int kAttempts = 3;

  struct Verdict {
    enum class Kind { kTryAgain, kAskPolicy, kGiveUp };
    Kind kind = Kind::kTryAgain;
    /// Of kAskPolicy.
    TaskId task;
    /// What to tell the user, unless kTryAgain.
    Status status;
  };

  /// The transaction that `involved` had effects in was undone, and they stand at their last
  /// commit again.
  Verdict Note(const kafka::DeliveryFailure& failure, const std::vector<StreamTask*>& involved);
  /// A task's effects were committed: it may take more records at a time again.
  void Committed(const TaskId& id);
  /// The task has nothing to repeat now; its count stays.
  void Rested(const TaskId& id);
  /// The task left this worker.
  void Forget(const TaskId& id) { suspects_.erase(id); }

  bool empty() const { return suspects_.empty(); }
  /// How many records of the task a transaction may hold; empty: as many as of any, beside others.
  std::optional<size_t> RecordsAlone(const TaskId& id) const;

 private:
  struct Suspect {
    std::vector<Offset> positions;
    std::string place;  // of the output
    int refused = 0;
    size_t records = 0;
    /// The last transaction was of this task alone.
    bool alone = false;
    bool asked_policy = false;
  };
  std::map<TaskId, Suspect> suspects_;
};

}  // namespace sidestream::tasks
