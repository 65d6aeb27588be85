// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Event time as a program in a task sees it: what it is told, in which order with the records.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/internal_record.h"
#include "stepped_instance.h"
#include "time/mark.h"

namespace sidestream::tasks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using time::Progress;

/// Writes down everything that it is told, one record each: "r<value>" with " late" behind it,
/// "w<seconds since the start of the clock>", "end", "c<wall clock>". Not an empty record.
class Diary final : public operators::TaskProgram {
 public:
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    if (record.value == "broken") return Status::BadRecord("broken");
    return record.timestamp;
  }
  std::optional<Timestamp> StatedWatermark(size_t, const operators::InputRecord& record) override {
    const std::string_view value = record.value.value_or("");
    if (!value.starts_with("!")) return std::nullopt;
    return ManualClock::kStart + std::stoll(std::string(value.substr(1))) * 1'000;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    if (record.value == "") return Status::Ok();
    return Note("r" + std::string(record.value.value_or("")) +
                    (record.timestamp <= watermark_ ? " late" : ""),
                context);
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, operators::ProcessorContext& context) override {
    watermark_ = watermark;
    return Note(watermark == kEndOfTime ? "end" : "w" + Text(watermark), context);
  }
  Status AdvanceWallTime(Timestamp now, operators::ProcessorContext& context) override {
    next_wall_time_.reset();
    return Note("c" + Text(now), context);
  }
  std::optional<Timestamp> NextWallTime() const override { return next_wall_time_; }
  void Restart(Timestamp watermark) override { watermark_ = watermark; }

  std::optional<Timestamp> next_wall_time_;

 private:
  static std::string Text(Timestamp at) {
    // A watermark lies 1 ms below the second that it is about.
    return std::to_string((at - ManualClock::kStart + 1'000'001) / 1'000 - 1'000);
  }
  static Status Note(const std::string& line, operators::ProcessorContext& context) {
    operators::OutputRecord out;
    out.value = line;
    out.timestamp = ManualClock::kStart;
    return context.Produce(out);
  }

  Timestamp watermark_ = kNoWatermark;
};

class DiaryFactory final : public operators::TaskProgramFactory {
 public:
  Result<std::unique_ptr<operators::TaskProgram>> New(Partition) override {
    auto diary = std::make_unique<Diary>();
    diary->next_wall_time_ = next_wall_time;
    return std::unique_ptr<operators::TaskProgram>(std::move(diary));
  }
  std::optional<Timestamp> next_wall_time;
};

using Lines = std::vector<std::string>;

class EventTimeTest : public SteppedInstanceTest {
 protected:
  EventTimeTest() {
    AddTopic("in", 1);
    AddTopic("diary", 1);
    spec_.name = "in";
    spec_.inputs = {{.topic = "in",
                     .partitions = 1,
                     .watermark = {.idle = seconds(30), .max_ahead = hours(1), .max_drift = {}}}};
    spec_.outputs = {{.topic = "diary", .partitions = 1, .limits = {}}};
    spec_.programs = programs_;
  }

  void Run() {
    application_.sub_topologies = {spec_};
    instance_ = Start();
    ASSERT_TRUE(StepUntil(*instance_, [&] { return instance_->ready(); }));
    start_ = clock_.WallTime();
  }
  /// Appends records of `values`, dated so many seconds after the start of the clock.
  void Put(const std::string& topic, Partition partition,
           const std::vector<std::pair<std::string, int64_t>>& records) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle handle = producer->RegisterTopic(topic);
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    for (const auto& [value, second] : records) {
      kafka::OutgoingRecord record;
      record.topic = handle;
      record.partition = partition;
      record.value = value;
      record.timestamp = ManualClock::kStart + second * 1'000;
      ASSERT_TRUE(producer->Produce(record).ok());
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    ASSERT_FALSE(producer->first_failure());
  }
  Lines After(Milliseconds time) {
    (void)StepUntil(
        *instance_, [] { return false; }, time);
    return Values("diary");
  }

  int64_t LateAfterIdle() { return instance_->worker(0).counters().records_late_after_idle; }

  std::shared_ptr<DiaryFactory> programs_ = std::make_shared<DiaryFactory>();
  SubTopologySpec spec_;
  std::unique_ptr<Instance> instance_;
  Timestamp start_;
};

TEST_F(EventTimeTest, ARecordIsHandledUnderTheWatermarkBeforeIt) {
  Run();
  Put("in", 0, {{"a", 10}, {"b", 10}, {"c", 9}, {"d", 20}, {"e", 12}});
  EXPECT_EQ(After(seconds(2)), (Lines{"ra", "w10", "rb", "rc late", "rd", "w20", "re late"}));
  EXPECT_EQ(LateAfterIdle(), 0) << "late in their own partition";
}

