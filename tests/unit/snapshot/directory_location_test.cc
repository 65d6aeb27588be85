// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The directory: the suite of all locations, and what only a directory can meet.

#include "snapshot/directory_location.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/location_cases.h"

namespace sidestream::snapshot {

namespace fs = std::filesystem;

namespace {

/// With the folder that it lies in.
class OwnedLocation final : public Location {
 public:
  Status Put(const std::string& name, std::string_view bytes) override {
    return location_->Put(name, bytes);
  }
  Status PutFile(const std::string& name, const fs::path& file) override {
    return location_->PutFile(name, file);
  }
  Result<std::string> Get(const std::string& name, size_t bytes_max) override {
    return location_->Get(name, bytes_max);
  }
  Status GetFile(const std::string& name, const fs::path& file, const GoOn& go_on) override {
    return location_->GetFile(name, file, go_on);
  }
  Result<std::vector<StoredObject>> List(const std::string& prefix) override {
    return location_->List(prefix);
  }
  Status Delete(const std::string& name) override { return location_->Delete(name); }

 private:
  testing::TempDir folder_;
  // Does not exist yet, as at the first snapshot.
  std::unique_ptr<Location> location_ = NewDirectoryLocation(folder_.path() / "new" / "place");
};

}  // namespace

std::unique_ptr<Location> NewEmptyLocation() { return std::make_unique<OwnedLocation>(); }

namespace {

TEST(DirectoryLocationTest, WhatIsNotWholeIsNoObjectAndGoesAfterADay) {
  const testing::TempDir folder;
  const auto location = NewDirectoryLocation(folder.path());
  const fs::path unfinished = folder.path() / "#unfinished";
  fs::create_directories(unfinished);
  std::ofstream(unfinished / "young") << "half";
  std::ofstream(unfinished / "old") << "half";
  fs::last_write_time(unfinished / "old",
                      fs::file_time_type::clock::now() - std::chrono::hours(25));
  ASSERT_TRUE(location->Put("shop/a", "1").ok());
  EXPECT_EQ(*location->List(""), (std::vector<StoredObject>{{"shop/a", 1}}));
  EXPECT_TRUE(fs::exists(unfinished / "young"));
  EXPECT_FALSE(fs::exists(unfinished / "old"));
}

TEST(DirectoryLocationTest, AFileInPlaceOfTheDirectoryIsAWrongSetting) {
  const testing::TempDir folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto location = NewDirectoryLocation(folder.path() / "file");
  const Status put = location->Put("shop/a", "1");
  EXPECT_EQ(put.code(), StatusCode::kInvalidConfig) << put;
  EXPECT_NE(put.message().find((folder.path() / "file").string()), std::string::npos) << put;
}

TEST(DirectoryLocationTest, NamesThatWouldLeaveTheDirectoryAreNone) {
  for (const char* name : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a b", "a\\b", "é",
                           "a#b", "#unfinished/x"}) {
    EXPECT_FALSE(IsObjectName(name)) << name;
  }
  EXPECT_TRUE(IsObjectName("a/..b/c..d/.e"));
  EXPECT_FALSE(IsObjectName(std::string(241, 'a')));
  EXPECT_TRUE(IsObjectName(std::string(240, 'a')));
}

}  // namespace
}  // namespace sidestream::snapshot
