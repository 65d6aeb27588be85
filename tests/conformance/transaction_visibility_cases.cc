// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What readers see of a transaction: nothing, all of it, or nothing ever; and where
// markers, open transactions and positions lie.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

using Strings = std::vector<std::string>;

TEST(TransactionVisibility, RecordsAppearWithTheCommit) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_EQ(LastStable({topic, 0}), Offset(0));
  EXPECT_EQ(LogEnd({topic, 0}), Offset(1));
  EXPECT_EQ(Values(ReadAll({topic, 0})), Strings{});
  ASSERT_TRUE(Commit(*producer).ok());
  EXPECT_EQ(StableValues({topic, 0}), Strings{"a"});
}

TEST(TransactionVisibility, AbortedRecordsNeverAppear) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "gone").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(Abort(*producer).ok());
  CommitValues(*producer, topic, {"kept"});
  EXPECT_EQ(StableValues({topic, 0}), Strings{"kept"});
}

TEST(TransactionVisibility, CommitSendsWhatWasNotFlushed) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  CommitValues(*producer, topic, {"a", "b", "c"});
  EXPECT_EQ(producer->in_flight(), 0);
  EXPECT_EQ(StableValues({topic, 0}), (Strings{"a", "b", "c"}));
}

TEST(TransactionVisibility, MarkersTakeOffsets) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  CommitValues(*producer, topic, {"a", "b"});
  AwaitStable({topic, 0});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(3));
  CommitValues(*producer, topic, {"c"});
  AwaitStable({topic, 0});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(5));
  const auto records = ReadAll({topic, 0});
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[2].offset, Offset(3));
  EXPECT_EQ(producer->DeliveredEnd(producer->RegisterTopic(topic), 0), Offset(4));
}

TEST(TransactionVisibility, PositionStepsOverATailOfAbortedRecords) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  CommitValues(*producer, topic, {"a"});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(producer->Begin().ok());
    ASSERT_TRUE(Put(*producer, topic, "gone").ok());
    ASSERT_TRUE(Flush(*producer).ok());
    ASSERT_TRUE(Abort(*producer).ok());
  }
  AwaitStable({topic, 0});
  auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("reader")).value();
  ASSERT_TRUE(reader->Assign({{topic, 0}, Offset(0)}).ok());
  EXPECT_EQ(Values(ReadTo(*reader, {topic, 0}, LogEnd({topic, 0}))), Strings{"a"});
  EXPECT_EQ(reader->Position({topic, 0}), Offset(8));
}

TEST(TransactionVisibility, EofOfAnOpenTransactionComesAtTheLastStableOffset) {
  const std::string topic = MakeTopic();
  auto plain = MakeProducer("", {topic});
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(Put(*plain, topic, "before").ok());
  ASSERT_TRUE(Flush(*plain).ok());
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "open").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(Put(*plain, topic, "behind").ok());
  ASSERT_TRUE(Flush(*plain).ok());

  auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("reader")).value();
  ASSERT_TRUE(reader->Assign({{topic, 0}, Offset(0)}).ok());
  const auto await_end = [&](Offset end) {
    Strings values;
    const bool reached = TheEnvironment().PumpUntil(
        [&] {
          const auto chunks = reader->Poll(100, kPollWait);
          if (!chunks.ok()) return false;
          for (const auto& chunk : *chunks) {
            for (const auto& record : chunk->records()) values.emplace_back(*record.value);
            if (chunk->end_position() == end) return true;
          }
          return false;
        },
        kPatience);
    EXPECT_TRUE(reached) << end;
    return values;
  };
  EXPECT_EQ(await_end(Offset(1)), Strings{"before"});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(3));
  ASSERT_TRUE(Commit(*producer).ok());
  EXPECT_EQ(await_end(Offset(4)), (Strings{"open", "behind"}));
}

TEST(TransactionVisibility, AtomicOverPartitionsAndTopics) {
  const std::string first = MakeTopic(2);
  const std::string second = MakeTopic();
  auto producer = MakeTransactionalProducer({first, second});
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, first, "a", 0).ok());
  ASSERT_TRUE(Put(*producer, first, "b", 1).ok());
  ASSERT_TRUE(Put(*producer, second, "c", 0).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  for (const TopicPartition& p : {TopicPartition{first, 0}, {first, 1}, {second, 0}}) {
    EXPECT_EQ(LastStable(p), Offset(0)) << p;
  }
  ASSERT_TRUE(Commit(*producer).ok());
  EXPECT_EQ(StableValues({first, 0}), Strings{"a"});
  EXPECT_EQ(StableValues({first, 1}), Strings{"b"});
  EXPECT_EQ(StableValues({second, 0}), Strings{"c"});
}

