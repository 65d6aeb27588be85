// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a consumer sees of the log: ends, watermarks, timestamps, headers, nulls.

#include <gtest/gtest.h>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

using kafka::IsolationLevel;
using kafka::OffsetSpec;

struct Fixture {
  const std::string topic = NewTopicNamed("position", 1);
  const TopicPartition partition{topic, 0};
  ProducerDriver producer{TheEnvironment().UniqueName("txn")};
  MemberDriver member{MemberPlan{.group = TheEnvironment().UniqueName("group"), .topics = {topic}}};

  bool ReadTo(int64_t end) {
    return StepUntil({&member}, [&] { return member.End(partition) == Offset(end); });
  }
};

TEST(ConsumerPosition, TellsTheEndOfAnEmptyPartition) {
  Fixture fixture;
  EXPECT_TRUE(fixture.ReadTo(0));
  EXPECT_TRUE(fixture.member.Seen(fixture.partition).empty());
}

TEST(ConsumerPosition, StepsOverACommitMarkerAtTheEnd) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 3, true)));
  EXPECT_TRUE(fixture.ReadTo(4));
  EXPECT_EQ(fixture.member.Seen(fixture.partition), (std::vector<int64_t>{0, 1, 2}));
}

TEST(ConsumerPosition, StepsOverAbortedRecords) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 2, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 5, false)));
  EXPECT_TRUE(fixture.ReadTo(9));
  EXPECT_EQ(fixture.member.Seen(fixture.partition), (std::vector<int64_t>{0, 1}));
}

TEST(ConsumerPosition, ReadsBetweenMarkers) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, false)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  EXPECT_TRUE(fixture.ReadTo(6));
  EXPECT_EQ(fixture.member.Seen(fixture.partition), (std::vector<int64_t>{0, 4}));
}

TEST(ConsumerPosition, TellsTheEndAgainAfterMoreRecords) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  ASSERT_TRUE(fixture.ReadTo(2));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  EXPECT_TRUE(fixture.ReadTo(4));
}

// The end event stands at the last stable offset, the cached high watermark beyond it; only the
// latter says that a tail cannot be read yet.
TEST(ConsumerPosition, SeesAnOpenTransactionInTheHighWatermarkOnly) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Begin()));
  ASSERT_TRUE(IsOk(fixture.producer.Produce(fixture.partition, 3)));
  ASSERT_TRUE(fixture.ReadTo(2));
  EXPECT_TRUE(StepUntil({&fixture.member}, [&] {
    return fixture.member.port().HighWatermark(fixture.partition) == Offset(5);
  }));
  EXPECT_EQ(OffsetOf(fixture.partition, OffsetSpec::kLatest, IsolationLevel::kReadCommitted),
            Offset(2));
  EXPECT_EQ(OffsetOf(fixture.partition, OffsetSpec::kLatest, IsolationLevel::kReadUncommitted),
            Offset(5));
  EXPECT_EQ(fixture.member.Seen(fixture.partition).size(), 1u);
  ASSERT_TRUE(IsOk(fixture.producer.Commit()));
  EXPECT_TRUE(fixture.ReadTo(6));
  EXPECT_EQ(fixture.member.Seen(fixture.partition), (std::vector<int64_t>{0, 2, 3, 4}));
}

TEST(ConsumerPosition, HasNoHighWatermarkBeforeTheFirstFetch) {
  Fixture fixture;
  EXPECT_EQ(fixture.member.port().HighWatermark(fixture.partition), std::nullopt);
}

// A plain record behind an open transaction waits for it too.
TEST(ConsumerPosition, HoldsBackPlainRecordsBehindAnOpenTransaction) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Begin()));
  ASSERT_TRUE(IsOk(fixture.producer.Produce(fixture.partition, 1)));
  ProducerDriver plain;
  ASSERT_TRUE(IsOk(plain.Produce(fixture.partition, 1)));
  ASSERT_TRUE(fixture.ReadTo(0));
  PumpFor(kQuiet, [&] { fixture.member.Step(); });
  EXPECT_TRUE(fixture.member.Seen(fixture.partition).empty());
  ASSERT_TRUE(IsOk(fixture.producer.Abort()));
  EXPECT_TRUE(fixture.ReadTo(3));
  EXPECT_EQ(fixture.member.Seen(fixture.partition), (std::vector<int64_t>{1}));
}

