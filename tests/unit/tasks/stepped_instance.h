// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Instances on the in-process broker, all in the test's thread and in virtual time. Tests add
// their topics and sub-topologies before the first Start().

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "observed_cluster.h"
#include "statestore/memory_task_state.h"
#include "tasks/instance.h"

namespace sidestream::tasks {

/// Sends every record to output 0 as it is. A record that is refused before it is produced
/// meets `skip` or `fail`.
class CopyProgram final : public operators::TaskProgram {
 public:
  explicit CopyProgram(bool skip) : skip_(skip) {}
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    operators::OutputRecord out;
    out.key = record.key;
    out.value = record.value;
    out.timestamp = record.timestamp;
    const Status produced = context.Produce(out);
    if (produced.code() != StatusCode::kBadRecord) return produced;
    if (skip_) return Status::Ok();
    return produced.WithContext("to out");
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}

 private:
  const bool skip_;
};

class CopyFactory final : public operators::TaskProgramFactory {
 public:
  explicit CopyFactory(bool skip = false) : skip_(skip) {}
  Result<std::unique_ptr<operators::TaskProgram>> New(Partition) override {
    return std::unique_ptr<operators::TaskProgram>(std::make_unique<CopyProgram>(skip_));
  }

 private:
  const bool skip_;
};

class SteppedInstanceTest : public ::testing::Test {
 protected:
  SteppedInstanceTest() {
    application_.id = "t";
    application_.control_topic = "t-control";
    AddTopic("t-control", 1);
  }

  void AddTopic(const std::string& name, int32_t partitions,
                std::map<std::string, std::string> settings = {}) {
    kafka::NewTopic topic;
    topic.name = name;
    topic.partitions = partitions;
    topic.settings = std::move(settings);
    ASSERT_TRUE(broker_.CreateTopic(topic).ok());
  }

  /// Copies `from` to `to`; partition counts are those of the topics.
  SubTopologySpec Copy(const std::string& from, const std::string& to, bool skip = false) {
    SubTopologySpec spec;
    spec.name = from;
    spec.inputs = {{.topic = from, .partitions = broker_.PartitionCount(from)}};
    spec.outputs = {{.topic = to, .partitions = broker_.PartitionCount(to), .limits = {}}};
    spec.programs = std::make_shared<CopyFactory>(skip);
    return spec;
  }

  std::unique_ptr<Instance> Start(const std::string& name = "i", bool stable_name = false) {
    InstanceOptions options;
    options.name = name;
    options.stable_name = stable_name;
    auto made = Instance::Create(application_, {observed_, states_, clock_}, options, 1);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE((*made)->Start().ok());
    return std::move(made).value();
  }

  void Feed(const std::string& topic, Partition partition, const std::vector<std::string>& values,
            Milliseconds ahead = Milliseconds(0)) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle handle = producer->RegisterTopic(topic);
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    for (const std::string& value : values) {
      kafka::OutgoingRecord record;
      record.topic = handle;
      record.partition = partition;
      record.value = value;
      record.timestamp = clock_.WallTime() + ahead.count();
      ASSERT_TRUE(producer->Produce(record).ok());
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    ASSERT_FALSE(producer->first_failure());
  }

  /// Steps until `done`, for at most so much virtual time; says whether it came to that.
  bool StepUntil(Instance& instance, const std::function<bool()>& done,
                 Milliseconds limit = std::chrono::seconds(60)) {
    const MonotonicTime deadline = clock_.Now() + limit;
    while (!done() && clock_.Now() < deadline) {
      instance.Step();
      clock_.Advance(Milliseconds(2));
    }
    return done();
  }

  /// What a read_committed reader sees of a topic.
  std::vector<std::string> Values(const std::string& topic) {
    std::vector<std::string> values;
    for (Partition p = 0; p < broker_.PartitionCount(topic); ++p) {
      for (const auto& record : broker_.ReadCommitted({topic, p})) {
        values.push_back(record.value.value_or(""));
      }
    }
    return values;
  }

  std::optional<Offset> Committed(const TopicPartition& partition) {
    for (const kafka::CommittedOffset& committed : broker_.CommittedOffsets("t")) {
      if (committed.partition == partition) return committed.offset;
    }
    return std::nullopt;
  }

  ManualClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  /// What the instances see of it.
  ObservedCluster observed_{*cluster_};
  statestore::MemoryTaskStateFactory states_{{.application = "t"}};
  ApplicationSpec application_;
};

}  // namespace sidestream::tasks
