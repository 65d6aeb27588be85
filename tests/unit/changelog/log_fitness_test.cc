// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a restore does of the verdicts: a log that is not the store's stops the task and touches
// nothing, and a store that may lack deletes is restored in full.

#include "changelog/log_fitness.h"

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/changelog/restore_case.h"

namespace sidestream::changelog {
namespace {

class LogFitnessTest : public RestoreCase {};

TEST_F(LogFitnessTest, ARecreatedChangelogStopsTheTaskAndTouchesNothing) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  counts().id.bytes[0] = 99;
  Register();
  const RestoreOutcome outcome = Run();
  EXPECT_EQ(outcome.status.code(), StatusCode::kStopped);
  EXPECT_NE(outcome.status.message().find("sidestream reset"), std::string::npos);
  EXPECT_NE(outcome.status.message().find(ToString(kCounts)), std::string::npos);
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
}

TEST_F(LogFitnessTest, APositionBeyondTheEndMeansThatTheBrokerLostData) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}});
  RunAll();
  CloseClean();
  const TopicId id = counts().id;
  counts() = FakeLog();
  counts().id = id;
  counts().Transaction(1, {{"a", "1"}});
  Register();
  const RestoreOutcome outcome = Run();
  EXPECT_EQ(outcome.status.code(), StatusCode::kStopped);
  EXPECT_NE(outcome.status.message().find("lost data"), std::string::npos) << outcome.status;
  EXPECT_EQ(Scan().size(), 2U);
}

// R8: a directory that slept longer than deletes live.
TEST_F(LogFitnessTest, AStoreThatMayHaveMissedDeletesIsRestoredInFull) {
  counts().Transaction(1, {{"gone", "1"}, {"stays", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"gone", std::nullopt}});
  counts().Transaction(3, {{"new", "3"}});
  counts().Compact(/*deletes_too=*/true);
  clock_.Advance(std::chrono::hours(24 * 7 / 2) + std::chrono::minutes(1));
  const RestoreOutcome outcome = RunAll();
  EXPECT_EQ(outcome.full_restores, 1);
  EXPECT_EQ(Scan(), (Rows{{"new", "3"}, {"stays", "1"}}));
}

TEST_F(LogFitnessTest, TheRealRetentionOfTheTopicCounts) {
  counts().settings["delete.retention.ms"] = "1000";
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"b", "2"}});
  clock_.Advance(Milliseconds(600));
  EXPECT_EQ(RunAll().full_restores, 1);
}

TEST_F(LogFitnessTest, AQuietStoreIsNotTooOldHoweverLongItSlept) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  clock_.Advance(std::chrono::hours(24 * 365));
  const RestoreOutcome outcome = RunAll();
  EXPECT_EQ(outcome.full_restores, 0);
  EXPECT_EQ(outcome.restored_records, 0);
  EXPECT_EQ(admin_.settings_asked, 0);
}

TEST_F(LogFitnessTest, AYoungStoreBelowTheEndIsNotTooOld) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"b", "2"}});
  clock_.Advance(std::chrono::hours(24 * 3));
  EXPECT_EQ(RunAll().full_restores, 0);
}

// The age of an unfinished restore counts from its start, whatever flushed in between.
TEST_F(LogFitnessTest, AnInterruptedRestoreAges) {
  counts().Transaction(1, {{"a", "1"}, {"gone", "1"}, {"c", "1"}});
  Restart({.batch_records_max = 2});
  Register();
  while (Scan().empty()) ASSERT_TRUE(Step().empty());
  clock_.Advance(std::chrono::hours(24 * 3));
  ASSERT_TRUE(state_->Flush(clock_.WallTime()).ok());
  Crash();
  counts().Transaction(2, {{"gone", std::nullopt}});
  counts().Transaction(3, {{"d", "3"}});
  counts().Compact(/*deletes_too=*/true);
  clock_.Advance(std::chrono::hours(24));
  EXPECT_EQ(RunAll().full_restores, 1);
  EXPECT_EQ(Scan(), Model(counts()));
}

TEST_F(LogFitnessTest, DeletedRecordsStopTheTaskUnlessTheTopicDeletesByPolicy) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"b", "2"}});
  counts().Transaction(3, {{"c", "3"}});
  counts().DeleteBelow(Offset(4));
  Register();
  const RestoreOutcome stopped = Run();
  EXPECT_EQ(stopped.status.code(), StatusCode::kStopped);
  EXPECT_NE(stopped.status.message().find("sidestream reset"), std::string::npos);
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
  Restart();
  counts().settings["cleanup.policy"] = "compact,delete";
  EXPECT_EQ(RunAll().full_restores, 1);
  EXPECT_EQ(Scan(), (Rows{{"c", "3"}}));
}

TEST_F(LogFitnessTest, ALogWithoutItsBeginningRebuildsNothing) {
  counts().Transaction(1, {{"a", "1"}});
  counts().Transaction(2, {{"b", "2"}});
  counts().DeleteBelow(Offset(2));
  Register();
  const RestoreOutcome stopped = Run();
  EXPECT_EQ(stopped.status.code(), StatusCode::kStopped);
  EXPECT_NE(stopped.status.message().find("its start=2 applied=nothing"), std::string::npos)
      << stopped.status;
  Restart();
  counts().settings["cleanup.policy"] = "compact,delete";
  EXPECT_EQ(RunAll().full_restores, 1);
  EXPECT_EQ(Scan(), (Rows{{"b", "2"}}));
}

TEST_F(LogFitnessTest, AnOldStoreIsNotRebuiltFromALogWithoutItsBeginning) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"b", "2"}});
  counts().DeleteBelow(Offset(2));
  clock_.Advance(std::chrono::hours(24 * 4));
  Register();
  EXPECT_EQ(Run().status.code(), StatusCode::kStopped);
}

TEST_F(LogFitnessTest, ALogThatIsCutWhileItIsReadIsLookedAtAgain) {
  counts().settings["cleanup.policy"] = "compact,delete";
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}, {"c", "1"}, {"d", "1"}});
  Restart({.batch_records_max = 1});
  Register();
  while (Scan().empty()) ASSERT_TRUE(Step().empty());
  counts().DeleteBelow(Offset(3));
  const RestoreOutcome outcome = Run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(Scan(), (Rows{{"d", "1"}}));
}

TEST_F(LogFitnessTest, AMissingTopicIsWaitedForAndThenGivenUp) {
  counts().exists = false;
  Register();
  ExpectStillRestoring();
  counts().exists = true;
  EXPECT_TRUE(Run().status.ok());
  Restart();
  counts().exists = false;
  Register();
  std::vector<RestoreOutcome> outcomes;
  for (int i = 0; i < 100 && outcomes.empty(); ++i) outcomes = Step(Milliseconds(5000));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].status.code(), StatusCode::kUnavailable);
  EXPECT_NE(outcomes[0].status.message().find(kCounts.topic), std::string::npos);
}

TEST_F(LogFitnessTest, TooFewPartitionsStopTheTask) {
  state_ = std::move(disk_.Open({"orders", 4}, kCountsOnly)).value();
  restorer_->Register({"orders", 4}, *state_);
  EXPECT_EQ(Run().status.code(), StatusCode::kStopped);
}

}  // namespace
}  // namespace sidestream::changelog
