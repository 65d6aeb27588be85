// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/store_restorer.h"

#include <map>
#include <string>
#include <vector>

#include "tests/unit/changelog/restore_case.h"

namespace sidestream::changelog {
namespace {

class StoreRestorerTest : public RestoreCase {};

TEST_F(StoreRestorerTest, RebuildsAnEmptyStoreOverGapsMarkersAndAnAbortedTail) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}});
  counts().Transaction(2, {{"a", "2"}, {"b", std::nullopt}, {"c", "2"}});
  counts().Compact(/*deletes_too=*/false);
  counts().Transaction(3, {{"a", "wrong"}}, Fate::kAborted);
  const RestoreOutcome outcome = RunAll();
  EXPECT_EQ(Scan(), (Rows{{"a", "2"}, {"c", "2"}}));
  EXPECT_EQ(outcome.highest_sequence, CommitSequence(2));
  EXPECT_EQ(outcome.full_restores, 1);
  EXPECT_EQ(state_->position(0).changelog_position, counts().end())
      << "the position steps over the aborted tail";
  EXPECT_EQ(state_->position(0).changelog_id, counts().id);
}

TEST_F(StoreRestorerTest, AnEmptyChangelogIsDoneWithoutReading) {
  const RestoreOutcome outcome = RunAll(kBoth);
  EXPECT_EQ(outcome.restored_records, 0);
  EXPECT_EQ(state_->position(1).changelog_position, Offset(0));
  EXPECT_EQ(reader_->delivered, 0);
}

TEST_F(StoreRestorerTest, ARestartRestoresOnlyTheTail) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}});
  RunAll();
  CloseClean();
  counts().Transaction(2, {{"c", "2"}});
  const RestoreOutcome outcome = RunAll();
  EXPECT_EQ(outcome.restored_records, 1);
  EXPECT_EQ(outcome.full_restores, 0);
  EXPECT_EQ(reader_->delivered, 1);
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}, {"b", "1"}, {"c", "2"}}));
  CloseClean();
  EXPECT_EQ(RunAll().restored_records, 0);
}

TEST_F(StoreRestorerTest, AStoreThatIsNewIsRestoredAlone) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  CloseClean();
  sums().Transaction(5, {{"s", "5"}, {"t", "5"}});
  const RestoreOutcome outcome = RunAll(kBoth);
  EXPECT_EQ(outcome.restored_records, 2);
  EXPECT_EQ(outcome.full_restores, 1);
  EXPECT_EQ(outcome.highest_sequence, CommitSequence(5));
  EXPECT_EQ(Scan(0), (Rows{{"a", "1"}}));
  EXPECT_EQ(Scan(1), (Rows{{"s", "5"}, {"t", "5"}}));
}

// engine-kafka4 E: the end at the last stable offset misses a committed record that lies behind
// another producer's open transaction.
TEST_F(StoreRestorerTest, FindsACommittedRecordBehindAnOpenTransaction) {
  counts().Transaction(1, {{"a", "1"}});
  counts().Transaction(2, {{"zombie", "2"}}, Fate::kOpen);
  counts().Transaction(3, {{"b", "3"}});
  Register();
  ExpectStillRestoring();
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}})) << "the EOF event at the last stable offset is not the end";
  counts().EndOpen(Fate::kAborted);
  const RestoreOutcome outcome = Run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}, {"b", "3"}}));
}

TEST_F(StoreRestorerTest, WithTheWrongEndRuleTheCommittedRecordIsMissed) {
  counts().Transaction(1, {{"a", "1"}});
  counts().Transaction(2, {{"zombie", "2"}}, Fate::kOpen);
  counts().Transaction(3, {{"b", "3"}});
  Restart({}, {.end = kafka::IsolationLevel::kReadCommitted});
  RunAll();
  counts().EndOpen(Fate::kAborted);
  EXPECT_NE(Scan(), Model(counts())) << "this is what an oracle has to notice";
}

TEST_F(StoreRestorerTest, WhatIsAppendedAfterTheRegistrationBelongsToTheNextOwner) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Restart({.batch_records_max = 1});
  Register();
  while (Scan().empty()) ASSERT_TRUE(Step().empty());
  const Offset end = counts().end();
  counts().Transaction(2, {{"late", "2"}});
  ASSERT_TRUE(Run().status.ok());
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}, {"b", "1"}, {"c", "1"}}));
  EXPECT_EQ(state_->position(0).changelog_position, end);
}

