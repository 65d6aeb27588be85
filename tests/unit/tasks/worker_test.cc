// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/worker.h"

#include <gtest/gtest.h>

#include <deque>

#include "checkpoint/control_log.h"
#include "chunk_builder.h"
#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"

namespace sidestream::tasks {
namespace {

/// A queue that holds what the test puts in.
class ScriptedQueue final : public kafka::FetchQueue {
 public:
  explicit ScriptedQueue(std::deque<std::unique_ptr<kafka::RecordChunk>>& chunks)
      : chunks_(chunks) {}
  std::vector<std::unique_ptr<kafka::RecordChunk>> Poll(size_t, Milliseconds) override {
    std::vector<std::unique_ptr<kafka::RecordChunk>> taken;
    while (!chunks_.empty()) {
      taken.push_back(std::move(chunks_.front()));
      chunks_.pop_front();
    }
    return taken;
  }

 private:
  std::deque<std::unique_ptr<kafka::RecordChunk>>& chunks_;
};

/// What is due by the wall clock, and when it ran.
struct Timer {
  std::optional<Timestamp> due;
  std::vector<Timestamp> ran;
};

/// Remembers the offsets it saw; fails where told. Records with the value "late" are ready as
/// `schema` says.
class Recording final : public operators::TaskProgram {
 public:
  Recording(std::vector<int64_t>& seen, const Status& schema, Timer& timer)
      : seen_(seen), schema_(schema), timer_(timer) {}
  bool MayWait() const override { return true; }
  Status Ready(size_t, const operators::InputRecord& record) override {
    return *record.value == "late" ? schema_ : Status::Ok();
  }
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext&) override {
    if (*record.value == "bad") return Status::BadRecord("step x: topic=in partition=0 offset=2");
    seen_.push_back(record.offset.value());
    return Status::Ok();
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}
  std::optional<Timestamp> NextWallTime() const override { return timer_.due; }
  Status AdvanceWallTime(Timestamp now, operators::ProcessorContext&) override {
    timer_.ran.push_back(now);
    timer_.due.reset();
    return Status::Ok();
  }