TEST_F(EventTimeTest, LatenessAndTheFarFutureAndNoTimeAtAll) {
  spec_.inputs[0].watermark.lateness = seconds(5);
  Run();
  Put("in", 0, {{"a", 10}, {"broken", 500}, {"b", 6}, {"c", 3'400}, {"d", 5}});
  EXPECT_EQ(After(seconds(2)), (Lines{"ra", "w5", "rbroken", "rb", "rc", "w3395", "rd late"}));
}

TEST_F(EventTimeTest, StatedWatermarksRule) {
  spec_.inputs[0].watermark.kind = time::WatermarkPolicy::Kind::kStated;
  Run();
  Put("in", 0, {{"a", 10}, {"!8", 11}, {"b", 9}, {"!7", 12}, {"c", 8}});
  EXPECT_EQ(After(seconds(2)), (Lines{"ra", "r!8", "w8", "rb", "r!7", "rc late"}));
}

TEST_F(EventTimeTest, SilenceMovesTimeOnWithTheClock) {
  Run();
  Put("in", 0, {{"a", 1}});
  EXPECT_EQ(After(seconds(29)), (Lines{"ra", "w1"}));
  const Lines lines = After(seconds(2));
  ASSERT_GT(lines.size(), 3u);
  EXPECT_EQ(lines[2].substr(0, 2), "w3") << "it followed the clock for 30 s";
  // A record that is older than that has come too late.
  Put("in", 0, {{"b", 2}});
  EXPECT_EQ(After(seconds(1)).back(), "rb late");
  EXPECT_EQ(LateAfterIdle(), 1);
}

TEST_F(EventTimeTest, HoldKeepsTimeWhereItIs) {
  spec_.inputs[0].watermark.follows_clock = false;
  Run();
  Put("in", 0, {{"a", 1}});
  EXPECT_EQ(After(seconds(300)), (Lines{"ra", "w1"}));
}

TEST_F(EventTimeTest, ATailThatCannotBeReadIsNeverIdle) {
  Run();
  Put("in", 0, {{"a", 1}});
  (void)After(seconds(1));
  kafka::ProducerOptions options{.client_id = "slow", .transactional_id = "slow"};
  options.transaction_timeout = Milliseconds(600'000);
  auto slow = cluster_->NewProducer(options).value();
  const kafka::TopicHandle in = slow->RegisterTopic("in");
  const auto done = [&] {
    while (!slow->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  };
  slow->StartInit();
  done();
  ASSERT_TRUE(slow->Begin().ok());
  kafka::OutgoingRecord record;
  record.topic = in;
  record.value = "b";
  record.timestamp = ManualClock::kStart + 2'000;
  ASSERT_TRUE(slow->Produce(record).ok());
  slow->StartFlush();
  done();
  EXPECT_EQ(After(seconds(120)), (Lines{"ra", "w1"}));
  slow->StartAbort();
  done();
  EXPECT_GT(After(seconds(31)).size(), 2u) << "nothing waits there any more";
}

TEST_F(EventTimeTest, BoundedInputsEndTimeWithTheirLastRecord) {
  spec_.inputs[0].bounded = true;
  Put("in", 0, {{"a", 1}, {"b", 2}});
  application_.sub_topologies = {spec_};
  instance_ = Start();
  ASSERT_TRUE(StepUntil(*instance_, [&] { return instance_->finished(); }));
  EXPECT_EQ(Values("diary"), (Lines{"ra", "w1", "rb", "w2", "end"}));
}

TEST_F(EventTimeTest, AnEmptyBoundedInputEndsTimeToo) {
  spec_.inputs[0].bounded = true;
  application_.sub_topologies = {spec_};
  instance_ = Start();
  ASSERT_TRUE(StepUntil(*instance_, [&] { return instance_->finished(); }));
  EXPECT_EQ(Values("diary"), (Lines{"end"}));
}

TEST_F(EventTimeTest, IngestionTimeIsTheWallClockOfTheFirstLook) {
  spec_.inputs[0].dated = Dated::kAtEntry;
  Run();
  clock_.Advance(seconds(100));
  Put("in", 0, {{"a", 1}});
  (void)After(seconds(5));
  Put("in", 0, {{"b", 1}});
  const Lines lines = After(seconds(5));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "ra");
  EXPECT_EQ(lines[2], "rb");
  EXPECT_GE(std::stoll(lines[1].substr(1)), 100);
  EXPECT_GE(std::stoll(lines[3].substr(1)), 105);
}

TEST_F(EventTimeTest, ProcessingTimeRunsWithoutRecords) {
  spec_.inputs[0].dated = Dated::kAtEntry;
  spec_.inputs[0].watermark.kind = time::WatermarkPolicy::Kind::kClock;
  Run();
  const size_t before = After(seconds(1)).size();
  EXPECT_GT(before, 2u);
  clock_.Advance(seconds(1'000));
  Put("in", 0, {{"a", 1}});
  (void)After(seconds(1));
  for (const std::string& line : Values("diary")) EXPECT_EQ(line.find("late"), std::string::npos);
}

TEST_F(EventTimeTest, TheWallClockWakesAProgram) {
  programs_->next_wall_time = ManualClock::kStart + 500'000;
  Run();
  EXPECT_EQ(After(seconds(100)), Lines{});
  EXPECT_EQ(After(seconds(450)), (Lines{"c500"}));
}

TEST_F(EventTimeTest, WhatWasCommittedIsWhereTheNextOwnerBegins) {
  Run();
  Put("in", 0, {{"a", 10}});
  (void)After(seconds(1));
  (void)After(seconds(35));
  const Lines before = Values("diary");
  Put("in", 0, {{"b", 11}});
  (void)After(seconds(1));
  ASSERT_EQ(Values("diary").back(), "rb late");
  instance_->RequestStop();
  ASSERT_TRUE(StepUntil(*instance_, [&] { return instance_->stopped(); }));
  instance_.reset();
  Run();
  Put("in", 0, {{"c", 12}});
  EXPECT_EQ(After(seconds(1)).back(), "rc late") << "time does not go back with the owner";
}

/// A result of the first advance is the first that the task writes, and it is not late for readers.
TEST_F(EventTimeTest, AnOpeningMarkSaysTheTimeBeforeTheResultsBehindIt) {
  AddTopic("out-repartition", 1);
  spec_.outputs = {
      {.topic = "out-repartition", .partitions = 1, .repartition = true, .limits = {}}};
  Run();
  Put("in", 0, {{"", 10}});
  (void)After(Milliseconds(500));
  std::vector<std::string> lines;
  for (const std::string& bytes : Values("out-repartition")) {
    if (KindOfRepartitionValue(bytes).value() == RepartitionKind::kData) {
      std::vector<Header> headers;
      lines.emplace_back(*DecodeRepartitionValue(bytes, headers).value().value);
      continue;
    }
    const time::Mark mark = time::DecodeMark(DecodeMarkValue(bytes).value()).value();
    const bool known = mark.entries.at(0).progress != Progress::kUnknown;
    lines.push_back(known ? "mark " + std::to_string(mark.entries[0].watermark.value() -
                                                     ManualClock::kStart.value())
                          : "mark");
  }
  EXPECT_EQ(lines, (Lines{"mark", "w10", "mark 9999"}));
}

TEST_F(EventTimeTest, OfSeveralInputsTheSmallestTimestampGoesFirst) {
  AddTopic("other", 1);
  spec_.inputs.push_back(spec_.inputs[0]);
  spec_.inputs[1].topic = "other";
  Put("in", 0, {{"a", 10}, {"c", 30}, {"e", 29}});
  Put("other", 0, {{"b", 20}, {"d", 25}, {"f", 40}});
  Run();
  EXPECT_EQ(After(seconds(2)),
            (Lines{"ra", "rb", "w10", "rd", "rc", "w25", "re", "rf", "w30"}));
}

TEST_F(EventTimeTest, AnInputWaitsForWhatIsKnownToLieInTheOther) {
  AddTopic("other", 1);
  spec_.inputs.push_back(spec_.inputs[0]);
  spec_.inputs[1].topic = "other";
  // Several fetches each, which come late at random.
  constexpr int64_t kRecords = 2'000;
  for (const auto& [topic, first] : {std::pair("in", 0), std::pair("other", 1)}) {
    std::vector<std::pair<std::string, int64_t>> records;
    for (int64_t at = first; at < kRecords; at += 2) records.emplace_back(std::to_string(at), at);
    Put(topic, 0, records);
  }
  kafka::memory::FaultRates rates;
  rates.delay_one_in = 2;
  rates.delay_max = Milliseconds(300);
  broker_.faults().SetRatesOfAll(rates);
  Run();
  int64_t next = 0;
  for (const std::string& line : After(seconds(20))) {
    if (!line.starts_with('r')) continue;
    EXPECT_EQ(line, "r" + std::to_string(next++));
  }
  EXPECT_EQ(next, kRecords);
}

/// A repartition topic by hand.
class HopTest : public EventTimeTest {
 protected:
  HopTest() {
    AddTopic("hop", 1);
    spec_.name = "hop";
    spec_.inputs = {{.topic = "hop", .partitions = 1, .repartition = true, .upstream_tasks = 2}};
  }
  static std::string Data(const std::string& value, int64_t second) {
    std::string bytes;
    EncodeRepartitionValue({.event_time = ManualClock::kStart + second * 1'000, .value = value},
                           bytes);
    return bytes;
  }
  static std::string Mark(uint32_t task, uint32_t generation, Progress progress, int64_t second,
                          uint32_t upstream_tasks = 2) {
    std::string payload;
    time::EncodeMark(
        {upstream_tasks, {{task, generation, progress, ManualClock::kStart + second * 1'000 - 1}}},
        payload);
    std::string bytes;
    EncodeMarkValue(payload, bytes);
    return bytes;
  }
  void Put(const std::vector<std::string>& values) {
    std::vector<std::pair<std::string, int64_t>> records;
    for (const std::string& value : values) records.emplace_back(value, 0);
    EventTimeTest::Put("hop", 0, records);
  }
};

/// design-review 5: the return of U0 is told before its data, so the mark of U1 between its records
/// makes none of them late.
TEST_F(HopTest, AReturnFromIdlenessIsToldBeforeTheData) {
  Run();
  Put({Mark(0, 1, Progress::kIdle, 5), Mark(1, 1, Progress::kActive, 10)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w10"}));
  Put({Mark(0, 1, Progress::kActive, 5), Data("12", 12), Mark(1, 1, Progress::kActive, 60),
       Data("13", 13), Data("20", 20), Mark(0, 1, Progress::kActive, 15), Data("16", 16),
       Mark(0, 1, Progress::kActive, 61)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w10", "r12", "r13", "r20", "w15", "r16", "w60"}));
}

TEST_F(HopTest, AZombiesMarkIsIgnored) {
  Run();
  Put({Mark(0, 2, Progress::kActive, 5), Mark(1, 1, Progress::kActive, 10),
       Mark(0, 1, Progress::kIdle, 50), Data("8", 8)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w5", "r8"}));
}

TEST_F(HopTest, TimeSurvivesTheOwner) {
  Run();
  Put({Mark(0, 2, Progress::kActive, 5), Mark(1, 1, Progress::kActive, 10)});
  (void)After(seconds(1));
  instance_.reset();
  broker_.ExpireSession("t", "t-i");
  Run();
  Put({Data("4", 4), Mark(0, 1, Progress::kActive, 50), Mark(0, 2, Progress::kActive, 20)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w5", "r4 late", "w10"}));
}

TEST_F(HopTest, ANewerPlanHolds) {
  Run();
  Put({Mark(0, 1, Progress::kActive, 5), Mark(1, 1, Progress::kActive, 5),
       Mark(0, 1, Progress::kActive, 50, 3), Mark(1, 1, Progress::kActive, 50, 3)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w5"}));
}

TEST_F(HopTest, AllFinishedIsTheEnd) {
  Run();
  Put({Mark(0, 1, Progress::kFinished, 5), Mark(1, 1, Progress::kActive, 10), Data("12", 12),
       Mark(1, 1, Progress::kFinished, 10)});
  EXPECT_EQ(After(seconds(1)), (Lines{"w10", "r12", "end"}));
}

/// Two partitions of one topic, in two tasks; the slow one does not stop but comes late.
TEST_F(EventTimeTest, AFastPartitionWaitsForTheSlowOne) {
  AddTopic("pair", 2);
  spec_.name = "pair";
  spec_.inputs[0].topic = "pair";
  spec_.inputs[0].partitions = 2;
  spec_.inputs[0].watermark.max_drift = seconds(60);
  spec_.inputs[0].watermark.follows_clock = false;
  Run();
  EventTimeTest::Put("pair", 1, {{"slow", 0}});
  (void)After(seconds(1));
  EventTimeTest::Put("pair", 0, {{"a", 30}, {"b", 59}, {"c", 61}, {"d", 200}});
  EXPECT_EQ(After(seconds(2)), (Lines{"rslow", "w0", "ra", "w30", "rb", "w59"}));
  EventTimeTest::Put("pair", 1, {{"on", 100}});
  const Lines lines = After(seconds(2));
  EXPECT_EQ(Lines(lines.begin() + 6, lines.end()), (Lines{"ron", "w100", "rc", "w61"}));
  // The slow one falls silent, and is not waited for any more.
  EXPECT_EQ(After(seconds(40)).at(10), "rd");
}

}  // namespace
}  // namespace sidestream::tasks
