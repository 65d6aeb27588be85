// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of an instance on threads of their own, on the in-process broker and the real clock:
// what the single-threaded simulation cannot show. Run it under the thread sanitizer
// (scripts/sanitize.sh tsan).

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "statestore/memory_task_state.h"
#include "tasks/instance.h"

namespace sidestream::tasks {
namespace {

class Copy : public operators::TaskProgram {
 public:
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    operators::OutputRecord out;
    out.key = record.key;
    out.value = record.value;
    out.timestamp = record.timestamp;
    return context.Produce(out);
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}
};

/// Never comes back from its first record, as a script in an endless loop.
class Hang final : public Copy {
 public:
  static inline std::atomic<int> hanging{0};
  Status Process(size_t, const operators::InputRecord&, operators::ProcessorContext&) override {
    ++hanging;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait(lock, [] { return false; });
    return Status::Ok();
  }
};

template <typename Program>
class Factory final : public operators::TaskProgramFactory {
 public:
  Result<std::unique_ptr<operators::TaskProgram>> New(Partition) override {
    return std::unique_ptr<operators::TaskProgram>(std::make_unique<Program>());
  }
};

class InstanceThreadsTest : public ::testing::Test {
 protected:
  InstanceThreadsTest() {
    for (const auto& [name, partitions] :
         std::vector<std::pair<std::string, int32_t>>{{"in", 4}, {"out", 2}, {"t-control", 1}}) {
      kafka::NewTopic topic;
      topic.name = name;
      topic.partitions = partitions;
      EXPECT_TRUE(broker_.CreateTopic(topic).ok());
    }
    application_.id = "t";
    application_.control_topic = "t-control";
    SubTopologySpec spec;
    spec.name = "copy";
    spec.inputs = {{.topic = "in", .partitions = 4}};
    spec.outputs = {{.topic = "out", .partitions = 2, .limits = {}}};
    spec.programs = std::make_shared<Factory<Copy>>();
    application_.sub_topologies = {spec};
  }

  std::unique_ptr<Instance> NewInstance(Milliseconds max_poll_interval) {
    InstanceOptions options;
    options.name = "i";
    options.workers = 2;
    options.consumer.max_poll_interval = max_poll_interval;
    auto made = Instance::Create(application_, {*cluster_, states_, clock_}, options, 1);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE((*made)->Start().ok());
    return std::move(made).value();
  }

  void Feed(int records) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle topic = producer->RegisterTopic("in");
    producer->StartInit();
    while (!producer->Poll(Milliseconds(1))) std::this_thread::yield();
    for (int i = 0; i < records; ++i) {
      kafka::OutgoingRecord record;
      record.topic = topic;
      record.partition = i % 4;
      record.value = "v";
      ASSERT_TRUE(producer->Produce(record).ok());
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(1))) std::this_thread::yield();
  }

  size_t Copied() {
    return broker_.ReadCommitted({"out", 0}).size() + broker_.ReadCommitted({"out", 1}).size();
  }

  SystemClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  statestore::MemoryTaskStateFactory states_{{.application = "t"}};
  ApplicationSpec application_;
};

TEST_F(InstanceThreadsTest, ProcessesAndStopsInOrder) {
  Feed(1'000);
  const std::unique_ptr<Instance> instance = NewInstance(Milliseconds(60'000));
  Status ended = Status::Fatal("did not end");
  std::jthread runner([&] { ended = instance->RunThreads(Milliseconds(20'000)); });
  const MonotonicTime deadline = clock_.Now() + std::chrono::seconds(60);
  while (Copied() < 1'000 && clock_.Now() < deadline) std::this_thread::yield();
  instance->RequestStop();
  runner.join();
  EXPECT_TRUE(ended.ok()) << ended;
  EXPECT_TRUE(instance->stopped());
  EXPECT_EQ(Copied(), 1'000u);
  EXPECT_TRUE(broker_.OpenTransactions().empty());
}

TEST_F(InstanceThreadsTest, AWorkerThatHangsEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  application_.sub_topologies[0].programs = std::make_shared<Factory<Hang>>();
  EXPECT_EXIT(
      {
        Feed(10);
        const std::unique_ptr<Instance> instance = NewInstance(Milliseconds(1'000));
        const Status ended = instance->RunThreads(Milliseconds(20'000));
        std::_Exit(ended.ok() ? 0 : 2);
      },
      ::testing::ExitedWithCode(1), "has not finished a step");
}

// Found by fault 6: SIGTERM did not end it.
TEST_F(InstanceThreadsTest, AStopDoesNotWaitForAWorkerThatHangs) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  application_.sub_topologies[0].programs = std::make_shared<Factory<Hang>>();
  EXPECT_EXIT(
      {
        Feed(10);
        const std::unique_ptr<Instance> instance = NewInstance(Milliseconds(300'000));
        std::jthread stopper([&] {
          while (Hang::hanging == 0) std::this_thread::yield();
          instance->RequestStop();
        });
        const Status ended = instance->RunThreads(Milliseconds(500));
        std::_Exit(ended.ok() ? 0 : 2);
      },
      ::testing::ExitedWithCode(1), "without worker [01].*: a step does not end");
}

}  // namespace
}  // namespace sidestream::tasks