 private:
  std::vector<int64_t>& seen_;
  const Status& schema_;
  Timer& timer_;
};

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    spec_.inputs = {{.topic = "in", .partitions = 1}};
    kafka::NewTopic topic;
    topic.name = "in";
    EXPECT_TRUE(broker_.CreateTopic(topic).ok());
    kafka::ConsumerOptions options;
    options.group = "g";
    options.client_id = "c";
    consumer_ = cluster_->NewConsumer(options).value();
  }

  void MakeWorker(WorkerRules rules = {}, WorkerOptions options = {}) {
    options.rules = rules;
    options.writer.producer.client_id = "g-c-0";
    if (options.writer.exactly_once) options.writer.producer.transactional_id = "g-c-0";
    options.control_topic = "g-control";
    worker_ = std::make_unique<Worker>(
        Worker::Dependencies{*cluster_, *consumer_, control_, parts_, clock_, mail_},
        std::make_unique<ScriptedQueue>(queued_), options);
  }

  std::unique_ptr<StreamTask> Task(Offset position) {
    TaskStart start;
    start.id = {"in", 0};
    InputStart input;
    input.partition = {"in", 0};
    input.position = position;
    start.inputs = {input};
    start.sequence = CommitSequence(1);
    start.program = std::make_unique<Recording>(seen_, schema_, timer_);
    return std::make_unique<StreamTask>(spec_, std::move(start), clock_, random_);
  }

  void Steps(int count) {
    for (int i = 0; i < count; ++i) {
      worker_->Step(Milliseconds(0));
      clock_.Advance(Milliseconds(5));
    }
  }

  template <typename Message>
  std::vector<Message> Mail() {
    std::vector<Message> found;
    for (ToMember& message : mail_.TakeAll()) {
      if (auto* wanted = std::get_if<Message>(&message)) found.push_back(std::move(*wanted));
    }
    return found;
  }

  /// A real membership of the memory broker's group.
  void GivePermit() {
    const std::string topic = "in";
    ASSERT_TRUE(consumer_->Subscribe({&topic, 1}).ok());
    for (int i = 0; i < 1'000; ++i) {
      const auto event = consumer_->Poll(Milliseconds(0));
      clock_.Advance(Milliseconds(1));
      if (!event || !std::holds_alternative<kafka::Assigned>(*event)) continue;
      const kafka::PartitionOffset at{{"in", 0}, Offset(0)};
      ASSERT_TRUE(consumer_->CompleteAssign({&at, 1}).ok());
      worker_->Post(SetPermit{{consumer_->Membership(), 1}});
      return;
    }
    FAIL() << "the group did not assign";
  }

  void WriteControl(const checkpoint::CheckpointRecord& record) {
    const auto producer = cluster_->NewProducer({.client_id = "leader"}).value();
    const auto finish = [&] {
      while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    };
    producer->StartInit();
    finish();
    const auto encoded = checkpoint::EncodeControlRecord(record);
    ASSERT_TRUE(producer
                    ->Produce({.topic = producer->RegisterTopic("g-control"),
                               .key = encoded.key,
                               .value = encoded.value})
                    .ok());
    producer->StartFlush();
    finish();
  }

  void StepsWithControl(int count) {
    for (int i = 0; i < count; ++i) {
      control_.Step(Milliseconds(0));
      Steps(1);
    }
  }

  /// Another process takes the worker's transactional id over.
  void Fence() {
    kafka::ProducerOptions options;
    options.client_id = options.transactional_id = "g-c-0";
    const auto twin = cluster_->NewProducer(options).value();
    twin->StartInit();
    while (!twin->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  }

  ManualClock clock_;
  Random random_{1};
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  // Nothing is on the control topic.
  std::unique_ptr<kafka::Admin> admin_ = cluster_->NewAdmin("admin").value();
  std::unique_ptr<kafka::LogReader> reader_ = cluster_->NewLogReader("control").value();
  checkpoint::ControlLog control_{*admin_, *reader_, clock_, "g-control"};
  checkpoint::PartKeeper parts_{*cluster_, nullptr, control_, clock_, {"i", "parts", "g-control"}};
  std::unique_ptr<kafka::Consumer> consumer_;
  SubTopologySpec spec_;
  std::deque<std::unique_ptr<kafka::RecordChunk>> queued_;
  std::vector<int64_t> seen_;
  Status schema_;
  Timer timer_;
  Mailbox<ToMember> mail_;
  std::unique_ptr<Worker> worker_;
};

// R21: the record stays where it is, what came before it is committed, and nothing behind
// overtakes.
TEST_F(WorkerTest, ParksAPartitionWhileTheSchemaOfItsHeadIsOnItsWay) {
  MakeWorker();
  GivePermit();
  schema_ = Status::Unavailable("on its way");
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}, {1, "late"}, {2, "b"}}));
  Steps(300);
  EXPECT_EQ(seen_, (std::vector<int64_t>{0}));
  ASSERT_FALSE(worker_->failed());
  worker_->ForEachTask([&](StreamTask& task) {
    EXPECT_EQ(task.position(0), Offset(1));
    EXPECT_FALSE(task.HasEffects()) << "what came before is committed";
  });
  schema_ = Status::Ok();
  Steps(300);
  EXPECT_EQ(seen_, (std::vector<int64_t>{0, 1, 2}));
}

TEST_F(WorkerTest, ARegistryThatStaysAwayEndsTheInstance) {
  MakeWorker();
  GivePermit();
  schema_ = Status::Fatal("the schema registry gave no answer for 600 s");
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}, {1, "late"}}));
  Steps(50);
  const auto failures = Mail<InstanceFailed>();
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_NE(failures[0].status.message().find("600 s"), std::string::npos);
}

