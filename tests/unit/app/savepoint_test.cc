// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The savepoint commands over a directory, and what a start from a savepoint writes to an in-process
// cluster.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/savepoint_fit.h"
#include "app/savepoint_spread.h"
#include "app/savepoint_start.h"
#include "base/internal_record.h"
#include "command_fixture.h"
#include "harness/application_spec.h"
#include "kafka/partitioner.h"
#include "snapshot/directory_location.h"
#include "snapshot/in_flight.h"
#include "statestore/memory_task_state.h"
#include "tests/support/temp_dir.h"
#include "time/commit_stamp.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

constexpr char kOld[] = "counting-old";

class SavepointTest : public CommandFixture {
 protected:
  void SetUp() override {
    File("clicks.yaml", Counting());
    arguments_.savepoint.location = place().string();
    CreateTopic("clicks", 4);
    CreateTopic("totals", 4);
  }

  fs::path place() const { return dir_.path() / "place"; }

  tasks::ApplicationSpec Application() {
    std::ostringstream ignored;
    std::istringstream in;
    CommandContext context{.in = in,
                           .out = ignored,
                           .err = ignored,
                           .surroundings = surroundings_,
                           .waiting = waiting_};
    const topology::LoadedTopology loaded = Load(arguments_, context);
    EXPECT_TRUE(loaded.ok()) << ignored.str();
    const topology::PlanResult plan = PlanOf(loaded);
    return harness::MakeApplicationSpec(plan.plan, loaded.model.application, {});
  }

  void CreateInternalTopics() {
    for (const kafka::NewTopic& topic : InternalTopics()) CreateTopic(topic.name, topic.partitions);
  }

  std::string Stamp(const std::string& anchor, TopicId id = {}) {
    time::CommitStamp stamp{.sequence = CommitSequence(9)};
    stamp.anchor_hash = time::AnchorHash(anchor);
    stamp.topic_id = id;
    stamp.task_watermark = Timestamp(77);
    return time::EncodeCommitStamp(stamp);
  }

  TopicId IdOf(const std::string& topic) {
    const auto admin = cluster_->NewAdmin("test");
    auto reply = (*admin)->DescribeTopics({topic});
    for (;;) {
      if (auto answer = reply->Poll()) return (**answer).front().id;
      waiting_.Pass(Milliseconds(1));
    }
  }

  /// What lies in flight.
  static std::string Data() {
    std::string bytes;
    EncodeRepartitionValue({.value = "record"}, bytes);
    return bytes;
  }
  static std::string Mark() {
    std::string bytes;
    EncodeMarkValue("said", bytes);
    return bytes;
  }
  /// A string as a computed key of a row.
  static std::string UserRow() { return "\x01" + std::string("u1"); }

  static std::string Hop() { return std::string(kOld) + "-per_user-repartition"; }

  /// Two tasks: one that reads clicks, one behind the hop with a row and two records in flight.
  /// `anchor`: of the task that has the row. `partitions`: of the hop.
  snapshot::Manifest Made(const std::string& name, const std::string& anchor = Hop(),
                          int32_t partitions = 4) {
    const auto location = snapshot::NewDirectoryLocation(place());
    snapshot::Catalog catalog(*location, kOld, clock_, [](Milliseconds) {});
    EXPECT_TRUE(catalog.Begin().ok());
    snapshot::Manifest manifest{.name = name, .application = kOld, .number = 3};
    manifest.created_at = clock_.WallTime();
    const std::string hop = Hop();
    const StorePlace store = StoreOf(Application(), "per_user");
    EXPECT_NE(store.spec, nullptr);
    StoreLayout layout = Application().sub_topologies.back().stores.front().layout;
    for (StoreLayout::Part& part : layout.parts) {
      if (part.name == "partitions") part.value = std::to_string(partitions);
    }
    const uint64_t fingerprint = PartsFingerprint("per_user", layout);
    manifest.topics = {{.topic = "clicks", .partitions = 4},
                       {.topic = hop, .partitions = partitions, .repartition = true}};
    manifest.stores = {{.name = "per_user", .fingerprint = fingerprint}};

    snapshot::KeptTask source{.id = {"clicks", 1}, .sequence = CommitSequence(9)};
    snapshot::KeptInput clicks{.partition = {"clicks", 1}};
    clicks.position = Offset(40);
    clicks.stamp = Stamp("clicks", IdOf("clicks"));
    source.inputs = {clicks};

    snapshot::KeptTask counting{.id = {anchor, 2}, .sequence = CommitSequence(9)};
    snapshot::KeptInput records{.partition = {hop, 2}, .repartition = true};
    records.position = Offset(10);
    records.end = Offset(12);
    records.stamp = Stamp(hop);
    records.in_flight_records = 2;
    snapshot::InFlightFile file;
    const std::string record = Data();
    const std::string mark = Mark();
    file.Add({.key = "u1", .value = record});
    file.Add({.value = mark});
    records.in_flight = {*catalog.AddBytes(file.bytes(), "0")};
    counting.inputs = {records};
    SaveState(counting.id, fingerprint, catalog, counting);

    manifest.tasks = {source, counting};
    const Status published = catalog.Publish(manifest);
    EXPECT_TRUE(published.ok()) << published;
    return manifest;
  }

