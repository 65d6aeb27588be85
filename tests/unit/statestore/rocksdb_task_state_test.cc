// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What only a real directory has: damage, strangers, locks of other processes, a full disk.

#include "statestore/rocksdb_task_state.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "statestore/rocksdb_backend.h"
#include "statestore/state_meta.h"
#include "tests/support/temp_dir.h"

namespace sidestream::statestore {
namespace {

namespace fs = std::filesystem;

const TaskId kTask{"orders", 2};
const std::vector<StoreSpec> kStores = {
    {.name = "counts", .changelog_topic = "app-counts-changelog", .fingerprint = 11}};

class RocksdbTaskStateTest : public ::testing::Test {
 protected:
  std::unique_ptr<RocksdbTaskStateFactory> NewFactory(const std::string& application = "shop") {
    return std::make_unique<RocksdbTaskStateFactory>(
        StateOptions{.dir = directory_.path(), .application = application, .memory_bytes = 8 << 20},
        clock_);
  }
  Timestamp now() const { return clock_.WallTime(); }

  // A directory with rows k0 … k<rows-1> = "v<sequence>", flushed `flushes` times.
  void Fill(int rows = 200, int flushes = 2) {
    const auto factory = NewFactory();
    auto state = std::move(factory->Open(kTask, kStores)).value();
    for (int n = 1; n <= flushes; ++n) {
      for (int i = 0; i < rows; ++i) {
        state->store(0).Put("k" + std::to_string(i), "v" + std::to_string(n));
      }
      ASSERT_TRUE(
          state->Apply({.sequence = CommitSequence(n), .changelog_positions = {Offset(n * rows)}})
              .ok());
      ASSERT_TRUE(state->Flush(now()).ok());
    }
    ASSERT_TRUE(state->Close(false, now()).ok());
  }