TEST_F(StoreRestorerTest, ACrashInTheMiddleOfARestoreNeverGivesAnotherState) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Restart();
    disk_.Wipe();
    logs_.clear();
    counts().id.bytes[0] = 1;
    sums().id.bytes[0] = 2;
    int64_t sequence = 0;
    for (int round = 0; round < 6; ++round) {
      for (FakeLog* log : {&counts(), &sums()}) {
        for (int64_t n = random.Below(6); n >= 0; --n) {
          std::vector<Row> rows;
          for (int64_t i = random.Below(6); i >= 0; --i) {
            const std::string key = "k" + std::to_string(random.Below(12));
            if (random.OneIn(4)) {
              rows.emplace_back(key, std::nullopt);
            } else {
              rows.emplace_back(key, "v" + std::to_string(++sequence));
            }
          }
          log->Transaction(++sequence, rows, random.OneIn(3) ? Fate::kAborted : Fate::kCommitted);
        }
        if (random.OneIn(3)) log->Compact(/*deletes_too=*/false);
      }
      const StoreRestorerOptions options{.batch_records_max =
                                             static_cast<size_t>(1 + random.Below(4))};
      Restart(options);
      Register(kBoth);
      for (int64_t crashes = random.Below(4); crashes > 0; --crashes) {
        for (int64_t steps = random.Below(25); steps > 0; --steps) {
          if (!Step().empty()) break;
        }
        if (random.OneIn(2)) {
          ASSERT_TRUE(state_->Flush(clock_.WallTime()).ok());
        }
        restorer_.reset();
        state_.reset();
        disk_.Crash(&random);
        Restart(options);
        Register(kBoth);
      }
      const RestoreOutcome outcome = Run(2000);
      ASSERT_TRUE(outcome.status.ok()) << outcome.status;
      ASSERT_EQ(Scan(0), Model(counts())) << "round " << round;
      ASSERT_EQ(Scan(1), Model(sums())) << "round " << round;
      if (random.OneIn(2)) {
        ASSERT_TRUE(state_->Close(false, clock_.WallTime()).ok());
      } else {
        restorer_.reset();
        state_.reset();
        disk_.Crash(&random);
      }
    }
  }
}

TEST_F(StoreRestorerTest, AClusterThatIsAwayForAWhileIsAskedAgain) {
  counts().Transaction(1, {{"a", "1"}});
  admin_.unavailable = 7;
  EXPECT_EQ(RunAll().restored_records, 1);
  EXPECT_EQ(admin_.unavailable, 0);
}

TEST_F(StoreRestorerTest, BytesThatAreNotOursStopTheTask) {
  counts().Transaction(1, {{"a", "1"}});
  counts().Append(Fate::kCommitted, "b", std::string("\x01"));
  Register();
  const RestoreOutcome damaged = Run();
  EXPECT_EQ(damaged.status.code(), StatusCode::kStopped);
  EXPECT_NE(damaged.status.message().find("offset=2"), std::string::npos) << damaged.status;
}

TEST_F(StoreRestorerTest, ARecordOfANewerReleaseIsAConfigurationError) {
  counts().Append(Fate::kCommitted, "a", std::string("\x7f rest of it"));
  Register();
  EXPECT_EQ(Run().status.code(), StatusCode::kInvalidConfig);
}

TEST_F(StoreRestorerTest, TasksShareTheReaderAndOneThatStopsDoesNotStopTheOther) {
  const TopicPartition other{kCounts.topic, 1};
  counts().Transaction(1, {{"a", "1"}});
  logs_[other].id = counts().id;
  logs_[other].Append(Fate::kCommitted, "b", std::string("\x01"));
  Register();
  auto second = std::move(disk_.Open({"orders", 1}, kCountsOnly)).value();
  restorer_->Register({"orders", 1}, *second);
  std::map<TaskId, StatusCode> outcomes;
  for (int i = 0; i < 50; ++i) {
    for (const RestoreOutcome& outcome : Step()) {
      EXPECT_TRUE(outcomes.emplace(outcome.task, outcome.status.code()).second)
          << "I3: reported once";
    }
  }
  EXPECT_EQ(outcomes, (std::map<TaskId, StatusCode>{{{"orders", 0}, StatusCode::kOk},
                                                    {{"orders", 1}, StatusCode::kStopped}}));
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
}

TEST_F(StoreRestorerTest, CancelForgetsTheTaskAndKeepsWhatWasApplied) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}});
  Restart({.batch_records_max = 1});
  Register();
  while (Scan().empty()) ASSERT_TRUE(Step().empty());
  const auto cancelled = restorer_->Cancel(kTask);
  ASSERT_TRUE(cancelled.has_value());
  EXPECT_EQ(cancelled->status.code(), StatusCode::kTaskMigrated);
  EXPECT_EQ(cancelled->restored_records, 1);
  EXPECT_FALSE(restorer_->Cancel(kTask).has_value());
  EXPECT_TRUE(restorer_->idle());
  EXPECT_TRUE(reader_->idle());
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
  EXPECT_TRUE(Step().empty());
}

