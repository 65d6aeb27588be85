// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "transaction/transaction_writer.h"

#include <gtest/gtest.h>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"

namespace sidestream::transaction {
namespace {

using State = TransactionWriter::State;
using kafka::memory::ApiKey;
using kafka::memory::Fault;

class TransactionWriterTest : public ::testing::Test {
 protected:
  TransactionWriterTest() {
    for (const char* name : {"in", "out"}) {
      kafka::NewTopic topic;
      topic.name = name;
      topic.partitions = 400;
      topic.settings["max.message.bytes"] = "1000";
      EXPECT_TRUE(broker_.CreateTopic(topic).ok());
    }
    JoinGroup();
  }

  void JoinGroup() {
    kafka::ConsumerOptions options;
    options.group = "g";
    options.client_id = "member";
    options.session_timeout = Milliseconds(600'000);
    consumer_ = cluster_->NewConsumer(options).value();
    const std::string topic = "in";
    ASSERT_TRUE(consumer_->Subscribe({&topic, 1}).ok());
    for (int i = 0; i < 100 && !membership_; ++i) {
      clock_.Advance(Milliseconds(1));
      const auto event = consumer_->Poll(Milliseconds(0));
      if (!event) continue;
      ASSERT_TRUE(consumer_->CompleteAssign({}).ok());
      membership_ = consumer_->Membership();
    }
    ASSERT_TRUE(membership_ && membership_->usable());
  }

  std::unique_ptr<TransactionWriter> Writer(const std::string& id = "g-i-0",
                                            WriterRules rules = {}) {
    WriterOptions options;
    options.producer.client_id = options.producer.transactional_id = id;
    options.rules = rules;
    auto writer = std::make_unique<TransactionWriter>(*cluster_, clock_, nullptr, options);
    out_ = writer->RegisterTopic("out");
    return writer;
  }

  /// Steps until an outcome is there, or a virtual minute is over.
  std::optional<Outcome> Await(TransactionWriter& writer) {
    for (int i = 0; i < 60'000; ++i) {
      writer.Step(Milliseconds(0));
      if (auto outcome = writer.TakeOutcome()) return outcome;
      clock_.Advance(Milliseconds(1));
    }
    return std::nullopt;
  }
  void AwaitWritable(TransactionWriter& writer) {
    for (int i = 0; i < 60'000 && !writer.writable(); ++i) {
      writer.Step(Milliseconds(0));
      clock_.Advance(Milliseconds(1));
    }
    ASSERT_TRUE(writer.writable()) << StateName(writer.state());
  }
  Status Put(TransactionWriter& writer, const std::string& value) {
    return writer.ProduceInternal(out_, 0, "k", value);
  }
  static std::vector<kafka::CommittedOffset> Offsets(int64_t offset) {
    return {{{"in", 0}, Offset(offset), "stamp"}};
  }
  size_t Visible() { return broker_.ReadCommitted({"out", 0}).size(); }

  ManualClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  std::unique_ptr<kafka::Consumer> consumer_;
  std::shared_ptr<const kafka::GroupMetadata> membership_;
  kafka::SinkTopic out_ = 0;
};

TEST_F(TransactionWriterTest, CommitsOutputsAndOffsetsTogether) {
  auto writer = Writer();
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "a").ok());
  EXPECT_EQ(Visible(), 0u);
  writer->StartCommit(Offsets(7), membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted);
  EXPECT_EQ(Visible(), 1u);
  EXPECT_EQ(broker_.CommittedOffsets("g").at(0).offset, Offset(7));
  EXPECT_EQ(broker_.CommittedOffsets("g").at(0).metadata, "stamp");
  EXPECT_EQ(writer->DeliveredEnd(out_, 0), Offset(1));
}

/// Answers each commit of offsets at once.
class PromptCommitter final : public OffsetCommitter {
 public:
  void CommitOffsets(uint64_t token, std::vector<kafka::CommittedOffset>) override {
    writer->OffsetsCommitted(token, Status::Ok());
  }
  TransactionWriter* writer = nullptr;
};

TEST_F(TransactionWriterTest, ClosingRecordsComeBehindTheDataInOneTransaction) {
  auto writer = Writer();
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "data").ok());
  writer->StartCommit(Offsets(7), membership_, {{out_, 0, "mark"}, {out_, 1, "mark"}});
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted);
  const auto records = broker_.ReadCommitted({"out", 0});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].value, "data");
  EXPECT_EQ(records[1].value, "mark");
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(broker_.ReadCommitted({"out", 1}).size(), 1u);
}

