// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reading by hand: restore and control topic (engine-kafka4 E). The position, not the last record,
// says when the end is reached.

#include <gtest/gtest.h>

#include "tests/conformance/case_driver.h"

namespace sidestream::conformance {
namespace {

struct Fixture {
  const std::string topic = NewTopicNamed("reader", 2);
  const TopicPartition partition{topic, 0};
  ProducerDriver producer{TheEnvironment().UniqueName("txn")};

  Offset LogEnd() const {
    return OffsetOf(partition, kafka::OffsetSpec::kLatest, kafka::IsolationLevel::kReadUncommitted);
  }
};

TEST(Reader, ReadsFromTheStartToTheLogEnd) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 3, true)));
  ReaderDriver reader({fixture.partition, Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(fixture.LogEnd())));
  EXPECT_EQ(reader.offsets, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(reader.values, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(reader.position(), Offset(4));
}

TEST(Reader, StartsAtTheGivenOffset) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 5, true)));
  ReaderDriver reader({fixture.partition, Offset(3)});
  EXPECT_EQ(reader.position(), Offset(3));
  EXPECT_TRUE(IsOk(reader.ReadTo(fixture.LogEnd())));
  EXPECT_EQ(reader.offsets, (std::vector<int64_t>{3, 4}));
}

TEST(Reader, StandsAtTheEndOfAnEmptyLog) {
  Fixture fixture;
  ReaderDriver reader({fixture.partition, Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(fixture.LogEnd())));
  EXPECT_EQ(reader.position(), Offset(0));
}

TEST(Reader, ReachesTheEndBehindAnAbortedTail) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 2, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 4, false)));
  ReaderDriver reader({fixture.partition, Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(fixture.LogEnd())));
  EXPECT_EQ(reader.offsets, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(reader.position(), Offset(8));
}

TEST(Reader, ReachesTheEndOfALogThatHoldsOnlyAbortedRecords) {
  Fixture fixture;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 2, false)));
  }
  ReaderDriver reader({fixture.partition, Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(fixture.LogEnd())));
  EXPECT_TRUE(reader.offsets.empty());
}

// An end event at the last stable offset is not the end: committed state may follow.
TEST(Reader, WaitsAtAnOpenTransactionAndThenGoesOn) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Begin()));
  ASSERT_TRUE(IsOk(fixture.producer.Produce(fixture.partition, 1)));
  ProducerDriver other(TheEnvironment().UniqueName("txn"));
  ASSERT_TRUE(IsOk(other.Transaction(fixture.partition, 1, true)));
  // The marker may land after the commit has been answered.
  const Offset target(5);
  ASSERT_TRUE(TheEnvironment().PumpUntil([&] { return fixture.LogEnd() == target; }, kSoon));
  ReaderDriver reader({fixture.partition, Offset(0)});
  EXPECT_TRUE(IsOk(reader.ReadTo(Offset(2))));
  PumpFor(kQuiet, [&] { reader.Step(); });
  EXPECT_EQ(reader.position(), Offset(2));
  ASSERT_TRUE(IsOk(fixture.producer.Abort()));
  EXPECT_TRUE(IsOk(reader.ReadTo(target)));
  EXPECT_EQ(reader.offsets, (std::vector<int64_t>{0, 3}));
}

// A successor with the same transactional id ends its predecessor's transaction.
TEST(Reader, GoesOnWhenASuccessorTakesTheTransactionalId) {
  Fixture fixture;
  const std::string id = TheEnvironment().UniqueName("txn");
  ProducerDriver zombie(id, Milliseconds(60'000));
  ASSERT_TRUE(IsOk(zombie.Begin()));
  ASSERT_TRUE(IsOk(zombie.Produce(fixture.partition, 2)));
  const Offset target = fixture.LogEnd();
  ReaderDriver reader({fixture.partition, Offset(0)});
  ProducerDriver successor(id, Milliseconds(60'000));
  ASSERT_TRUE(IsOk(successor.Init()));
  EXPECT_TRUE(IsOk(reader.ReadTo(target)));
  EXPECT_TRUE(reader.offsets.empty());
  EXPECT_EQ(zombie.Commit().code(), StatusCode::kFenced);
}

TEST(Reader, StopsAtAnOffsetBelowTheLogStart) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 6, true)));
  const auto deleted = Await(TheAdmin().DeleteRecords({{fixture.partition, Offset(4)}}));
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(OffsetOf(fixture.partition, kafka::OffsetSpec::kEarliest,
                     kafka::IsolationLevel::kReadUncommitted),
            Offset(4));
  ReaderDriver reader({fixture.partition, Offset(1)});
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        reader.Step();
        return !reader.errors.empty();
      },
      kSoon));
  EXPECT_EQ(reader.errors.front().code(), StatusCode::kStopped) << reader.errors.front();
  EXPECT_NE(reader.errors.front().message().find(ToString(fixture.partition)), std::string::npos);
  EXPECT_NE(reader.errors.front().message().find("offset=1"), std::string::npos);
}

TEST(Reader, StopsAtAnOffsetBeyondTheLogEnd) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 1, true)));
  ReaderDriver reader({fixture.partition, Offset(500)});
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        reader.Step();
        return !reader.errors.empty();
      },
      kSoon));
  EXPECT_EQ(reader.errors.front().code(), StatusCode::kStopped) << reader.errors.front();
}

TEST(Reader, MovesAPartitionThatItReads) {
  Fixture fixture;
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 4, true)));
  ReaderDriver reader({fixture.partition, Offset(0)});
  ASSERT_TRUE(IsOk(reader.ReadTo(Offset(5))));
  ASSERT_TRUE(IsOk(reader.port().Assign({fixture.partition, Offset(2)})));
  EXPECT_EQ(reader.position(), Offset(2));
  EXPECT_TRUE(IsOk(reader.ReadTo(Offset(5))));
  EXPECT_EQ(reader.offsets, (std::vector<int64_t>{0, 1, 2, 3, 2, 3}));
}

TEST(Reader, ForgetsAPartitionThatIsUnassigned) {
  Fixture fixture;
  ReaderDriver reader({fixture.partition, Offset(0)});
  ASSERT_TRUE(IsOk(reader.ReadTo(Offset(0))));
  ASSERT_TRUE(IsOk(reader.port().Unassign(fixture.partition)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 2, true)));
  PumpFor(kQuiet, [&] { reader.Step(); });
  EXPECT_TRUE(reader.offsets.empty());
  EXPECT_EQ(reader.port().Position(fixture.partition), std::nullopt);
}

TEST(Reader, ReadsSeveralPartitionsAtOnce) {
  Fixture fixture;
  const TopicPartition other{fixture.topic, 1};
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(fixture.partition, 2, true)));
  ASSERT_TRUE(IsOk(fixture.producer.Transaction(other, 3, true)));
  ReaderDriver reader({fixture.partition, Offset(0)});
  ASSERT_TRUE(IsOk(reader.port().Assign({other, Offset(0)})));
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        reader.Step();
        return reader.port().Position(fixture.partition) == Offset(3) &&
               reader.port().Position(other) == Offset(4);
      },
      kSoon));
  EXPECT_EQ(reader.offsets.size(), 5u);
}

}  // namespace
}  // namespace sidestream::conformance
