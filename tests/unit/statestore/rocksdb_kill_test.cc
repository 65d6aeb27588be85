// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// kill -9 of a process that writes, on RocksDB's own terms: buffers fill up and are flushed in the
// background at moments that nobody chose. Fault model: the process dies, the system does not.
//
// The writer is this binary again, run on its disabled test; it says one byte per commit, so the
// moment of the kill is a number of commits and not a time.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "statestore/rocksdb_task_state.h"
#include "tests/support/temp_dir.h"

namespace sidestream::statestore {
namespace {

constexpr char kDirectoryVariable[] = "SIDESTREAM_KILL_TEST_DIR";
constexpr char kPipeVariable[] = "SIDESTREAM_KILL_TEST_PIPE";
constexpr int kKeysPerCommit = 10;

const TaskId kTask{"orders", 0};
const std::vector<StoreSpec> kStores = {
    {.name = "counts", .changelog_topic = "app-counts-changelog", .fingerprint = 1},
    {.name = "sums", .changelog_topic = "app-sums-changelog", .fingerprint = 2}};

// What commit `n` writes as its `i`-th row of both stores.
std::string KeyOf(int64_t n, int i) {
  Random random(static_cast<uint64_t>(n * kKeysPerCommit + i));
  return "k" + std::to_string(random.Below(5000));
}
std::string ValueOf(int64_t n) {
  std::string value = std::to_string(n);
  // Large rows fill what is kept back, 1 MiB, and the smallest write buffer, 1 MiB, within some
  // hundred commits each.
  value.resize(1000, '.');
  return value;
}

std::unique_ptr<TaskState> OpenState(RocksdbTaskStateFactory& factory) {
  auto state = factory.Open(kTask, kStores);
  EXPECT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(factory.moved_aside(), 0) << "a kill is no damage";
  return std::move(state).value();
}

TEST(RocksdbKillTest, DISABLED_WritesUntilItIsKilled) {
  const char* directory = std::getenv(kDirectoryVariable);
  const char* pipe = std::getenv(kPipeVariable);
  ASSERT_TRUE(directory != nullptr && pipe != nullptr) << "run by the other test only";
  const SystemClock clock;
  RocksdbTaskStateFactory factory({.dir = directory, .application = "app", .memory_bytes = 8 << 20},
                                  clock);
  const auto state = OpenState(factory);
  for (int64_t n = state->sequence().value() + 1;; ++n) {
    for (int i = 0; i < kKeysPerCommit; ++i) {
      for (size_t store = 0; store < 2; ++store) {
        state->store(store).Put(KeyOf(n, i), ValueOf(n));
      }
    }
    ASSERT_TRUE(
        state->Apply({.sequence = CommitSequence(n), .changelog_positions = {Offset(n), Offset(n)}})
            .ok());
    const char byte = '.';
    if (write(std::atoi(pipe), &byte, 1) != 1) return;
  }
}

TEST(RocksdbKillTest, AfterEachKillTheRowsAreThoseOfThePosition) {
  constexpr uint64_t kSeed = 20;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Random random(kSeed);
  const SystemClock clock;
  testing::TempDir directory;
  int64_t last = 0;
  for (int round = 0; round < 6; ++round) {
    int said[2];
    ASSERT_EQ(pipe(said), 0);
    const std::string pipe_number = std::to_string(said[1]);
    const pid_t child = fork();
    if (child == 0) {
      setenv(kDirectoryVariable, directory.path().c_str(), 1);
      setenv(kPipeVariable, pipe_number.c_str(), 1);
      close(said[0]);
      execl("/proc/self/exe", "writer", "--gtest_also_run_disabled_tests",
            "--gtest_filter=RocksdbKillTest.DISABLED_WritesUntilItIsKilled", nullptr);
      _exit(127);
    }
    close(said[1]);
    for (int64_t commits = 300 + random.Below(500); commits > 0; --commits) {
      char byte = 0;
      ASSERT_EQ(read(said[0], &byte, 1), 1) << "the writer ended";
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int exit = 0;
    ASSERT_EQ(waitpid(child, &exit, 0), child);
    EXPECT_TRUE(WIFSIGNALED(exit));
    close(said[0]);

    RocksdbTaskStateFactory factory(
        {.dir = directory.path(), .application = "app", .memory_bytes = 8 << 20}, clock);
    const auto state = OpenState(factory);
    const int64_t sequence = state->sequence().value();
    EXPECT_GE(sequence, last) << "what was durable stays";
    std::map<std::string, std::string> expected;
    for (int64_t n = 1; n <= sequence; ++n) {
      for (int i = 0; i < kKeysPerCommit; ++i) expected[KeyOf(n, i)] = ValueOf(n);
    }
    for (size_t store = 0; store < 2; ++store) {
      EXPECT_EQ(state->position(store).changelog_position.value_or(Offset(0)), Offset(sequence));
      std::map<std::string, std::string> rows;
      ASSERT_TRUE(state
                      ->Scan(store, [&](std::string_view key,
                                        std::string_view value) { rows.emplace(key, value); })
                      .ok());
      EXPECT_EQ(rows, expected) << "round " << round << " store " << store;
    }
    last = sequence;
  }
  EXPECT_GT(last, 0) << "nothing was ever flushed: the test looked at empty stores";
}

}  // namespace
}  // namespace sidestream::statestore