TEST_F(TransactionWriterTest, AtLeastOnceNoClosingRecordOvertakesDataThatFails) {
  PromptCommitter committer;
  WriterOptions options;
  options.exactly_once = false;
  options.producer.client_id = "g-i-0";
  TransactionWriter writer(*cluster_, clock_, &committer, options);
  committer.writer = &writer;
  out_ = writer.RegisterTopic("out");
  AwaitWritable(writer);
  ASSERT_TRUE(Put(writer, std::string(2'000, 'x')).ok());
  writer.StartCommit(Offsets(1), membership_, {{out_, 0, "mark"}});
  EXPECT_EQ(Await(writer)->kind, OutcomeKind::kAborted);
  EXPECT_EQ(Visible(), 0u);
  AwaitWritable(writer);
  ASSERT_TRUE(Put(writer, "data").ok());
  writer.StartCommit(Offsets(1), membership_, {{out_, 0, "mark"}});
  EXPECT_EQ(Await(writer)->kind, OutcomeKind::kCommitted);
  ASSERT_EQ(Visible(), 2u);
  EXPECT_EQ(broker_.ReadCommitted({"out", 0})[1].value, "mark");
}

TEST_F(TransactionWriterTest, ACommitWithoutANumericOffsetEndsTheProcess) {
  auto writer = Writer();
  AwaitWritable(*writer);
  EXPECT_DEATH(writer->StartCommit({}, membership_), "T1");
  EXPECT_DEATH(writer->StartCommit({{{"in", 0}, std::nullopt, ""}}, membership_), "T1");
}

TEST_F(TransactionWriterTest, WritingBetweenACommitAndItsOutcomeEndsTheProcess) {
  auto writer = Writer();
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "a").ok());
  writer->StartCommit(Offsets(1), membership_);
  EXPECT_DEATH((void)Put(*writer, "b"), "flushing");
  EXPECT_DEATH(writer->StartCommit(Offsets(2), membership_), "flushing");
  for (int i = 0; i < 1'000 && writer->busy(); ++i) {
    writer->Step(Milliseconds(0));
    clock_.Advance(Milliseconds(1));
  }
  // Until it is taken, the outcome holds everything up, too.
  EXPECT_DEATH((void)Put(*writer, "b"), "ready");
  EXPECT_EQ(writer->TakeOutcome()->kind, OutcomeKind::kCommitted);
  EXPECT_FALSE(writer->TakeOutcome()) << "it is reported once";
}

TEST_F(TransactionWriterTest, AbortLeavesNothingVisibleAndTheWriterUsable) {
  auto writer = Writer();
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "a").ok());
  writer->StartAbort(Status::AbortRequired("test"));
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kAborted);
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "b").ok());
  writer->StartCommit(Offsets(1), membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted);
  EXPECT_EQ(Visible(), 1u);
}

