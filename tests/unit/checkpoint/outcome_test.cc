// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The outcome rule over every history of up to six records, against the rule as the model's Check
// states it: the first of DONE, REVOKE and ABORT decides.

#include "checkpoint/outcome.h"

#include <gtest/gtest.h>

#include <string>

namespace sidestream::checkpoint {
namespace {

constexpr CheckpointNumber kNumber{3};
constexpr std::string_view kAlphabet = "01LVDAstC";

TaskId Task(Partition partition) { return {"orders", partition}; }

BeginRecord Begin(int64_t number = kNumber.value()) {
  BeginRecord begin;
  begin.number = CheckpointNumber(number);
  begin.drain = true;
  begin.groups = {{"orders", 2}};
  return begin;
}

CutRecord Cut(Partition task, uint64_t life, Offset position = Offset(5)) {
  CutRecord cut;
  cut.number = kNumber;
  cut.task = Task(task);
  cut.life = life;
  cut.inputs = {{{"hop", task}, position, ""}};
  return cut;
}

StoredRecord Stored(Partition task, uint64_t life) {
  StoredRecord stored;
  stored.number = kNumber;
  stored.task = Task(task);
  stored.life = life;
  return stored;
}

CheckpointRecord RecordOf(char letter) {
  switch (letter) {
    case '0':
      return Cut(0, 10);
    case '1':
      return Cut(1, 11);
    case 'L':
      return LevelRecord{kNumber, 0, {{{"hop", 0}, Offset(5)}}};
    case 'V':
      return RevokeRecord{kNumber, Task(1), 11};
    case 'D':
      return DoneRecord{kNumber, {}};
    case 'A':
      return AbortRecord{kNumber, "why"};
    case 's':
      return Stored(0, 10);
    case 't':
      return Stored(1, 11);
    default:
      return CompleteRecord{kNumber, "m", 0, {}};
  }
}

/// The rule in other words: positions in the text decide.
CheckpointStage StageOf(const std::string& history) {
  const size_t decision = history.find_first_of("VDA");
  if (decision == std::string::npos) return CheckpointStage::kUndecided;
  if (history[decision] == 'V') return CheckpointStage::kRevoked;
  if (history[decision] == 'A') return CheckpointStage::kAborted;
  const size_t end = history.find_first_of("AC", decision);
  if (end == std::string::npos) return CheckpointStage::kCut;
  return history[end] == 'A' ? CheckpointStage::kFailed : CheckpointStage::kComplete;
}

void Check(const std::string& history) {
  CheckpointHistory read;
  read.Apply(Begin(), {});
  for (const char letter : history) read.Apply(RecordOf(letter), {});
  const Checkpoint& checkpoint = *read.latest();
  ASSERT_EQ(StageName(checkpoint.stage), StageName(StageOf(history))) << history;

  const std::string undecided = history.substr(0, history.find_first_of("VDA"));
  ASSERT_EQ(checkpoint.levels, undecided.find('L') == std::string::npos ? 0 : 1) << history;
  for (const Partition task : {0, 1}) {
    const bool cut = undecided.find(task == 0 ? '0' : '1') != std::string::npos;
    ASSERT_EQ(checkpoint.cuts.contains(Task(task)), cut) << history;
    bool stored = false;
    if (const size_t done = history.find_first_of("VDA");
        done != std::string::npos && history[done] == 'D' && cut) {
      const size_t end = history.find_first_of("AC", done);
      const size_t at = history.find(task == 0 ? 's' : 't', done);
      stored = at != std::string::npos && (end == std::string::npos || at < end);
    }
    ASSERT_EQ(checkpoint.stored.contains(Task(task)), stored) << history;
    // Nothing of a task that was cut is purged until its part is stored or nobody wants it.
    ASSERT_EQ(checkpoint.NeededFrom({"hop", task}).has_value(),
              cut && !stored && !checkpoint.finished())
        << history;
  }
}

TEST(OutcomeTest, TheOrderOfTheRecordsDecides) {
  std::vector<std::string> histories = {""};
  size_t checked = 0;
  for (size_t from = 0; from < histories.size(); ++from) {
    const std::string history = histories[from];
    Check(history);
    ++checked;
    if (history.size() == 5) continue;
    for (const char letter : kAlphabet) histories.push_back(history + letter);
  }
  EXPECT_EQ(checked, 66'430U);
}

TEST(OutcomeTest, TheFirstCutOfATaskCountsAndOnlyItsOwnPart) {
  CheckpointHistory history;
  history.Apply(Begin(), {});
  history.Apply(Cut(0, 10, Offset(5)), {});
  history.Apply(Cut(0, 20, Offset(9)), {});
  history.Apply(DoneRecord{kNumber, {}}, {});
  history.Apply(Stored(0, 20), {});
  EXPECT_EQ(history.latest()->cuts.at(Task(0))->life, 10U);
  EXPECT_TRUE(history.latest()->stored.empty());
  EXPECT_EQ(history.latest()->NeededFrom({"hop", 0}), Offset(5));
  history.Apply(Stored(0, 10), {});
  EXPECT_EQ(history.latest()->NeededFrom({"hop", 0}), std::nullopt);
}

TEST(OutcomeTest, LevelsEndOneAfterTheOtherAndTheFirstWordStands) {
  const auto level = [](int32_t number, const char* topic, int64_t end) {
    return LevelRecord{kNumber, number, {{{topic, 0}, Offset(end)}}};
  };
  CheckpointHistory history;
  history.Apply(Begin(), {});
  history.Apply(level(1, "second", 4), {});
  EXPECT_EQ(history.latest()->levels, 0) << "level 0 has no ends yet";
  history.Apply(level(0, "first", 7), {});
  history.Apply(level(0, "first", 9), {});
  history.Apply(level(1, "second", 5), {});
  EXPECT_EQ(history.latest()->levels, 2);
  EXPECT_EQ(
      history.latest()->drain_to,
      (std::map<TopicPartition, Offset>{{{"first", 0}, Offset(7)}, {{"second", 0}, Offset(5)}}));

  BeginRecord plain = Begin(4);
  plain.drain = false;
  history.Apply(plain, {});
  history.Apply(LevelRecord{plain.number, 0, {{{"first", 0}, Offset(7)}}}, {});
  EXPECT_TRUE(history.latest()->drain_to.empty()) << "it does not drain";
}

TEST(OutcomeTest, RecordsOfAnotherCheckpointChangeNothing) {
  CheckpointHistory history;
  history.Apply(Begin(4), {});
  for (const char letter : kAlphabet) history.Apply(RecordOf(letter), {});
  EXPECT_TRUE(history.latest()->undecided());
  EXPECT_TRUE(history.latest()->cuts.empty());
  history.Apply(Begin(3), {});
  EXPECT_EQ(history.latest()->number(), CheckpointNumber(4)) << "an older BEGIN";
}

TEST(OutcomeTest, ATaskThatIsNotInItHasNoCut) {
  CheckpointHistory history;
  history.Apply(Begin(), {});
  history.Apply(Cut(2, 10), {});
  EXPECT_TRUE(history.latest()->cuts.empty());
  EXPECT_EQ(history.latest()->Uncut(), Task(0));
  history.Apply(Cut(0, 10), {});
  EXPECT_EQ(history.latest()->Uncut(), Task(1));
  history.Apply(Cut(1, 11), {});
  EXPECT_EQ(history.latest()->Uncut(), std::nullopt);
}

TEST(OutcomeTest, ARequestStandsUntilItIsAnsweredForGood) {
  CheckpointHistory history;
  history.Apply(RequestRecord{9, "n", "", false}, Timestamp(50));
  ASSERT_TRUE(history.requests().contains(9));
  EXPECT_EQ(history.requests().at(9).asked_at, Timestamp(50));
  BeginRecord begin = Begin();
  begin.request = 9;
  history.Apply(begin, {});
  history.Apply(AbortRecord{kNumber, "late"}, {});
  EXPECT_EQ(history.requests().at(9).attempts, 1);
  EXPECT_EQ(history.requests().at(9).why, "late");
  begin.number = kNumber + 1;
  history.Apply(begin, {});
  history.Apply(DoneRecord{begin.number, {}}, {});
  EXPECT_EQ(history.requests().at(9).attempts, 2);
  history.Apply(CompleteRecord{begin.number, "m", 0, {}}, {});
  EXPECT_TRUE(history.requests().empty());

  history.Apply(RequestRecord{10, "n", "", false}, {});
  history.Apply(RefusedRecord{10, "no"}, {});
  EXPECT_TRUE(history.requests().empty());
}

TEST(OutcomeTest, WhatALaterCheckpointLeavesBehindIsOutdatedOnce) {
  CheckpointHistory history;
  history.Apply(Begin(), {});
  history.Apply(Cut(0, 10), {});
  history.Apply(LevelRecord{kNumber, 0, {}}, {});
  history.Apply(AbortRecord{kNumber, ""}, {});
  EXPECT_TRUE(history.OutdatedKeys().empty()) << "the newest is kept";
  history.Apply(Begin(4), {});
  EXPECT_EQ(history.OutdatedKeys(),
            (std::vector<std::string>{"checkpoint/3/abort", "checkpoint/3/begin",
                                      "checkpoint/3/cut/orders_0/000000000000000a",
                                      "checkpoint/3/level/0"}));
  history.Apply(Stored(0, 10), {});
  EXPECT_EQ(history.OutdatedKeys().size(), 5U) << "it came late";
  for (const std::string& key : history.OutdatedKeys()) history.Erase(key);
  EXPECT_TRUE(history.OutdatedKeys().empty());
}

}  // namespace
}  // namespace sidestream::checkpoint
