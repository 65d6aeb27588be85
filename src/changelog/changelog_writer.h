// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writes what a transaction changed in a task's stores to their changelogs: one record per
// changed key and commit.
//
// Place in the flow: called by the task before the Kafka commit, into the transaction that will
// carry the outputs and offsets too. The positions come back from delivery reports and reach
// the state with TaskState::Apply(), after the commit.
//
// A record's key is the row's key; its value holds the commit sequence and the row
// (docs/formats/changelog-record.md). A delete is Kafka's null value, because compaction
// needs it, and carries no sequence.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kafka/record_sink.h"
#include "statestore/task_state.h"

namespace sidestream::changelog {

class ChangelogWriter {
 public:
  /// Adds all changes of the open transaction of `state` to `sink`, on the partition of the
  /// task. `topics`: the changelog of each store as the sink knows it, in the order of the
  /// specs; that of a store without changelog is not looked at. Returns how many records were
  /// added. After a failure a repeated call adds all of them again, which is harmless.
  Result<int64_t> WriteChanges(statestore::TaskState& state, Partition partition,
                               CommitSequence sequence, const std::vector<kafka::SinkTopic>& topics,
                               kafka::RecordSink& sink);

 private:
  // Kept between calls for its buffer.
  std::string value_;
};

}  // namespace sidestream::changelog
