// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What becomes of a record that a producer sends, without transactions.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

TEST(ProducerDelivery, CarriesKeyValueTimestampAndHeaders) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const Timestamp time = TheEnvironment().clock().WallTime() - 60'000;
  const std::vector<kafka::Header> headers = {
      {"trace", "abc"}, {"empty", ""}, {"none", std::nullopt}, {"trace", "twice"}};
  ASSERT_TRUE(producer
                  ->Produce({.topic = producer->RegisterTopic(topic),
                             .key = "k",
                             .value = "v",
                             .timestamp = time,
                             .headers = headers})
                  .ok());
  ASSERT_TRUE(Flush(*producer).ok());
  const auto records = ReadAll({topic, 0});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].offset, Offset(0));
  EXPECT_EQ(records[0].timestamp, time);
  EXPECT_EQ(records[0].key, "k");
  EXPECT_EQ(records[0].value, "v");
  ASSERT_EQ(records[0].headers.size(), 4u);
  EXPECT_EQ(records[0].headers[0],
            std::pair(std::string("trace"), std::optional<std::string>("abc")));
  EXPECT_EQ(records[0].headers[1].second, "");
  EXPECT_EQ(records[0].headers[2].second, std::nullopt);
  EXPECT_EQ(records[0].headers[3].second, "twice");
}

TEST(ProducerDelivery, TellsNullFromEmpty) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const auto handle = producer->RegisterTopic(topic);
  ASSERT_TRUE(producer->Produce({.topic = handle}).ok());
  ASSERT_TRUE(producer->Produce({.topic = handle, .key = "", .value = ""}).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  const auto records = ReadAll({topic, 0});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].key, std::nullopt);
  EXPECT_EQ(records[0].value, std::nullopt);
  EXPECT_EQ(records[1].key, "");
  EXPECT_EQ(records[1].value, "");
}

TEST(ProducerDelivery, KeepsOrderWithinAPartition) {
  const std::string topic = MakeTopic(2);
  auto producer = MakeProducer("", {topic});
  std::vector<std::string> expected[2];
  for (int i = 0; i < 2'000; ++i) {
    const auto value = std::to_string(i);
    ASSERT_TRUE(Put(*producer, topic, value, i % 2).ok());
    expected[i % 2].push_back(value);
    if (i % 100 == 0) producer->Poll(Milliseconds(0));
  }
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_EQ(Values(ReadAll({topic, 0})), expected[0]);
  EXPECT_EQ(Values(ReadAll({topic, 1})), expected[1]);
}

TEST(ProducerDelivery, IsCountedInFlightUntilReported) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  EXPECT_EQ(producer->in_flight(), 0);
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  EXPECT_EQ(producer->in_flight(), 1);
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_EQ(producer->in_flight(), 0);
}

TEST(ProducerDelivery, EndIsBehindTheLastDeliveredRecord) {
  const std::string topic = MakeTopic(2);
  auto producer = MakeProducer("", {topic});
  const auto handle = producer->RegisterTopic(topic);
  EXPECT_EQ(producer->DeliveredEnd(handle, 0), std::nullopt);
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  ASSERT_TRUE(Put(*producer, topic, "b").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_EQ(producer->DeliveredEnd(handle, 0), Offset(2));
  EXPECT_EQ(producer->DeliveredEnd(handle, 1), std::nullopt);
}

TEST(ProducerDelivery, TakesTheProducersClockWithoutATimestamp) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const Timestamp before = TheEnvironment().clock().WallTime();
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  const Timestamp after = TheEnvironment().clock().WallTime();
  const auto records = ReadAll({topic, 0});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_GE(records[0].timestamp, before);
  EXPECT_LE(records[0].timestamp, after);
}

TEST(ProducerDelivery, FlushOfNothingIsDone) {
  auto producer = MakeProducer("", {});
  EXPECT_TRUE(Flush(*producer).ok());
}

TEST(ProducerDelivery, BeginOfAnIdempotentProducerDoesNothing) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  EXPECT_TRUE(producer->Begin().ok());
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_TRUE(producer->Begin().ok());
  EXPECT_EQ(Values(ReadAll({topic, 0})), std::vector<std::string>{"a"});
  EXPECT_EQ(LogEnd({topic, 0}), Offset(1));
}

