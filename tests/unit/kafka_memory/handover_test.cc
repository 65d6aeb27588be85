// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// That the wrong order of a hand-over shows: who forwards before the seek was answered has
// partitions that go silent (second-look A2). The right order is a conformance case.

#include <gtest/gtest.h>

#include "kafka/memory/memory_cluster.h"

namespace sidestream::kafka::memory {
namespace {

/// Assigns one partition, loses it, assigns it again; whether a record arrives after that.
bool Delivers(uint64_t seed, bool wait_for_seek) {
  ManualClock clock;
  Broker broker(clock, {.seed = seed});
  EXPECT_TRUE(broker.CreateTopic({.name = "t"}).ok());
  const auto cluster = NewMemoryCluster(broker);
  const auto consumer = cluster->NewConsumer({.group = "g", .client_id = "m"}).value();
  const auto queue = consumer->NewQueue();
  const std::vector<std::string> topics = {"t"};
  const std::vector<TopicPartition> held = {{"t", 0}};
  const std::vector<PartitionOffset> positions = {{held[0], Offset(0)}};
  EXPECT_TRUE(consumer->Subscribe(topics).ok());
  int assigned = 0;
  const auto start = [&] {
    EXPECT_TRUE(consumer->Forward(held[0], *queue).ok());
    EXPECT_TRUE(consumer->Resume(held).ok());
    if (assigned == 1) broker.ExpireSession("g", "m");
  };
  // The default heartbeat interval is 3 s: two rounds and their stops fit.
  for (int i = 0; i < 1'000; ++i) {
    clock.Advance(Milliseconds(10));
    const auto event = consumer->Poll(Milliseconds(0));
    if (!event) continue;
    if (std::holds_alternative<Assigned>(*event)) {
      ++assigned;
      EXPECT_TRUE(consumer->CompleteAssign(positions).ok());
      consumer->StartSeek(positions);
      if (!wait_for_seek) start();
    } else if (std::holds_alternative<Revoking>(*event)) {
      EXPECT_TRUE(consumer->CompleteRevoke(held).ok());
    } else if (std::holds_alternative<SeekDone>(*event) && wait_for_seek) {
      start();
    }
  }
  EXPECT_EQ(assigned, 2);
  const auto producer = cluster->NewProducer({.client_id = "p"}).value();
  const TopicHandle topic = producer->RegisterTopic("t");
  producer->StartInit();
  EXPECT_TRUE(producer->Poll(Milliseconds(0)).has_value());
  EXPECT_TRUE(producer->Produce({.topic = topic, .value = "v"}).ok());
  producer->StartFlush();
  EXPECT_TRUE(producer->Poll(Milliseconds(0)).has_value());
  bool record = false;
  for (int i = 0; i < 10; ++i) {
    for (const auto& chunk : queue->Poll(10, Milliseconds(0))) {
      record = record || !chunk->records().empty();
    }
  }
  return record;
}

TEST(HandoverTest, ForwardBehindTheSeekAlwaysDelivers) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_TRUE(Delivers(seed, /*wait_for_seek=*/true)) << "seed " << seed;
  }
}

TEST(HandoverTest, ForwardBeforeTheSeekGoesSilentForSomeSeeds) {
  int silent = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    if (!Delivers(seed, /*wait_for_seek=*/false)) ++silent;
  }
  EXPECT_GT(silent, 0);
}

}  // namespace
}  // namespace sidestream::kafka::memory
