// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Offsets that travel in a transaction: atomic with it, fenced by the membership that was
// sent, and limited in size.

#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

using kafka::CommittedOffset;

/// A group with one member that holds a topic of two partitions.
class TransactionOffsets : public ::testing::Test {
 protected:
  void SetUp() override {
    topic_ = MakeTopic(2);
    group_ = TheEnvironment().UniqueName("group");
    first_ = {topic_, 0};
    second_ = {topic_, 1};
    member_ = Join("");
    producer_ = MakeTransactionalProducer({topic_});
  }

  std::unique_ptr<MemberDriver> Join(const std::string& instance_id) {
    auto member = std::make_unique<MemberDriver>(
        MemberPlan{.group = group_, .topics = {topic_}, .instance_id = instance_id});
    EXPECT_TRUE(StepUntil({member.get(), member_.get() == nullptr ? member.get() : member_.get()},
                          [&] { return member->assigned_events > 0; }));
    return member;
  }

  /// A membership that is over: the member has left.
  std::shared_ptr<const kafka::GroupMetadata> PastMembership() {
    auto membership = member_->permit();
    EXPECT_TRUE(member_->Close());
    return membership;
  }

  Status CommitOffsets(const std::vector<CommittedOffset>& offsets) {
    RETURN_IF_ERROR(producer_->Begin());
    RETURN_IF_ERROR(SendOffsets(*producer_, offsets, member_->permit()));
    return sidestream::conformance::Commit(*producer_);
  }

  std::string topic_;
  std::string group_;
  TopicPartition first_;
  TopicPartition second_;
  std::unique_ptr<MemberDriver> member_;
  std::unique_ptr<kafka::Producer> producer_;
};

TEST_F(TransactionOffsets, AppearWithTheCommit) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(7), "stamp"}}, member_->permit()).ok());
  EXPECT_EQ(ReadOffset(group_, first_).offset, std::nullopt);
  ASSERT_TRUE(Commit(*producer_).ok());
  const CommittedOffset read = ReadStableOffset(group_, first_);
  EXPECT_EQ(read.offset, Offset(7));
  EXPECT_EQ(read.metadata, "stamp");
  EXPECT_EQ(ReadOffset(group_, second_).offset, std::nullopt);
}

TEST_F(TransactionOffsets, AbortKeepsTheOldOnes) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(7), "old"}}).ok());
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(9), "new"}}, member_->permit()).ok());
  ASSERT_TRUE(Abort(*producer_).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(7));
  EXPECT_EQ(ReadStableOffset(group_, first_).metadata, "old");
}

TEST_F(TransactionOffsets, PendingOnesAreUnstable) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(1), ""}, {second_, Offset(2), ""}}).ok());
  ReadStableOffset(group_, first_);
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(5), ""}}, member_->permit()).ok());

  const auto unstable = Await(TheAdmin().CommittedOffsets(group_, {first_, second_}, true));
  ASSERT_FALSE(unstable.ok());
  EXPECT_EQ(unstable.status().code(), StatusCode::kUnavailable);
  // Another partition alone answers, and so does a reader that does not ask for stability.
  const auto other = Await(TheAdmin().CommittedOffsets(group_, {second_}, true));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->front().offset, Offset(2));
  EXPECT_EQ(ReadOffset(group_, first_).offset, Offset(1));

  ASSERT_TRUE(Commit(*producer_).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(5));
}

TEST_F(TransactionOffsets, AtomicWithTheRecords) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put(*producer_, topic_, "a").ok());
  ASSERT_TRUE(Flush(*producer_).ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{second_, Offset(3), ""}}, member_->permit()).ok());
  ASSERT_TRUE(Commit(*producer_).ok());
  EXPECT_EQ(StableValues(first_), std::vector<std::string>{"a"});
  EXPECT_EQ(ReadStableOffset(group_, second_).offset, Offset(3));
}

TEST_F(TransactionOffsets, MetadataMovesAtAnUnchangedOffset) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(4), "sequence 1"}}).ok());
  ASSERT_TRUE(CommitOffsets({{first_, Offset(4), "sequence 2"}}).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(4));
  EXPECT_EQ(ReadStableOffset(group_, first_).metadata, "sequence 2");
}

TEST_F(TransactionOffsets, MayMoveBack) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(9), ""}}).ok());
  ASSERT_TRUE(CommitOffsets({{first_, Offset(4), ""}}).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(4));
}

TEST_F(TransactionOffsets, SeveralCallsAddUp) {
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(1), ""}}, member_->permit()).ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{second_, Offset(2), ""}}, member_->permit()).ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(3), ""}}, member_->permit()).ok());
  ASSERT_TRUE(Commit(*producer_).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(3));
  EXPECT_EQ(ReadStableOffset(group_, second_).offset, Offset(2));
  EXPECT_FALSE(producer_->tainted());
}

TEST_F(TransactionOffsets, TwoProducersShareOneMembership) {
  auto other = MakeTransactionalProducer({topic_});
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(other->Begin().ok());
  ASSERT_TRUE(SendOffsets(*producer_, {{first_, Offset(1), ""}}, member_->permit()).ok());
  ASSERT_TRUE(SendOffsets(*other, {{second_, Offset(2), ""}}, member_->permit()).ok());
  EXPECT_TRUE(Commit(*other).ok());
  EXPECT_TRUE(Commit(*producer_).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(1));
  EXPECT_EQ(ReadStableOffset(group_, second_).offset, Offset(2));
}

