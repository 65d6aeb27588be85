// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the leader decides of a savepoint, one that drains among them, record by record: the test writes
// what tasks write, and reads what the conductor wants written.

#include "checkpoint/conductor.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "tests/support/memory_cut_storage.h"

namespace sidestream::checkpoint {
namespace {

constexpr CheckpointNumber kNumber{1};
constexpr char kControl[] = "app-control";

/// orders (2 tasks) -> first -> second -> its reader, of one task each.
ConductorOptions TwoHops() {
  ConductorOptions options;
  options.application_id = "app";
  options.drain = Drain({{{"orders", 2}, 0}, {{"first", 1}, 1}, {{"second", 1}, 2}},
                        {{{"first", 0}, 0}, {{"second", 0}, 1}});
  return options;
}

class ConductorTest : public ::testing::Test {
 protected:
  ConductorTest() {
    for (const char* topic : {kControl, "first", "second"}) {
      EXPECT_TRUE(broker_.CreateTopic({.name = topic, .partitions = 1}).ok());
    }
    producer_ = cluster_->NewProducer({.client_id = "writer"}).value();
    producer_->StartInit();
    Finish();
    conductor_.StartTerm();
  }

  void Finish() {
    while (!producer_->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  }

  void Append(const char* topic, const std::string& key, const std::string& value) {
    ASSERT_TRUE(
        producer_->Produce({.topic = producer_->RegisterTopic(topic), .key = key, .value = value})
            .ok());
    producer_->StartFlush();
    Finish();
  }

  void Write(const CheckpointRecord& record) {
    const EncodedControlRecord encoded = EncodeControlRecord(record);
    Append(kControl, encoded.key, encoded.value);
    const Offset end = broker_.ReadCommitted({kControl, 0}).back().offset + 1;
    while (!log_.caught_up() || log_.position() < end) {
      log_.Step(Milliseconds(0));
      clock_.Advance(Milliseconds(1));
    }
  }

  void WriteCut(const TaskId& task, std::optional<int64_t> position = std::nullopt) {
    CutRecord cut;
    cut.number = kNumber;
    cut.task = task;
    if (position) cut.inputs = {{{task.anchor_topic, 0}, Offset(*position), ""}};
    Write(cut);
  }

  /// What the conductor says next; empty: nothing, for a while.
  std::vector<CheckpointRecord> Step() {
    for (int i = 0; i < 50; ++i) {
      const ControlWrites writes = conductor_.Step();
      std::vector<CheckpointRecord> records;
      for (const ControlRecord& record : writes.records) {
        records.push_back(std::get<CheckpointRecord>(record));
      }
      if (!records.empty()) return records;
      clock_.Advance(Milliseconds(1));
    }
    return {};
  }

  /// The same, and it is written; of one record.
  template <typename Record>
  Record StepAndWrite() {
    const std::vector<CheckpointRecord> records = Step();
    if (records.size() != 1 || !std::holds_alternative<Record>(records.front())) {
      ADD_FAILURE() << records.size() << " records, or another kind";
      return {};
    }
    Write(records.front());
    return std::get<Record>(records.front());
  }

  void Ask() {
    Write(RequestRecord{.id = 9, .name = "s", .drain = true});
    EXPECT_TRUE(StepAndWrite<BeginRecord>().drain);
  }

  ManualClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  std::unique_ptr<kafka::Admin> admin_ = cluster_->NewAdmin("admin").value();
  std::unique_ptr<kafka::LogReader> reader_ = cluster_->NewLogReader("control").value();
  std::unique_ptr<kafka::Producer> producer_;
  ControlLog log_{*admin_, *reader_, clock_, kControl};
  testing::MemoryCutLocation location_{
      [](const TopicPartition&, Offset, Offset) { return std::nullopt; }};
  testing::MemoryCutStorage storage_{location_};
  PartKeeper keeper_{*cluster_, &storage_, log_, clock_, {"i", "parts", kControl}};
  Conductor conductor_{*admin_, log_, keeper_, clock_, TwoHops()};
};

TEST_F(ConductorTest, LevelsEndOneAfterTheOther) {
  Ask();
  Append("first", "k", "v");
  WriteCut({"orders", 0});
  EXPECT_TRUE(Step().empty()) << "one task of the level is missing";
  WriteCut({"orders", 1});
  EXPECT_EQ(StepAndWrite<LevelRecord>(), (LevelRecord{kNumber, 0, {{{"first", 0}, Offset(1)}}}));
  EXPECT_TRUE(Step().empty()) << "the next level drains";
  Append("second", "k", "v");
  Append("second", "k", "v");
  WriteCut({"first", 0}, 1);
  EXPECT_EQ(StepAndWrite<LevelRecord>(), (LevelRecord{kNumber, 1, {{{"second", 0}, Offset(2)}}}));
  WriteCut({"second", 0}, 2);
  const DoneRecord done = StepAndWrite<DoneRecord>();
  EXPECT_EQ(done.ends,
            (std::vector<CutEnd>{{{"first", 0}, Offset(1)}, {{"second", 0}, Offset(2)}}));
}

TEST_F(ConductorTest, WhoeverIsCutBeforeHeHasDrainedSpoilsIt) {
  // As an instance of an earlier release does it, which takes BEGIN for any other.
  Ask();
  WriteCut({"second", 0}, 0);
  EXPECT_NE(StepAndWrite<AbortRecord>().why.find("task second_0 was cut before"),
            std::string::npos);
}

TEST_F(ConductorTest, ACutBelowTheEndSpoilsIt) {
  Ask();
  Append("first", "k", "v");
  WriteCut({"orders", 0});
  WriteCut({"orders", 1});
  StepAndWrite<LevelRecord>();
  WriteCut({"first", 0}, 0);
  EXPECT_NE(StepAndWrite<AbortRecord>().why.find("task first_0 was cut before"), std::string::npos);
}

TEST_F(ConductorTest, ATaskThatDoesNotReadWhatWeThinkSpoilsIt) {
  Ask();
  WriteCut({"orders", 0});
  WriteCut({"orders", 1});
  StepAndWrite<LevelRecord>();
  WriteCut({"first", 0});
  StepAndWrite<LevelRecord>();
  WriteCut({"second", 0}, 0);
  EXPECT_EQ(StepAndWrite<AbortRecord>().why, "no task that was cut reads first-0");
}

TEST_F(ConductorTest, ADrainHasAMinuteAndOneTry) {
  Ask();
  WriteCut({"orders", 0});
  WriteCut({"orders", 1});
  StepAndWrite<LevelRecord>();
  clock_.Advance(Milliseconds(55'000));
  EXPECT_TRUE(Step().empty());
  clock_.Advance(Milliseconds(5'000));
  const std::vector<CheckpointRecord> said = Step();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_NE(std::get<AbortRecord>(said[0]).why.find("2 of 4 tasks were not cut in 60000 ms"),
            std::string::npos);
  EXPECT_EQ(std::get<RefusedRecord>(said[1]).id, 9U);
  for (const CheckpointRecord& record : said) Write(record);
  clock_.Advance(Milliseconds(10'000));
  EXPECT_TRUE(Step().empty()) << "it is not tried again";
}

TEST_F(ConductorTest, ANewLeaderGivesUpWhatAnotherOneDrains) {
  Ask();
  WriteCut({"orders", 0});
  WriteCut({"orders", 1});
  StepAndWrite<LevelRecord>();
  conductor_.StartTerm();
  EXPECT_EQ(StepAndWrite<AbortRecord>().why, "the leader changed");
  EXPECT_TRUE(Step().empty()) << "not at once";
  clock_.Advance(Milliseconds(3'000));
  const auto again = StepAndWrite<BeginRecord>();
  EXPECT_TRUE(again.drain);
  EXPECT_EQ(again.number, kNumber + 1);
}

TEST_F(ConductorTest, ARevokeEndsTheDrain) {
  Ask();
  WriteCut({"orders", 0});
  WriteCut({"orders", 1});
  // Read only after the leader has asked for the ends: LEVEL comes too late.
  const std::vector<CheckpointRecord> level = Step();
  ASSERT_EQ(level.size(), 1U);
  Write(RevokeRecord{kNumber, {"orders", 0}, 0});
  Write(level.front());
  EXPECT_EQ(log_.LatestCheckpoint()->stage, CheckpointStage::kRevoked);
  EXPECT_TRUE(log_.LatestCheckpoint()->drain_to.empty());
}

/// orders, of two partitions, and clicks, of one, with a store.
ConductorOptions Planned() {
  ConductorOptions options;
  options.is_of_source = [](std::string_view stamp) { return stamp != "of a hop"; };
  options.application_id = "app";
  options.drain = Drain({{{"orders", 2}, 0}}, {});
  options.planned["orders"] = {{{"orders", 2}, {"clicks", 1}}, {"totals"}};
  return options;
}

class OneVersionTest : public ConductorTest {
 protected:
  OneVersionTest() { planned_.StartTerm(); }

  /// What is said when task 0 is cut like this, and task 1 as the plan has it.
  CheckpointRecord SaidOf(std::vector<std::string> inputs, std::vector<std::string> stores) {
    Write(RequestRecord{.id = 9, .name = "s"});
    Write(std::get<CheckpointRecord>(planned_.Step().records.front()));
    WriteCutOf(0, std::move(inputs), std::move(stores));
    WriteCutOf(1, {"orders"}, {"totals"});
    for (;;) {
      const ControlWrites writes = planned_.Step();
      if (!writes.empty()) return std::get<CheckpointRecord>(writes.records.front());
      clock_.Advance(Milliseconds(1));
    }
  }

 private:
  void WriteCutOf(Partition partition, std::vector<std::string> inputs,
                  std::vector<std::string> stores) {
    CutRecord cut;
    cut.number = kNumber;
    cut.task = {"orders", partition};
    cut.instance = "old";
    for (std::string& topic : inputs) cut.inputs.push_back({{topic, partition}, Offset(1), ""});
    for (std::string& store : stores) cut.stores.push_back({store, 7});
    Write(cut);
  }

  Conductor planned_{*admin_, log_, keeper_, clock_, Planned()};
};

TEST_F(OneVersionTest, TasksAsThePlanHasThemAreOneCut) {
  EXPECT_TRUE(std::holds_alternative<DoneRecord>(SaidOf({"orders", "clicks"}, {"totals"})));
}

// L7. views was read by a version with an input more, to 5.
TEST_F(OneVersionTest, WhatAnotherVersionHadReadBelongsToTheCut) {
  for (const char* topic : {"orders", "views", "app-left-repartition"}) {
    EXPECT_TRUE(broker_.CreateTopic({.name = topic, .partitions = 2}).ok());
  }
  const auto reply = admin_->CommitOffsets("app", {{{"orders", 0}, Offset(1), "stamp"},
                                                   {{"views", 0}, Offset(5), "its stamp"},
                                                   {{"views", 1}, Offset(6), ""},
                                                   {{"app-left-repartition", 0}, Offset(7), "of a hop"}});
  while (!reply->Poll()) clock_.Advance(Milliseconds(1));
  const CheckpointRecord said = SaidOf({"orders", "clicks"}, {"totals"});
  EXPECT_EQ(std::get<DoneRecord>(said).unread,
            (std::vector<CutInput>{{{"views", 0}, Offset(5), "its stamp"}}));
}

TEST_F(OneVersionTest, ATaskWithAnotherInputSpoilsIt) {
  EXPECT_EQ(std::get<AbortRecord>(SaidOf({"orders", "views"}, {"totals"})).why,
            "instance old has task orders_0 in another version of the topology, with other inputs or "
            "stores");
}

TEST_F(OneVersionTest, ATaskThatLacksAnInputSpoilsIt) {
  EXPECT_TRUE(std::holds_alternative<AbortRecord>(SaidOf({"orders"}, {"totals"})));
}

TEST_F(OneVersionTest, ATaskWithOtherStoresSpoilsIt) {
  EXPECT_TRUE(std::holds_alternative<AbortRecord>(SaidOf({"orders", "clicks"}, {})));
}

TEST_F(OneVersionTest, ATaskWithAStoreMoreSpoilsIt) {
  EXPECT_TRUE(
      std::holds_alternative<AbortRecord>(SaidOf({"orders", "clicks"}, {"totals", "counts"})));
}

}  // namespace
}  // namespace sidestream::checkpoint
