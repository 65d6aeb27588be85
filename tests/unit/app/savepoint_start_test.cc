// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a start from a savepoint writes to an in-process cluster.

#include "app/savepoint_start.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/savepoint_fit.h"
#include "base/internal_record.h"
#include "kafka/partitioner.h"
#include "savepoint_fixture.h"
#include "snapshot/directory_location.h"
#include "statestore/memory_task_state.h"
#include "time/commit_stamp.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

class SavepointStartTest : public SavepointFixture {
 protected:
  /// `during` runs after each task.
  Status Start(const snapshot::Manifest& manifest, const std::function<void()>& during = [] {}) {
    const tasks::ApplicationSpec application = Application();
    const auto location = snapshot::NewDirectoryLocation(place());
    snapshot::Catalog catalog(*location, kOld, clock_, [](Milliseconds) {});
    statestore::MemoryTaskStateFactory states({.application = application.id});
    const auto admin = cluster_->NewAdmin("test");
    SavepointStart start(application, InternalTopics(),
                         {*cluster_, **admin, states, catalog, waiting_, {}}, dir_.path() / "images",
                         [&](const SavepointProgress&) { during(); });
    return start.Run(manifest, {.location = "place", .name = "counting-old/v1"});
  }

  Result<std::optional<checkpoint::OriginRecord>> Origin() {
    const auto admin = cluster_->NewAdmin("test");
    return ReadOrigin(Application(), *cluster_, **admin, waiting_, {});
  }
};

TEST_F(SavepointStartTest, ANewApplicationGetsRowsRecordsAndPositions) {
  const snapshot::Manifest manifest = Made("v1");
  CreateInternalTopics();
  const auto before = Origin();
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_FALSE(before->has_value());
  EXPECT_TRUE(FitSavepoint(manifest, Application()).problems.empty());
  const Status started = Start(manifest);
  ASSERT_TRUE(started.ok()) << started;

  const auto rows = broker_.ReadCommitted({"counting-per_user-changelog", 2});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, UserRow());
  EXPECT_EQ(DecodeChangelogValue(*rows[0].value)->row, "row");
  const auto records = broker_.ReadCommitted({"counting-per_user-repartition", 2});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].key, "u1");
  EXPECT_EQ(records[0].value, Data());
  EXPECT_EQ(records[1].key, std::nullopt);

  std::map<std::string, kafka::CommittedOffset> offsets;
  for (const auto& offset : broker_.CommittedOffsets("counting")) {
    offsets[ToString(offset.partition)] = offset;
  }
  ASSERT_EQ(offsets.size(), 2u);
  EXPECT_EQ(offsets.at("clicks-1").offset, Offset(40));
  const auto& hop = offsets.at("counting-per_user-repartition-2");
  EXPECT_EQ(hop.offset, Offset(0));
  const auto stamp = time::DecodeCommitStamp(hop.metadata);
  ASSERT_TRUE(stamp.ok() && *stamp);
  EXPECT_EQ((*stamp)->sequence, CommitSequence(9));
  EXPECT_EQ((*stamp)->task_watermark, Timestamp(77));
  EXPECT_EQ((*stamp)->topic_id, IdOf("counting-per_user-repartition"));
  EXPECT_EQ((*stamp)->anchor_hash, time::AnchorHash("counting-per_user-repartition"));

  const auto after = Origin();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ((*after)->name, "counting-old/v1");
  EXPECT_TRUE(fs::is_empty(dir_.path() / "images"));
}

// A version with this input had read it, the one that took the savepoint did not.
TEST_F(SavepointStartTest, AnInputThatAnotherVersionHadReadGoesOnThere) {
  snapshot::Manifest manifest = Made("v1");
  manifest.tasks[0].inputs.clear();
  manifest.unread = {
      {.partition = {"clicks", 3}, .position = Offset(6), .stamp = Stamp("orders", IdOf("clicks"))},
      {.partition = {"views", 0}, .position = Offset(7), .stamp = Stamp("views")}};
  CreateInternalTopics();
  const Status started = Start(manifest);
  ASSERT_TRUE(started.ok()) << started;
  std::map<std::string, kafka::CommittedOffset> offsets;
  for (const auto& offset : broker_.CommittedOffsets("counting")) {
    offsets[ToString(offset.partition)] = offset;
  }
  ASSERT_EQ(offsets.size(), 2u) << "nobody reads views";
  EXPECT_EQ(offsets.at("clicks-3").offset, Offset(6));
  const auto stamp = time::DecodeCommitStamp(offsets.at("clicks-3").metadata);
  ASSERT_TRUE(stamp.ok() && *stamp);
  EXPECT_EQ((*stamp)->anchor_hash, time::AnchorHash("clicks"));
}

