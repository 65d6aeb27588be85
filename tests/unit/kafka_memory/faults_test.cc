// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The holes of transaction protocol v1 (KAFKA-17754, engine-kafka4 C) by scripted faults, and
// that a seed decides everything.

#include "kafka/memory/faults.h"

#include <gtest/gtest.h>

#include "kafka/memory/memory_cluster.h"

namespace sidestream::kafka::memory {
namespace {

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(broker_.CreateTopic({.name = "t"}).ok());
    consumer_ = cluster_->NewConsumer({.group = "g", .client_id = "member"}).value();
    const std::vector<std::string> topics = {"t"};
    ASSERT_TRUE(consumer_->Subscribe(topics).ok());
    Pump([&] {
      const auto event = consumer_->Poll(Milliseconds(0));
      if (!event || !std::holds_alternative<Assigned>(*event)) return false;
      const std::vector<PartitionOffset> positions = {{{"t", 0}, Offset(0)}};
      return consumer_->CompleteAssign(positions).ok();
    });
    producer_ = cluster_->NewProducer({.client_id = "p", .transactional_id = "id"}).value();
    topic_ = producer_->RegisterTopic("t");
    producer_->StartInit();
    ASSERT_TRUE(Finish().ok());
  }

  template <typename Done>
  bool Pump(Done done, Milliseconds limit = Milliseconds(60'000)) {
    for (Milliseconds passed{0}; passed < limit; passed += Milliseconds(10)) {
      if (done()) return true;
      clock_.Advance(Milliseconds(10));
      consumer_->Poll(Milliseconds(0));
    }
    return false;
  }
  void Wait(Milliseconds time) {
    Pump([] { return false; }, time);
    broker_.Step();
  }
  Status Finish() {
    std::optional<Status> status;
    Pump([&] { return (status = producer_->Poll(Milliseconds(0))).has_value(); });
    return status.value_or(Status::Fatal("never ended"));
  }
  Status Put(std::string_view value) {
    RETURN_IF_ERROR(producer_->Produce({.topic = topic_, .value = value}));
    producer_->StartFlush();
    return Finish();
  }
  Status Commit() {
    producer_->StartCommit();
    return Finish();
  }
  Status SendOffset(int64_t offset) {
    producer_->StartSendOffsets({{{"t", 0}, Offset(offset), ""}}, consumer_->Membership(),
                                Milliseconds(60'000));
    return Finish();
  }
  size_t Readable() { return broker_.ReadCommitted({"t", 0}).size(); }
  Offset Committed() { return broker_.CommittedOffsets("g").at(0).offset.value(); }

  ManualClock clock_;
  Broker broker_{clock_, {.transaction_cleanup_interval = Milliseconds(1'000)}};
  std::unique_ptr<Cluster> cluster_ = NewMemoryCluster(broker_);
  std::unique_ptr<Consumer> consumer_;
  std::unique_ptr<Producer> producer_;
  TopicHandle topic_;
};

TEST_F(FaultsTest, LateEndTxnMakesTheNextTransactionVisibleBeforeItsCommit) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("a").ok());
  broker_.faults().Script(ApiKey::kEndTxn, {.request_delay = Milliseconds(8'000)});
  ASSERT_TRUE(Commit().ok());
  EXPECT_TRUE(producer_->tainted());
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("b").ok());
  EXPECT_EQ(Readable(), 1u);
  Wait(Milliseconds(8'000));
  EXPECT_EQ(Readable(), 2u) << "torn: nobody committed b";
  producer_->StartAbort();
  EXPECT_EQ(Finish().code(), StatusCode::kUnknownOutcome);
}

TEST_F(FaultsTest, RebuiltProducerIsSafeFromTheLateEndTxn) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("a").ok());
  broker_.faults().Script(ApiKey::kEndTxn, {.request_delay = Milliseconds(8'000)});
  ASSERT_TRUE(Commit().ok());
  ASSERT_TRUE(producer_->tainted());
  producer_ = cluster_->NewProducer({.client_id = "p", .transactional_id = "id"}).value();
  topic_ = producer_->RegisterTopic("t");
  producer_->StartInit();
  ASSERT_TRUE(Finish().ok());
  EXPECT_FALSE(producer_->tainted());
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("b").ok());
  Wait(Milliseconds(8'000));
  EXPECT_EQ(Readable(), 1u);
  producer_->StartAbort();
  EXPECT_TRUE(Finish().ok());
}

TEST_F(FaultsTest, LateTxnOffsetCommitRewindsTheOffset) {
  ASSERT_TRUE(producer_->Begin().ok());
  broker_.faults().Script(ApiKey::kTxnOffsetCommit, {.duplicate_after = Milliseconds(1'000)});
  ASSERT_TRUE(SendOffset(10).ok());
  ASSERT_TRUE(Commit().ok());
  EXPECT_TRUE(producer_->tainted());
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(SendOffset(20).ok());
  Wait(Milliseconds(1'500));
  ASSERT_TRUE(Commit().ok());
  broker_.Step();
  EXPECT_EQ(Committed(), Offset(10));
}

TEST_F(FaultsTest, LateAddPartitionsOpensATransactionThatNobodyOwns) {
  ASSERT_TRUE(producer_->Begin().ok());
  broker_.faults().Script(ApiKey::kAddPartitionsToTxn, {.duplicate_after = Milliseconds(2'000)});
  ASSERT_TRUE(Put("a").ok());
  ASSERT_TRUE(Commit().ok());
  EXPECT_TRUE(broker_.OpenTransactions().empty());
  Wait(Milliseconds(3'000));
  EXPECT_EQ(broker_.OpenTransactions().size(), 1u);
  Wait(Milliseconds(12'000));
  ASSERT_TRUE(producer_->Begin().ok());
  static_cast<void>(Put("b"));
  EXPECT_EQ(Commit().code(), StatusCode::kFenced);
}

TEST_F(FaultsTest, LostProduceAnswerIsRepeatedAndWrittenOnce) {
  ASSERT_TRUE(producer_->Begin().ok());
  broker_.faults().Script(ApiKey::kProduce, {.drop_answer = true});
  ASSERT_TRUE(Put("a").ok());
  ASSERT_TRUE(Commit().ok());
  EXPECT_EQ(Readable(), 1u);
  EXPECT_TRUE(producer_->tainted());
}

TEST_F(FaultsTest, LostCommitAnswerIsRepeatedAndCommitsOnce) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("a").ok());
  broker_.faults().Script(ApiKey::kEndTxn, {.drop_answer = true});
  ASSERT_TRUE(Commit().ok());
  EXPECT_TRUE(producer_->tainted());
  EXPECT_EQ(Readable(), 1u);
  EXPECT_EQ(broker_.LogEnd({"t", 0}), Offset(2));
}

TEST_F(FaultsTest, FrozenMarkersHoldTheLastStableOffset) {
  broker_.FreezeMarkers();
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put("a").ok());
  ASSERT_TRUE(Commit().ok());
  EXPECT_EQ(broker_.LastStableOffset({"t", 0}), Offset(0));
  EXPECT_EQ(broker_.OpenTransactions().size(), 1u);
  broker_.ThawMarkers();
  broker_.Step();
  EXPECT_EQ(broker_.LastStableOffset({"t", 0}), Offset(2));
  EXPECT_TRUE(broker_.OpenTransactions().empty());
}

TEST_F(FaultsTest, ExpiredSessionIsToldAsLost) {
  broker_.ExpireSession("g", "member");
  bool lost = false;
  for (int i = 0; i < 1'000 && !lost; ++i) {
    clock_.Advance(Milliseconds(10));
    const auto event = consumer_->Poll(Milliseconds(0));
    if (event && std::holds_alternative<Revoking>(*event)) lost = std::get<Revoking>(*event).lost;
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(consumer_->AssignmentLost());
  EXPECT_FALSE(consumer_->Membership()->usable());
}

TEST_F(FaultsTest, KilledMemberIsNoticedBySessionTimeout) {
  EXPECT_EQ(broker_.Group("g").members.size(), 1u);
  consumer_.reset();
  clock_.Advance(Milliseconds(40'000));
  broker_.Step();
  EXPECT_EQ(broker_.Group("g").members.size(), 1u);
  clock_.Advance(Milliseconds(6'000));
  broker_.Step();
  EXPECT_EQ(broker_.Group("g").state, "Empty");
}

/// Transactions of two producers under random faults; the trace of all requests.
uint64_t TraceOf(uint64_t seed) {
  ManualClock clock;
  Broker broker(clock, {.seed = seed});
  EXPECT_TRUE(broker.CreateTopic({.name = "t"}).ok());
  broker.faults().SetRatesOfAll({.delay_one_in = 3,
                                 .duplicate_one_in = 7,
                                 .drop_request_one_in = 11,
                                 .drop_answer_one_in = 11});
  const auto cluster = NewMemoryCluster(broker);
  for (int round = 0; round < 5; ++round) {
    const auto producer =
        cluster->NewProducer({.client_id = "p" + std::to_string(round), .transactional_id = "id"})
            .value();
    const TopicHandle topic = producer->RegisterTopic("t");
    const auto finish = [&] {
      for (int i = 0; i < 2'000; ++i) {
        if (const auto status = producer->Poll(Milliseconds(0))) return status->ok();
        clock.Advance(Milliseconds(20));
      }
      return false;
    };
    producer->StartInit();
    if (!finish() || !producer->Begin().ok()) continue;
    if (!producer->Produce({.topic = topic, .value = "v"}).ok()) continue;
    producer->StartCommit();
    finish();
  }
  return broker.TraceHash() ^ static_cast<uint64_t>(broker.DeliveredRequests());
}

TEST(DeterminismTest, OneSeedGivesOneTraceAndSeedsDiffer) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(TraceOf(seed), TraceOf(seed)) << "seed " << seed;
  }
  EXPECT_NE(TraceOf(1), TraceOf(2));
}

}  // namespace
}  // namespace sidestream::kafka::memory
