// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One suite for all task states: each case runs on memory and on RocksDB. Fault model: a crash
// loses a suffix of the applies since the last flush, whole applies, rows and meta together.

#include "statestore/task_state.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "statestore/memory_task_state.h"
#include "statestore/rocksdb_task_state.h"
#include "tests/support/temp_dir.h"

namespace sidestream::statestore {
namespace {

constexpr Timestamp kNow{1'767'225'600'000};
const TaskId kTask{"orders", 2};
const std::vector<StoreSpec> kTwoStores = {
    {.name = "counts", .changelog_topic = "app-counts-changelog", .fingerprint = 11},
    {.name = "sums", .changelog_topic = "app-sums-changelog", .fingerprint = 22}};

using Rows = std::map<std::string, std::string>;

enum class Kind { kMemory, kRocksdb };

class TaskStateTest : public ::testing::TestWithParam<Kind> {
 protected:
  TaskStateTest() { Reset("shop"); }

  // Another process on the same directory; of another application where the name differs.
  void Reset(const std::string& application) {
    state_.reset();
    if (GetParam() == Kind::kMemory) {
      if (memory_ == nullptr) {
        memory_ = std::make_unique<MemoryTaskStateFactory>(
            MemoryTaskStateOptions{.application = application, .cache_bytes = 16 * 1024});
      }
      factory_ = memory_.get();
    } else {
      rocksdb_ = std::make_unique<RocksdbTaskStateFactory>(
          StateOptions{
              .dir = directory_.path(), .application = application, .memory_bytes = 8 << 20},
          clock_);
      factory_ = rocksdb_.get();
    }
  }

  void Open(const std::vector<StoreSpec>& stores = kTwoStores) {
    auto opened = factory_->Open(kTask, stores);
    ASSERT_TRUE(opened.ok()) << opened.status();
    state_ = std::move(opened).value();
  }
  void Close() {
    const Status closed = state_->Close(/*dirty=*/false, kNow);
    ASSERT_TRUE(closed.ok()) << closed;
    state_.reset();
  }
  void Crash() {
    // Without Close(): nothing is flushed.
    state_.reset();
    if (memory_ != nullptr) memory_->Crash();
  }
  void Apply(int64_t sequence, std::vector<std::optional<Offset>> positions) {
    const Status applied = state_->Apply(
        {.sequence = CommitSequence(sequence), .changelog_positions = std::move(positions)});
    ASSERT_TRUE(applied.ok()) << applied;
  }
  void Flush() {
    const Status flushed = state_->Flush(kNow);
    ASSERT_TRUE(flushed.ok()) << flushed;
  }
  std::optional<std::string> Get(size_t store, std::string_view key) {
    auto found = state_->store(store).Get(key);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok() || !found->has_value()) return std::nullopt;
    return std::string(**found);
  }
  Rows Scan(size_t store) {
    Rows rows;
    std::string last;
    const Status scanned = state_->Scan(store, [&](std::string_view key, std::string_view value) {
      EXPECT_TRUE(rows.empty() || last < key) << "rows come in key order";
      last = std::string(key);
      rows.emplace(key, value);
    });
    EXPECT_TRUE(scanned.ok()) << scanned;
    return rows;
  }

  /// What the store's own scan visits, `rows_max` of them.
  Rows ScanOpen(size_t store, std::string_view from, std::string_view to, size_t rows_max = 1000) {
    Rows rows;
    std::string last;
    const Status scanned = state_->store(store).Scan(
        from, to, [&](std::string_view key, std::string_view value) -> Result<bool> {
          EXPECT_TRUE(rows.empty() || last < key) << "rows come in key order, each once";
          last = std::string(key);
          rows.emplace(key, value);
          return rows.size() < rows_max;
        });
    EXPECT_TRUE(scanned.ok()) << scanned;
    return rows;
  }

