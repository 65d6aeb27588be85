// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the broker's cleaner leaves of a log, as a reader sees it: compaction, deletes that go after
// delete.retention.ms, and retention. The newest segment is never cleaned, so each case ends one.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

/// More than segment.ms of the topics here.
constexpr Milliseconds kNextSegment{150};
/// A cleaner that looks every half second, on a busy machine.
constexpr Milliseconds kCleaned{60'000};

std::map<std::string, std::string> Compacted(const std::string& delete_retention_ms) {
  return {{"cleanup.policy", "compact"},
          {"segment.ms", "100"},
          {"min.cleanable.dirty.ratio", "0.01"},
          {"delete.retention.ms", delete_retention_ms}};
}

class CompactedTopic {
 public:
  explicit CompactedTopic(const std::string& delete_retention_ms)
      : topic_(MakeTopic(1, Compacted(delete_retention_ms))),
        producer_(MakeTransactionalProducer({topic_})) {}

  TopicPartition partition() const { return {topic_, 0}; }

  /// A transaction with one record.
  void Put(std::string_view key, std::optional<std::string_view> value, bool commit = true) {
    ASSERT_TRUE(producer_->Begin().ok());
    ASSERT_TRUE(producer_
                    ->Produce({.topic = producer_->RegisterTopic(topic_),
                               .partition = 0,
                               .key = key,
                               .value = value})
                    .ok());
    if (commit) {
      ASSERT_TRUE(IsOk(Commit(*producer_)));
    } else {
      ASSERT_TRUE(IsOk(Flush(*producer_)));
      ASSERT_TRUE(IsOk(Abort(*producer_)));
    }
  }
  /// What comes next begins a segment, so that what is there may be cleaned.
  void EndSegment() {
    AwaitStable(partition());
    PumpFor(kNextSegment, [] {});
    Put("end-of-segment", "x");
    AwaitStable(partition());
  }
  /// "key=value" of what can be read, in its order.
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const ReadRecord& record : ReadAll(partition())) {
      if (record.key != "end-of-segment") {
        rows.push_back(*record.key + "=" + record.value.value_or("(null)"));
      }
    }
    return rows;
  }
  bool BecomeRows(const std::vector<std::string>& rows) const {
    return TheEnvironment().PumpUntil([&] { return Rows() == rows; }, kCleaned);
  }

 private:
  const std::string topic_;
  std::unique_ptr<kafka::Producer> producer_;
};

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
    GTEST_SKIP() << "the broker looks too seldom: start it with --set "
                    "log.retention.check.interval.ms=500 --set log.initial.task.delay.ms=100";
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