// Sorted files: the same state as row by row, whatever the size of a file.
TEST_F(StoreRestorerTest, ALargeGapIsBroughtInByFiles) {
  counts().Transaction(1, {{"b", "1"}, {"a", "1"}, {"gone", "1"}});
  counts().Transaction(2, {{"a", "2"}, {"gone", std::nullopt}});
  counts().Transaction(3, {{"c", "3"}, {"b", "aborted"}}, FakeLog::Fate::kAborted);
  counts().Transaction(4, {{"d", "4"}});
  for (const size_t bytes : {size_t{1}, size_t{1} << 30}) {
    SCOPED_TRACE(bytes);
    Crash();
    disk_.Wipe();
    Restart({.batch_records_max = 2, .ingest_from = 1, .chunk_bytes_max = bytes});
    Register();
    const RestoreOutcome outcome = Run();
    ASSERT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.highest_sequence, CommitSequence(4));
    EXPECT_EQ(Scan(), (Rows{{"a", "2"}, {"b", "1"}, {"d", "4"}}));
    EXPECT_EQ(state_->position(0).changelog_position, counts().end());
  }
}

TEST_F(StoreRestorerTest, ACancelledRestoreKeepsWhatItCollected) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Restart({.batch_records_max = 1, .ingest_from = 1});
  Register();
  while (restorer_->Progress().restored_records < 2) ASSERT_TRUE(Step().empty());
  EXPECT_EQ(restorer_->Cancel(kTask)->restored_records, 2);
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}, {"b", "1"}}));
  Crash();
  EXPECT_EQ(RunAll().restored_records, 1) << "only what was not read yet";
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}, {"b", "1"}, {"c", "1"}}));
}

TEST_F(StoreRestorerTest, ProgressCountsDownToNothing) {
  counts().Transaction(1, {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Restart({.batch_records_max = 1});
  Register();
  while (Scan().empty()) ASSERT_TRUE(Step().empty());
  EXPECT_EQ(restorer_->Progress().restored_records, 1);
  EXPECT_EQ(restorer_->Progress().remaining_records, 3) << "two records and the marker";
  Run();
  EXPECT_EQ(restorer_->Progress().remaining_records, 0);
}

TEST_F(StoreRestorerTest, AFullRestoreIsDurableWhenItIsReported) {
  counts().Transaction(1, {{"a", "1"}});
  RunAll();
  Crash();
  EXPECT_EQ(RunAll().restored_records, 0);
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
}

TEST_F(StoreRestorerTest, ATaskWithoutStoresIsDoneAtOnce) {
  Register({});
  const auto outcomes = Step();
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0].status.ok());
}

TEST_F(StoreRestorerTest, WhoAsksIsToldWhatIsFarAheadBeforeAnythingIsRead) {
  for (int i = 1; i <= 10; ++i) counts().Transaction(i, {{"a", std::to_string(i)}});
  RunAll();
  CloseClean();
  for (int i = 11; i <= 40; ++i) counts().Transaction(i, {{"a", std::to_string(i)}});
  sums().Transaction(41, {{"b", "1"}});

  Restart({.ask_elsewhere_from = 62});
  state_ = std::move(disk_.Open(kTask, kBoth)).value();
  restorer_->Register(kTask, *state_, FarRestore::kAsk);
  const RestoreOutcome asked = Run();
  ASSERT_TRUE(asked.status.ok()) << asked.status;
  EXPECT_EQ(asked.restored_records, 0);
  ASSERT_EQ(asked.ahead.size(), 2u);
  EXPECT_EQ(asked.ahead[0].store.name, "counts");
  EXPECT_EQ(asked.ahead[0].id, counts().id);
  EXPECT_EQ(asked.ahead[0].start, Offset(0));
  EXPECT_EQ(asked.ahead[0].from, Offset(20));
  EXPECT_EQ(asked.ahead[0].end, Offset(80));
  EXPECT_TRUE(asked.ahead[0].age_max.has_value());
  EXPECT_EQ(asked.ahead[1].from, Offset(0));
  EXPECT_TRUE(asked.ahead[1].age_max.has_value());
  EXPECT_EQ(OffsetsOf(asked.ahead), 62);
  EXPECT_EQ(Scan(), (Rows{{"a", "10"}})) << "nothing was done yet";

  // Told so, it may read all the same.
  restorer_->Register(kTask, *state_);
  EXPECT_TRUE(Run().ahead.empty());
  EXPECT_EQ(Scan(), Model(counts()));
  EXPECT_EQ(Scan(1), Model(sums()));
}

TEST_F(StoreRestorerTest, WhereLittleIsAheadOrAStoreHasNoLogItIsRead) {
  for (int i = 1; i <= 10; ++i) counts().Transaction(i, {{"a", std::to_string(i)}});
  Restart({.ask_elsewhere_from = 21});
  state_ = std::move(disk_.Open(kTask, kCountsOnly)).value();
  restorer_->Register(kTask, *state_, FarRestore::kAsk);
  EXPECT_EQ(Run().restored_records, 10);
  disk_.Wipe();
  Restart({.ask_elsewhere_from = 1});
  const std::vector<StoreSpec> stores = {kCountsOnly[0], {.name = "local", .fingerprint = 3}};
  state_ = std::move(disk_.Open(kTask, stores)).value();
  restorer_->Register(kTask, *state_, FarRestore::kAsk);
  EXPECT_EQ(Run().restored_records, 10);
}

}  // namespace
}  // namespace sidestream::changelog