  ManualClock clock_;
  testing::TempDir directory_;
  std::unique_ptr<MemoryTaskStateFactory> memory_;
  std::unique_ptr<RocksdbTaskStateFactory> rocksdb_;
  TaskStateFactory* factory_ = nullptr;
  std::unique_ptr<TaskState> state_;
};

TEST_P(TaskStateTest, ReadsItsOwnWritesAndNothingUncommittedReachesTheRows) {
  Open();
  state_->store(0).Put("a", "1");
  state_->store(0).Put("a", "2");
  state_->store(0).Delete("b");
  EXPECT_EQ(Get(0, "a"), "2");
  EXPECT_EQ(Get(1, "a"), std::nullopt);
  EXPECT_TRUE(state_->HasChanges());
  EXPECT_GT(state_->uncommitted_bytes(), 0U);
  EXPECT_EQ(Scan(0), Rows());
  std::map<std::string, std::optional<std::string>> changes;
  state_->ForEachChange(0, [&](const Change& change) {
    EXPECT_FALSE(changes.contains(std::string(change.key))) << "each key once";
    changes[std::string(change.key)] =
        change.value ? std::optional<std::string>(*change.value) : std::nullopt;
  });
  EXPECT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes["a"], "2");
  EXPECT_EQ(changes["b"], std::nullopt);
  state_->Rollback();
  EXPECT_FALSE(state_->HasChanges());
  EXPECT_EQ(state_->uncommitted_bytes(), 0U);
  EXPECT_EQ(Get(0, "a"), std::nullopt);
}

TEST_P(TaskStateTest, AScanSeesCommittedRowsUnderThoseOfTheOpenTransaction) {
  Open();
  for (const char* key : {"", "a", "b", "c", "d"}) state_->store(0).Put(key, "committed");
  Apply(1, {Offset(1), {}});
  EXPECT_EQ(ScanOpen(0, "", "").size(), 5U);
  state_->store(0).Put("aa", "new");
  state_->store(0).Put("b", "over");
  state_->store(0).Delete("c");
  state_->store(0).Delete("x");
  state_->store(0).Put("z", "new");
  const Rows inner = {{"a", "committed"}, {"aa", "new"}, {"b", "over"}, {"d", "committed"}};
  EXPECT_EQ(ScanOpen(0, "a", "z"), inner);
  EXPECT_EQ(ScanOpen(0, "a", "").size(), 5U);
  EXPECT_EQ(ScanOpen(0, "", "a"), (Rows{{"", "committed"}}));
  EXPECT_EQ(ScanOpen(0, "aa", "b"), (Rows{{"aa", "new"}}));
  EXPECT_EQ(ScanOpen(0, "c", "d"), Rows());
  EXPECT_EQ(ScanOpen(0, "a", "", 2), (Rows{{"a", "committed"}, {"aa", "new"}}));
  EXPECT_EQ(ScanOpen(0, "y", "", 1), (Rows{{"z", "new"}}));
  state_->Rollback();
  EXPECT_EQ(ScanOpen(0, "b", "d"), (Rows{{"b", "committed"}, {"c", "committed"}}));
}

TEST_P(TaskStateTest, TheErrorOfAVisitEndsTheScan) {
  Open();
  state_->store(0).Put("a", "1");
  Apply(1, {Offset(1), {}});
  state_->store(0).Put("b", "1");
  for (const char* from : {"a", "b"}) {
    const Status scanned = state_->store(0).Scan(
        from, "", [](std::string_view, std::string_view) -> Result<bool> {
          return Status::BadRecord("enough");
        });
    EXPECT_EQ(scanned.code(), StatusCode::kBadRecord) << from;
  }
}

TEST_P(TaskStateTest, RollbackBringsTheCommittedValueBack) {
  Open();
  state_->store(0).Put("a", "1");
  Apply(1, {Offset(1), {}});
  state_->store(0).Put("a", "2");
  EXPECT_EQ(Get(0, "a"), "2");
  state_->Rollback();
  EXPECT_EQ(Get(0, "a"), "1");
}

TEST_P(TaskStateTest, ACrashBeforeTheFlushLosesRowsPositionAndSequenceTogether) {
  Open();
  state_->store(0).Put("a", "1");
  Apply(1, {Offset(5), {}});
  Flush();
  state_->store(0).Put("a", "2");
  state_->store(1).Put("b", "2");
  Apply(2, {Offset(9), Offset(3)});
  Crash();
  Open();
  EXPECT_EQ(Get(0, "a"), "1");
  EXPECT_EQ(Get(1, "b"), std::nullopt);
  EXPECT_EQ(state_->position(0).changelog_position, Offset(5));
  EXPECT_EQ(state_->position(1).changelog_position, std::nullopt);
  EXPECT_EQ(state_->sequence(), CommitSequence(1));
}

