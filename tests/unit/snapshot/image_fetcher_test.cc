// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Images of RocksDB states come back from a directory: whole, or not at all, wherever the process
// that fetches them dies.

#include "snapshot/image_fetcher.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <utility>

#include "snapshot/directory_location.h"
#include "statestore/rocksdb_task_state.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/forwarding_location.h"
#include "tests/unit/snapshot/silent_server.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;
using statestore::ImageFetched;
using statestore::ImagesFound;
using Rows = std::map<std::string, std::string>;

const TaskId kTask{"orders", 3};
const std::vector<statestore::StoreSpec> kStores = {
    {.name = "totals", .changelog_topic = "shop-totals-changelog", .fingerprint = 11}};
constexpr int kCrash = 7;

/// A directory whose files come with something in between.
class WatchedLocation final : public ForwardingLocation {
 public:
  WatchedLocation(const fs::path& root, const std::function<Status(int64_t bytes)>& watch,
                  int& files)
      : ForwardingLocation(NewDirectoryLocation(root)), watch_(watch), files_(files) {}
  Status GetFile(const std::string& name, const fs::path& file, const GoOn& go_on) override {
    ++files_;
    Status seen = watch_(0);
    if (!seen.ok()) return seen;
    const Status got = ForwardingLocation::GetFile(name, file, [&](int64_t bytes) {
      seen = watch_(bytes);
      return seen.ok() && go_on(bytes);
    });
    return seen.ok() ? got : seen;
  }

 private:
  const std::function<Status(int64_t bytes)>& watch_;
  int& files_;
};

class ImageFetcherTest : public ::testing::Test {
 protected:
  ImageFetcherTest() {
    surroundings_.pause = [this](Milliseconds time) { clock_.Advance(time); };
    fetcher_ = NewFetcher(Disk("new"));
  }

  fs::path Disk(const std::string& name) const { return folder_.path() / name; }
  std::unique_ptr<statestore::RocksdbTaskStateFactory> StatesOn(const fs::path& disk) {
    return std::make_unique<statestore::RocksdbTaskStateFactory>(
        statestore::StateOptions{.dir = disk, .application = "shop", .memory_bytes = 8 << 20},
        clock_);
  }
  std::unique_ptr<ImageFetcher> NewFetcher(const fs::path& disk) {
    return std::make_unique<ImageFetcher>(
        surroundings_, FetcherOptions{.application = "shop", .state_dir = disk}, [this] {
          return Result<std::unique_ptr<Location>>(
              std::make_unique<WatchedLocation>(Disk("place"), watch_, files_));
        });
  }

  /// A snapshot of a state with these rows, made elsewhere.
  void Snapshot(const std::string& name, const Rows& rows, int64_t position) {
    auto states = StatesOn(Disk("old"));
    auto state = states->Open(kTask, kStores);
    ASSERT_TRUE(state.ok()) << state.status();
    for (const auto& [key, value] : rows) (*state)->store(0).Put(key, value);
    ASSERT_TRUE((*state)->Apply({CommitSequence(position), {Offset(position)}}).ok());
    const fs::path image = Disk("image-" + name);
    ASSERT_TRUE((*state)->SaveImage(image, clock_.WallTime()).ok());
    const auto place = NewDirectoryLocation(Disk("place"));
    Catalog catalog(*place, "shop", clock_, [](Milliseconds) {});
    ASSERT_TRUE(catalog.Begin().ok());
    KeptTask task{.id = kTask, .sequence = CommitSequence(position)};
    for (const auto& entry : fs::directory_iterator(image)) {
      const auto file = catalog.AddFile(entry.path(), entry.path().filename().string());
      ASSERT_TRUE(file.ok()) << file.status();
      task.image.push_back(*file);
    }
    task.stores = {{.name = "totals", .fingerprint = 11, .position = Offset(position)}};
    Manifest manifest{.name = name, .application = "shop", .number = position};
    manifest.created_at = clock_.WallTime();
    manifest.tasks = {task};
    const Status published = catalog.Publish(manifest);
    ASSERT_TRUE(published.ok()) << published;
    file_count_ = static_cast<int>(task.image.size());
    clock_.Advance(Milliseconds(1'000));
  }

  std::vector<statestore::StoredImage> Find(ImageFetcher& fetcher, bool anew = false) {
    fetcher.Find(kTask, anew);
    EXPECT_FALSE(fetcher.Poll(kTask));
    EXPECT_TRUE(fetcher.Work());
    const auto answer = fetcher.Poll(kTask);
    EXPECT_TRUE(answer.has_value());
    const auto& found = std::get<ImagesFound>(*answer);
    EXPECT_TRUE(found.status.ok()) << found.status;
    return found.images;
  }
  ImageFetched Fetch(ImageFetcher& fetcher, const std::string& snapshot) {
    fetcher.Fetch(kTask, snapshot);
    EXPECT_TRUE(fetcher.Work());
    const auto answer = fetcher.Poll(kTask);
    EXPECT_TRUE(answer.has_value());
    return std::get<ImageFetched>(*answer);
  }
  Rows RowsOn(const fs::path& disk) {
    auto states = StatesOn(disk);
    auto state = states->Open(kTask, kStores);
    EXPECT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(states->moved_aside(), 0);
    Rows rows;
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
    };
    EXPECT_TRUE((*state)->Scan(0, visit).ok());
    position_ = (*state)->position(0).changelog_position;
    return rows;
  }
  static Rows ManyRows(const std::string& value) {
    Rows rows;
    for (int i = 0; i < 20'000; ++i) rows[std::to_string(i * 7'919)] = value + std::to_string(i);
    return rows;
  }
  size_t FoldersOfImages(const fs::path& disk) {
    size_t folders = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(disk / "shop" / kImageFolder, error)) {
      folders += entry.is_directory() ? 1 : 0;
    }
    return folders;
  }

  testing::TempDir folder_;
  ManualClock clock_;
  LocationSurroundings surroundings_ = SystemSurroundings(clock_);
  std::function<Status(int64_t bytes)> watch_ = [](int64_t) { return Status::Ok(); };
  int files_ = 0;
  int file_count_ = 0;
  std::optional<Offset> position_;
  std::unique_ptr<ImageFetcher> fetcher_;
};