TEST_F(TransactionOffsets, AcceptPartitionsThatTheMemberDoesNotHold) {
  const std::string foreign = MakeTopic();
  ASSERT_TRUE(CommitOffsets({{{foreign, 0}, Offset(6), ""}}).ok());
  EXPECT_EQ(ReadStableOffset(group_, {foreign, 0}).offset, Offset(6));
}

TEST_F(TransactionOffsets, AreRefusedFromAMemberThatLeft) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(1), ""}}).ok());
  const auto past = PastMembership();
  ASSERT_TRUE(producer_->Begin().ok());
  ASSERT_TRUE(Put(*producer_, topic_, "gone").ok());
  ASSERT_TRUE(Flush(*producer_).ok());
  EXPECT_EQ(SendOffsets(*producer_, {{first_, Offset(2), ""}}, past).code(),
            StatusCode::kTaskMigrated);
  EXPECT_EQ(Commit(*producer_).code(), StatusCode::kTaskMigrated);
  ASSERT_TRUE(Abort(*producer_).ok());
  EXPECT_EQ(StableValues(first_), std::vector<std::string>{});
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(1));
}

TEST_F(TransactionOffsets, UnchangedOnesFenceAsWell) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(1), ""}}).ok());
  const auto past = PastMembership();
  ASSERT_TRUE(producer_->Begin().ok());
  EXPECT_EQ(SendOffsets(*producer_, {{first_, Offset(1), ""}}, past).code(),
            StatusCode::kTaskMigrated);
  ASSERT_TRUE(Abort(*producer_).ok());
}

// The hole that makes "every transaction sends offsets, also unchanged ones" a rule.
TEST_F(TransactionOffsets, AreTheOnlyFenceOfAMemberThatLeft) {
  PastMembership();
  CommitValues(*producer_, topic_, {"unfenced"});
  EXPECT_EQ(StableValues(first_), std::vector<std::string>{"unfenced"});
}

TEST_F(TransactionOffsets, OfAnOlderGenerationAreRefusedAndOfTheNewerAccepted) {
  const auto old = member_->permit();
  auto other = std::make_unique<MemberDriver>(MemberPlan{.group = group_, .topics = {topic_}});
  // The generation moves before the event that brings it.
  ASSERT_TRUE(StepUntil({member_.get(), other.get()}, [&] {
    return member_->held().size() == 1 && other->held().size() == 1 &&
           member_->permit()->generation() == other->permit()->generation();
  }));
  ASSERT_NE(member_->permit()->generation(), old->generation());
  ASSERT_TRUE(producer_->Begin().ok());
  EXPECT_EQ(SendOffsets(*producer_, {{first_, Offset(1), ""}}, old).code(),
            StatusCode::kTaskMigrated);
  ASSERT_TRUE(Abort(*producer_).ok());
  EXPECT_TRUE(CommitOffsets({{first_, Offset(2), ""}}).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).offset, Offset(2));
}

TEST_F(TransactionOffsets, MetadataMayHave4096Bytes) {
  ASSERT_TRUE(CommitOffsets({{first_, Offset(1), std::string(4'096, 'x')}}).ok());
  EXPECT_EQ(ReadStableOffset(group_, first_).metadata.size(), 4'096u);
}

TEST_F(TransactionOffsets, MetadataOf4097BytesIsRefused) {
  ASSERT_TRUE(producer_->Begin().ok());
  EXPECT_EQ(
      SendOffsets(*producer_, {{first_, Offset(1), std::string(4'097, 'x')}}, member_->permit())
          .code(),
      StatusCode::kAbortRequired);
  ASSERT_TRUE(Abort(*producer_).ok());
  EXPECT_TRUE(CommitOffsets({{first_, Offset(1), "small"}}).ok());
}

TEST_F(TransactionOffsets, OfOneCallMustFitABatchAndOfSeveralNeedNot) {
  constexpr int32_t kPartitions = 300;
  const std::string wide = MakeTopic(kPartitions);
  std::vector<CommittedOffset> all;
  for (Partition i = 0; i < kPartitions; ++i) {
    all.push_back({{wide, i}, Offset(i), std::string(4'000, 'x')});
  }
  ASSERT_TRUE(producer_->Begin().ok());
  EXPECT_EQ(SendOffsets(*producer_, all, member_->permit()).code(), StatusCode::kAbortRequired);
  ASSERT_TRUE(Abort(*producer_).ok());

  // 128 stamps of 4,000 bytes are just under 512 KiB.
  ASSERT_TRUE(producer_->Begin().ok());
  for (size_t at = 0; at < all.size(); at += 128) {
    const size_t end = std::min(all.size(), at + 128);
    const std::vector<CommittedOffset> part(all.begin() + static_cast<int64_t>(at),
                                            all.begin() + static_cast<int64_t>(end));
    const Status sent = SendOffsets(*producer_, part, member_->permit());
    ASSERT_TRUE(sent.ok()) << sent;
  }
  ASSERT_TRUE(Commit(*producer_).ok());
  EXPECT_EQ(ReadStableOffset(group_, {wide, kPartitions - 1}).offset, Offset(kPartitions - 1));
}

}  // namespace
}  // namespace sidestream::conformance