TEST(TransactionVisibility, EmptyTransactionsLeaveNoTrace) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(producer->Begin().ok());
  EXPECT_TRUE(Commit(*producer).ok());
  ASSERT_TRUE(producer->Begin().ok());
  EXPECT_TRUE(Abort(*producer).ok());
  CommitValues(*producer, topic, {"a"});
  AwaitStable({topic, 0});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(2));
}

TEST(TransactionVisibility, AbortRightAfterProduceWorksEachTime) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(producer->Begin().ok());
    ASSERT_TRUE(Put(*producer, topic, "gone").ok());
    const Status aborted = Abort(*producer);
    ASSERT_TRUE(aborted.ok()) << aborted;
  }
  CommitValues(*producer, topic, {"kept"});
  EXPECT_EQ(StableValues({topic, 0}), Strings{"kept"});
}

TEST(TransactionVisibility, TransactionsFollowOneAnotherWithoutAPause) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  Strings expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back(std::to_string(i));
    CommitValues(*producer, topic, {expected.back()});
  }
  EXPECT_EQ(StableValues({topic, 0}), expected);
  EXPECT_FALSE(producer->tainted());
}

TEST(TransactionVisibility, TheSlowestOpenTransactionHoldsAllReaders) {
  const std::string topic = MakeTopic();
  auto slow = MakeTransactionalProducer({topic});
  auto quick = MakeTransactionalProducer({topic});
  ASSERT_TRUE(slow->Begin().ok());
  ASSERT_TRUE(Put(*slow, topic, "slow").ok());
  ASSERT_TRUE(Flush(*slow).ok());
  CommitValues(*quick, topic, {"quick"});
  EXPECT_EQ(LastStable({topic, 0}), Offset(0));
  ASSERT_TRUE(Abort(*slow).ok());
  EXPECT_EQ(StableValues({topic, 0}), Strings{"quick"});
}

TEST(TransactionVisibility, ReaderMayStartInsideAnAbortedTransaction) {
  const std::string topic = MakeTopic();
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(producer->Begin().ok());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Put(*producer, topic, "gone").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(Abort(*producer).ok());
  CommitValues(*producer, topic, {"kept"});
  AwaitStable({topic, 0});
  auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("reader")).value();
  ASSERT_TRUE(reader->Assign({{topic, 0}, Offset(3)}).ok());
  EXPECT_EQ(Values(ReadTo(*reader, {topic, 0}, LogEnd({topic, 0}))), Strings{"kept"});
}

/// A refused record poisons its transaction, and the one after it once.
void ExpectRefusalPoisons(const std::string& topic, const std::string& value,
                          std::optional<Timestamp> timestamp) {
  auto producer = MakeTransactionalProducer({topic});
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, value, 0, timestamp).ok());
  EXPECT_EQ(Commit(*producer).code(), StatusCode::kAbortRequired);
  EXPECT_TRUE(producer->first_failure().has_value());
  ASSERT_TRUE(Abort(*producer).ok());

  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "sequence gap").ok());
  EXPECT_EQ(Commit(*producer).code(), StatusCode::kAbortRequired);
  ASSERT_TRUE(Abort(*producer).ok());

  CommitValues(*producer, topic, {"fine"});
  EXPECT_EQ(StableValues({topic, 0}), Strings{"fine"});
}

TEST(TransactionVisibility, ARecordTooLargePoisonsTwoTransactions) {
  const std::string topic = MakeTopic(1, {{"max.message.bytes", "2000"}});
  ExpectRefusalPoisons(topic, std::string(5'000, 'x'), std::nullopt);
}

TEST(TransactionVisibility, ATimestampTooFarAheadPoisonsTwoTransactions) {
  const std::string topic = MakeTopic();
  ExpectRefusalPoisons(topic, "a", TheEnvironment().clock().WallTime() + 62 * 60'000);
}

}  // namespace
}  // namespace sidestream::conformance
