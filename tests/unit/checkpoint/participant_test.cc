// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/participant.h"

#include <gtest/gtest.h>

namespace sidestream::checkpoint {
namespace {

using Stage = Participant::Stage;

constexpr CheckpointNumber kNumber{3};
constexpr uint64_t kLife = 10;
const TaskId kTask{"orders", 0};

class ParticipantTest : public ::testing::Test {
 protected:
  void Write(const CheckpointRecord& record) { history_.Apply(record, {}); }
  void WriteBegin(CheckpointNumber number = kNumber, bool stop = false, bool drain = false) {
    BeginRecord begin;
    begin.number = number;
    begin.stop = stop;
    begin.drain = drain;
    begin.groups = {{"orders", 2}};
    Write(begin);
  }
  void WriteCut(uint64_t life) {
    CutRecord cut;
    cut.number = kNumber;
    cut.task = kTask;
    cut.life = life;
    Write(cut);
  }
  Stage Read(bool hold = false) {
    participant_->Read(*history_.latest(), hold, now_);
    return participant_->stage();
  }
  /// Reads, and says whether the inputs stand where they are to end.
  Stage ReadDraining(bool drained) {
    Read();
    participant_->SetDrained(drained, now_);
    return participant_->stage();
  }
  /// As a worker does it.
  void Cut() {
    WriteBegin();
    ASSERT_EQ(Read(), Stage::kWantsCut);
    participant_->CutCommitted(kNumber, now_);
    WriteCut(kLife);
    ASSERT_EQ(Read(), Stage::kPaused);
  }

