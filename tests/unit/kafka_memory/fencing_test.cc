// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The answers of TxnOffsetCommit as measured on Kafka 4.1 (engine-kafka4 B), row by row. Here
// and not among the conformance cases, because the ports do not let such proofs out.

#include <gtest/gtest.h>

#include <memory>

#include "kafka/memory/group_coordinator.h"

namespace sidestream::kafka::memory {
namespace {

class FencingTest : public ::testing::Test {
 protected:
  JoinAnswer Join(const std::string& instance, const std::string& member_id = "") {
    // Shared: a join that waits for its round is answered after we returned.
    auto answer = std::make_shared<JoinAnswer>(JoinAnswer{.error = ErrorCode::kUnknownServerError});
    groups_.Join({.group = "g",
                  .member_id = member_id,
                  .instance_id = instance,
                  .client_id = "c",
                  .protocol = "range",
                  .subscription = {.topics = {"t"}}},
                 [answer](JoinAnswer a) { *answer = std::move(a); });
    return *answer;
  }

  /// A stable group of one member.
  MemberProof Stable(const std::string& instance = "") {
    const JoinAnswer joined = Join(instance);
    const MemberProof proof{"g", joined.generation, joined.member_id, instance};
    groups_.Sync(proof, {{joined.member_id, {{"t", 0}}}}, [](SyncAnswer) {});
    EXPECT_EQ(groups_.Describe("g").state, "Stable");
    return proof;
  }

  ErrorCode Send(int32_t generation, const std::string& member, const std::string& instance = "",
                 const std::string& group = "g") {
    return groups_.TransactionalCommit({group, generation, member, instance}, 1,
                                       {{{"t", 0}, Offset(5), ""}});
  }

  ManualClock clock_;
  GroupCoordinator groups_{clock_, {}};
};

TEST_F(FencingTest, StableGroup) {
  const MemberProof good = Stable();
  const auto& [group, generation, member, instance] = good;
  EXPECT_EQ(Send(generation, member), ErrorCode::kNone);
  EXPECT_EQ(Send(-1, ""), ErrorCode::kNone) << "not fenced: clients older than KIP-447";
  EXPECT_EQ(Send(-1, member), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Send(generation - 1, member), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Send(generation + 1, member), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Send(generation, ""), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(Send(0, ""), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(Send(generation, "someone"), ErrorCode::kUnknownMemberId);
}

TEST_F(FencingTest, StableGroupOfStaticMembers) {
  const MemberProof good = Stable("slot");
  const auto& [group, generation, member, instance] = good;
  EXPECT_EQ(Send(generation, member, "slot"), ErrorCode::kNone);
  EXPECT_EQ(Send(-1, "", "slot"), ErrorCode::kFencedInstanceId);
  EXPECT_EQ(Send(generation, "someone", "slot"), ErrorCode::kFencedInstanceId);
  EXPECT_EQ(Send(generation, member, "other"), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(Send(-1, "", "other"), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(Send(-1, ""), ErrorCode::kNone);
}

TEST_F(FencingTest, RebalanceInProgressKeepsTheOldGeneration) {
  const MemberProof good = Stable();
  Join("");
  ASSERT_EQ(groups_.Describe("g").state, "PreparingRebalance");
  EXPECT_EQ(Send(good.generation, good.member_id), ErrorCode::kNone);
  // The round ends with our join: the generation moves before anyone was told.
  Join("", good.member_id);
  ASSERT_EQ(groups_.Describe("g").state, "CompletingRebalance");
  EXPECT_EQ(Send(good.generation, good.member_id), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Send(good.generation + 1, good.member_id), ErrorCode::kNone);
}

TEST_F(FencingTest, EmptyAndUnknownGroups) {
  EXPECT_EQ(Send(5, "someone", "", "never"), ErrorCode::kIllegalGeneration);
  EXPECT_EQ(Send(-1, "", "", "never"), ErrorCode::kNone);
  const MemberProof good = Stable();
  ASSERT_EQ(groups_.Leave(good), ErrorCode::kNone);
  ASSERT_EQ(groups_.Describe("g").state, "Empty");
  EXPECT_EQ(Send(good.generation, good.member_id), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(Send(-1, ""), ErrorCode::kNone);
}

TEST_F(FencingTest, PlainCommitOfANonMemberIsRefusedWhileThereAreMembers) {
  const MemberProof good = Stable();
  const std::vector<CommittedOffset> offsets = {{{"t", 0}, Offset(1), ""}};
  EXPECT_EQ(groups_.Commit({"g", -1, "", ""}, offsets), ErrorCode::kUnknownMemberId);
  EXPECT_EQ(groups_.Commit(good, offsets), ErrorCode::kNone);
}

TEST_F(FencingTest, StaticMemberThatComesBackFencesItsPredecessorInTheSameGeneration) {
  const MemberProof old = Stable("slot");
  const JoinAnswer back = Join("slot");
  ASSERT_EQ(back.error, ErrorCode::kNone);
  EXPECT_EQ(back.generation, old.generation);
  EXPECT_NE(back.member_id, old.member_id);
  EXPECT_EQ(groups_.Describe("g").state, "Stable");
  EXPECT_EQ(Send(old.generation, old.member_id, "slot"), ErrorCode::kFencedInstanceId);
  EXPECT_EQ(Send(back.generation, back.member_id, "slot"), ErrorCode::kNone);
}

}  // namespace
}  // namespace sidestream::kafka::memory