TEST_F(SavepointStartTest, OfSeveralStartsOneWritesAndTheOthersKnowIt) {
  const snapshot::Manifest manifest = Made("v1");
  CreateInternalTopics();
  bool second = false;
  const Status first = Start(manifest, [&] {
    // Behind all that the first one copies, before its positions.
    if (second || broker_.ReadCommitted({"counting-per_user-repartition", 2}).empty()) return;
    second = true;
    const Status started = Start(manifest);
    EXPECT_TRUE(started.ok()) << started;
  });
  EXPECT_TRUE(second);
  EXPECT_EQ(first.code(), StatusCode::kFenced) << first;
  EXPECT_EQ(broker_.ReadCommitted({"counting-per_user-repartition", 2}).size(), 2u);
  EXPECT_EQ(broker_.ReadCommitted({"counting-per_user-changelog", 2}).size(), 1u);
  EXPECT_EQ((*Origin())->name, "counting-old/v1");
  EXPECT_EQ(Start(manifest).code(), StatusCode::kFenced) << "it is made already";
}

TEST_F(SavepointStartTest, OverAnotherNumberOfPartitionsEachKeyGoesWhereItLiesNow) {
  const snapshot::Manifest manifest = Made("v1", Hop(), 8);
  CreateInternalTopics();
  const SavepointFit fit = FitSavepoint(manifest, Application());
  EXPECT_TRUE(fit.problems.empty()) << fit.problems.front();
  const Status started = Start(manifest);
  ASSERT_TRUE(started.ok()) << started;
  const Partition there = kafka::PartitionOf("u1", 4);
  const auto rows = broker_.ReadCommitted({"counting-per_user-changelog", there});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].key, UserRow());
  const auto records = broker_.ReadCommitted({"counting-per_user-repartition", there});
  ASSERT_EQ(records.size(), 1u) << "the mark is of tasks that are others now";
  EXPECT_EQ(records[0].value, Data());
  int positions = 0;
  for (const auto& offset : broker_.CommittedOffsets("counting")) {
    if (offset.partition.topic == "clicks") continue;
    ++positions;
    EXPECT_EQ(offset.offset, Offset(0));
    const auto stamp = time::DecodeCommitStamp(offset.metadata);
    ASSERT_TRUE(stamp.ok() && *stamp);
    EXPECT_EQ((*stamp)->sequence, CommitSequence(9));
    EXPECT_EQ((*stamp)->task_watermark, Timestamp(77));
    EXPECT_TRUE((*stamp)->upstreams.empty());
  }
  EXPECT_EQ(positions, 4);
}