// The queue still holds offsets 7 and 8 of an earlier life of the partition; the task starts at 5.
TEST_F(WorkerTest, DropsWhatTheQueueHoldsOfAnEarlierLifeBeforeItAnswersReady) {
  MakeWorker();
  GivePermit();
  Steps(20);
  queued_.push_back(Chunk({{7, "stale"}, {8, "stale"}}));
  worker_->Post(StartTask{Task(Offset(5))});
  Steps(1);
  EXPECT_EQ(Mail<TaskReady>().size(), 1u);
  queued_.push_back(Chunk({{5, "a"}, {6, "b"}, {7, "c"}}));
  Steps(5);
  EXPECT_EQ(seen_, (std::vector<int64_t>{5, 6, 7}));
}

// The negative: with the rule off the same interleaving leaves a gap.
TEST_F(WorkerTest, WithoutDroppingStaleChunksThereIsAGap) {
  WorkerRules rules;
  rules.drop_stale_chunks = false;
  MakeWorker(rules);
  GivePermit();
  Steps(20);
  queued_.push_back(Chunk({{7, "stale"}, {8, "stale"}}));
  worker_->Post(StartTask{Task(Offset(5))});
  Steps(1);
  queued_.push_back(Chunk({{5, "a"}, {6, "b"}, {7, "c"}}));
  Steps(5);
  EXPECT_EQ(seen_, (std::vector<int64_t>{7, 8})) << "5 and 6 are lost: the oracle of the rule";
}

TEST_F(WorkerTest, ProcessesNothingWithoutAPermit) {
  MakeWorker();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}}));
  Steps(50);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(WorkerTest, ABadRecordUnderFailStopsTheInstanceWithThePlaceInTheMessage) {
  MakeWorker();
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}, {1, "b"}, {2, "bad"}}));
  Steps(5);
  const std::vector<InstanceFailed> failed = Mail<InstanceFailed>();
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].status.code(), StatusCode::kBadRecord);
  EXPECT_NE(failed[0].status.message().find("offset=2"), std::string::npos);
  EXPECT_TRUE(broker_.CommittedOffsets("g").empty()) << "nothing of the transaction was committed";
}

TEST_F(WorkerTest, AStoppedTaskCommitsFirstAndAnswersThen) {
  MakeWorker();
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}}, 1));
  Steps(2);
  Mail<TaskReady>();
  worker_->Post(StopTask{{"in", 0}, false});
  Steps(20);
  EXPECT_EQ(Mail<TaskStopped>().size(), 1u);
  const auto committed = broker_.CommittedOffsets("g");
  ASSERT_EQ(committed.size(), 1u);
  EXPECT_EQ(committed[0].offset, Offset(1));
}

