// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the producer keeps back, against librdkafka's own mock cluster.

#include <gtest/gtest.h>

#include "mock_cluster.h"

namespace sidestream::kafka {
namespace {

Status Await(Producer& producer) {
  for (;;) {
    if (auto answer = producer.Poll(Milliseconds(20))) return std::move(*answer);
  }
}

TEST(WaitingRecordsTest, ACommitDoesNotOvertakeThem) {
  const MockCluster mock(1);
  rd_kafka_mock_topic_create(mock.get(), "out", 1, 1);
  const auto cluster = mock.Connect({.producer = {{"batch.num.messages", "2"}}});
  const auto producer =
      cluster->NewProducer({.client_id = "p", .transactional_id = "t"}).value();
  OutgoingRecord record;
  record.topic = producer->RegisterTopic("out");
  record.value = "1";
  producer->StartInit();
  ASSERT_TRUE(Await(*producer).ok());
  ASSERT_TRUE(producer->Begin().ok());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(producer->Produce(record).ok());
  producer->StartCommit();
  ASSERT_TRUE(Await(*producer).ok());
  EXPECT_EQ(producer->in_flight(), 0);
  EXPECT_EQ(producer->DeliveredEnd(record.topic, 0), Offset(10));
}

}  // namespace
}  // namespace sidestream::kafka