TEST_F(TransactionWriterTest, ARefusedRecordAbortsAndTheProducerIsRebuilt) {
  auto writer = Writer();
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, std::string(2'000, 'x')).ok());
  writer->StartCommit(Offsets(1), membership_);
  const std::optional<Outcome> outcome = Await(*writer);
  EXPECT_EQ(outcome->kind, OutcomeKind::kAborted);
  EXPECT_NE(outcome->status.message().find("topic=out"), std::string::npos) << outcome->status;
  EXPECT_EQ(writer->counters().rebuilt, 1);
  AwaitWritable(*writer);
  ASSERT_TRUE(Put(*writer, "b").ok());
  writer->StartCommit(Offsets(1), membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted) << "the next transaction does not fail";
}

// Found by fault 23 on real Kafka: the coordinator adds no partition, so it knows of no transaction
// that it could abort, and what was refused was forgotten over that.
TEST_F(TransactionWriterTest, ARightThatIsTakenAwayIsToldAlsoWhenTheAbortFails) {
  auto writer = Writer();
  AwaitWritable(*writer);
  broker_.DenyWrites("out");
  for (int attempt = 0; attempt < 2; ++attempt) {
    ASSERT_TRUE(Put(*writer, "a").ok());
    writer->StartCommit(Offsets(1), membership_);
    const std::optional<Outcome> outcome = Await(*writer);
    ASSERT_EQ(outcome->kind, OutcomeKind::kAborted) << outcome->status;
    ASSERT_TRUE(outcome->refused);
    EXPECT_EQ(outcome->refused->topic, "out");
    EXPECT_EQ(outcome->refused->status.code(), StatusCode::kInvalidConfig);
    EXPECT_NE(outcome->refused->status.message().find("TOPIC_AUTHORIZATION_FAILED"),
              std::string::npos)
        << outcome->refused->status;
    AwaitWritable(*writer);
  }
  broker_.AllowWrites("out");
  ASSERT_TRUE(Put(*writer, "a").ok());
  writer->StartCommit(Offsets(1), membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted);
  EXPECT_EQ(Visible(), 1u);
}

TEST_F(TransactionWriterTest, OneOfSeveralTopicsThatMayNotBeWrittenEndsTheWriterWithTheirNames) {
  auto writer = Writer();
  const kafka::SinkTopic in = writer->RegisterTopic("in");
  AwaitWritable(*writer);
  broker_.DenyWrites("in");
  ASSERT_TRUE(Put(*writer, "a").ok());
  ASSERT_TRUE(writer->ProduceInternal(in, 0, "k", "a").ok());
  writer->StartCommit(Offsets(1), membership_);
  const std::optional<Outcome> outcome = Await(*writer);
  EXPECT_EQ(outcome->kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome->status.code(), StatusCode::kInvalidConfig);
  EXPECT_NE(outcome->status.message().find("topic=in or out"), std::string::npos)
      << outcome->status;
}

TEST_F(TransactionWriterTest, ARepeatedRequestTaintsAndNothingIsWrittenBeforeTheRebuild) {
  auto writer = Writer();
  AwaitWritable(*writer);
  broker_.faults().Script(ApiKey::kEndTxn, Fault{.drop_answer = true});
  ASSERT_TRUE(Put(*writer, "a").ok());
  writer->StartCommit(Offsets(1), membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted) << "the repeat was answered";
  EXPECT_FALSE(writer->writable()) << "T2";
  AwaitWritable(*writer);
  EXPECT_EQ(writer->counters().rebuilt, 1);
}

TEST_F(TransactionWriterTest, AFencedProducerIsRebuiltOnceAndTheSecondTimeIsASecondProcess) {
  auto first = Writer("g-i-0");
  AwaitWritable(*first);
  auto second = Writer("g-i-0");
  AwaitWritable(*second);
  ASSERT_TRUE(Put(*first, "a").ok());
  first->StartCommit(Offsets(1), membership_);
  EXPECT_EQ(Await(*first)->kind, OutcomeKind::kUnknown);
  AwaitWritable(*first);  // takes the id back
  auto third = Writer("g-i-0");
  AwaitWritable(*third);
  ASSERT_TRUE(Put(*first, "a").ok());
  first->StartCommit(Offsets(1), membership_);
  const std::optional<Outcome> outcome = Await(*first);
  EXPECT_EQ(outcome->kind, OutcomeKind::kFailed);
  EXPECT_EQ(outcome->status.code(), StatusCode::kInvalidConfig) << outcome->status;
  EXPECT_NE(outcome->status.message().find("g-i-0"), std::string::npos);
}

TEST_F(TransactionWriterTest, StampsAboveHalfAMebibyteGoInSeveralCalls) {
  auto writer = Writer();
  AwaitWritable(*writer);
  std::vector<kafka::CommittedOffset> offsets;
  for (Partition p = 0; p < 300; ++p) {
    offsets.push_back({{"in", p}, Offset(1), std::string(4'000, 's')});
  }
  int calls = 0;
  broker_.faults().Script(ApiKey::kTxnOffsetCommit, Fault{});
  broker_.faults().Script(ApiKey::kTxnOffsetCommit, Fault{});
  broker_.faults().Script(ApiKey::kTxnOffsetCommit, Fault{});
  const auto left_before = broker_.faults().scripted_left();
  writer->StartCommit(offsets, membership_);
  EXPECT_EQ(Await(*writer)->kind, OutcomeKind::kCommitted);
  calls = static_cast<int>(left_before - broker_.faults().scripted_left());
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(broker_.CommittedOffsets("g").size(), 300u);
  EXPECT_EQ(writer->counters().rebuilt, 0) << "several calls are no repeat";
}

TEST_F(TransactionWriterTest, AMembershipThatIsOverAborts) {
  auto writer = Writer();
  AwaitWritable(*writer);
  broker_.ExpireSession("g", "member");
  ASSERT_TRUE(Put(*writer, "a").ok());
  writer->StartCommit(Offsets(1), membership_);
  const std::optional<Outcome> outcome = Await(*writer);
  EXPECT_EQ(outcome->kind, OutcomeKind::kAborted);
  EXPECT_EQ(outcome->status.code(), StatusCode::kTaskMigrated) << outcome->status;
  EXPECT_EQ(Visible(), 0u);
}

}  // namespace
}  // namespace sidestream::transaction