  std::vector<fs::path> Aside() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory_.path() / "shop")) {
      if (entry.path().filename().string().find(".aside-") != std::string::npos) {
        found.push_back(entry.path());
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  std::vector<fs::path> Files(const std::string& part) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(TaskPath())) {
      if (entry.path().filename().string().find(part) != std::string::npos) {
        found.push_back(entry.path());
      }
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  fs::path TaskPath() const { return directory_.path() / "shop" / "orders_2"; }

  void ExpectMovedAsideAndNew() {
    const auto factory = NewFactory();
    const auto state = factory->Open(kTask, kStores);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(factory->moved_aside(), 1);
    EXPECT_EQ(Aside().size(), 1U);
    EXPECT_TRUE(*(*state)->Empty(0));
    EXPECT_EQ((*state)->position(0).changelog_position, std::nullopt);
    EXPECT_EQ((*state)->sequence(), CommitSequence(0));
  }

  ManualClock clock_;
  testing::TempDir directory_;
};

TEST_F(RocksdbTaskStateTest, MissingCurrentIsMovedAside) {
  Fill();
  fs::remove(TaskPath() / "CURRENT");
  ExpectMovedAsideAndNew();
}

TEST_F(RocksdbTaskStateTest, AMissingTableFileIsMovedAside) {
  Fill();
  fs::remove(Files(".sst").at(0));
  ExpectMovedAsideAndNew();
}

TEST_F(RocksdbTaskStateTest, ATruncatedTableFileIsMovedAside) {
  Fill();
  const fs::path file = Files(".sst").back();
  fs::resize_file(file, fs::file_size(file) / 2);
  ExpectMovedAsideAndNew();
}

TEST_F(RocksdbTaskStateTest, AnEmptyManifestIsMovedAside) {
  Fill();
  fs::resize_file(Files("MANIFEST").at(0), 0);
  ExpectMovedAsideAndNew();
}

// A manifest that lost its end may still be an older whole state; what must never come out is a
// position with rows that are not those of the position.
TEST_F(RocksdbTaskStateTest, ATruncatedManifestNeverGivesRowsThatDoNotFitThePosition) {
  Fill(50, 4);
  const fs::path manifest = Files("MANIFEST").at(0);
  const auto size = fs::file_size(manifest);
  testing::TempDir copies;
  fs::copy(directory_.path(), copies.path() / "whole", fs::copy_options::recursive);
  int older = 0;
  int aside = 0;
  for (auto cut = size - 1; cut > 20; cut -= 23) {
    fs::remove_all(directory_.path() / "shop");
    fs::copy(copies.path() / "whole" / "shop", directory_.path() / "shop",
             fs::copy_options::recursive);
    fs::resize_file(manifest, cut);
    const auto factory = NewFactory();
    const auto state = factory->Open(kTask, kStores);
    ASSERT_TRUE(state.ok()) << "cut " << cut << " " << state.status();
    factory->moved_aside() == 0 ? ++older : ++aside;
    const int64_t sequence = (*state)->sequence().value();
    const auto position = (*state)->position(0).changelog_position;
    EXPECT_EQ(position.value_or(Offset(0)), Offset(50 * sequence)) << "cut " << cut;
    int rows = 0;
    ASSERT_TRUE((*state)
                    ->Scan(0,
                           [&](std::string_view, std::string_view value) {
                             ++rows;
                             EXPECT_EQ(value, "v" + std::to_string(sequence)) << "cut " << cut;
                           })
                    .ok());
    EXPECT_EQ(rows, sequence == 0 ? 0 : 50) << "cut " << cut;
  }
  EXPECT_GT(older + aside, 10);
}

TEST_F(RocksdbTaskStateTest, ABadChecksumIsFoundWhenTheRowIsRead) {
  Fill(2000, 1);
  for (const fs::path& file : Files(".sst")) {
    // The first block of rows; size and footer stay right, so that only a read can notice.
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(100);
    bytes.write("\xff\x00\xff\x00", 4);
  }
  const auto factory = NewFactory();
  auto state = factory->Open(kTask, kStores);
  if (factory->moved_aside() == 1) return;  // the meta table was read at open
  ASSERT_TRUE(state.ok()) << state.status();
  Status seen;
  for (int i = 0; i < 2000 && seen.ok(); ++i) {
    seen = (*state)->store(0).Get("k" + std::to_string(i)).status();
  }
  EXPECT_EQ(seen.code(), StatusCode::kTaskCorrupted);
}

TEST_F(RocksdbTaskStateTest, ADirectoryOfAnotherTaskOrApplicationIsMovedAside) {
  Fill();
  fs::rename(TaskPath(), directory_.path() / "shop" / "orders_3");
  const auto factory = NewFactory();
  auto state = factory->Open({"orders", 3}, kStores);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(factory->moved_aside(), 1);
  EXPECT_TRUE(*(*state)->Empty(0));
  ASSERT_TRUE((*state)->Close(false, now()).ok());

  fs::create_directories(directory_.path() / "other");
  fs::rename(directory_.path() / "shop" / "orders_3", directory_.path() / "other" / "orders_3");
  const auto other = NewFactory("other");
  ASSERT_TRUE(other->Open({"orders", 3}, kStores).ok());
  EXPECT_EQ(other->moved_aside(), 1);
}

TEST_F(RocksdbTaskStateTest, ADirectoryOfAnUnknownFormatIsMovedAside) {
  Fill();
  {
    const std::vector<std::string> names = {"counts"};
    auto rows = std::move(OpenRocksdb(TaskPath(), names, RocksdbResources::Make(8 << 20))).value();
    std::string identity = EncodeIdentity({.application = "shop", .task = kTask});
    identity[0] = 9;
    const std::vector<TableRow> write = {
        {.table = kMetaTable, .key = kIdentityKey, .value = identity}};
    ASSERT_TRUE(rows->Write(write).ok());
    ASSERT_TRUE(rows->Flush().ok());
  }
  ExpectMovedAsideAndNew();
}

TEST_F(RocksdbTaskStateTest, OfWhatWasMovedAsideTheNewestStaysSevenDays) {
  Fill();
  const auto factory = NewFactory();
  ASSERT_TRUE(factory->MoveAside(kTask, "test").ok());
  ASSERT_EQ(Aside().size(), 1U);
  const fs::path first = Aside()[0];
  clock_.Advance(Milliseconds(5000));
  Fill();
  ASSERT_TRUE(factory->MoveAside(kTask, "test").ok());
  ASSERT_EQ(Aside().size(), 1U);
  EXPECT_NE(Aside()[0], first);
  // Another task whose name begins alike keeps its own.
  fs::create_directories(directory_.path() / "shop" / "orders_21.aside-1");
  clock_.Advance(std::chrono::hours(24 * 7) - Milliseconds(1));
  ASSERT_TRUE(factory->Open(kTask, kStores).ok());
  EXPECT_EQ(Aside().size(), 2U);
  clock_.Advance(Milliseconds(2));
  ASSERT_TRUE(factory->Open(kTask, kStores).ok());
  EXPECT_EQ(Aside().size(), 1U);
  EXPECT_TRUE(fs::exists(directory_.path() / "shop" / "orders_21.aside-1"));
}

TEST_F(RocksdbTaskStateTest, ALockOfAnotherProcessIsUnavailableAndNamesTheHolder) {
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    // Only the lock: RocksDB's threads do not mix with fork.
    const StateDirectory directory(directory_.path(), "shop", clock_);
    const auto lock = directory.Lock(kTask);
    char byte = lock.ok() ? '1' : '0';
    if (write(ready[1], &byte, 1) != 1) _exit(2);
    if (read(done[0], &byte, 1) != 1) _exit(2);
    _exit(0);
  }
  char byte = '0';
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, '1');
  const auto factory = NewFactory();
  const auto locked = factory->Open(kTask, kStores);
  ASSERT_FALSE(locked.ok());
  EXPECT_EQ(locked.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(locked.status().message().find(fmt::format("held by pid={} host=", child)),
            std::string::npos)
      << locked.status();
  ASSERT_EQ(write(done[1], &byte, 1), 1);
  int exit = 0;
  ASSERT_EQ(waitpid(child, &exit, 0), child);
  EXPECT_EQ(exit, 0);
  EXPECT_TRUE(factory->Open(kTask, kStores).ok()) << "the lock ends with its process";
}

// RLIMIT_FSIZE stands in for a full volume: a write beyond it fails as one to a full disk does.
TEST_F(RocksdbTaskStateTest, AFullDiskIsFatalSaysWhatToDoAndLosesNothing) {
  Fill(200, 1);
  const auto factory = NewFactory();
  auto state = std::move(factory->Open(kTask, kStores)).value();
  const auto previous_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 512;
  for (int i = 0; i < 200; ++i) state->store(0).Put("k" + std::to_string(i), "never durable");
  ASSERT_TRUE(
      state->Apply({.sequence = CommitSequence(2), .changelog_positions = {Offset(999)}}).ok());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status flushed = state->Flush(now());
  state.reset();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, previous_handler);
  EXPECT_EQ(flushed.code(), StatusCode::kFatal);
  EXPECT_NE(flushed.message().find(TaskPath().string()), std::string::npos) << flushed;
  EXPECT_NE(flushed.message().find("then start again"), std::string::npos) << flushed;

