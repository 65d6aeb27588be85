// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Who ends a transaction when its producer does not.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

using Strings = std::vector<std::string>;

TEST(TransactionFencing, SuccessorEndsThePredecessorsTransaction) {
  const std::string topic = MakeTopic();
  const std::string id = TheEnvironment().UniqueName("transactional");
  auto first = MakeProducer(id, {topic});
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(Put(*first, topic, "gone").ok());
  ASSERT_TRUE(Flush(*first).ok());
  auto second = MakeProducer(id, {topic});
  AwaitStable({topic, 0});
  CommitValues(*second, topic, {"kept"});
  EXPECT_EQ(StableValues({topic, 0}), Strings{"kept"});
}

TEST(TransactionFencing, CommitOfAFencedProducerSaysSo) {
  const std::string topic = MakeTopic();
  const std::string id = TheEnvironment().UniqueName("transactional");
  auto first = MakeProducer(id, {topic});
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(Put(*first, topic, "gone").ok());
  ASSERT_TRUE(Flush(*first).ok());
  auto second = MakeProducer(id, {topic});
  EXPECT_EQ(Commit(*first).code(), StatusCode::kFenced);
  EXPECT_EQ(StableValues({topic, 0}), Strings{});
}

TEST(TransactionFencing, FirstRequestOfAFencedProducerFindsOut) {
  const std::string topic = MakeTopic();
  const std::string id = TheEnvironment().UniqueName("transactional");
  auto first = MakeProducer(id, {topic});
  auto second = MakeProducer(id, {topic});
  const Status begun = first->Begin();
  if (begun.ok()) {
    ASSERT_TRUE(Put(*first, topic, "gone").ok());
    EXPECT_EQ(Commit(*first).code(), StatusCode::kFenced);
  } else {
    EXPECT_EQ(begun.code(), StatusCode::kFenced);
  }
  CommitValues(*second, topic, {"kept"});
  EXPECT_EQ(StableValues({topic, 0}), Strings{"kept"});
}

TEST(TransactionFencing, CommittedTransactionsSurviveTheSuccessor) {
  const std::string topic = MakeTopic();
  const std::string id = TheEnvironment().UniqueName("transactional");
  {
    auto first = MakeProducer(id, {topic});
    CommitValues(*first, topic, {"a"});
  }
  auto second = MakeProducer(id, {topic});
  CommitValues(*second, topic, {"b"});
  EXPECT_EQ(StableValues({topic, 0}), (Strings{"a", "b"}));
}

TEST(TransactionFencing, OtherIdsAreLeftAlone) {
  const std::string topic = MakeTopic();
  auto first = MakeTransactionalProducer({topic});
  ASSERT_TRUE(first->Begin().ok());
  ASSERT_TRUE(Put(*first, topic, "a").ok());
  ASSERT_TRUE(Flush(*first).ok());
  auto second = MakeTransactionalProducer({topic});
  EXPECT_TRUE(Commit(*first).ok());
  EXPECT_EQ(StableValues({topic, 0}), Strings{"a"});
}

TEST(TransactionFencing, DeadProducersTransactionEndsByItsTimeout) {
  const std::string topic = MakeTopic();
  const std::string id = TheEnvironment().UniqueName("transactional");
  {
    auto dead = MakeProducer(id, {topic}, Milliseconds(1'500));
    ASSERT_TRUE(dead->Begin().ok());
    ASSERT_TRUE(Put(*dead, topic, "gone").ok());
    ASSERT_TRUE(Flush(*dead).ok());
  }
  EXPECT_EQ(LastStable({topic, 0}), Offset(0));
  AwaitStable({topic, 0});
  EXPECT_EQ(Values(ReadAll({topic, 0})), Strings{});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(2));
}

TEST(TransactionFencing, CommitAfterTheTimeoutIsFenced) {
  const std::string topic = MakeTopic();
  auto producer =
      MakeProducer(TheEnvironment().UniqueName("transactional"), {topic}, Milliseconds(1'500));
  ASSERT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "gone").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  AwaitStable({topic, 0});
  EXPECT_EQ(Commit(*producer).code(), StatusCode::kFenced);
  EXPECT_EQ(Values(ReadAll({topic, 0})), Strings{});
}

}  // namespace
}  // namespace sidestream::conformance