TEST_P(TaskStateTest, ACleanCloseKeepsEverything) {
  Open();
  TopicId id;
  id.bytes[3] = 7;
  ASSERT_TRUE(state_->SetChangelogId(1, id).ok());
  state_->store(1).Put("k", "v");
  Apply(4, {std::nullopt, Offset(12)});
  state_->store(1).Put("k", "uncommitted");
  Close();
  Open();
  EXPECT_EQ(Get(1, "k"), "v");
  EXPECT_EQ(state_->position(1).changelog_position, Offset(12));
  EXPECT_EQ(state_->position(1).changelog_id, id);
  EXPECT_EQ(state_->position(1).complete_at, kNow);
  EXPECT_EQ(state_->sequence(), CommitSequence(4));
}

TEST_P(TaskStateTest, ACommitWithoutStateIsRememberedWithTheNextFlush) {
  Open();
  Apply(7, {std::nullopt, std::nullopt});
  EXPECT_EQ(state_->sequence(), CommitSequence(7));
  Close();
  Open();
  EXPECT_EQ(state_->sequence(), CommitSequence(7));
}

TEST_P(TaskStateTest, RestoredRowsReplaceWhatWasReadBefore) {
  Open();
  EXPECT_EQ(Get(0, "a"), std::nullopt);
  const std::vector<Change> rows = {{.key = "a", .value = "1"},
                                    {.key = "b", .value = "1"},
                                    {.key = "a", .value = "2"},
                                    {.key = "b", .value = std::nullopt}};
  ASSERT_TRUE(state_->ApplyRestored(0, rows, Offset(4), CommitSequence(3)).ok());
  EXPECT_EQ(Get(0, "a"), "2");
  EXPECT_EQ(Get(0, "b"), std::nullopt);
  // Again, and with a smaller sequence: harmless.
  ASSERT_TRUE(state_->ApplyRestored(0, rows, Offset(4), CommitSequence(2)).ok());
  EXPECT_EQ(Scan(0), (Rows{{"a", "2"}}));
  EXPECT_EQ(state_->sequence(), CommitSequence(3));
  EXPECT_EQ(state_->position(0).changelog_position, Offset(4));
}

TEST_P(TaskStateTest, AFileOfRowsReplacesDeletesAndIsDurable) {
  Open();
  state_->store(0).Put("a", "old");
  state_->store(0).Put("gone", "old");
  state_->store(1).Put("other", "1");
  Apply(1, {Offset(2), Offset(1)});
  const std::vector<Change> rows = {{.key = "a", .value = "new"},
                                    {.key = "b", .value = ""},
                                    {.key = "gone", .value = std::nullopt}};
  ASSERT_TRUE(state_->IngestRestored(0, rows, Offset(9), CommitSequence(5)).ok());
  for (const bool crashed : {false, true}) {
    SCOPED_TRACE(crashed);
    EXPECT_EQ(Scan(0), (Rows{{"a", "new"}, {"b", ""}}));
    EXPECT_EQ(Get(0, "gone"), std::nullopt);
    EXPECT_EQ(Scan(1), (Rows{{"other", "1"}})) << "what was applied before is durable too";
    EXPECT_EQ(state_->position(0).changelog_position, Offset(9));
    EXPECT_EQ(state_->position(1).changelog_position, Offset(1));
    EXPECT_EQ(state_->sequence(), CommitSequence(5));
    if (!crashed) {
      Crash();
      Open();
    }
  }
  // Several, over each other.
  for (int i = 0; i < 3; ++i) {
    const std::string value = std::to_string(i);
    const std::vector<Change> again = {{.key = "a", .value = value}};
    ASSERT_TRUE(state_->IngestRestored(0, again, Offset(10 + i), CommitSequence(5)).ok());
  }
  EXPECT_EQ(Get(0, "a"), "2");
}

TEST_P(TaskStateTest, OnlyAFinishedRestoreCountsAsComplete) {
  Open();
  const Timestamp begun = kNow - 1000;
  ASSERT_TRUE(state_->BeginFullRestore(0, begun).ok());
  const std::vector<Change> rows = {{.key = "a", .value = "1"}};
  ASSERT_TRUE(state_->ApplyRestored(0, rows, Offset(4), CommitSequence(3)).ok());
  Flush();
  EXPECT_EQ(state_->position(0).complete_at, begun) << "its age counts from the start";
  EXPECT_EQ(state_->complete_at(), std::nullopt) << "the other store never was complete";
  state_->FinishRestore(0);
  state_->FinishRestore(1);
  Flush();
  EXPECT_EQ(state_->position(0).complete_at, kNow);
  EXPECT_EQ(state_->complete_at(), kNow);
  Crash();
  Open();
  EXPECT_EQ(state_->complete_at(), kNow);
}