  auto reopened = factory->Open(kTask, kStores);
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  EXPECT_EQ(factory->moved_aside(), 0) << "a full disk is no reason to throw the state away";
  EXPECT_EQ((*reopened)->sequence(), CommitSequence(1));
  EXPECT_EQ(std::string(**(*reopened)->store(0).Get("k7")), "v1");
}

TEST_F(RocksdbTaskStateTest, FullDiskMessageNamesPathAndRemedy) {
  const Status status = DiskFullError("/state/shop", "No space left on device");
  EXPECT_EQ(status.code(), StatusCode::kFatal);
  EXPECT_NE(status.message().find("free space or enlarge the volume"), std::string::npos);
  EXPECT_NE(status.message().find("/state/shop"), std::string::npos);
}

TEST_F(RocksdbTaskStateTest, AVolumeThatCannotBeWrittenIsFatal) {
  std::ofstream(directory_.path() / "shop") << "a file where a directory should be";
  const auto state = NewFactory()->Open(kTask, kStores);
  ASSERT_FALSE(state.ok());
  EXPECT_EQ(state.status().code(), StatusCode::kFatal);
}

TEST_F(RocksdbTaskStateTest, AStatelessTaskTouchesNoDisk) {
  const auto factory = NewFactory();
  ASSERT_TRUE(factory->Open(kTask, {}).ok());
  EXPECT_FALSE(fs::exists(directory_.path() / "shop"));
}

TEST_F(RocksdbTaskStateTest, LongTopicNamesFitIntoAFileName) {
  const auto factory = NewFactory();
  const TaskId first{std::string(249, 't'), 11};
  const TaskId second{std::string(248, 't') + "u", 11};
  auto a = factory->Open(first, kStores);
  auto b = factory->Open(second, kStores);
  ASSERT_TRUE(a.ok()) << a.status();
  ASSERT_TRUE(b.ok()) << b.status();
  (*a)->store(0).Put("k", "first");
  ASSERT_TRUE(
      (*a)->Apply({.sequence = CommitSequence(1), .changelog_positions = {Offset(1)}}).ok());
  EXPECT_TRUE(*(*b)->Empty(0));
  ASSERT_TRUE((*a)->Close(false, now()).ok());
  ASSERT_TRUE(factory->MoveAside(first, "test").ok());
}

TEST_F(RocksdbTaskStateTest, CacheAndWriteBuffersStayWithinTheirBudget) {
  const auto resources = RocksdbResources::Make(8 << 20);
  const std::vector<std::string> names = {"counts"};
  auto rows = std::move(OpenRocksdb(directory_.path() / "db", names, resources)).value();
  Random random(1);
  size_t highest = 0;
  for (int batch = 0; batch < 300; ++batch) {
    std::vector<std::string> keys;
    std::vector<TableRow> write;
    for (int i = 0; i < 200; ++i) keys.push_back(std::to_string(random.Next()));
    const std::string value(500, 'x');
    for (const std::string& key : keys) write.push_back({.table = 0, .key = key, .value = value});
    ASSERT_TRUE(rows->Write(write).ok());
    std::string found;
    ASSERT_TRUE(rows->Get(0, keys[0], found).ok());
    highest = std::max(highest, resources->used_bytes());
  }
  // 30 MB went through. Buffers that are being flushed may overlap the new ones for a moment.
  EXPECT_LE(highest, 16U << 20);
  EXPECT_GT(highest, 1U << 20);
}

}  // namespace
}  // namespace sidestream::statestore
