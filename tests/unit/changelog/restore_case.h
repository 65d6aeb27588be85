// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A task with one or two stores whose changelogs are FakeLogs: restored, crashed and restored anew
// on what the disk kept.
//
// Threading: confined to one thread.

#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "changelog/store_restorer.h"
#include "statestore/memory_task_state.h"
#include "tests/unit/changelog/fake_log.h"

namespace sidestream::changelog {

using statestore::StoreSpec;
using Rows = std::map<std::string, std::string>;
using Fate = FakeLog::Fate;

inline const TaskId kTask{"orders", 0};
inline const TopicPartition kCounts{"shop-counts-changelog", 0};
inline const TopicPartition kSums{"shop-sums-changelog", 0};
inline const std::vector<StoreSpec> kCountsOnly = {
    {.name = "counts", .changelog_topic = kCounts.topic, .fingerprint = 1}};
inline const std::vector<StoreSpec> kBoth = {
    kCountsOnly[0], {.name = "sums", .changelog_topic = kSums.topic, .fingerprint = 2}};

class RestoreCase : public ::testing::Test {
 protected:
  RestoreCase() {
    counts().id.bytes[0] = 1;
    sums().id.bytes[0] = 2;
    Restart();
  }
  FakeLog& counts() { return logs_[kCounts]; }
  FakeLog& sums() { return logs_[kSums]; }

  /// A new process: a new restorer on what the disk kept.
  void Restart(StoreRestorerOptions options = {}, RestoreRules rules = {}) {
    restorer_.reset();
    state_.reset();
    reader_ = std::make_unique<FakeReader>(logs_);
    restorer_ = std::make_unique<StoreRestorer>(admin_, *reader_, clock_, options, rules);
  }
  void Crash(StoreRestorerOptions options = {}) {
    restorer_.reset();
    state_.reset();
    disk_.Crash();
    Restart(options);
  }
  void Register(const std::vector<StoreSpec>& stores = kCountsOnly) {
    state_ = std::move(disk_.Open(kTask, stores)).value();
    restorer_->Register(kTask, *state_);
  }
  std::vector<RestoreOutcome> Step(Milliseconds after = Milliseconds(10)) {
    clock_.Advance(after);
    return restorer_->Step(clock_.Now());
  }
  /// Steps until the task is done; fails when it is not after many steps.
  RestoreOutcome Run(int steps = 200) {
    for (int i = 0; i < steps; ++i) {
      auto outcomes = Step();
      if (!outcomes.empty()) {
        EXPECT_EQ(outcomes.size(), 1U);
        EXPECT_TRUE(restorer_->idle());
        EXPECT_TRUE(reader_->idle()) << "the reader is left clean";
        return outcomes[0];
      }
    }
    ADD_FAILURE() << "the restore did not end";
    return {};
  }
  RestoreOutcome RunAll(const std::vector<StoreSpec>& stores = kCountsOnly) {
    Register(stores);
    RestoreOutcome outcome = Run();
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    return outcome;
  }
  void ExpectStillRestoring(int steps = 50) {
    for (int i = 0; i < steps; ++i) {
      const auto outcomes = Step();
      ASSERT_TRUE(outcomes.empty()) << outcomes[0].status;
    }
  }
  void CloseClean() {
    ASSERT_TRUE(state_->Close(false, clock_.WallTime()).ok());
    Restart();
  }
  Rows Scan(size_t store = 0) {
    Rows rows;
    EXPECT_TRUE(state_
                    ->Scan(store, [&](std::string_view key,
                                      std::string_view value) { rows.emplace(key, value); })
                    .ok());
    return rows;
  }
  /// What a full read of the log, committed records only, gives.
  static Rows Model(const FakeLog& log) {
    Rows rows;
    for (const FakeLog::Entry& entry : log.entries()) {
      if (entry.fate != Fate::kCommitted) continue;
      if (entry.value) {
        rows[entry.key] = std::string(DecodeChangelogValue(*entry.value)->row);
      } else {
        rows.erase(entry.key);
      }
    }
    return rows;
  }

  ManualClock clock_;
  FakeLogs logs_;
  FakeAdmin admin_{logs_};
  statestore::MemoryTaskStateFactory disk_{{.application = "shop"}};
  std::unique_ptr<FakeReader> reader_;
  std::unique_ptr<statestore::TaskState> state_;
  std::unique_ptr<StoreRestorer> restorer_;
};

}  // namespace sidestream::changelog
