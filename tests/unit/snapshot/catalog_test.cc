// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The catalog over a directory that counts, fails and lets another process in between.

#include "snapshot/catalog.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "snapshot/directory_location.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/forwarding_location.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

class WatchedLocation final : public ForwardingLocation {
 public:
  explicit WatchedLocation(const fs::path& root) : ForwardingLocation(NewDirectoryLocation(root)) {}
  Status Put(const std::string& name, std::string_view bytes) override {
    RETURN_IF_ERROR(Before("put " + name));
    bytes_put += static_cast<int64_t>(bytes.size());
    return ForwardingLocation::Put(name, bytes);
  }
  Status PutFile(const std::string& name, const fs::path& file) override {
    RETURN_IF_ERROR(Before("put " + name));
    bytes_put += static_cast<int64_t>(fs::file_size(file));
    return ForwardingLocation::PutFile(name, file);
  }
  Status Delete(const std::string& name) override {
    RETURN_IF_ERROR(Before("delete " + name));
    return ForwardingLocation::Delete(name);
  }

  /// Before each call that changes something; an error is what the call says.
  std::function<Status(const std::string& what)> before;
  int64_t bytes_put = 0;

 private:
  Status Before(const std::string& what) { return before ? before(what) : Status(); }
};

class CatalogTest : public ::testing::Test {
 protected:
  fs::path Write(const std::string& name, const std::string& bytes) {
    const fs::path path = files_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  Manifest Made(const std::string& name, const std::vector<std::string>& files,
                SnapshotKind kind = SnapshotKind::kSavepoint) {
    clock_.Advance(Milliseconds(1'000));
    Manifest manifest{.kind = kind, .name = name, .application = "shop"};
    manifest.created_at = clock_.WallTime();
    KeptTask task{.id = {"orders", 0}};
    EXPECT_TRUE(catalog_.Begin().ok());
    for (const std::string& file : files) {
      const auto stored = catalog_.AddFile(files_.path() / file, file);
      EXPECT_TRUE(stored.ok()) << stored.status();
      task.image.push_back(*stored);
    }
    manifest.tasks = {task};
    return manifest;
  }

  std::vector<std::string> Objects(const std::string& prefix) {
    std::vector<std::string> names;
    const auto objects = location_.List(prefix);
    EXPECT_TRUE(objects.ok());
    for (const StoredObject& object : *objects) names.push_back(object.name);
    return names;
  }

  testing::TempDir folder_;
  testing::TempDir files_;
  WatchedLocation location_{folder_.path()};
  ManualClock clock_;
  std::function<void()> while_waiting_;
  Catalog catalog_{location_, "shop", clock_, [this](Milliseconds pause) {
                     clock_.Advance(pause);
                     if (while_waiting_) while_waiting_();
                   }};
};

TEST_F(CatalogTest, ASnapshotIsReadAsItWasWritten) {
  Write("1.sst", "rows");
  const Manifest manifest = Made("v1", {"1.sst"});
  EXPECT_TRUE(catalog_.Names()->empty());
  ASSERT_TRUE(catalog_.Publish(manifest).ok());
  EXPECT_EQ(*catalog_.Names(), (std::vector<std::string>{"v1"}));
  EXPECT_EQ(*AllSnapshots(location_), (std::vector<std::string>{"shop/v1"}));
  EXPECT_EQ(*catalog_.Read("v1"), manifest);
  const fs::path to = files_.path() / "back";
  ASSERT_TRUE(catalog_.Fetch(manifest.tasks[0].image[0], to).ok());
  EXPECT_EQ(fs::file_size(to), 4u);
  EXPECT_EQ(*catalog_.FetchBytes(manifest.tasks[0].image[0]), "rows");
  // Again by another leader; as another attempt of a request; as another one.
  EXPECT_TRUE(catalog_.Publish(manifest).ok());
  Manifest other = manifest;
  other.number = 8;
  EXPECT_EQ(catalog_.Publish(other).code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(catalog_.Read("v2").status().code(), StatusCode::kStopped);
  EXPECT_EQ(catalog_.Read("../v2").status().code(), StatusCode::kInvalidConfig);
}

TEST_F(CatalogTest, AnotherAttemptOfTheSameRequestTakesThePlaceOfTheFirst) {
  Write("1.sst", "rows");
  Manifest first = Made("v1", {"1.sst"});
  first.request = 77;
  ASSERT_TRUE(catalog_.Publish(first).ok());
  Manifest second = first;
  second.number = 8;
  ASSERT_TRUE(catalog_.Publish(second).ok());
  EXPECT_EQ(catalog_.Read("v1")->number, 8);
  second.request = 78;
  EXPECT_EQ(catalog_.Publish(second).code(), StatusCode::kInvalidConfig);
}

TEST_F(CatalogTest, AnAttemptThatComesLateDoesNotTakeThePlaceOfALaterOne) {
  Write("1.sst", "rows");
  Manifest first = Made("v1", {"1.sst"});
  first.request = 77;
  first.number = 7;
  Manifest second = first;
  second.number = 8;
  ASSERT_TRUE(catalog_.Publish(second).ok());
  EXPECT_EQ(catalog_.Publish(first).code(), StatusCode::kStopped);
  EXPECT_EQ(catalog_.Read("v1")->number, 8);
}

TEST_F(CatalogTest, AnAttemptThatIsNotWholeTakesBackOnlyItself) {
  Write("1.sst", "rows");
  Write("2.sst", "more rows");
  Manifest first = Made("v1", {"1.sst"});
  Manifest second = Made("v1", {"2.sst"});
  first.request = second.request = 77;
  second.number = first.number + 1;
  // Somebody deletes what the first one names, and the second is written while the first waits.
  ASSERT_TRUE(location_.Put("deleting/shop", std::to_string(clock_.WallTime().value())).ok());
  while_waiting_ = [&] {
    for (const StoredFile& file : FilesOf(first)) {
      ASSERT_TRUE(location_.Delete("files/shop/" + Hex(file.digest)).ok());
    }
    ASSERT_TRUE(location_.Put("manifests/shop/v1", EncodeManifest(second)).ok());
    ASSERT_TRUE(location_.Delete("deleting/shop").ok());
  };
  EXPECT_EQ(catalog_.Publish(first).code(), StatusCode::kUnavailable);
  EXPECT_EQ(catalog_.Read("v1")->number, second.number);
}

TEST_F(CatalogTest, AFileIsCopiedOnceHoweverManySnapshotsNameIt) {
  Write("1.sst", std::string(100'000, 'a'));
  Write("2.sst", std::string(50'000, 'b'));
  ASSERT_TRUE(catalog_.Publish(Made("v1", {"1.sst", "2.sst"})).ok());
  EXPECT_EQ(catalog_.copied().copied, 150'000);
  location_.bytes_put = 0;
  Write("3.sst", std::string(700, 'c'));
  const Manifest second = Made("v2", {"1.sst", "3.sst"});
  EXPECT_EQ(location_.bytes_put, 700);
  EXPECT_EQ(catalog_.copied().copied, 700);
  EXPECT_EQ(catalog_.copied().referenced, 100'000);
  ASSERT_TRUE(catalog_.Publish(second).ok());
  // Another process finds them as well.
  Catalog other(location_, "shop", clock_, [](Milliseconds) {});
  ASSERT_TRUE(other.Begin().ok());
  location_.bytes_put = 0;
  ASSERT_TRUE(other.AddFile(files_.path() / "1.sst", "1.sst").ok());
  EXPECT_EQ(location_.bytes_put, 0);
}

TEST_F(CatalogTest, AFileGoesWithTheLastSnapshotThatNamesIt) {
  Write("1.sst", "one");
  Write("2.sst", "two");
  const Manifest first = Made("v1", {"1.sst", "2.sst"});
  ASSERT_TRUE(catalog_.Publish(first).ok());
  const Manifest second = Made("v2", {"1.sst"});
  ASSERT_TRUE(catalog_.Publish(second).ok());
  ASSERT_TRUE(catalog_.Delete("v1").ok());
  EXPECT_EQ(Objects("files/").size(), 1u);
  EXPECT_TRUE(catalog_.MissingFiles(second)->empty());
  EXPECT_EQ(catalog_.Delete("v1").code(), StatusCode::kStopped);
  ASSERT_TRUE(catalog_.Delete("v2").ok());
  EXPECT_TRUE(Objects("").empty());
}

TEST_F(CatalogTest, RetentionKeepsTheNewestPeriodicOnesAndAllSavepoints) {
  for (const char* name : {"1", "2", "3", "4"}) {
    Write(name, name);
    const bool savepoint = std::string_view(name) == "1";
    const auto kind = savepoint ? SnapshotKind::kSavepoint : SnapshotKind::kCheckpoint;
    ASSERT_TRUE(catalog_.Publish(Made(std::string("s") + name, {name}, kind)).ok());
  }
  EXPECT_EQ(*catalog_.Clean(2), 1);
  EXPECT_EQ(*catalog_.Names(), (std::vector<std::string>{"s1", "s3", "s4"}));
  EXPECT_EQ(Objects("files/").size(), 3u);
}

TEST_F(CatalogTest, WhatACrashLeavesIsNotShownAndIsCollected) {
  Write("1.sst", "one");
  Write("2.sst", "two");
  ASSERT_TRUE(catalog_.Publish(Made("v1", {"1.sst"})).ok());
  const Manifest unfinished = Made("v2", {"1.sst", "2.sst"});
  ASSERT_TRUE(catalog_.AddPart(7, unfinished.tasks[0]).ok());
  EXPECT_EQ(*catalog_.Names(), (std::vector<std::string>{"v1"}));
  EXPECT_EQ(*catalog_.Clean(5), 2);
  EXPECT_EQ(Objects("").size(), 2u);
  EXPECT_TRUE(catalog_.MissingFiles(*catalog_.Read("v1"))->empty());
}

TEST_F(CatalogTest, ACrashAtAnyWriteLeavesOnlyWholeSnapshots) {
  Write("1.sst", "one");
  Write("2.sst", "two");
  ASSERT_TRUE(catalog_.Publish(Made("v1", {"1.sst"})).ok());
  for (int crash_at = 1;; ++crash_at) {
    int calls = 0;
    location_.before = [&](const std::string&) {
      return ++calls >= crash_at ? Status::Unavailable("dead") : Status();
    };
    // As a process that dies at that call: nothing after it happens.
    const auto write = [&]() -> Status {
      RETURN_IF_ERROR(catalog_.Begin());
      Manifest manifest{.name = "v2", .application = "shop"};
      KeptTask task{.id = {"orders", 0}};
      for (const char* file : {"1.sst", "2.sst"}) {
        ASSIGN_OR_RETURN(const StoredFile stored, catalog_.AddFile(files_.path() / file, file));
        task.image.push_back(stored);
      }
      RETURN_IF_ERROR(catalog_.AddPart(2, task).status());
      manifest.tasks = {task};
      RETURN_IF_ERROR(catalog_.Publish(manifest));
      RETURN_IF_ERROR(catalog_.Clean(1).status());
      return catalog_.Delete("v2");
    };
    const Status written = write();
    location_.before = nullptr;
    const auto names = catalog_.Names();
    ASSERT_TRUE(names.ok()) << names.status();
    for (const std::string& name : *names) {
      const auto manifest = catalog_.Read(name);
      ASSERT_TRUE(manifest.ok()) << name << " " << manifest.status();
      EXPECT_TRUE(catalog_.MissingFiles(*manifest)->empty()) << name << " crash at " << crash_at;
    }
    ASSERT_TRUE(catalog_.Clean(1).ok());
    const Status deleted = catalog_.Delete("v2");
    ASSERT_TRUE(deleted.ok() || deleted.code() == StatusCode::kStopped) << deleted;
    ASSERT_TRUE(catalog_.Clean(1).ok());
    EXPECT_EQ(Objects("").size(), 2u) << "crash at " << crash_at;
    if (written.ok()) return;
    ASSERT_LT(crash_at, 100);
  }
}

TEST_F(CatalogTest, ASnapshotWhoseFileIsDeletedMeanwhileIsTakenBack) {
  Write("1.sst", "one");
  Write("2.sst", "two");
  ASSERT_TRUE(catalog_.Publish(Made("v1", {"1.sst"})).ok());
  const Manifest second = Made("v2", {"1.sst", "2.sst"});  // found 1.sst, copied nothing of it
  Catalog other(location_, "shop", clock_, [](Milliseconds) {});
  ASSERT_TRUE(other.Delete("v1").ok());
  EXPECT_EQ(catalog_.Publish(second).code(), StatusCode::kUnavailable);
  EXPECT_TRUE(catalog_.Names()->empty());
  // Stored anew it is whole.
  ASSERT_TRUE(catalog_.Publish(Made("v2", {"1.sst", "2.sst"})).ok());
}

TEST_F(CatalogTest, WhoPublishesWaitsForWhoDeletes) {
  Write("1.sst", "one");
  ASSERT_TRUE(catalog_.Publish(Made("v1", {"1.sst"})).ok());
  const Manifest second = Made("v2", {"1.sst"});
  // Another process has read the manifests and is about to delete a file of this one.
  const std::string file = Objects("files/").front();
  ASSERT_TRUE(location_.Put("deleting/shop", std::to_string(clock_.WallTime().value())).ok());
  int waited = 0;
  while_waiting_ = [&] {
    if (++waited < 3) return;
    EXPECT_TRUE(location_.Delete(file).ok());
    EXPECT_TRUE(location_.Delete("deleting/shop").ok());
  };
  EXPECT_EQ(catalog_.Publish(second).code(), StatusCode::kUnavailable);
  EXPECT_EQ(waited, 3);
}

TEST_F(CatalogTest, AMarkOfAProcessThatDiedHoldsNobodyUp) {
  Write("1.sst", "one");
  const Manifest manifest = Made("v1", {"1.sst"});
  ASSERT_TRUE(location_.Put("deleting/shop", std::to_string(clock_.WallTime().value())).ok());
  clock_.Advance(std::chrono::minutes(11));
  EXPECT_TRUE(catalog_.Publish(manifest).ok());
  EXPECT_TRUE(Objects("deleting/").empty());
}

TEST_F(CatalogTest, DamageIsSeen) {
  Write("1.sst", "one");
  const Manifest manifest = Made("v1", {"1.sst"});
  ASSERT_TRUE(catalog_.Publish(manifest).ok());
  ASSERT_TRUE(location_.Put(Objects("files/").front(), "eno").ok());
  EXPECT_EQ(catalog_.Fetch(manifest.tasks[0].image[0], files_.path() / "to").code(),
            StatusCode::kStopped);
  ASSERT_TRUE(location_.Put("manifests/shop/v1", "SSSM").ok());
  EXPECT_EQ(catalog_.Read("v1").status().code(), StatusCode::kStopped);
  // What it named is not known, so nothing that others may need goes.
  EXPECT_FALSE(catalog_.Clean(1).ok());
  ASSERT_TRUE(catalog_.Delete("v1").ok());
  EXPECT_EQ(*catalog_.Clean(1), 1);
}

TEST_F(CatalogTest, APartIsTheOneThatItsTaskStored) {
  const KeptTask task{.id = {std::string(249, 'x'), 3}, .sequence = CommitSequence(4)};
  const auto digest = catalog_.AddPart(9, task);
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(*catalog_.ReadPart(9, task.id, *digest), task);
  EXPECT_EQ(catalog_.ReadPart(9, task.id, Sha256("other")).status().code(), StatusCode::kStopped);
}

}  // namespace
}  // namespace sidestream::snapshot
