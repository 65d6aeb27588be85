// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// PlanDriver: a whole plan on FakeProcessorContexts: topics in memory, one program per task,
// one thread, commits and crashes where the test wants them. No Kafka, no tasks: what comes
// out is what operators do.
//
// Threading: confined to the test's thread.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "operators/outputs.h"
#include "operators/processor_context.h"
#include "tests/support/fake_processor_context.h"
#include "topology/build_plan.h"
#include "topology/loader.h"
#include "topology/plan.h"

namespace sidestream::testing {

struct RunOptions {
  /// Records that a task processes between two commits.
  int records_per_commit = 1;
  /// Each commit is lost once: the program is thrown away, its transaction rolled back.
  bool crash_at_every_commit = false;
};

class PlanDriver {
 public:
  /// Findings of the topology end up in error().
  explicit PlanDriver(const std::string& yaml, int32_t partitions = 2);

  const std::string& error() const { return error_; }
  const topology::Plan& plan() const { return *plan_; }
  const topology::Model& model() const { return loaded_.model; }

  /// Appends to the topic of stream `alias`; without a partition where the key belongs.
  void Add(const std::string& alias, ProducedRecord record, int32_t partition = -1);

  /// Lets all tasks work until nothing is left.
  Status Run(const RunOptions& options = {});
  /// The same, and then all inputs have ended.
  Status End(const RunOptions& options = {});

  /// Committed records of the topic of stream `alias`, partition by partition.
  std::vector<ProducedRecord> Records(const std::string& alias) const;
  /// The same of any topic of the plan.
  std::vector<ProducedRecord> RecordsOf(const std::string& topic) const;
  /// Committed rows of a store of all tasks.
  std::map<std::string, std::string> Rows(const std::string& store) const;
  int64_t dropped(const std::string& step, const std::string& reason) const;
  int64_t dead_letters(const std::string& step, const std::string& cause) const;
  /// The output topics refuse larger values.
  void LimitValues(size_t bytes);

 private:
  using Topic = std::vector<std::deque<ProducedRecord>>;
  struct Task {
    size_t sub_topology = 0;
    Partition partition = 0;
    std::unique_ptr<operators::TaskProgram> program;
    FakeProcessorContext context;
    std::vector<size_t> positions;
    std::vector<operators::Output> outputs;
  };

  const std::string& TopicOf(const std::string& alias) const;
  std::unique_ptr<operators::TaskProgram> NewProgram(const Task& task) const;
  /// Whether a record was there, or why it failed.
  Result<bool> ProcessOne(Task& task, std::vector<size_t>& positions);
  Status RunTransaction(Task& task, const RunOptions& options, bool& worked);
  /// Commits what the task has done, or loses it: the task crashes.
  Status Commit(Task& task, bool lose);
  operators::InputRecord Read(const topology::Input& input, Partition partition, size_t position,
                              std::vector<Header>& headers) const;
  void Append(const std::string& topic, const ProducedRecord& record, int32_t partition);

  topology::LoadedTopology loaded_;
  std::shared_ptr<const topology::Plan> plan_;
  std::string error_;
  std::map<std::string, Topic> topics_;
  std::deque<Task> tasks_;
};

}  // namespace sidestream::testing
