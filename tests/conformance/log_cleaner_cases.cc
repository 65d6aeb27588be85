// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the broker's cleaner leaves of a log, as a reader sees it: compaction, deletes that go after
// delete.retention.ms, and retention. The newest segment is never cleaned, so each case ends one.

#include "tests/conformance/compacted_topic.h"

namespace sidestream::conformance {
namespace {

TEST(LogCleaner, KeepsTheLastRecordOfEachKeyAtItsOffset) {
  CompactedTopic topic("600000");
  topic.Put("a", "1");
  topic.Put("b", "1");
  topic.Put("a", "2");
  topic.EndSegment();
  const Offset end = LogEnd(topic.partition());
  EXPECT_TRUE(topic.BecomeRows({"b=1", "a=2"}));
  // The end and the start stay, and so do the offsets of what is left.
  EXPECT_EQ(LogEnd(topic.partition()), end);
  EXPECT_EQ(LogStart(topic.partition()), Offset(0));
  const auto records = ReadAll(topic.partition());
  ASSERT_GE(records.size(), 2u);
  EXPECT_EQ(records[0].offset, Offset(2));
  EXPECT_EQ(records[1].offset, Offset(4));
}

TEST(LogCleaner, ReadsOnFromAnOffsetThatItTookOut) {
  CompactedTopic topic("600000");
  topic.Put("a", "1");
  topic.Put("b", "1");
  topic.Put("a", "2");
  topic.EndSegment();
  ASSERT_TRUE(topic.BecomeRows({"b=1", "a=2"}));
  ReaderDriver reader({topic.partition(), Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(LogEnd(topic.partition()))));
  ASSERT_FALSE(reader.offsets.empty());
  EXPECT_EQ(reader.offsets.front(), 2);
}

TEST(LogCleaner, LeavesOutWhatWasAborted) {
  CompactedTopic topic("600000");
  topic.Put("a", "1");
  topic.Put("a", "aborted", /*commit=*/false);
  topic.Put("b", "1");
  topic.Put("b", "2");
  topic.EndSegment();
  EXPECT_TRUE(topic.BecomeRows({"a=1", "b=2"}));
}

TEST(LogCleaner, KeepsADeleteForItsTime) {
  CompactedTopic topic("600000");
  topic.Put("a", "1");
  topic.Put("a", std::nullopt);
  topic.Put("b", "1");
  topic.EndSegment();
  EXPECT_TRUE(topic.BecomeRows({"a=(null)", "b=1"}));
}

// What R8 of the engine is about: after that time nothing tells of the delete any more.
TEST(LogCleaner, TakesADeleteOutAfterItsTime) {
  CompactedTopic topic("500");
  topic.Put("a", "1");
  topic.Put("a", std::nullopt);
  topic.Put("b", "1");
  topic.EndSegment();
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        // The first run only notes the time, and a run wants something to clean.
        topic.EndSegment();
        return topic.Rows() == std::vector<std::string>{"b=1"};
      },
      kCleaned));
}

TEST(LogCleaner, LeavesTheNewestSegmentAlone) {
  CompactedTopic topic("600000");
  topic.EndSegment();
  topic.Put("a", "1");
  topic.Put("a", "2");
  PumpFor(kQuiet, [] {});
  EXPECT_EQ(topic.Rows(), (std::vector<std::string>{"a=1", "a=2"}));
}

TEST(LogCleaner, ACompactedTopicRefusesARecordWithoutKey) {
  const std::string topic = MakeTopic(1, Compacted("600000"));
  auto producer = MakeProducer("", {topic});
  ASSERT_TRUE(Put(*producer, topic, "no key").ok());
  ASSERT_TRUE(IsOk(Flush(*producer)));
  ASSERT_TRUE(producer->first_failure().has_value());
  EXPECT_EQ(producer->first_failure()->status.code(), StatusCode::kBadRecord);
}

TEST(LogCleaner, DeletesSegmentsThatAreOlderThanTheRetention) {
  const auto broker = Await(TheAdmin().DescribeBrokerSettings());
  ASSERT_TRUE(broker.ok()) << broker.status();
  if (std::stoll(broker->at("log.retention.check.interval.ms")) > kCleaned.count()) {
    GTEST_SKIP() << "the broker looks too seldom; one of scripts/broker.sh does not";
  }
  const std::string topic = MakeTopic(1, {{"segment.ms", "100"}, {"retention.ms", "1000"}});
  const TopicPartition partition{topic, 0};
  auto producer = MakeTransactionalProducer({topic});
  CommitValues(*producer, topic, {"old", "older"});
  AwaitStable(partition);
  EXPECT_TRUE(TheEnvironment().PumpUntil([&] { return LogStart(partition) == LogEnd(partition); },
                                         kCleaned));
  CommitValues(*producer, topic, {"new"});
  EXPECT_EQ(StableValues(partition), (std::vector<std::string>{"new"}));
  ReaderDriver reader({partition, Offset(0)});
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        reader.Step();
        return !reader.errors.empty();
      },
      kSoon));
  EXPECT_EQ(reader.errors.front().code(), StatusCode::kStopped) << reader.errors.front();
}

}  // namespace
}  // namespace sidestream::conformance