  CheckpointHistory history_;
  MonotonicTime now_{};
  std::optional<Participant> participant_{std::in_place, kTask, kLife, PauseLimits()};
};

TEST_F(ParticipantTest, CutsPausesAndGoesOnAtEachDecision) {
  for (const CheckpointRecord& decision :
       {CheckpointRecord(DoneRecord{kNumber, {}}), CheckpointRecord(AbortRecord{kNumber, ""}),
        CheckpointRecord(RevokeRecord{kNumber, {"orders", 1}, 11})}) {
    history_ = {};
    participant_.emplace(kTask, kLife, PauseLimits());
    Cut();
    Write(decision);
    EXPECT_EQ(Read(), Stage::kFree);
  }
}

TEST_F(ParticipantTest, GoesOnWhenTheCheckpointDiesBeforeItsCut) {
  WriteBegin();
  EXPECT_EQ(Read(), Stage::kWantsCut);
  Write(AbortRecord{kNumber, ""});
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, OwesARevokeAfterTooLongAPause) {
  Cut();
  now_ += Milliseconds(4'999);
  EXPECT_EQ(Read(), Stage::kPaused);
  now_ += Milliseconds(1);
  EXPECT_EQ(Read(), Stage::kMustRevoke);
  participant_->RevokeCommitted(kNumber);
  EXPECT_EQ(Read(), Stage::kFree) << "the REVOKE itself is not read yet";
  Write(RevokeRecord{kNumber, kTask, kLife});
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, ADecisionSparesTheRevoke) {
  Cut();
  now_ += Milliseconds(5'000);
  EXPECT_EQ(Read(), Stage::kMustRevoke);
  Write(DoneRecord{kNumber, {}});
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, ANewOwnerRevokesWhatAnEarlierOneCut) {
  WriteBegin();
  WriteCut(kLife + 1);
  EXPECT_EQ(Read(), Stage::kMustRevoke);
  participant_->RevokeCommitted(kNumber);
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, ANewOwnerCutsWhatIsOnlyBegun) {
  WriteBegin();
  EXPECT_EQ(Read(), Stage::kWantsCut);
}

TEST_F(ParticipantTest, ANewOwnerOwesNothingToADecidedOne) {
  WriteBegin();
  WriteCut(kLife + 1);
  Write(DoneRecord{kNumber, {}});
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, ACommittedCutOfADeadCheckpointDoesNotPause) {
  WriteBegin();
  EXPECT_EQ(Read(), Stage::kWantsCut);
  Write(AbortRecord{kNumber, ""});
  EXPECT_EQ(Read(), Stage::kFree);
  // The commit was under way.
  participant_->CutCommitted(kNumber, now_);
  EXPECT_EQ(Read(), Stage::kFree);
}

TEST_F(ParticipantTest, NewsOfAnEarlierCheckpointDoNotTouchTheNext) {
  Cut();
  Write(AbortRecord{kNumber, ""});
  WriteBegin(kNumber + 1);
  EXPECT_EQ(Read(), Stage::kWantsCut);
  participant_->RevokeCommitted(kNumber);
  participant_->CutCommitted(kNumber, now_);
  participant_->CutFailed(kNumber);
  EXPECT_EQ(Read(), Stage::kWantsCut);
}

TEST_F(ParticipantTest, ACutThatMayStandThereAfterAFailedCommitIsRevoked) {
  WriteBegin();
  EXPECT_EQ(Read(), Stage::kWantsCut);
  WriteCut(kLife);
  participant_->CutFailed(kNumber);
  EXPECT_EQ(Read(), Stage::kMustRevoke);
}

TEST_F(ParticipantTest, StaysPausedWhereTheApplicationIsToStop) {
  Cut();
  Write(DoneRecord{kNumber, {}});
  now_ += Milliseconds(60'000);
  EXPECT_EQ(Read(/*hold=*/true), Stage::kPaused);
  Write(AbortRecord{kNumber, ""});
  EXPECT_EQ(Read(/*hold=*/false), Stage::kFree);
}

TEST_F(ParticipantTest, GoesOnUntilItHasDrainedAndIsCutThen) {
  WriteBegin(kNumber, /*stop=*/false, /*drain=*/true);
  EXPECT_EQ(ReadDraining(false), Stage::kDraining);
  EXPECT_FALSE(participant_->held());
  now_ += Milliseconds(300);
  EXPECT_EQ(ReadDraining(true), Stage::kWantsCut);
  EXPECT_EQ(participant_->held_since(), now_);
  participant_->CutCommitted(kNumber, now_);
  WriteCut(kLife);
  EXPECT_EQ(ReadDraining(true), Stage::kPaused);
  // Those behind it drain: longer than otherwise, and not for ever.
  now_ += Milliseconds(64'999);
  EXPECT_EQ(ReadDraining(true), Stage::kPaused);
  now_ += Milliseconds(1);
  EXPECT_EQ(ReadDraining(true), Stage::kMustRevoke);
}

TEST_F(ParticipantTest, WhatAnAbortedTransactionReadIsReadAgainBeforeTheCut) {
  WriteBegin(kNumber, /*stop=*/false, /*drain=*/true);
  EXPECT_EQ(ReadDraining(true), Stage::kWantsCut);
  EXPECT_EQ(ReadDraining(false), Stage::kDraining);
  EXPECT_EQ(ReadDraining(true), Stage::kWantsCut);
}

TEST_F(ParticipantTest, ADrainThatComesToNothingLetsEverybodyGoOn) {
  WriteBegin(kNumber, /*stop=*/false, /*drain=*/true);
  EXPECT_EQ(ReadDraining(false), Stage::kDraining);
  Write(AbortRecord{kNumber, ""});
  EXPECT_EQ(ReadDraining(false), Stage::kFree);
}

TEST_F(ParticipantTest, ANewOwnerRevokesWhatWasCutBeforeOthersDrained) {
  WriteBegin(kNumber, /*stop=*/false, /*drain=*/true);
  WriteCut(kLife + 1);
  EXPECT_EQ(ReadDraining(true), Stage::kMustRevoke);
}

// What it went on to send to the others would come behind no cut of its own.
TEST_F(ParticipantTest, ATaskThatTheLeadersVersionDoesNotHaveRevokes) {
  BeginRecord begin;
  begin.number = kNumber;
  begin.groups = {{"payments", 2}};
  Write(begin);
  EXPECT_EQ(Read(), Stage::kMustRevoke);
  participant_->RevokeCommitted(kNumber);
  EXPECT_EQ(Read(), Stage::kFree);
  Write(RevokeRecord{kNumber, kTask, kLife});
  EXPECT_EQ(history_.latest()->why,
            "another version of the topology runs too, and has a task more: task=orders_0");
}

}  // namespace
}  // namespace sidestream::checkpoint
