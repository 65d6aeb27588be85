// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The contract of CutStorage, on the implementation in memory that tests of the protocol use.

#include "checkpoint/cut_storage.h"

#include <gtest/gtest.h>

#include "statestore/memory_task_state.h"
#include "tests/support/memory_cut_storage.h"

namespace sidestream::checkpoint {
namespace {

constexpr CheckpointNumber kNumber{4};
const TaskId kTask{"orders", 1};
const std::vector<statestore::StoreSpec> kStores = {
    {.name = "totals", .changelog_topic = "app-totals-changelog", .fingerprint = 1}};

class CutStorageTest : public ::testing::Test {
 protected:
  CutStorageTest()
      : location_([](const TopicPartition&, Offset from, Offset to) {
          std::vector<std::pair<std::string, std::string>> records;
          for (; from < to; from = from + 1) records.emplace_back("k", std::to_string(from.value()));
          return records;
        }),
        storage_(location_),
        disk_({.application = "app"}),
        state_(std::move(disk_.Open(kTask, kStores)).value()) {}

  void Commit(const std::string& key, const std::string& value, int64_t sequence) {
    state_->store(0).Put(key, value);
    const Status applied = state_->Apply({.sequence = CommitSequence(sequence),
                                          .changelog_positions = {Offset(sequence)}});
    ASSERT_TRUE(applied.ok()) << applied;
  }
  static TaskPart Part() {
    TaskPart part;
    part.begin.number = kNumber;
    part.cut.number = kNumber;
    part.cut.task = kTask;
    part.cut.inputs = {{{"hop", 1}, Offset(10), ""}};
    part.ends = {{{"hop", 1}, Offset(12)}};
    return part;
  }

  testing::MemoryCutLocation location_;
  testing::MemoryCutStorage storage_;
  statestore::MemoryTaskStateFactory disk_;
  std::unique_ptr<statestore::TaskState> state_;
};

TEST_F(CutStorageTest, APartIsTheStateAtTheCutWithWhatIsInFlight) {
  Commit("a", "1", 1);
  ASSERT_TRUE(storage_.TakeImage(kNumber, kTask, state_.get(), Timestamp(0)).ok());
  Commit("a", "2", 2);
  storage_.Store(Part());
  const std::vector<StorageAnswer> answers = storage_.Poll();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(std::get<PartStored>(answers[0]).status.ok());
  const testing::KeptPart& kept = location_.parts[kNumber][kTask];
  EXPECT_EQ(kept.stores.at("totals"), (testing::Rows{{"a", "1"}}));
  EXPECT_EQ(kept.in_flight.at({"hop", 1}).size(), 2U);
  EXPECT_TRUE(storage_.Poll().empty()) << "an answer comes once";
  EXPECT_TRUE(location_.completed.empty()) << "P3";

  StoredCut cut;
  cut.begin.number = kNumber;
  storage_.Complete(cut);
  const std::vector<StorageAnswer> completed = storage_.Poll();
  ASSERT_EQ(completed.size(), 1U);
  EXPECT_EQ(std::get<CheckpointCompleted>(completed[0]).number, kNumber);
  EXPECT_TRUE(location_.completed.contains(kNumber));
}

TEST_F(CutStorageTest, WithoutAnImageThereIsNoPart) {
  storage_.Store(Part());
  const std::vector<StorageAnswer> answers = storage_.Poll();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_FALSE(std::get<PartStored>(answers[0]).status.ok());
}

TEST_F(CutStorageTest, WhatIsForgottenIsNotAnswered) {
  ASSERT_TRUE(storage_.TakeImage(kNumber, kTask, nullptr, Timestamp(0)).ok());
  storage_.Store(Part());
  storage_.Forget(kNumber);
  EXPECT_TRUE(storage_.Poll().empty());
  EXPECT_EQ(storage_.images(), 0U);
}

}  // namespace
}  // namespace sidestream::checkpoint