TEST(ConsumerPosition, DeliversNullsHeadersAndTimestampsAsTheyWere) {
  Fixture fixture;
  ProducerDriver plain;
  const kafka::TopicHandle topic = plain.port().RegisterTopic(fixture.topic);
  ASSERT_TRUE(IsOk(plain.Init()));
  const std::vector<Header> headers = {{"a", "1"}, {"a", std::nullopt}, {"b", ""}};
  ASSERT_TRUE(IsOk(plain.port().Produce({.topic = topic,
                                         .key = "",
                                         .value = std::nullopt,
                                         .timestamp = Timestamp(1'700'000'000'123),
                                         .headers = headers})));
  ASSERT_TRUE(IsOk(plain.port().Produce({.topic = topic, .key = std::nullopt, .value = ""})));
  ASSERT_TRUE(IsOk(plain.Flush()));
  fixture.member.HoldStart();
  ASSERT_TRUE(StepUntil({&fixture.member}, [&] { return fixture.member.Holds(fixture.partition); }));
  const std::vector<kafka::PartitionOffset> start = {{fixture.partition, Offset(0)}};
  fixture.member.port().StartSeek(start);
  ASSERT_TRUE(StepUntil({&fixture.member}, [&] { return fixture.member.seeks.size() == 1; }));
  const auto queue = fixture.member.port().NewQueue();
  const std::vector<TopicPartition> partitions = {fixture.partition};
  ASSERT_TRUE(IsOk(fixture.member.port().Forward(fixture.partition, *queue)));
  ASSERT_TRUE(IsOk(fixture.member.port().Resume(partitions)));
  std::vector<std::unique_ptr<kafka::RecordChunk>> chunks;
  ASSERT_TRUE(StepUntil({&fixture.member}, [&] {
    for (auto& chunk : queue->Poll(100, Milliseconds(0))) {
      if (!chunk->records().empty()) chunks.push_back(std::move(chunk));
    }
    return !chunks.empty() && chunks.back()->records().back().offset == Offset(1);
  }));
  const kafka::Record& first = chunks.front()->records().front();
  EXPECT_EQ(first.key, "");
  EXPECT_EQ(first.value, std::nullopt);
  EXPECT_EQ(first.timestamp, Timestamp(1'700'000'000'123));
  const auto parsed = chunks.front()->Headers(0);
  ASSERT_EQ(parsed.size(), 3u);
  EXPECT_EQ(parsed[0].name, "a");
  EXPECT_EQ(parsed[0].value, "1");
  EXPECT_EQ(parsed[1].name, "a");
  EXPECT_EQ(parsed[1].value, std::nullopt);
  EXPECT_EQ(parsed[2].name, "b");
  EXPECT_EQ(parsed[2].value, "");
  const kafka::Record& last = chunks.back()->records().back();
  EXPECT_EQ(last.key, std::nullopt);
  EXPECT_EQ(last.value, "");
  EXPECT_GT(last.timestamp, Timestamp(1'700'000'000'123));
  EXPECT_TRUE(chunks.back()->Headers(chunks.back()->records().size() - 1).empty());
}

TEST(ConsumerPosition, ReportsAnOffsetThatTheLogDoesNotHave) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  fixture.member.StartAt(fixture.partition, Offset(100));
  ASSERT_TRUE(StepUntil({&fixture.member}, [&] { return !fixture.member.errors.empty(); }));
  EXPECT_EQ(fixture.member.errors.front().code(), StatusCode::kStopped);
  EXPECT_NE(fixture.member.errors.front().message().find(ToString(fixture.partition)),
            std::string::npos)
      << fixture.member.errors.front();
}

}  // namespace
}  // namespace sidestream::conformance