  void SaveState(const TaskId& task, uint64_t fingerprint, snapshot::Catalog& catalog,
                 snapshot::KeptTask& into) {
    statestore::MemoryTaskStateFactory states({.application = kOld});
    const std::vector<statestore::StoreSpec> stores = {
        {.name = "per_user", .changelog_topic = "old-changelog", .fingerprint = fingerprint}};
    const auto state = states.Open(task, stores);
    ASSERT_TRUE(state.ok()) << state.status();
    (*state)->store(0).Put(UserRow(), "row");
    ASSERT_TRUE((*state)->Apply({CommitSequence(9), {Offset(5)}}).ok());
    const fs::path image = dir_.path() / "image";
    ASSERT_TRUE((*state)->SaveImage(image, clock_.WallTime()).ok());
    for (const auto& entry : fs::directory_iterator(image)) {
      const auto stored = catalog.AddFile(entry.path(), entry.path().filename().string());
      ASSERT_TRUE(stored.ok()) << stored.status();
      into.image.push_back(*stored);
    }
    fs::remove_all(image);
  }

  std::vector<kafka::NewTopic> InternalTopics() {
    return {{.name = "counting-dlq", .partitions = 1},
            {.name = "counting-per_user-repartition", .partitions = 4},
            {.name = "counting-per_user-changelog", .partitions = 4},
            {.name = "counting-control", .partitions = 1}};
  }

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

  testing::TempDir dir_;
};

TEST_F(SavepointTest, ListShowsWhatIsComplete) {
  EXPECT_EQ(Run(&SavepointList), kExitOk) << err();
  EXPECT_EQ(out(), "");
  EXPECT_NE(err().find("there is no savepoint of counting at "), std::string::npos) << err();
  Made("v1");
  arguments_.savepoint.all = true;
  EXPECT_EQ(Run(&SavepointList), kExitOk) << err();
  EXPECT_EQ(out().substr(0, out().find("    TASKS")),
            "NAME             KIND        DRAINED  TAKEN             ")
      << out();
  EXPECT_NE(out().find("counting-old/v1  savepoint   no       2026-01-01T00:00:00Z      2"),
            std::string::npos)
      << out();
  arguments_.format = "json";
  EXPECT_EQ(Run(&SavepointList), kExitOk);
  EXPECT_EQ(out().substr(0, 78),
            R"({"name":"v1","application":"counting-old","kind":"savepoint","drained":false,")");
}

TEST_F(SavepointTest, WithoutAPlaceTheCommandsSayWhereToSetIt) {
  arguments_.savepoint.location.clear();
  EXPECT_EQ(Run(&SavepointList), kExitConfig);
  EXPECT_NE(err().find("checkpoint.location"), std::string::npos) << err();
}

TEST_F(SavepointTest, DescribeSaysWhatItHoldsAndWhatIsMissing) {
  Made("v1");
  arguments_.savepoint.name = "v1";
  EXPECT_EQ(Run(&SavepointDescribe), kExitOk) << err();
  EXPECT_EQ(out().find("savepoint counting-old/v1\n"), 0u) << out();
  EXPECT_NE(out().find("    counting-old-per_user-repartition-2 at 10, 2 records in flight\n"),
            std::string::npos)
      << out();
  for (const auto& file : fs::directory_iterator(place() / "files" / kOld)) {
    fs::remove(file.path());
  }
  EXPECT_EQ(Run(&SavepointDescribe), kExitFailed);
  EXPECT_NE(err().find("a file is missing"), std::string::npos) << err();
  arguments_.savepoint.name = "v2";
  EXPECT_EQ(Run(&SavepointDescribe), kExitConfig);
}

TEST_F(SavepointTest, DeleteIsADryRunUnlessToldOtherwise) {
  Made("v1");
  arguments_.savepoint.name = "counting-old/v1";
  EXPECT_EQ(Run(&SavepointDelete), kExitOk) << err();
  EXPECT_EQ(out().find("would delete counting-old/v1 from "), 0u) << out();
  arguments_.apply = true;
  EXPECT_EQ(Run(&SavepointDelete), kExitOk) << err();
  EXPECT_FALSE(fs::exists(place() / "files"));
  EXPECT_EQ(Run(&SavepointDelete), kExitConfig);
}

TEST_F(SavepointTest, CreateAsksNobodyWhereNobodyRuns) {
  CreateInternalTopics();
  arguments_.savepoint.name = "v1";
  EXPECT_EQ(Run(&SavepointCreate), kExitConfig);
  EXPECT_NE(err().find("no instance of the application runs"), std::string::npos) << err();
}

