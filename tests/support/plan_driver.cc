// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/plan_driver.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "kafka/partitioner.h"
#include "operators/plan_program.h"

namespace sidestream::testing {
namespace {

class NoSurroundings final : public topology::Surroundings {
 public:
  std::optional<std::string> Variable(const std::string&) const override { return std::nullopt; }
  Result<std::string> ReadFile(const std::string& path) const override {
    return Status::InvalidConfig("there is no file " + path);
  }
};

std::string FirstError(const std::vector<topology::Finding>& findings) {
  for (const topology::Finding& finding : findings) {
    if (topology::HasErrors({finding})) return finding.message;
  }
  return "";
}

}  // namespace

PlanDriver::PlanDriver(const std::string& yaml, int32_t partitions)
    : loaded_(topology::LoadTopologyTexts({{"topology.yaml", yaml}}, NoSurroundings())) {
  if (!loaded_.ok()) {
    error_ = FirstError(loaded_.findings);
    return;
  }
  const auto counts = topology::DeclaredPartitionCounts(loaded_.model, partitions);
  topology::PlanResult built = topology::BuildPlan(loaded_.model, loaded_.files, counts);
  plan_ = built.plan;
  if (plan_ == nullptr) {
    error_ = FirstError(built.findings);
    return;
  }
  for (const topology::UserTopic& topic : plan_->user_topics) {
    topics_[topic.name].resize(static_cast<size_t>(topic.partitions));
  }
  for (const topology::InternalTopic& topic : plan_->internal_topics) {
    topics_[topic.name].resize(static_cast<size_t>(topic.partitions));
  }
  for (size_t i = 0; i < plan_->sub_topologies.size(); ++i) {
    const topology::SubTopology& sub = plan_->sub_topologies[i];
    for (Partition partition = 0; partition < sub.partitions; ++partition) {
      Task& task = tasks_.emplace_back();
      task.sub_topology = i;
      task.partition = partition;
      task.positions.assign(sub.inputs.size(), 0);
      task.outputs = operators::OutputsOf(sub);
      task.program = NewProgram(task);
    }
  }
}

std::unique_ptr<operators::TaskProgram> PlanDriver::NewProgram(const Task& task) const {
  operators::PlanProgramFactory factory(plan_, task.sub_topology);
  auto program = factory.New(task.partition);
  CHECK(program.ok()) << program.status();
  return std::move(program).value();
}

const std::string& PlanDriver::TopicOf(const std::string& alias) const {
  const topology::StreamModel* stream = loaded_.model.FindStream(alias);
  CHECK(stream != nullptr) << alias;
  return stream->topics.front().text;
}

void PlanDriver::Append(const std::string& name, const ProducedRecord& record, int32_t partition) {
  Topic& topic = topics_.at(name);
  const auto count = static_cast<int32_t>(topic.size());
  const int32_t chosen = record.key ? kafka::PartitionOf(*record.key, count) : partition % count;
  topic[static_cast<size_t>(chosen)].push_back(record);
}

void PlanDriver::Add(const std::string& alias, ProducedRecord record, int32_t partition) {
  if (partition < 0) {
    Append(TopicOf(alias), record, 0);
  } else {
    topics_.at(TopicOf(alias))[static_cast<size_t>(partition)].push_back(std::move(record));
  }
}

operators::InputRecord PlanDriver::Read(const topology::Input& input, Partition partition,
                                        size_t position, std::vector<Header>& headers) const {
  const ProducedRecord& stored = topics_.at(input.topic)[static_cast<size_t>(partition)][position];
  operators::InputRecord record;
  record.topic = input.topic;
  record.partition = partition;
  record.offset = Offset(static_cast<int64_t>(position));
  if (stored.origin) {
    record.topic = stored.origin->topic;
    record.partition = stored.origin->partition;
    record.offset = stored.origin->offset;
  }
  if (stored.key) record.key = *stored.key;
  if (stored.value) record.value = *stored.value;
  record.timestamp = stored.timestamp;
  record.own_timestamp = stored.timestamp;
  record.key_kind = stored.key_kind;
  for (const auto& [name, value] : stored.headers) {
    Header header{name, std::nullopt};
    if (value) header.value = *value;
    headers.push_back(header);
  }
  record.headers = headers;
  return record;
}

Result<bool> PlanDriver::ProcessOne(Task& task, std::vector<size_t>& positions) {
  const topology::SubTopology& sub = plan_->sub_topologies[task.sub_topology];
  std::optional<size_t> chosen;
  Timestamp smallest;
  for (size_t i = 0; i < sub.inputs.size(); ++i) {
    const Topic& topic = topics_.at(sub.inputs[i].topic);
    const auto partition = static_cast<size_t>(task.partition);
    if (partition >= topic.size() || positions[i] >= topic[partition].size()) continue;
    std::vector<Header> headers;
    const operators::InputRecord head = Read(sub.inputs[i], task.partition, positions[i], headers);
    const Result<Timestamp> time = task.program->EventTime(i, head);
    const Timestamp at = time.ok() ? *time : head.timestamp;
    if (!chosen || at < smallest) {
      chosen = i;
      smallest = at;
    }
  }
  if (!chosen) return false;
  std::vector<Header> headers;
  const operators::InputRecord record =
      Read(sub.inputs[*chosen], task.partition, positions[*chosen], headers);
  RETURN_IF_ERROR(task.program->Process(*chosen, record, task.context));
  ++positions[*chosen];
  return true;
}

Status PlanDriver::RunTransaction(Task& task, const RunOptions& options, bool& worked) {
  for (int attempt = options.crash_at_every_commit ? 0 : 1; attempt < 2; ++attempt) {
    std::vector<size_t> positions = task.positions;
    for (int i = 0; i < options.records_per_commit; ++i) {
      ASSIGN_OR_RETURN(const bool more, ProcessOne(task, positions));
      if (!more) break;
    }
    if (positions == task.positions) return Status::Ok();
    RETURN_IF_ERROR(Commit(task, /*lose=*/attempt == 0));
    if (attempt == 0) continue;
    worked = true;
    task.positions = positions;
  }
  return Status::Ok();
}

Status PlanDriver::Commit(Task& task, bool lose) {
  RETURN_IF_ERROR(task.program->BeforeCommit(task.context));
  if (lose) {
    task.context.Rollback();
    task.program = NewProgram(task);
    return Status::Ok();
  }
  const std::vector<ProducedRecord> produced = task.context.produced();
  task.context.Commit();
  for (const ProducedRecord& record : produced) {
    Append(task.outputs[record.output].topic, record, task.partition);
  }
  return Status::Ok();
}

Status PlanDriver::End(const RunOptions& options) {
  // In the order of the sub-topologies: what the end of one writes is read by those behind it.
  for (Task& task : tasks_) {
    RETURN_IF_ERROR(Run(options));
    for (int attempt = options.crash_at_every_commit ? 0 : 1; attempt < 2; ++attempt) {
      RETURN_IF_ERROR(task.program->AdvanceEventTime(kEndOfTime, task.context));
      RETURN_IF_ERROR(Commit(task, /*lose=*/attempt == 0));
    }
  }
  return Run(options);
}

Status PlanDriver::Run(const RunOptions& options) {
  for (bool worked = true; worked;) {
    worked = false;
    for (Task& task : tasks_) RETURN_IF_ERROR(RunTransaction(task, options, worked));
  }
  return Status::Ok();
}

std::vector<ProducedRecord> PlanDriver::Records(const std::string& alias) const {
  return RecordsOf(TopicOf(alias));
}

std::map<std::string, std::string> PlanDriver::Rows(const std::string& store) const {
  std::map<std::string, std::string> rows;
  for (const Task& task : tasks_) {
    const std::vector<topology::Store>& stores = plan_->sub_topologies[task.sub_topology].stores;
    for (size_t i = 0; i < stores.size(); ++i) {
      if (stores[i].name != store || i >= task.context.store_count()) continue;
      const std::map<std::string, std::string>& of_task = task.context.store(i).committed();
      rows.insert(of_task.begin(), of_task.end());
    }
  }
  return rows;
}

std::vector<ProducedRecord> PlanDriver::RecordsOf(const std::string& topic) const {
  std::vector<ProducedRecord> records;
  for (const auto& partition : topics_.at(topic)) {
    records.insert(records.end(), partition.begin(), partition.end());
  }
  return records;
}

int64_t PlanDriver::dropped(const std::string& step, const std::string& reason) const {
  int64_t total = 0;
  for (const Task& task : tasks_) total += task.context.dropped(step, reason);
  return total;
}

int64_t PlanDriver::dead_letters(const std::string& step, const std::string& cause) const {
  int64_t total = 0;
  for (const Task& task : tasks_) total += task.context.dead_letters(step, cause);
  return total;
}

void PlanDriver::LimitValues(size_t bytes) {
  for (Task& task : tasks_) task.context.largest_value = bytes;
}

}  // namespace sidestream::testing