TEST_P(TaskStateTest, ClearForgetsRowsAndPositionDurably) {
  Open();
  state_->store(0).Put("a", "1");
  state_->store(1).Put("b", "1");
  Apply(1, {Offset(1), Offset(1)});
  Flush();
  ASSERT_TRUE(state_->Clear(0).ok());
  EXPECT_EQ(Get(0, "a"), std::nullopt);
  EXPECT_EQ(state_->position(0).changelog_position, std::nullopt);
  EXPECT_TRUE(*state_->Empty(0));
  EXPECT_FALSE(*state_->Empty(1));
  Crash();
  Open();
  EXPECT_EQ(Scan(0), Rows());
  EXPECT_EQ(Scan(1), (Rows{{"b", "1"}}));
  EXPECT_EQ(state_->position(1).changelog_position, Offset(1));
  state_->store(0).Put("c", "1");
  Apply(2, {Offset(2), std::nullopt});
  EXPECT_EQ(Scan(0), (Rows{{"c", "1"}}));
}

TEST_P(TaskStateTest, AnotherFingerprintEmptiesThatStoreAlone) {
  Open();
  state_->store(0).Put("a", "1");
  state_->store(1).Put("b", "1");
  Apply(1, {Offset(1), Offset(6)});
  Close();
  std::vector<StoreSpec> changed = kTwoStores;
  changed[0].fingerprint = 99;
  Open(changed);
  EXPECT_EQ(Scan(0), Rows());
  EXPECT_EQ(state_->position(0).changelog_position, std::nullopt);
  EXPECT_EQ(Scan(1), (Rows{{"b", "1"}}));
  EXPECT_EQ(state_->position(1).changelog_position, Offset(6));
  EXPECT_EQ(state_->sequence(), CommitSequence(1));
}

TEST_P(TaskStateTest, ANewStoreIsEmptyAndADroppedOneIsKept) {
  Open({kTwoStores[0]});
  state_->store(0).Put("a", "1");
  Apply(1, {Offset(1)});
  Close();
  Open({kTwoStores[1]});
  EXPECT_EQ(state_->position(0).changelog_position, std::nullopt);
  state_->store(0).Put("b", "1");
  Apply(2, {Offset(2)});
  Close();
  Open();
  EXPECT_EQ(Scan(0), (Rows{{"a", "1"}}));
  EXPECT_EQ(Scan(1), (Rows{{"b", "1"}}));
  EXPECT_EQ(state_->position(0).changelog_position, Offset(1));
}

TEST_P(TaskStateTest, ATaskIsOpenOnceAndTheMessageNamesIt) {
  Open();
  const auto again = factory_->Open(kTask, kTwoStores);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(again.status().message().find("orders_2"), std::string::npos) << again.status();
  EXPECT_EQ(factory_->MoveAside(kTask, "test").code(), StatusCode::kUnavailable);
  Close();
  Open();
}

TEST_P(TaskStateTest, MovedAsideMeansEmpty) {
  Open();
  state_->store(0).Put("a", "1");
  Apply(1, {Offset(1), {}});
  Close();
  ASSERT_TRUE(factory_->MoveAside(kTask, "test").ok());
  Open();
  EXPECT_EQ(Scan(0), Rows());
  EXPECT_EQ(state_->sequence(), CommitSequence(0));
  EXPECT_EQ(state_->complete_at(), std::nullopt);
}

