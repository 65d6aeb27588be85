// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An application that is started again on the same cluster: with an edited topology, or after
// someone touched what it had left there.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/application_spec.h"
#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "statestore/memory_task_state.h"
#include "tasks/instance.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::harness {
namespace {

std::string Topology(const std::string& step, const std::string& input = "") {
  return R"(version: 1
application: { id: app }
streams:
  in: { topic: in, key: string, value: json)" +
         input + R"( }
  out: { topic: out, key: json, value: json }
pipelines:
  main:
    from: in
    steps:
      - )" +
         step + "\n    to: out\n";
}

const std::string kSums =
    "{ name: sums, aggregate: { group_by: key, fields: { a: sum(value.a), b: sum(value.b) }, "
    "emit: changes } }";

class RestartTest : public ::testing::Test {
 protected:
  /// Makes the topics that are missing, and an instance.
  void Start(const std::string& yaml) {
    const topology::LoadedTopology loaded =
        topology::LoadTopologyTexts({{"a.yaml", yaml}}, topology::ProcessSurroundings());
    ASSERT_TRUE(loaded.ok()) << topology::Render(loaded.findings);
    const topology::PlanResult result = topology::BuildPlan(
        loaded.model, loaded.files, topology::DeclaredPartitionCounts(loaded.model, 1));
    ASSERT_NE(result.plan, nullptr) << topology::Render(result.findings);
    for (const topology::UserTopic& topic : result.plan->user_topics) Make(topic.name, {});
    for (const topology::InternalTopic& topic : result.plan->internal_topics) {
      Make(topic.name, topic.settings);
    }
    instance_.reset();
    application_ = MakeApplicationSpec(result.plan, loaded.model.application, {});
    tasks::InstanceOptions options;
    options.name = "i";
    auto made = tasks::Instance::Create(application_, {*cluster_, states_, clock_}, options, 1);
    ASSERT_TRUE(made.ok()) << made.status();
    instance_ = std::move(made).value();
    ASSERT_TRUE(instance_->Start().ok());
  }

  void Make(const std::string& name, const std::map<std::string, std::string>& settings) {
    if (broker_.PartitionCount(name) > 0) return;
    kafka::NewTopic topic{.name = name, .partitions = 1, .replication_factor = -1, .settings = {}};
    topic.settings = settings;
    ASSERT_TRUE(broker_.CreateTopic(topic).ok());
  }

  /// `done` is asked once per tick and not again once it said yes: it may take an answer.
  template <typename Done>
  bool StepUntil(Done done) {
    for (int tick = 0; tick < 60'000; ++tick) {
      if (done()) return true;
      if (instance_ != nullptr) instance_->Step();
      broker_.Step();
      clock_.Advance(Milliseconds(1));
    }
    return false;
  }

  /// Until the instance has failed; its failure.
  Status Failure() {
    StepUntil([&] { return !instance_->failure().ok(); });
    return instance_->failure();
  }

  void StopInOrder() {
    instance_->RequestStop();
    ASSERT_TRUE(StepUntil([&] { return instance_->stopped(); })) << instance_->failure();
  }

  void Feed(const std::string& key, const std::string& value) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle in = producer->RegisterTopic("in");
    producer->StartInit();
    ASSERT_TRUE(StepUntil([&] { return producer->Poll(Milliseconds(0)).has_value(); }));
    kafka::OutgoingRecord record;
    record.topic = in;
    record.partition = 0;
    record.key = key;
    record.value = value;
    record.timestamp = clock_.WallTime();
    ASSERT_TRUE(producer->Produce(record).ok());
    producer->StartFlush();
    ASSERT_TRUE(StepUntil([&] { return producer->Poll(Milliseconds(0)).has_value(); }));
  }

  std::vector<std::string> Output() {
    std::vector<std::string> values;
    for (const auto& record : broker_.ReadCommitted({"out", 0})) {
      values.push_back(record.value.value_or(""));
    }
    return values;
  }

  bool StepUntilOutput(size_t count) {
    return StepUntil([&] { return Output().size() >= count || !instance_->failure().ok(); });
  }

  ManualClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  statestore::MemoryTaskStateFactory states_{{.application = "app"}};
  tasks::ApplicationSpec application_;
  std::unique_ptr<tasks::Instance> instance_;
};

class EditedTopologyTest : public RestartTest {
 protected:
  /// A first life that leaves a sum behind.
  void LeaveState() {
    Start(Topology(kSums));
    Feed("k", R"({"a":1,"b":10})");
    ASSERT_TRUE(StepUntilOutput(1)) << instance_->failure();
    StopInOrder();
  }
  /// A field less, a field more.
  const std::string other_ =
      "{ name: sums, aggregate: { group_by: key, fields: { a: sum(value.a), b: max(value.b) }, "
      "emit: changes } }";
  /// kSums, with its two arguments swapped.
  const std::string swapped_ =
      "{ name: sums, aggregate: { group_by: key, fields: { a: sum(value.b), b: sum(value.a) }, "
      "emit: changes } }";
};

