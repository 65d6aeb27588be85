// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A snapshot over other partition counts of repartition topics: rows, records in flight and positions
// of a step go to the tasks that have their keys now.
//
// Time of the new tasks: none is known of their upstreams, which say it anew once they run, and their
// own is that of the slowest task before, so no record is late that was not. What a window has sent
// its own row knows (R14).
//
// Threading: confined to the command's thread.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/savepoint_fit.h"
#include "snapshot/manifest.h"
#include "statestore/task_state.h"
#include "time/commit_stamp.h"

namespace sidestream::app {

/// The rows of one store, task by task.
class StoreSpread {
 public:
  StoreSpread(statestore::StoreSpec store, PartitionCounts counts)
      : store_(std::move(store)), counts_(counts) {}

  /// Where the row goes; empty: it is the task's, and stays here until all are known.
  Result<std::optional<Partition>> Place(std::string_view key, std::string_view row);
  /// The rows of one task are placed.
  void EndTask();
  /// What every new task gets beside. kInvalidConfig: the tasks had come to different points.
  Result<std::vector<std::pair<std::string, std::string>>> Common() const;
  const statestore::StoreSpec& store() const { return store_; }
  int32_t partitions() const { return counts_.now; }

 private:
  const statestore::StoreSpec store_;
  const PartitionCounts counts_;
  std::map<std::string, std::string> counters_;
  std::string fired_key_;
  std::string ended_key_;
  int32_t ended_tasks_ = 0;
  /// Different ones, of tasks that have windows; empty: none has been fired.
  std::set<std::string> fired_;
  bool has_windows_ = false;
  std::optional<std::string> task_fired_;
};

/// A position as it is committed.
struct SpreadPosition {
  TopicPartition partition;
  bool repartition = false;
  Offset offset;
  time::CommitStamp stamp;
};

/// Requires the positions of all tasks, in topics as they are called here.
std::vector<SpreadPosition> SpreadPositions(std::vector<SpreadPosition> positions,
                                            const std::map<std::string, PartitionCounts>& spread);

}  // namespace sidestream::app