TEST_F(SavepointStartTest, AStartThatWasCutShortIsBegunAnew) {
  snapshot::Manifest manifest = Made("v1");
  CreateInternalTopics();
  // The positions are refused while the group has a member: all else is written by then.
  const auto member = cluster_->NewConsumer({.group = "counting"});
  ASSERT_TRUE(member.ok());
  const std::vector<std::string> topics = {"counting-control"};
  ASSERT_TRUE((*member)->Subscribe(topics).ok());
  bool assigned = false;
  while (!assigned) {
    const auto event = (*member)->Poll(Milliseconds(0));
    assigned = event && std::holds_alternative<kafka::Assigned>(*event);
    waiting_.Pass(Milliseconds(10));
  }
  ASSERT_TRUE((*member)->CompleteAssign(std::vector<kafka::PartitionOffset>()).ok());
  EXPECT_EQ(Start(manifest).code(), StatusCode::kStopped);
  EXPECT_EQ(broker_.ReadCommitted({"counting-per_user-repartition", 2}).size(), 2u);
  // What others wrote stays.
  const auto letters = cluster_->NewProducer({.client_id = "test"});
  ASSERT_TRUE(letters.ok());
  const auto finish = [&] {
    while (!(*letters)->Poll(Milliseconds(0))) waiting_.Pass(Milliseconds(1));
  };
  (*letters)->StartInit();
  finish();
  ASSERT_TRUE((*letters)
                  ->Produce({.topic = (*letters)->RegisterTopic("counting-dlq"), .value = "letter"})
                  .ok());
  (*letters)->StartFlush();
  finish();
  (*member)->StartClose();
  while (!(*member)->closed()) {
    if ((*member)->Poll(Milliseconds(0))) {
      ASSERT_TRUE((*member)->CompleteRevoke(std::vector<TopicPartition>()).ok());
    }
    waiting_.Pass(Milliseconds(10));
  }
  const auto origin = Origin();
  ASSERT_TRUE(origin.ok()) << origin.status();
  EXPECT_FALSE(origin->has_value());
  const Status started = Start(manifest);
  ASSERT_TRUE(started.ok()) << started;
  EXPECT_EQ(broker_.ReadCommitted({"counting-per_user-repartition", 2}).size(), 2u);
  EXPECT_EQ(broker_.ReadCommitted({"counting-per_user-changelog", 2}).size(), 1u);
  EXPECT_EQ(broker_.ReadCommitted({"counting-dlq", 0}).size(), 1u);
}

TEST_F(SavepointStartTest, AnApplicationThatIsNotNewIsRefused) {
  CreateInternalTopics();
  const auto admin = cluster_->NewAdmin("test");
  auto reply = (*admin)->CommitOffsets("counting", {{.partition = {"clicks", 0}, .offset = Offset(3)}});
  while (!reply->Poll()) waiting_.Pass(Milliseconds(1));
  const auto origin = Origin();
  EXPECT_EQ(origin.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(origin.status().message().find("its group has read clicks-0"), std::string::npos)
      << origin.status();
}

TEST_F(SavepointStartTest, ASourceThatWasMadeAnewIsRefused) {
  snapshot::Manifest manifest = Made("v1");
  manifest.tasks[0].inputs[0].stamp = Stamp("clicks", TopicId{{1, 2, 3}});
  CreateInternalTopics();
  const Status started = Start(manifest);
  EXPECT_EQ(started.code(), StatusCode::kInvalidConfig) << started;
  EXPECT_TRUE(broker_.ReadCommitted({"counting-per_user-changelog", 2}).empty());
}

TEST_F(SavepointStartTest, StateWhoseKeysLayElsewhereIsRefused) {
  // The step counted what it read itself, and is behind a hop now.
  const snapshot::Manifest manifest = Made("v1", "clicks");
  CreateInternalTopics();
  const Status started = Start(manifest);
  EXPECT_EQ(started.code(), StatusCode::kInvalidConfig);
  EXPECT_NE(started.message().find("the records of step per_user come from another topic"),
            std::string::npos)
      << started;
}

TEST_F(SavepointStartTest, WhatDoesNotFitIsSaidWithWhatMendsIt) {
  const snapshot::Manifest manifest = Made("v1");
  const tasks::ApplicationSpec application = Application();
  const auto problems = [&](const snapshot::Manifest& changed) {
    return fmt::format("{}", fmt::join(FitSavepoint(changed, application).problems, "\n"));
  };
  snapshot::Manifest changed = manifest;
  changed.topics[0].partitions = 3;
  EXPECT_NE(problems(changed).find("source topic clicks has 4 partitions, at the savepoint it had 3"),
            std::string::npos);
  changed = manifest;
  changed.stores[0].fingerprint = 1;
  EXPECT_NE(problems(changed).find("step per_user is another one than at the savepoint"),
            std::string::npos);
  changed = manifest;
  changed.application = application.id;
  EXPECT_NE(problems(changed).find("set application.id to another one"), std::string::npos);
  changed = manifest;
  changed.stores[0].name = "gone";
  const SavepointFit fit = FitSavepoint(changed, application);
  EXPECT_TRUE(fit.problems.empty());
  EXPECT_EQ(fit.dropped, (std::vector<std::string>{"the state of store gone: no step has it"}));
}

}  // namespace
}  // namespace sidestream::app