TEST_F(WorkerTest, ATimerThatIsDueDuringThePauseOfACheckpointRunsBehindIt) {
  kafka::NewTopic control;
  control.name = "g-control";
  ASSERT_TRUE(broker_.CreateTopic(control).ok());
  MakeWorker();
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  StepsWithControl(20);
  queued_.push_back(Chunk({{0, "a"}}, 1));
  checkpoint::BeginRecord begin;
  begin.number = checkpoint::CheckpointNumber(1);
  begin.groups = {{"in", 1}};
  WriteControl(begin);
  timer_.due = clock_.WallTime() + 1'000;
  for (int i = 0; i < 100; ++i) {
    StepsWithControl(1);
    const auto latest = control_.LatestCheckpoint();
    if (latest != nullptr && latest->cuts.size() == 1) break;
  }
  ASSERT_EQ(control_.LatestCheckpoint()->cuts.size(), 1u);
  const size_t seen = seen_.size();
  clock_.Advance(Milliseconds(1'500));
  queued_.push_back(Chunk({{1, "b"}}, 2));
  StepsWithControl(20);
  EXPECT_TRUE(timer_.ran.empty()) << "between CUT and DONE a task does nothing";
  EXPECT_EQ(seen_.size(), seen);
  EXPECT_TRUE(worker_->quiet());

  WriteControl(checkpoint::DoneRecord{checkpoint::CheckpointNumber(1), {}});
  StepsWithControl(20);
  EXPECT_EQ(timer_.ran.size(), 1u);
  EXPECT_EQ(seen_.size(), 2u);
  EXPECT_GE(worker_->counters().last_held_ms.load(), 1'500);
}

TEST_F(WorkerTest, AtLeastOnceNothingIsCommittedWhenTheSessionMayBeOver) {
  WorkerOptions options;
  options.writer.exactly_once = false;
  options.writer.producer.delivery_timeout = Milliseconds(15'000);
  MakeWorker({}, options);
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}}));
  Steps(3);
  EXPECT_EQ(seen_.size(), 1u);
  // Two thirds of the session of 45 s without a heartbeat.
  clock_.Advance(Milliseconds(30'000));
  Steps(100);
  EXPECT_TRUE(Mail<CommitOffsets>().empty());
  for (int i = 0; i < 100; ++i) {
    (void)consumer_->Poll(Milliseconds(0));
    clock_.Advance(Milliseconds(1));
  }
  Steps(100);
  EXPECT_EQ(Mail<CommitOffsets>().size(), 1u) << "the group has answered: nobody else has the task";
  EXPECT_EQ(seen_.size(), 1u);
}

// Found by fault 27 on real Kafka: two processes of one name, and a stop that took 30 s.
TEST_F(WorkerTest, AStopThatWasAskedForIsAnsweredAlsoByAWorkerThatFails) {
  MakeWorker();
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}}));
  Fence();
  Steps(40);
  ASSERT_EQ(Mail<ReopenTask>().size(), 1u) << "the first time may be a late request of a predecessor";
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}}));
  Steps(2);
  Fence();
  // The commit that this starts meets the fence, for the second time within the time-out.
  worker_->Post(StopTask{{"in", 0}, /*lost=*/false});
  Steps(40);
  EXPECT_TRUE(worker_->failed());
  EXPECT_EQ(Mail<TaskStopped>().size(), 1u) << "the member waits for it before it gives back";
}

// What the worker does not take slows the client's fetching down; a pause would throw it away.
TEST_F(WorkerTest, LeavesTheQueueAloneWhileItsTasksHaveABacklog) {
  WorkerOptions options;
  options.records_per_poll = options.records_per_step = 2;
  MakeWorker({}, options);
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}, {4, "e"}}));
  Steps(1);
  EXPECT_EQ(seen_.size(), 2u);
  queued_.push_back(Chunk({{5, "f"}}));
  Steps(1);
  EXPECT_EQ(seen_.size(), 4u);
  EXPECT_EQ(queued_.size(), 1u) << "a step's work was left";
  Steps(2);
  EXPECT_EQ(seen_, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
}

TEST_F(WorkerTest, WithoutLeavingABacklogTheQueueIsEmptiedIntoTheTask) {
  WorkerOptions options;
  options.records_per_poll = options.records_per_step = 2;
  WorkerRules rules;
  rules.leave_backlog = false;
  MakeWorker(rules, options);
  GivePermit();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  queued_.push_back(Chunk({{0, "a"}, {1, "b"}, {2, "c"}, {3, "d"}, {4, "e"}}));
  Steps(1);
  queued_.push_back(Chunk({{5, "f"}}));
  Steps(1);
  EXPECT_TRUE(queued_.empty()) << "taken although a step's work was left";
}

TEST_F(WorkerTest, PausesAnInputAboveItsBoundOnce) {
  MakeWorker();
  Steps(20);
  worker_->Post(StartTask{Task(Offset(0))});
  Steps(1);
  Mail<TaskReady>();
  const size_t records = WorkerOptions().input_bytes_max / (1u << 20) + 1;
  for (size_t i = 0; i < records; ++i) {
    queued_.push_back(Chunk({{static_cast<int64_t>(i), std::string(1u << 20, 'x')}}));
  }
  Steps(3);
  EXPECT_EQ(Mail<PauseInput>().size(), 1u);
  EXPECT_EQ(worker_->counters().pauses.load(), 1);
}

}  // namespace
}  // namespace sidestream::tasks