TEST_P(TaskStateTest, AnImageHoldsWhatWasCommittedWhenItWasSaved) {
  Open();
  state_->store(0).Put("a", "1");
  state_->store(1).Put("b", "2");
  Apply(7, {Offset(10), Offset(20)});
  const auto image = directory_.path() / "image";
  const Status saved = state_->SaveImage(image, kNow);
  ASSERT_TRUE(saved.ok()) << saved;
  // What comes later does not reach it.
  state_->store(0).Put("a", "later");
  Apply(8, {Offset(11), std::nullopt});
  Flush();

  const Identity owner{.application = "shop", .task = kTask};
  auto opened = factory_->OpenImage(image, owner, kTwoStores);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->sequence(), CommitSequence(7));
  EXPECT_EQ((*opened)->position(0).changelog_position, Offset(10));
  std::string rows;
  for (const size_t store : {0, 1}) {
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows += std::string(key) + "=" + std::string(value) + " ";
    };
    ASSERT_TRUE((*opened)->Scan(store, visit).ok());
  }
  EXPECT_EQ(rows, "a=1 b=2 ");
  EXPECT_EQ(Get(0, "a"), "later");
  opened->reset();
  const Identity other{.application = "other", .task = kTask};
  EXPECT_EQ(factory_->OpenImage(image, other, kTwoStores).status().code(),
            StatusCode::kTaskCorrupted);
  EXPECT_EQ(factory_->OpenImage(directory_.path() / "none", owner, kTwoStores).status().code(),
            StatusCode::kTaskCorrupted);
}

TEST_P(TaskStateTest, AnImageTakesThePlaceOfTheState) {
  Open();
  state_->store(0).Put("a", "1");
  Apply(7, {Offset(10), std::nullopt});
  const auto image = directory_.path() / "image";
  ASSERT_TRUE(state_->SaveImage(image, kNow).ok());
  state_->store(0).Put("a", "later");
  Apply(8, {Offset(11), std::nullopt});
  EXPECT_EQ(factory_->PlaceImage(kTask, image).code(), StatusCode::kUnavailable);
  Close();
  const Status placed = factory_->PlaceImage(kTask, image);
  ASSERT_TRUE(placed.ok()) << placed;
  Open();
  EXPECT_EQ(Get(0, "a"), "1");
  EXPECT_EQ(state_->sequence(), CommitSequence(7));
  EXPECT_EQ(state_->position(0).changelog_position, Offset(10));
}

TEST_P(TaskStateTest, ATaskWithoutStoresHasNothingToKeep) {
  Open({});
  EXPECT_EQ(state_->store_count(), 0U);
  Apply(9, {});
  EXPECT_EQ(state_->sequence(), CommitSequence(9));
  Flush();
  Close();
}

