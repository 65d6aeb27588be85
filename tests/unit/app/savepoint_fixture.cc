// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "savepoint_fixture.h"

#include <sstream>

#include "app/load.h"
#include "app/savepoint_fit.h"
#include "base/internal_record.h"
#include "harness/application_spec.h"
#include "snapshot/directory_location.h"
#include "snapshot/in_flight.h"
#include "statestore/memory_task_state.h"
#include "time/commit_stamp.h"

namespace sidestream::app {

namespace fs = std::filesystem;

void SavepointFixture::SetUp() {
  File("clicks.yaml", Counting());
  arguments_.savepoint.location = place().string();
  CreateTopic("clicks", 4);
  CreateTopic("totals", 4);
}

tasks::ApplicationSpec SavepointFixture::Application() {
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

std::vector<kafka::NewTopic> SavepointFixture::InternalTopics() {
  return {{.name = "counting-dlq", .partitions = 1},
          {.name = "counting-per_user-repartition", .partitions = 4},
          {.name = "counting-per_user-changelog", .partitions = 4},
          {.name = "counting-control", .partitions = 1}};
}

void SavepointFixture::CreateInternalTopics() {
  for (const kafka::NewTopic& topic : InternalTopics()) CreateTopic(topic.name, topic.partitions);
}

std::string SavepointFixture::Stamp(const std::string& anchor, TopicId id) {
  time::CommitStamp stamp{.sequence = CommitSequence(9)};
  stamp.anchor_hash = time::AnchorHash(anchor);
  stamp.topic_id = id;
  stamp.task_watermark = Timestamp(77);
  return time::EncodeCommitStamp(stamp);
}

TopicId SavepointFixture::IdOf(const std::string& topic) {
  const auto admin = cluster_->NewAdmin("test");
  auto reply = (*admin)->DescribeTopics({topic});
  for (;;) {
    if (auto answer = reply->Poll()) return (**answer).front().id;
    waiting_.Pass(Milliseconds(1));
  }
}

std::string SavepointFixture::Data() {
  std::string bytes;
  EncodeRepartitionValue({.value = "record"}, bytes);
  return bytes;
}

std::string SavepointFixture::Mark() {
  std::string bytes;
  EncodeMarkValue("said", bytes);
  return bytes;
}

snapshot::Manifest SavepointFixture::Made(const std::string& name, const std::string& anchor,
                                          int32_t partitions) {
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

void SavepointFixture::SaveState(const TaskId& task, uint64_t fingerprint,
                                 snapshot::Catalog& catalog, snapshot::KeptTask& into) {
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

}  // namespace sidestream::app
