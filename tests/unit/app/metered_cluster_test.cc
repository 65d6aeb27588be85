// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What clients do shows up in the registry, and nothing of a client that is gone is a gauge.

#include "app/metered_cluster.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "command_fixture.h"

namespace sidestream::app {
namespace {

using metrics::Family;

class MeteredClusterTest : public CommandFixture {
 protected:
  Status Finish(kafka::Producer& producer) {
    for (;;) {
      if (const auto done = producer.Poll(Milliseconds(0))) return *done;
      waiting_.Pass(Milliseconds(1));
    }
  }

  metrics::Registry registry_;
  std::unique_ptr<kafka::Cluster> metered_ = NewMeteredCluster(*cluster_, registry_, clock_);
};

TEST_F(MeteredClusterTest, CountsRecordsCommitsAbortsAndRebuilds) {
  CreateTopic("out", 1);
  for (int round = 0; round < 2; ++round) {
    auto producer = metered_->NewProducer({.client_id = "w0", .transactional_id = "w0"}).value();
    const kafka::TopicHandle out = producer->RegisterTopic("out");
    producer->StartInit();
    ASSERT_TRUE(Finish(*producer).ok());
    ASSERT_TRUE(producer->Begin().ok());
    ASSERT_TRUE(producer->Produce({.topic = out, .key = "k", .value = "v"}).ok());
    producer->StartFlush();
    ASSERT_TRUE(Finish(*producer).ok());
    if (round == 0) {
      producer->StartCommit();
    } else {
      producer->StartAbort();
    }
    ASSERT_TRUE(Finish(*producer).ok());
  }
  EXPECT_EQ(registry_.Value(Family::kRecordsProduced, {"out"}), 2);
  EXPECT_EQ(registry_.Value(Family::kCommitDuration), 1);
  EXPECT_EQ(registry_.Value(Family::kTransactionAborts), 1);
  EXPECT_EQ(registry_.Value(Family::kProducerRebuilds), 1);
}

TEST_F(MeteredClusterTest, LagFallsToZeroOverAMarkerAndGoesWithThePartition) {
  CreateTopic("in", 1);
  auto feeder = metered_->NewProducer({.client_id = "f", .transactional_id = "f"}).value();
  const kafka::TopicHandle in = feeder->RegisterTopic("in");
  feeder->StartInit();
  ASSERT_TRUE(Finish(*feeder).ok());
  ASSERT_TRUE(feeder->Begin().ok());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(feeder->Produce({.topic = in, .key = "k", .value = "v"}).ok());
  }
  feeder->StartCommit();
  ASSERT_TRUE(Finish(*feeder).ok());

  auto consumer = metered_->NewConsumer({.group = "g", .client_id = "c"}).value();
  auto queue = consumer->NewQueue();
  const std::vector<std::string> topics{"in"};
  ASSERT_TRUE(consumer->Subscribe(topics).ok());
  const std::vector<TopicPartition> partitions{{"in", 0}};
  const std::vector<kafka::PartitionOffset> start{{{"in", 0}, Offset(0)}};
  bool running = false;
  while (registry_.Value(Family::kRecordsConsumed, {"in"}).value_or(0) < 3 ||
         registry_.Value(Family::kRecordsLag, {"in", "0"}) != 0) {
    if (const auto event = consumer->Poll(Milliseconds(0))) {
      if (std::holds_alternative<kafka::Assigned>(*event)) {
        ASSERT_TRUE(consumer->CompleteAssign(start).ok());
        consumer->StartSeek(start);
      } else if (std::holds_alternative<kafka::SeekDone>(*event) && !running) {
        running = true;
        ASSERT_TRUE(consumer->Forward(partitions[0], *queue).ok());
        ASSERT_TRUE(consumer->Resume(partitions).ok());
      }
    }
    queue->Poll(100, Milliseconds(0));
    waiting_.Pass(Milliseconds(10));
    ASSERT_LT(waiting_.waited(), Milliseconds(60'000)) << "no record came";
  }
  EXPECT_EQ(registry_.Value(Family::kRecordsConsumed, {"in"}), 3);
  EXPECT_EQ(registry_.Value(Family::kRebalances), 1);

  queue.reset();
  consumer.reset();
  EXPECT_EQ(registry_.Value(Family::kRecordsLag, {"in", "0"}), std::nullopt);
  EXPECT_EQ(registry_.Value(Family::kRecordsConsumed, {"in"}), 3);
}

}  // namespace
}  // namespace sidestream::app