TEST(ProducerDelivery, KnowsATopicThatIsRegisteredAfterInit) {
  auto producer = MakeProducer("", {});
  const std::string topic = MakeTopic();
  ASSERT_TRUE(Put(*producer, topic, "a").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_FALSE(producer->first_failure().has_value());
  EXPECT_EQ(Values(ReadAll({topic, 0})), std::vector<std::string>{"a"});
}

TEST(ProducerDelivery, RefusesARecordAboveTheClientsLimitBeforeQueueing) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const std::string huge(16 << 20, 'x');
  EXPECT_EQ(Put(*producer, topic, huge).code(), StatusCode::kBadRecord);
  EXPECT_EQ(producer->in_flight(), 0);
  ASSERT_TRUE(Put(*producer, topic, "small").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_FALSE(producer->first_failure().has_value());
  EXPECT_EQ(Values(ReadAll({topic, 0})), std::vector<std::string>{"small"});
}

TEST(ProducerDelivery, ReportsARecordAboveTheTopicsLimit) {
  const std::string topic = MakeTopic(1, {{"max.message.bytes", "2000"}});
  auto producer = MakeProducer("", {topic});
  ASSERT_TRUE(Put(*producer, topic, std::string(5'000, 'x')).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(producer->first_failure().has_value());
  EXPECT_EQ(producer->first_failure()->topic, topic);
  EXPECT_EQ(producer->first_failure()->partition, 0);
  EXPECT_FALSE(producer->first_failure()->status.ok());
  EXPECT_EQ(producer->in_flight(), 0);
  // An idempotent producer goes on: a record behind the refused one overtakes it.
  ASSERT_TRUE(Put(*producer, topic, "next").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_EQ(Values(ReadAll({topic, 0})), std::vector<std::string>{"next"});
}

TEST(ProducerDelivery, FirstFailureIsForgottenAtBegin) {
  const std::string topic = MakeTopic(1, {{"max.message.bytes", "2000"}});
  auto producer = MakeProducer("", {topic});
  ASSERT_TRUE(Put(*producer, topic, std::string(5'000, 'x')).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(producer->first_failure().has_value());
  ASSERT_TRUE(producer->Begin().ok());
  EXPECT_FALSE(producer->first_failure().has_value());
}

TEST(ProducerDelivery, AcceptsATimestampFiftyMinutesAhead) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const Timestamp ahead = TheEnvironment().clock().WallTime() + 50 * 60'000;
  ASSERT_TRUE(Put(*producer, topic, "a", 0, ahead).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_FALSE(producer->first_failure().has_value());
  EXPECT_EQ(LogEnd({topic, 0}), Offset(1));
}

TEST(ProducerDelivery, ReportsATimestampMoreThanAnHourAhead) {
  const std::string topic = MakeTopic();
  auto producer = MakeProducer("", {topic});
  const Timestamp ahead = TheEnvironment().clock().WallTime() + 62 * 60'000;
  ASSERT_TRUE(Put(*producer, topic, "a", 0, ahead).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_TRUE(producer->first_failure().has_value());
  EXPECT_EQ(LogEnd({topic, 0}), Offset(0));
}

TEST(ProducerDelivery, ReportsATimestampOlderThanTheTopicAllows) {
  const std::string topic = MakeTopic(1, {{"message.timestamp.before.max.ms", "60000"}});
  auto producer = MakeProducer("", {topic});
  const Timestamp now = TheEnvironment().clock().WallTime();
  ASSERT_TRUE(Put(*producer, topic, "young", 0, now - 10'000).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_FALSE(producer->first_failure().has_value());
  ASSERT_TRUE(Put(*producer, topic, "old", 0, now - 120'000).ok());
  ASSERT_TRUE(Flush(*producer).ok());
  EXPECT_TRUE(producer->first_failure().has_value());
  EXPECT_EQ(Values(ReadAll({topic, 0})), std::vector<std::string>{"young"});
}

}  // namespace
}  // namespace sidestream::conformance
