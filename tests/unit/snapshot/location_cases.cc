// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/snapshot/location_cases.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "snapshot/sha256.h"
#include "tests/support/temp_dir.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

class LocationCases : public ::testing::Test {
 protected:
  void SetUp() override {
    location_ = NewEmptyLocation();
    if (location_ == nullptr) {
      GTEST_SKIP() << "NOT TESTED: there is no server (scripts/object_storage.sh start)";
    }
  }

  fs::path Write(const std::string& name, const std::string& bytes) {
    const fs::path path = files_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::string Read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// Bytes that repeat nowhere, so that a part in the wrong place is seen.
  static std::string Bytes(size_t size) {
    Random random(size);
    std::string bytes;
    bytes.reserve(size + 8);
    while (bytes.size() < size) {
      const uint64_t word = random.Next();
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    bytes.resize(size);
    return bytes;
  }

  std::unique_ptr<Location> location_;
  testing::TempDir files_;
};

TEST_F(LocationCases, AnObjectIsReadAsItWasPut) {
  const std::string bytes("\0\r\n\xff <Error><Code>x</Code></Error>", 33);
  ASSERT_TRUE(location_->Put("shop/manifests/a", bytes).ok());
  EXPECT_EQ(*location_->Get("shop/manifests/a", 100), bytes);
  ASSERT_TRUE(location_->Put("shop/manifests/a", "").ok());
  EXPECT_EQ(*location_->Get("shop/manifests/a", 100), "");
}

TEST_F(LocationCases, EveryCharacterOfANameIsTaken) {
  const std::string name = "a-shop.1/orders_3~x=y/0123.Z";
  ASSERT_TRUE(IsObjectName(name));
  ASSERT_TRUE(location_->Put(name, "1").ok());
  EXPECT_EQ(*location_->Get(name, 10), "1");
  EXPECT_EQ(*location_->List(""), (std::vector<StoredObject>{{name, 1}}));
}

TEST_F(LocationCases, FilesGoAndComeWhole) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{300'000}, size_t{12'345'678}}) {
    SCOPED_TRACE(size);
    const std::string bytes = Bytes(size);
    ASSERT_TRUE(location_->PutFile("shop/files/f", Write("from", bytes)).ok());
    const fs::path to = Write("to", "what was there before");
    ASSERT_TRUE(location_->GetFile("shop/files/f", to, {}).ok());
    EXPECT_TRUE(Read(to) == bytes);
    EXPECT_EQ(*location_->List("shop/"),
              (std::vector<StoredObject>{{"shop/files/f", static_cast<int64_t>(size)}}));
  }
}

TEST_F(LocationCases, AFileMayBeGivenUpOnTheWay) {
  ASSERT_TRUE(location_->PutFile("shop/files/f", Write("from", Bytes(12'345'678))).ok());
  int64_t seen = 0;
  const auto until_a_million = [&](int64_t bytes) {
    seen = std::max(seen, bytes);
    return seen < 1'000'000;
  };
  EXPECT_EQ(location_->GetFile("shop/files/f", files_.path() / "to", until_a_million).code(),
            StatusCode::kUnavailable);
  EXPECT_LT(seen, 2'000'000);
}

TEST_F(LocationCases, AListHoldsWhatBeginsWithThePrefixByName) {
  for (const char* name : {"shop/b", "shop/a/2", "shop/a/1", "shopper/x", "other/y"}) {
    ASSERT_TRUE(location_->Put(name, name).ok());
  }
  EXPECT_EQ(*location_->List("shop/"),
            (std::vector<StoredObject>{{"shop/a/1", 8}, {"shop/a/2", 8}, {"shop/b", 6}}));
  EXPECT_EQ(location_->List("shop")->size(), 4u);
  EXPECT_EQ(location_->List("shop/a/")->size(), 2u);
  EXPECT_EQ(location_->List("nothing/")->size(), 0u);
  EXPECT_EQ(location_->List("")->size(), 5u);
}

TEST_F(LocationCases, WhatIsDeletedIsGoneAndMayBeDeletedAgain) {
  ASSERT_TRUE(location_->Put("shop/a/1", "x").ok());
  ASSERT_TRUE(location_->Put("shop/a/2", "x").ok());
  ASSERT_TRUE(location_->Delete("shop/a/1").ok());
  ASSERT_TRUE(location_->Delete("shop/a/1").ok());
  EXPECT_EQ(*location_->List("shop/"), (std::vector<StoredObject>{{"shop/a/2", 1}}));
  ASSERT_TRUE(location_->Delete("shop/a/2").ok());
  EXPECT_EQ(location_->List("")->size(), 0u);
  ASSERT_TRUE(location_->Put("shop/a/1", "again").ok());
  EXPECT_EQ(*location_->Get("shop/a/1", 10), "again");
}

TEST_F(LocationCases, WhatIsNotThereIsNotTriedAgain) {
  EXPECT_EQ(location_->Get("shop/none", 10).status().code(), StatusCode::kStopped);
  EXPECT_EQ(location_->GetFile("shop/none", files_.path() / "to", {}).code(), StatusCode::kStopped);
}

TEST_F(LocationCases, AnObjectThatIsTooLongIsRefused) {
  ASSERT_TRUE(location_->Put("shop/a", "12345").ok());
  EXPECT_EQ(location_->Get("shop/a", 4).status().code(), StatusCode::kStopped);
  EXPECT_EQ(*location_->Get("shop/a", 5), "12345");
}

TEST_F(LocationCases, AFileThatIsNotThereIsSaidToBeOurs) {
  EXPECT_EQ(location_->PutFile("shop/a", files_.path() / "none").code(), StatusCode::kFatal);
  EXPECT_EQ(location_->List("")->size(), 0u);
}

}  // namespace
}  // namespace sidestream::snapshot
