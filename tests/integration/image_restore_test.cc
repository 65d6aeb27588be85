// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A process on a real cluster dies with its disk after a savepoint, in a directory or in a bucket
// of a real S3 server; the next one begins with the images that it left there, and reads only what
// came after. Wants SIDESTREAM_TEST_BOOTSTRAP, SIDESTREAM_PROGRAM, and for the bucket
// SIDESTREAM_TEST_OBJECT_STORAGE (URL of scripts/object_storage.sh).

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "tests/integration/dedup_application.h"
#include "tests/integration/snapshot_place.h"
#include "tests/integration/spawned.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr int32_t kPartitions = 2;
// Enough that a restore looks for an image.
constexpr int64_t kRecords = 300'000;
constexpr int64_t kBehind = 2'000;
// The id, and when it is forgotten.
constexpr int64_t kRowsOfRecord = 2;

class ImageRestoreTest : public ::testing::TestWithParam<SnapshotPlace> {
 protected:
  void SetUp() override {
    const std::string name = "image-" + std::to_string(SystemClock().WallTime().value());
    const auto location = LocationAt(GetParam(), directory_.path(), name);
    if (!location) {
      GTEST_SKIP() << "NOT TESTED: a restore from a bucket, there is no server "
                      "(scripts/object_storage.sh start)";
    }
    application_.emplace(
        name, DedupApplication::Options{
                  .partitions = kPartitions, .location = *location, .variables = BucketLogin()});
  }

  const testing::TempDir directory_;
  std::optional<DedupApplication> application_;
};

TEST_P(ImageRestoreTest, WhoLostItsDiskReadsOnlyWhatCameAfterTheSavepoint) {
  const auto first = application_->Start("first");
  application_->Feed(0, kRecords);
  ASSERT_TRUE(application_->AwaitAllRead()) << ReadText(first->log());
  const ToolResult saved = application_->Run({"savepoint", "create"}, {"kept"});
  ASSERT_EQ(saved.exit_code, 0) << saved.output;
  application_->Feed(kRecords, kRecords + kBehind);
  ASSERT_TRUE(application_->AwaitAllRead()) << ReadText(first->log());
  EXPECT_EQ(first->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);

  const auto second = application_->Start("second");
  application_->Feed(kRecords + kBehind, kRecords + kBehind + 100);
  ASSERT_TRUE(application_->AwaitAllRead()) << ReadText(second->log());
  const auto restored = Found(
      *second, "task \\S+: restored (\\d+) records, 0 stores from the start, source=location");
  int64_t read = 0;
  for (const std::string& records : restored) read += std::stoll(records);
  EXPECT_EQ(restored.size(), size_t{kPartitions}) << ReadText(second->log());
  EXPECT_LE(read, kRowsOfRecord * kBehind)
      << "of " << kRowsOfRecord * (kRecords + kBehind) << " in the changelogs";
  EXPECT_EQ(Found(*second, "(aside)").size(), 0U);
  // The rows are there: nothing of what was seen before is new.
  application_->Feed(0, 1'000);
  application_->Feed(kRecords - 1'000, kRecords + kBehind + 100);
  ASSERT_TRUE(application_->AwaitAllRead()) << ReadText(second->log());
  EXPECT_EQ(application_->CountOut(), kRecords + kBehind + 100);
  EXPECT_EQ(second->End(SIGTERM, Milliseconds(30'000)), 0);
}

INSTANTIATE_TEST_SUITE_P(Places, ImageRestoreTest,
                         ::testing::Values(SnapshotPlace::kDirectory, SnapshotPlace::kBucket),
                         NameOfPlace);

}  // namespace
}  // namespace sidestream::integration