TEST_F(ImageFetcherTest, AnImageComesBackAndIsPlaced) {
  Snapshot("first", {{"a", "1"}}, 10);
  Snapshot("second", ManyRows("x"), 20);
  const auto images = Find(*fetcher_);
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(images[0].snapshot, "second");
  EXPECT_EQ(images[0].sequence, CommitSequence(20));
  EXPECT_EQ(images[0].tasks, 1);
  EXPECT_GT(images[0].bytes, 10'000);
  EXPECT_EQ(images[0].stores.at(0).position, Offset(20));
  EXPECT_EQ(images[1].snapshot, "first");

  const ImageFetched fetched = Fetch(*fetcher_, "second");
  ASSERT_TRUE(fetched.status.ok()) << fetched.status;
  EXPECT_EQ(fetcher_->progress().fetched_bytes, images[0].bytes);
  EXPECT_EQ(fetcher_->progress().remaining_bytes, 0);
  // What is there is an older state of the task.
  const auto states = StatesOn(Disk("new"));
  auto old = states->Open(kTask, kStores).value();
  old->store(0).Put("gone", "1");
  ASSERT_TRUE(old->Apply({CommitSequence(1), {Offset(1)}}).ok());
  ASSERT_TRUE(old->Close(/*dirty=*/false, clock_.WallTime()).ok());
  const Status placed = states->PlaceImage(kTask, fetched.folder);
  ASSERT_TRUE(placed.ok()) << placed;
  EXPECT_EQ(RowsOn(Disk("new")), [] {
    Rows rows = ManyRows("x");
    rows["a"] = "1";
    return rows;
  }());
  EXPECT_EQ(position_, Offset(20));
  for (const auto& entry : fs::directory_iterator(Disk("new") / "shop")) {
    EXPECT_EQ(entry.path().string().find("aside"), std::string::npos) << entry.path();
  }
}

TEST_F(ImageFetcherTest, WhatTheTaskOrTheSnapshotDoesNotHaveIsNotFound) {
  EXPECT_TRUE(Find(*fetcher_).empty());
  Snapshot("first", {{"a", "1"}}, 10);
  EXPECT_TRUE(Find(*fetcher_).empty()) << "looked a moment ago";
  EXPECT_EQ(Find(*fetcher_, /*anew=*/true).size(), 1u);
  EXPECT_EQ(Fetch(*fetcher_, "none").status.code(), StatusCode::kStopped);
  const TaskId other{"orders", 4};
  fetcher_->Find(other, false);
  EXPECT_TRUE(fetcher_->Work());
  EXPECT_TRUE(std::get<ImagesFound>(*fetcher_->Poll(other)).images.empty());
}

TEST_F(ImageFetcherTest, OnlyTheNewestAreLookedAt) {
  const auto place = NewDirectoryLocation(Disk("place"));
  Catalog catalog(*place, "shop", clock_, [](Milliseconds) {});
  for (int64_t i = 1; i <= 40; ++i) {
    Manifest manifest{.name = "v" + std::to_string(100 + i), .application = "shop", .number = i};
    if (i % 2 == 0) manifest.name = CheckpointName(Timestamp(i), i);
    manifest.created_at = Timestamp(i);
    KeptTask task{.id = kTask};
    task.image = {{.name = "CURRENT", .digest = {}, .bytes = 0}};
    task.stores = {{.name = "totals"}};
    manifest.tasks = {task};
    ASSERT_TRUE(place->Put("manifests/shop/" + manifest.name, EncodeManifest(manifest)).ok());
  }
  ASSERT_TRUE(place->Put("manifests/shop/v999", "no manifest").ok());
  std::vector<std::string> names;
  for (const auto& image : Find(*fetcher_)) names.push_back(image.snapshot);
  EXPECT_EQ(names, (std::vector<std::string>{CheckpointName(Timestamp(40), 40), "v139",
                                             CheckpointName(Timestamp(38), 38)}));
}

TEST_F(ImageFetcherTest, WhatWasFetchedBeforeACancelIsNotFetchedAgain) {
  Snapshot("first", ManyRows("x"), 10);
  ASSERT_EQ(Find(*fetcher_).size(), 1u);
  ASSERT_GT(file_count_, 3);
  watch_ = [this](int64_t) {
    if (files_ == 3) fetcher_->Cancel(kTask);
    return Status::Ok();
  };
  fetcher_->Fetch(kTask, "first");
  EXPECT_TRUE(fetcher_->Work());
  EXPECT_FALSE(fetcher_->Poll(kTask)) << "nobody waits for it";
  watch_ = [](int64_t) { return Status::Ok(); };
  const ImageFetched fetched = Fetch(*fetcher_, "first");
  ASSERT_TRUE(fetched.status.ok()) << fetched.status;
  EXPECT_EQ(files_, file_count_ + 1) << "the one that was cancelled comes twice";
  ASSERT_TRUE(StatesOn(Disk("new"))->PlaceImage(kTask, fetched.folder).ok());
  EXPECT_EQ(RowsOn(Disk("new")), ManyRows("x"));
  // Whoever is placed is not there to be placed again.
  const ImageFetched again = Fetch(*fetcher_, "first");
  ASSERT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(files_, 2 * file_count_ + 1);
}

TEST_F(ImageFetcherTest, WhatNobodyAsksForGoesAfterAWhile) {
  Snapshot("first", ManyRows("x"), 10);
  ASSERT_EQ(Find(*fetcher_).size(), 1u);
  const fs::path folder = Fetch(*fetcher_, "first").folder;
  ASSERT_TRUE(fs::exists(folder));
  clock_.Advance(ImageFetcher::kKeepUnfinished);
  EXPECT_FALSE(fetcher_->Work());
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(ImageFetcherTest, ADamagedFileIsSaidAndAnErrorThatPassesIsTriedAgain) {
  Snapshot("first", ManyRows("x"), 10);
  ASSERT_EQ(Find(*fetcher_).size(), 1u);
  int failures = 2;
  watch_ = [&](int64_t) { return failures-- > 0 ? Status::Unavailable("busy") : Status::Ok(); };
  EXPECT_TRUE(Fetch(*fetcher_, "first").status.ok());
  for (const auto& entry : fs::directory_iterator(Disk("place") / "files" / "shop")) {
    fs::resize_file(entry.path(), fs::file_size(entry.path()) + 1'000'000);
  }
  const auto other = NewFetcher(Disk("other"));
  ASSERT_EQ(Find(*other).size(), 1u);
  EXPECT_EQ(Fetch(*other, "first").status.code(), StatusCode::kStopped);
}

TEST_F(ImageFetcherTest, ASlowPlaceIsGivenUp) {
  Rows rows = ManyRows("x");
  for (int i = 0; i < 20; ++i) {
    std::string noise;
    Random random(static_cast<uint64_t>(i));
    while (noise.size() < 100'000) noise.push_back(static_cast<char>(random.Below(256)));
    rows["large" + std::to_string(i)] = noise;
  }
  Snapshot("first", rows, 10);
  ASSERT_EQ(Find(*fetcher_).size(), 1u);
  watch_ = [this](int64_t) {
    clock_.Advance(Milliseconds(16'000));
    return Status::Ok();
  };
  const ImageFetched fetched = Fetch(*fetcher_, "first");
  EXPECT_EQ(fetched.status.code(), StatusCode::kUnavailable) << fetched.status;
  EXPECT_NE(fetched.status.message().find("slow"), std::string::npos);
}

TEST_F(ImageFetcherTest, ADistrustedPlaceIsNotAskedForAWhile) {
  Snapshot("first", {{"a", "1"}}, 10);
  fetcher_->Distrust(Status::Unavailable("away"));
  fetcher_->Find(kTask, false);
  EXPECT_FALSE(fetcher_->Work());
  const auto answer = fetcher_->Poll(kTask);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(std::get<ImagesFound>(*answer).status.message(), "away");
  clock_.Advance(FetcherOptions().distrust_for);
  EXPECT_EQ(Find(*fetcher_).size(), 1u);
}

TEST_F(ImageFetcherTest, ThreadsAnswerToo) {
  Snapshot("first", ManyRows("x"), 10);
  fetcher_->RunThreads(2);
  const auto wait = [&] {
    for (;;) {
      if (const auto answer = fetcher_->Poll(kTask)) return *answer;
      std::this_thread::yield();
    }
  };
  fetcher_->Find(kTask, false);
  EXPECT_EQ(std::get<ImagesFound>(wait()).images.size(), 1u);
  fetcher_->Fetch(kTask, "first");
  const ImageFetched fetched = std::get<ImageFetched>(wait());
  ASSERT_TRUE(fetched.status.ok()) << fetched.status;
  EXPECT_TRUE(fs::exists(fetched.folder / "CURRENT"));
}

TEST_F(ImageFetcherTest, ALocationThatDoesNotAnswerIsNotWaitedForAtTheEnd) {
  SilentServer silent;
  surroundings_.environment = [](const std::string&) { return "any"; };
  FetcherOptions options{.application = "shop", .state_dir = Disk("other")};
  options.location = "s3://bucket?endpoint=http://" + silent.host();
  auto fetcher = std::make_unique<ImageFetcher>(surroundings_, options);
  fetcher->RunThreads(1);
  fetcher->Find(kTask, false);
  silent.Take();
  fetcher.reset();
  EXPECT_FALSE(silent.IsAskedAgain());
}

/// Fetches and places, on a disk that has an older state, and dies where `point` says.
struct CrashPoint {
  const char* name;
  int file;
  bool in_the_middle;
};
constexpr CrashPoint kPoints[] = {{"before the first file", 1, false},
                                  {"in the first file", 1, true},
                                  {"between two files", 3, false},
                                  {"whole, not placed", 0, false},
                                  {"placed", -1, false}};

TEST_F(ImageFetcherTest, ACrashAnywhereLeavesTheOldStateOrTheWholeImage) {
  Snapshot("first", ManyRows("x"), 10);
  fetcher_.reset();
  for (const CrashPoint& point : kPoints) {
    SCOPED_TRACE(point.name);
    const fs::path disk = Disk(point.name);
    {
      const auto states = StatesOn(disk);
      auto old = states->Open(kTask, kStores).value();
      old->store(0).Put("old", "1");
      ASSERT_TRUE(old->Apply({CommitSequence(1), {Offset(1)}}).ok());
      ASSERT_TRUE(old->Close(/*dirty=*/false, clock_.WallTime()).ok());
    }
    const auto live_and_die = [&] {
      files_ = 0;
      watch_ = [&](int64_t bytes) {
        if (files_ == point.file && (bytes > 0) == point.in_the_middle) _exit(kCrash);
        return Status::Ok();
      };
      const auto fetcher = NewFetcher(disk);
      Find(*fetcher);
      const fs::path folder = Fetch(*fetcher, "first").folder;
      if (point.file == 0) _exit(kCrash);
      const auto states = StatesOn(disk);
      if (states->PlaceImage(kTask, folder).ok()) _exit(kCrash);
    };
    EXPECT_EXIT(live_and_die(), ::testing::ExitedWithCode(kCrash), "");
    const bool placed = point.file < 0;
    EXPECT_EQ(RowsOn(disk), placed ? ManyRows("x") : (Rows{{"old", "1"}}));
    // The next process clears up, and gets the image.
    watch_ = [](int64_t) { return Status::Ok(); };
    EXPECT_EQ(FoldersOfImages(disk), 1u);
    const auto next = NewFetcher(disk);
    ASSERT_EQ(Find(*next).size(), 1u);
    const ImageFetched fetched = Fetch(*next, "first");
    ASSERT_TRUE(fetched.status.ok()) << fetched.status;
    EXPECT_EQ(FoldersOfImages(disk), 1u);
    ASSERT_TRUE(StatesOn(disk)->PlaceImage(kTask, fetched.folder).ok());
    EXPECT_EQ(RowsOn(disk), ManyRows("x"));
  }
}

}  // namespace
}  // namespace sidestream::snapshot