// Random operations against maps of what is committed and what is durable.
TEST_P(TaskStateTest, AgreesWithAModel) {
  struct Image {
    Rows rows[2];
    std::optional<Offset> position[2];
    int64_t sequence = 0;
  };
  const uint64_t seeds = GetParam() == Kind::kMemory ? 40 : 6;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Image durable;
    Image committed;
    std::map<std::string, std::optional<std::string>> open[2];
    int64_t offset = 0;
    Open();
    ASSERT_TRUE(state_->Clear(0).ok());
    ASSERT_TRUE(state_->Clear(1).ok());
    committed.sequence = durable.sequence = state_->sequence().value();
    for (int step = 0; step < 1500 && !HasFatalFailure(); ++step) {
      const auto store = static_cast<size_t>(random.Below(2));
      const std::string key = "k" + std::to_string(random.Below(60));
      const int64_t choice = random.Below(100);
      if (choice < 35) {
        const std::string value(static_cast<size_t>(random.Below(40)), 'a' + step % 26);
        state_->store(store).Put(key, value);
        open[store][key] = value;
      } else if (choice < 45) {
        state_->store(store).Delete(key);
        open[store][key] = std::nullopt;
      } else if (choice < 55) {
        const std::string to = random.OneIn(4) ? "" : "k" + std::to_string(random.Below(60));
        Rows expected = committed.rows[store];
        for (const auto& [k, v] : open[store]) {
          expected.erase(k);
          if (v) expected[k] = *v;
        }
        std::erase_if(expected, [&](const auto& row) {
          return row.first < key || (!to.empty() && row.first >= to);
        });
        ASSERT_EQ(ScanOpen(store, key, to), expected) << "step " << step;
      } else if (choice < 85) {
        const auto written = open[store].find(key);
        const auto row = committed.rows[store].find(key);
        std::optional<std::string> expected;
        if (written != open[store].end()) {
          expected = written->second;
        } else if (row != committed.rows[store].end()) {
          expected = row->second;
        }
        ASSERT_EQ(Get(store, key), expected) << "step " << step;
      } else if (choice < 91) {
        std::vector<std::optional<Offset>> positions(2);
        for (size_t i = 0; i < 2; ++i) {
          if (open[i].empty()) continue;
          offset += static_cast<int64_t>(open[i].size());
          positions[i] = committed.position[i] = Offset(offset);
          for (const auto& [k, v] : open[i]) {
            if (v) {
              committed.rows[i][k] = *v;
            } else {
              committed.rows[i].erase(k);
            }
          }
          open[i].clear();
        }
        Apply(++committed.sequence, positions);
      } else if (choice < 94) {
        state_->Rollback();
        open[0].clear();
        open[1].clear();
      } else if (choice < 96) {
        ASSERT_EQ(Scan(store), committed.rows[store]) << "step " << step;
        ASSERT_EQ(*state_->Empty(store), committed.rows[store].empty());
      } else if (choice < 97) {
        Flush();
        durable = committed;
      } else if (choice < 98) {
        state_->Rollback();
        open[0].clear();
        open[1].clear();
        const std::vector<Change> rows = {{.key = key, .value = "restored"}};
        committed.sequence += 2;
        const bool as_file = random.OneIn(2);
        const Offset behind(++offset);
        const CommitSequence sequence(committed.sequence);
        ASSERT_TRUE((as_file ? state_->IngestRestored(store, rows, behind, sequence)
                             : state_->ApplyRestored(store, rows, behind, sequence))
                        .ok());
        committed.rows[store][key] = "restored";
        committed.position[store] = behind;
        if (as_file) durable = committed;
      } else {
        open[0].clear();
        open[1].clear();
        if (random.OneIn(2)) {
          Crash();
          committed = durable;
        } else {
          Close();
          durable = committed;
        }
        Open();
        ASSERT_EQ(state_->sequence().value(), committed.sequence) << "step " << step;
        for (size_t i = 0; i < 2; ++i) {
          ASSERT_EQ(state_->position(i).changelog_position, committed.position[i]);
          ASSERT_EQ(Scan(i), committed.rows[i]) << "step " << step;
        }
      }
    }
    Close();
  }
}

INSTANTIATE_TEST_SUITE_P(All, TaskStateTest, ::testing::Values(Kind::kMemory, Kind::kRocksdb),
                         [](const auto& kind) {
                           return kind.param == Kind::kMemory ? "Memory" : "Rocksdb";
                         });

TEST(MemoryTaskStateTest, ACrashMayKeepAPrefixOfTheUnflushedApplies) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    MemoryTaskStateFactory factory({.application = "shop"});
    auto state = std::move(factory.Open(kTask, kTwoStores)).value();
    for (int64_t n = 1; n <= 10; ++n) {
      state->store(0).Put("n", std::to_string(n));
      ASSERT_TRUE(state
                      ->Apply({.sequence = CommitSequence(n),
                               .changelog_positions = {Offset(n), std::nullopt}})
                      .ok());
      if (n == 4) {
        ASSERT_TRUE(state->Flush(kNow).ok());
      }
    }
    factory.Crash(&random);
    state.reset();  // the ghost lets go of nothing that is in use
    auto reopened = std::move(factory.Open(kTask, kTwoStores)).value();
    const int64_t kept = reopened->sequence().value();
    EXPECT_GE(kept, 4);
    EXPECT_EQ(reopened->position(0).changelog_position, Offset(kept));
    EXPECT_EQ(std::string(**reopened->store(0).Get("n")), std::to_string(kept));
  }
}

TEST(MemoryTaskStateTest, WithoutAtomicFlushPositionsRunAhead) {
  MemoryTaskStateFactory factory({.application = "shop", .atomic_flush = false});
  auto state = std::move(factory.Open(kTask, kTwoStores)).value();
  state->store(0).Put("a", "1");
  ASSERT_TRUE(
      state
          ->Apply({.sequence = CommitSequence(1), .changelog_positions = {Offset(1), std::nullopt}})
          .ok());
  state.reset();
  factory.Crash();
  state = std::move(factory.Open(kTask, kTwoStores)).value();
  EXPECT_EQ(state->position(0).changelog_position, Offset(1));
  EXPECT_TRUE(*state->Empty(0)) << "the row is gone: this is what an oracle has to notice";
}

}  // namespace
}  // namespace sidestream::statestore