TEST_F(EditedTopologyTest, BlanksKeepTheState) {
  LeaveState();
  std::string spaced = kSums;
  spaced.replace(spaced.find("sum(value.a)"), 12, "sum( value . a )");
  Start(Topology(spaced));
  Feed("k", R"({"a":1,"b":10})");
  ASSERT_TRUE(StepUntilOutput(2)) << instance_->failure();
  ASSERT_TRUE(instance_->failure().ok()) << instance_->failure();
  EXPECT_EQ(Output().back(), R"({"a":2,"b":20})");
}

TEST_F(EditedTopologyTest, ResultsUnderOtherNamesKeepTheirCalls) {
  LeaveState();
  Start(Topology(swapped_));
  Feed("k", R"({"a":1,"b":10})");
  ASSERT_TRUE(StepUntilOutput(2)) << instance_->failure();
  EXPECT_EQ(Output().back(), R"({"a":20,"b":2})");
}

TEST_F(EditedTopologyTest, StateThatWouldBeLostEndsTheStart) {
  LeaveState();
  Start(Topology(other_));
  Feed("k", R"({"a":1,"b":10})");
  const Status failure = Failure();
  EXPECT_EQ(failure.code(), StatusCode::kInvalidConfig) << failure;
  EXPECT_NE(failure.message().find("step=sums"), std::string::npos) << failure;
  EXPECT_EQ(Output().size(), 1U);
}

TEST_F(EditedTopologyTest, AMachineWithoutTheStateNoticesAsWell) {
  LeaveState();
  states_.Wipe();
  Start(Topology(other_));
  EXPECT_EQ(Failure().code(), StatusCode::kInvalidConfig);
}

TEST_F(EditedTopologyTest, TheOldDefinitionGoesOnAfterARefusal) {
  LeaveState();
  Start(Topology(other_));
  ASSERT_FALSE(Failure().ok());
  StopInOrder();
  Start(Topology(kSums));
  Feed("k", R"({"a":1,"b":10})");
  ASSERT_TRUE(StepUntilOutput(2));
  EXPECT_EQ(Output().back(), R"({"a":2,"b":20})");
}

TEST_F(EditedTopologyTest, ANewNameStartsWithoutState) {
  LeaveState();
  std::string renamed = swapped_;
  renamed.replace(renamed.find("sums"), 4, "fresh");
  Start(Topology(renamed));
  Feed("k", R"({"a":1,"b":10})");
  ASSERT_TRUE(StepUntilOutput(2)) << instance_->failure();
  EXPECT_EQ(Output().back(), R"({"a":10,"b":1})");
}

class FinishedApplicationTest : public RestartTest {
 protected:
  /// A life that reads its bounded input to the end.
  void Finish() {
    Make("in", {});
    Feed("k", R"({"a":1,"b":10})");
    Start(yaml_);
    ASSERT_TRUE(StepUntilEnd()) << instance_->failure();
    ASSERT_TRUE(instance_->failure().ok()) << instance_->failure();
    ASSERT_EQ(Output().size(), 1U);
    StopInOrder();
  }
  bool StepUntilEnd() {
    return StepUntil([&] { return instance_->finished() || !instance_->failure().ok(); });
  }
  const std::string yaml_ = Topology(kSums, ", end_at: latest");
};

TEST_F(FinishedApplicationTest, EndsAgainWithoutDoingAnything) {
  Finish();
  Start(yaml_);
  ASSERT_TRUE(StepUntilEnd());
  EXPECT_TRUE(instance_->finished());
  EXPECT_TRUE(instance_->failure().ok()) << instance_->failure();
  EXPECT_EQ(Output().size(), 1U);
}

TEST_F(FinishedApplicationTest, MeetsWhatWasChangedFromOutsideBeforeItEnds) {
  Finish();
  const auto admin = cluster_->NewAdmin("operator").value();
  const auto deleted = admin->DeleteGroup("app");
  std::optional<Result<kafka::Done>> answer;
  ASSERT_TRUE(StepUntil([&] { return (answer = deleted->Poll()).has_value(); }));
  ASSERT_TRUE(answer->ok()) << answer->status();
  Start(yaml_);
  ASSERT_TRUE(StepUntilEnd());
  EXPECT_FALSE(instance_->finished());
  EXPECT_EQ(instance_->failure().code(), StatusCode::kStopped) << instance_->failure();
}

}  // namespace
}  // namespace sidestream::harness
