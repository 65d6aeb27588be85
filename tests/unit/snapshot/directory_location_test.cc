// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The directory: the suite of all locations, and what only a directory can meet.

#include "snapshot/directory_location.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/forwarding_location.h"
#include "tests/unit/snapshot/location_cases.h"

namespace sidestream::snapshot {

namespace fs = std::filesystem;

namespace {

/// With the folder that it lies in, a base since it comes first. The place does not exist yet, as at
/// the first snapshot.
class OwnedLocation final : private testing::TempDir, public ForwardingLocation {
 public:
  OwnedLocation() : ForwardingLocation(NewDirectoryLocation(path() / "new" / "place")) {}
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
