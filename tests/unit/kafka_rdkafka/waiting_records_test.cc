// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the producer keeps back, against librdkafka's own mock cluster.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::kafka {
namespace {

Status Await(Producer& producer) {
  for (;;) {
    if (auto answer = producer.Poll(Milliseconds(20))) return std::move(*answer);
  }
}

TEST(WaitingRecordsTest, ACommitDoesNotOvertakeThem) {
  char text[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
  rd_kafka_mock_cluster_t* mock = rd_kafka_mock_cluster_new(owner, 1);
  rd_kafka_mock_topic_create(mock, "out", 1, 1);
  {
    const auto cluster =
        NewRdkafkaCluster({.common = {{"bootstrap.servers",
                                       rd_kafka_mock_cluster_bootstraps(mock)}},
                           .producer = {{"batch.num.messages", "2"}}})
            .value();
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
  rd_kafka_mock_cluster_destroy(mock);
  rd_kafka_destroy(owner);
}

}  // namespace
}  // namespace sidestream::kafka
