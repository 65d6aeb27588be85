// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/changelog_writer.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "base/internal_record.h"
#include "statestore/memory_task_state.h"

namespace sidestream::changelog {
namespace {

class CollectingSink final : public kafka::RecordSink {
 public:
  Status ProduceInternal(kafka::SinkTopic topic, Partition partition,
                         std::optional<std::string_view> key,
                         std::optional<std::string_view> value) override {
    if (records_left-- == 0) return Status::AbortRequired("refused");
    EXPECT_EQ(partition, 3);
    EXPECT_TRUE(key.has_value());
    const auto [at, added] =
        records[topic].emplace(*key, value ? std::optional<std::string>(*value) : std::nullopt);
    EXPECT_TRUE(added) << "one record per key and commit: " << *key;
    return {};
  }
  std::map<kafka::SinkTopic, std::map<std::string, std::optional<std::string>>> records;
  int records_left = 1000;
};

class ChangelogWriterTest : public ::testing::Test {
 protected:
  statestore::MemoryTaskStateFactory factory_{{.application = "shop"}};
  const std::vector<statestore::StoreSpec> stores_ = {
      {.name = "counts", .changelog_topic = "shop-counts-changelog", .fingerprint = 1},
      {.name = "scratch", .changelog_topic = "", .fingerprint = 2},
      {.name = "sums", .changelog_topic = "shop-sums-changelog", .fingerprint = 3}};
  std::unique_ptr<statestore::TaskState> state_ =
      std::move(factory_.Open({"orders", 3}, stores_)).value();
  ChangelogWriter writer_;
  CollectingSink sink_;
};

TEST_F(ChangelogWriterTest, WritesEachChangedKeyOnceToTheChangelogOfItsStore) {
  state_->store(0).Put("a", "1");
  state_->store(0).Put("a", "2");
  state_->store(0).Delete("b");
  state_->store(1).Put("not", "logged");
  state_->store(2).Put("", "empty key");
  const auto written = writer_.WriteChanges(*state_, 3, CommitSequence(300), {10, -1, 12}, sink_);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(*written, 3);
  ASSERT_EQ(sink_.records.size(), 2U);
  EXPECT_EQ(sink_.records[10].size(), 2U);
  EXPECT_EQ(sink_.records[10]["b"], std::nullopt) << "a delete is Kafka's null";
  const auto decoded = DecodeChangelogValue(*sink_.records[12][""]);
  EXPECT_EQ(decoded->row, "empty key");
  EXPECT_EQ(decoded->sequence, CommitSequence(300));
}

// The example of docs/formats/changelog-record.md.
TEST_F(ChangelogWriterTest, RecordIsByteExact) {
  state_->store(0).Put("a", "2");
  ASSERT_TRUE(writer_.WriteChanges(*state_, 3, CommitSequence(300), {10, -1, 12}, sink_).ok());
  EXPECT_EQ(*sink_.records[10]["a"], std::string("\x01\x00\xac\x02\x01\x32", 6));
}

TEST_F(ChangelogWriterTest, StopsAtTheFirstFailure) {
  state_->store(0).Put("a", "1");
  state_->store(0).Put("b", "1");
  state_->store(2).Put("c", "1");
  sink_.records_left = 1;
  const auto written = writer_.WriteChanges(*state_, 3, CommitSequence(1), {10, -1, 12}, sink_);
  EXPECT_EQ(written.status().code(), StatusCode::kAbortRequired);
  EXPECT_EQ(sink_.records[10].size(), 1U);
  EXPECT_EQ(sink_.records_left, -1) << "nothing is tried behind a failure";
}

TEST_F(ChangelogWriterTest, NothingChangedMeansNothingWritten) {
  const auto written = writer_.WriteChanges(*state_, 3, CommitSequence(1), {10, -1, 12}, sink_);
  EXPECT_EQ(*written, 0);
}

}  // namespace
}  // namespace sidestream::changelog
