// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_cluster.h"

#include <gtest/gtest.h>

namespace sidestream::kafka {
namespace {

RdkafkaOptions Options() { return {.common = {{"bootstrap.servers", "localhost:1"}}}; }

TEST(RdkafkaClusterTest, NamesEveryFindingWithItsSection) {
  RdkafkaOptions options = Options();
  options.consumer["isolation.level"] = "read_uncommitted";
  options.producer["ack"] = "all";
  const auto cluster = NewRdkafkaCluster(options);
  ASSERT_FALSE(cluster.ok());
  EXPECT_EQ(cluster.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(cluster.status().message().find("kafka.consumer.isolation.level"), std::string::npos);
  EXPECT_NE(cluster.status().message().find("did you mean acks?"), std::string::npos);
}

TEST(RdkafkaClusterTest, MakesEveryClientWithoutACluster) {
  const auto cluster = NewRdkafkaCluster(Options());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  EXPECT_TRUE((*cluster)->NewConsumer({.group = "app", .client_id = "c"}).ok());
  EXPECT_TRUE((*cluster)->NewProducer({.client_id = "p"}).ok());
  EXPECT_TRUE((*cluster)->NewProducer({.client_id = "p", .transactional_id = "t"}).ok());
  EXPECT_TRUE((*cluster)->NewLogReader("r").ok());
  EXPECT_TRUE((*cluster)->NewAdmin("a").ok());
}

// The library frees a topic into its client, so the client must not be gone (ASan tells).
TEST(RdkafkaClusterTest, AProducerMayEndWithRecordsUnderWay) {
  const auto cluster = NewRdkafkaCluster(Options());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto producer = (*cluster)->NewProducer({.client_id = "p"});
  ASSERT_TRUE(producer.ok()) << producer.status();
  OutgoingRecord record;
  record.topic = (*producer)->RegisterTopic("out");
  record.value = "1";
  ASSERT_TRUE((*producer)->Begin().ok());
  ASSERT_TRUE((*producer)->Produce(record).ok());
  (*producer)->Poll(Milliseconds(0));
  ASSERT_TRUE((*producer)->Produce(record).ok());
  EXPECT_EQ((*producer)->in_flight(), 2);
}

TEST(RdkafkaClusterTest, RefusesTimeoutsThatTheLibraryRefuses) {
  const auto cluster = NewRdkafkaCluster(Options());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const auto consumer = (*cluster)->NewConsumer({.group = "app",
                                                 .session_timeout = Milliseconds(60'000),
                                                 .max_poll_interval = Milliseconds(5'000)});
  ASSERT_FALSE(consumer.ok());
  EXPECT_EQ(consumer.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(consumer.status().message().find("max.poll.interval.ms"), std::string::npos);
}

TEST(RdkafkaClusterTest, TakesConsumerOptionsFromTheProperties) {
  RdkafkaOptions options = Options();
  options.common["session.timeout.ms"] = "7000";
  options.consumer["partition.assignment.strategy"] = "range";
  const ConsumerOptions consumer = ConsumerOptionsFrom(options);
  EXPECT_EQ(consumer.session_timeout, Milliseconds(7'000));
  EXPECT_EQ(consumer.strategy, AssignmentStrategy::kRange);
  EXPECT_EQ(consumer.heartbeat_interval, ConsumerOptions().heartbeat_interval);
}

TEST(RdkafkaClusterTest, RefusesOffsetsWithoutAMembership) {
  const auto cluster = NewRdkafkaCluster(Options());
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  auto consumer = (*cluster)->NewConsumer({.group = "app", .client_id = "c"});
  ASSERT_TRUE(consumer.ok()) << consumer.status();
  (*consumer)->StartCommit(7, {{{"t", 0}, Offset(1), ""}});
  std::optional<ConsumerEvent> event = (*consumer)->Poll(Milliseconds(0));
  ASSERT_TRUE(event && std::holds_alternative<CommitDone>(*event));
  EXPECT_EQ(std::get<CommitDone>(*event).token, 7u);
  EXPECT_EQ(std::get<CommitDone>(*event).status.code(), StatusCode::kTaskMigrated);
}

}  // namespace
}  // namespace sidestream::kafka