TEST_F(SavepointTest, ANewApplicationGetsRowsRecordsAndPositions) {
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
TEST_F(SavepointTest, AnInputThatAnotherVersionHadReadGoesOnThere) {
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

TEST_F(SavepointTest, OfSeveralStartsOneWritesAndTheOthersKnowIt) {
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

TEST_F(SavepointTest, OverAnotherNumberOfPartitionsEachKeyGoesWhereItLiesNow) {
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

TEST_F(SavepointTest, WhatIsOfATaskServesAllThatItsKeysGoTo) {
  const auto store = [](const std::string& kind) {
    statestore::StoreSpec spec{.name = "step", .changelog_topic = "log"};
    spec.layout.parts = {{"kind", kind}, {"format of the key", "string"}};
    return spec;
  };
  const auto window = [](const std::string& key) { return "w" + std::string(8, '\x80') + key; };
  StoreSpread numbers(store("dedup"), {.before = 2, .now = 3});
  for (const char* next : {"\x01\x07", "\x01\x09", "\x01\x08"}) {
    EXPECT_FALSE(numbers.Place("\x05", next)->has_value());
    numbers.EndTask();
  }
  using Rows = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(*numbers.Common(), (Rows{{"\x05", "\x01\x09"}}));

  // Windows that have been fired in one half only are nobody's to fire again.
  StoreSpread half(store("windows"), {.before = 2, .now = 3});
  EXPECT_EQ(*half.Place(window("a"), ""), kafka::PartitionOf("a", 3));
  EXPECT_FALSE(half.Place("f", "later")->has_value());
  half.EndTask();
  EXPECT_TRUE(half.Common().ok());
  EXPECT_TRUE(half.Place(window("b"), "")->has_value());
  EXPECT_FALSE(half.Place("f", "earlier")->has_value());
  half.EndTask();
  EXPECT_EQ(half.Common().status().code(), StatusCode::kInvalidConfig);
}

TEST_F(SavepointTest, OfTasksThatWereBehindTheSlowestOneSaysTheTime) {
  std::vector<SpreadPosition> positions(3);
  for (size_t p = 0; p < 2; ++p) {
    positions[p].partition = {"hop", static_cast<Partition>(p)};
    positions[p].repartition = true;
    positions[p].stamp.sequence = CommitSequence(10 + static_cast<int64_t>(p));
    positions[p].stamp.generation = static_cast<uint32_t>(7 - p);
    positions[p].stamp.task_watermark = Timestamp(p == 0 ? 100 : 50);
    positions[p].stamp.upstreams = {{.upstream_task = 0, .progress = time::Progress::kActive}};
  }
  positions[2].partition = {"orders", 0};
  positions[2].offset = Offset(40);
  const auto spread = SpreadPositions(positions, {{"hop", {.before = 2, .now = 3}}});
  ASSERT_EQ(spread.size(), 4u);
  EXPECT_EQ(spread[0].partition, (TopicPartition{"orders", 0}));
  EXPECT_EQ(spread[0].offset, Offset(40));
  for (Partition p = 0; p < 3; ++p) {
    const SpreadPosition& position = spread[static_cast<size_t>(p) + 1];
    EXPECT_EQ(position.partition, (TopicPartition{"hop", p}));
    EXPECT_EQ(position.stamp.sequence, CommitSequence(11));
    EXPECT_EQ(position.stamp.generation, 7u);
    EXPECT_EQ(position.stamp.task_watermark, Timestamp(50));
    EXPECT_TRUE(position.stamp.upstreams.empty());
  }
}

TEST_F(SavepointTest, AStartThatWasCutShortIsBegunAnew) {
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

TEST_F(SavepointTest, AnApplicationThatIsNotNewIsRefused) {
  CreateInternalTopics();
  const auto admin = cluster_->NewAdmin("test");
  auto reply = (*admin)->CommitOffsets("counting", {{.partition = {"clicks", 0}, .offset = Offset(3)}});
  while (!reply->Poll()) waiting_.Pass(Milliseconds(1));
  const auto origin = Origin();
  EXPECT_EQ(origin.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(origin.status().message().find("its group has read clicks-0"), std::string::npos)
      << origin.status();
}

TEST_F(SavepointTest, ASourceThatWasMadeAnewIsRefused) {
  snapshot::Manifest manifest = Made("v1");
  manifest.tasks[0].inputs[0].stamp = Stamp("clicks", TopicId{{1, 2, 3}});
  CreateInternalTopics();
  const Status started = Start(manifest);
  EXPECT_EQ(started.code(), StatusCode::kInvalidConfig) << started;
  EXPECT_TRUE(broker_.ReadCommitted({"counting-per_user-changelog", 2}).empty());
}

TEST_F(SavepointTest, StateWhoseKeysLayElsewhereIsRefused) {
  // The step counted what it read itself, and is behind a hop now.
  const snapshot::Manifest manifest = Made("v1", "clicks");
  CreateInternalTopics();
  const Status started = Start(manifest);
  EXPECT_EQ(started.code(), StatusCode::kInvalidConfig);
  EXPECT_NE(started.message().find("the records of step per_user come from another topic"),
            std::string::npos)
      << started;
}

TEST_F(SavepointTest, WhatDoesNotFitIsSaidWithWhatMendsIt) {
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
