// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The suite of all locations against a real S3 server that checks signatures, with the bucket in
// the path; and what only a real one can say.
//
// Wants SIDESTREAM_TEST_OBJECT_STORAGE (URL of scripts/object_storage.sh).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "snapshot/location.h"
#include "snapshot/s3_address.h"
#include "snapshot/s3_location.h"
#include "tests/unit/snapshot/location_cases.h"

namespace sidestream::snapshot {
namespace {

const SystemClock kClock;

std::optional<std::string> Url() {
  const char* url = std::getenv("SIDESTREAM_TEST_OBJECT_STORAGE");
  return url == nullptr || *url == 0 ? std::nullopt : std::optional<std::string>(url);
}

std::string FreshPrefix() { return fmt::format("test-{:08x}", std::random_device()()); }

Result<S3Address> AddressOf(const std::string& text, const std::string& secret) {
  LocationSurroundings surroundings;
  surroundings.environment = [&](const std::string& name) -> std::optional<std::string> {
    if (name == "AWS_ACCESS_KEY_ID") return "sidestream";
    if (name == "AWS_SECRET_ACCESS_KEY") return secret;
    return std::nullopt;
  };
  surroundings.read_file = [](const std::string&) { return std::nullopt; };
  return ReadS3Address(text, surroundings);
}

std::unique_ptr<Location> Open(const std::string& text,
                               const std::string& secret = "sidestream-secret") {
  auto address = AddressOf(text, secret);
  CHECK(address.ok()) << address.status();
  // Parts of the smallest size that S3 takes, so that a file of the suite has three.
  LocationSurroundings surroundings;
  surroundings.clock = &kClock;
  surroundings.pause = [](Milliseconds) {};
  return NewS3Location(*std::move(address), surroundings,
                       {.tries = 2, .part_bytes = int64_t{5} << 20});
}

}  // namespace

std::unique_ptr<Location> NewEmptyLocation() {
  if (!Url()) return nullptr;
  return Open(fmt::format("s3://snapshots/{}?endpoint={}", FreshPrefix(), *Url()));
}

namespace {

class ObjectStorageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Url()) GTEST_SKIP() << "NOT TESTED: there is no server (scripts/object_storage.sh start)";
  }
};

TEST_F(ObjectStorageTest, TheBucketInTheHostNameIsTheSamePlace) {
  const std::string prefix = FreshPrefix();
  const auto by_path = Open(fmt::format("s3://snapshots/{}?endpoint={}", prefix, *Url()));
  const auto by_host = Open(fmt::format(
      "s3://snapshots/{}?endpoint={}&path_style=false", prefix, *Url()));
  const Status put = by_host->Put("shop/a~b=c", "1");
  ASSERT_TRUE(put.ok()) << put;
  EXPECT_EQ(*by_path->Get("shop/a~b=c", 10), "1");
  EXPECT_EQ(by_host->List("shop/")->size(), 1u);
}

TEST_F(ObjectStorageTest, AWrongSecretIsRefusedAndNotShown) {
  const auto location =
      Open(fmt::format("s3://snapshots/{}?endpoint={}", FreshPrefix(), *Url()), "wrong-secret");
  const Status status = location->Put("a", "1");
  EXPECT_EQ(status.code(), StatusCode::kInvalidConfig) << status;
  EXPECT_NE(status.message().find("SignatureDoesNotMatch"), std::string::npos) << status;
  EXPECT_EQ(status.message().find("wrong-secret"), std::string::npos) << status;
}

TEST_F(ObjectStorageTest, ABucketThatIsNotThereIsAWrongSetting) {
  const auto location = Open(fmt::format("s3://no-such-bucket?endpoint={}", *Url()));
  EXPECT_EQ(location->List("").status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(location->Put("a", "1").code(), StatusCode::kInvalidConfig);
}

TEST_F(ObjectStorageTest, AListOfMoreThanOnePage) {
  const auto location = NewEmptyLocation();
  constexpr int kObjects = 1'100;  // a page has a thousand
  for (int i = 0; i < kObjects; ++i) {
    ASSERT_TRUE(location->Put(fmt::format("shop/{:05}", i), "x").ok());
  }
  const auto all = location->List("shop/");
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->size(), size_t{kObjects});
  EXPECT_EQ(all->back().name, "shop/01099");
}

}  // namespace
}  // namespace sidestream::snapshot
