// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a participant and a leader ask of the storage, over RocksDB, a directory and the in-process
// broker.

#include "snapshot/snapshot_storage.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "snapshot/directory_location.h"
#include "snapshot/in_flight.h"
#include "statestore/rocksdb_task_state.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/silent_server.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;
using checkpoint::CheckpointNumber;

const TaskId kTask{"shop-totals-repartition", 0};
const TopicPartition kInput{"shop-totals-repartition", 0};
const std::vector<statestore::StoreSpec> kStores = {
    {.name = "totals", .changelog_topic = "shop-totals-changelog", .fingerprint = 11}};

class SnapshotStorageTest : public ::testing::Test {
 protected:
  SnapshotStorageTest() {
    EXPECT_TRUE(broker_.CreateTopic({.name = kInput.topic}).ok());
    Start(folder_.path() / "place");
    auto state = states_.Open(kTask, kStores);
    EXPECT_TRUE(state.ok()) << state.status();
    state_ = std::move(state).value();
  }

  void Start(const std::string& location) {
    LocationSurroundings surroundings = SystemSurroundings(clock_);
    surroundings.environment = [](const std::string&) { return "any"; };
    surroundings.pause = [this](Milliseconds time) { Pass(time); };
    storage_ = std::make_unique<SnapshotStorage>(
        *cluster_, surroundings,
        StorageOptions{.application = "shop",
                       .client_id = "test",
                       .state_dir = folder_.path(),
                       .location = location,
                       .retain = 2});
  }

  void Pass(Milliseconds time) {
    clock_.Advance(time);
    broker_.Step();
  }

  void Produce(int records, const std::string& value) {
    auto producer = cluster_->NewProducer({.client_id = "feed"});
    ASSERT_TRUE(producer.ok());
    const kafka::TopicHandle topic = (*producer)->RegisterTopic(kInput.topic);
    const auto finish = [&] {
      while (!(*producer)->Poll(Milliseconds(0))) Pass(Milliseconds(1));
    };
    (*producer)->StartInit();
    finish();
    for (int i = 0; i < records; ++i) {
      const std::string key = fmt::format("k{}", i);
      ASSERT_TRUE((*producer)->Produce({.topic = topic, .key = key, .value = value}).ok());
    }
    (*producer)->StartFlush();
    finish();
  }

  void Put(int from, int to, const std::string& value) {
    for (int i = from; i < to; ++i) state_->store(0).Put(fmt::format("key-{:08}", i), value);
    const auto applied = state_->Apply({CommitSequence(++sequence_), {Offset(sequence_)}});
    ASSERT_TRUE(applied.ok()) << applied;
  }

  checkpoint::BeginRecord Begin(int64_t number, bool savepoint = true) {
    checkpoint::BeginRecord begin{.number = CheckpointNumber(number), .savepoint = savepoint};
    begin.name = savepoint ? fmt::format("s{}", number) : "";
    begin.plan_hash = 5;
    begin.at = clock_.WallTime();
    return begin;
  }

  checkpoint::CutRecord Cut(int64_t number, Offset position) {
    checkpoint::CutRecord cut{.number = CheckpointNumber(number), .task = kTask};
    cut.sequence = CommitSequence(sequence_);
    cut.inputs = {{.partition = kInput, .position = position, .stamp = "stamp"}};
    cut.stores = {{.name = "totals", .fingerprint = 11}};
    return cut;
  }

  checkpoint::PartStored Store(const checkpoint::BeginRecord& begin,
                               const checkpoint::CutRecord& cut, Offset end) {
    const Status taken =
        storage_->TakeImage(begin.number, kTask, state_.get(), clock_.WallTime());
    EXPECT_TRUE(taken.ok()) << taken;
    storage_->Store({.begin = begin, .cut = cut, .ends = {{.partition = kInput, .end = end}}});
    EXPECT_TRUE(storage_->Work());
    EXPECT_FALSE(storage_->Work());
    const auto answers = storage_->Poll();
    EXPECT_EQ(answers.size(), 1u);
    return std::get<checkpoint::PartStored>(answers.at(0));
  }

  checkpoint::CheckpointCompleted Complete(const checkpoint::BeginRecord& begin,
                                           const checkpoint::CutRecord& cut,
                                           const checkpoint::PartStored& part) {
    checkpoint::StoredRecord stored{.number = part.number, .task = part.task};
    stored.part = part.part;
    stored.digest = part.digest;
    storage_->Complete({.application_id = "shop",
                        .plan_text = "plan",
                        .begin = begin,
                        .cuts = {cut},
                        .parts = {stored}});
    EXPECT_TRUE(storage_->Work());
    const auto answers = storage_->Poll();
    EXPECT_EQ(answers.size(), 1u);
    return std::get<checkpoint::CheckpointCompleted>(answers.at(0));
  }

  /// A whole checkpoint at the end of what was read.
  void Take(int64_t number, bool savepoint = true) {
    const auto begin = Begin(number, savepoint);
    const auto cut = Cut(number, Offset(0));
    const auto part = Store(begin, cut, Offset(0));
    ASSERT_TRUE(part.status.ok()) << part.status;
    const auto completed = Complete(begin, cut, part);
    ASSERT_TRUE(completed.status.ok()) << completed.status;
  }

  int64_t BytesAtLocation() {
    int64_t bytes = 0;
    const auto objects = location_->List("files/");
    EXPECT_TRUE(objects.ok());
    for (const StoredObject& object : *objects) bytes += object.bytes;
    return bytes;
  }

  size_t Images() {
    std::error_code error;
    size_t images = 0;
    for (const auto& own : fs::directory_iterator(folder_.path() / "shop" / "images", error)) {
      if (!own.is_directory()) continue;
      for ([[maybe_unused]] const auto& image : fs::directory_iterator(own)) ++images;
    }
    return images;
  }

  testing::TempDir folder_;
  ManualClock clock_;
  kafka::memory::Broker broker_{clock_};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  statestore::RocksdbTaskStateFactory states_{
      {.dir = folder_.path(), .application = "shop", .memory_bytes = 8 << 20}, clock_};
  std::unique_ptr<statestore::TaskState> state_;
  int64_t sequence_ = 0;
  std::unique_ptr<SnapshotStorage> storage_;
  std::unique_ptr<Location> location_ = NewDirectoryLocation(folder_.path() / "place");
  Catalog catalog_{*location_, "shop", clock_, [](Milliseconds) {}};
};

TEST_F(SnapshotStorageTest, ASavepointHoldsStatePositionsAndRecordsInFlight) {
  Put(0, 100, "value");
  Produce(5, "in flight");
  const auto begin = Begin(7);
  const auto cut = Cut(7, Offset(2));
  const auto part = Store(begin, cut, Offset(4));
  ASSERT_TRUE(part.status.ok()) << part.status;
  EXPECT_TRUE(catalog_.Names()->empty());
  EXPECT_EQ(Images(), 0u);
  const auto completed = Complete(begin, cut, part);
  ASSERT_TRUE(completed.status.ok()) << completed.status;
  EXPECT_EQ(completed.manifest, "shop/s7");
  EXPECT_EQ(completed.bytes, part.bytes);

  const auto manifest = catalog_.Read("s7");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->plan_text, "plan");
  EXPECT_EQ(manifest->topics,
            (std::vector<KeptTopic>{{.topic = kInput.topic, .partitions = 1, .repartition = true}}));
  EXPECT_EQ(manifest->stores, (std::vector<KeptStore>{{.name = "totals", .fingerprint = 11}}));
  ASSERT_EQ(manifest->tasks.size(), 1u);
  const KeptTask& task = manifest->tasks[0];
  EXPECT_EQ(task.sequence, CommitSequence(1));
  ASSERT_EQ(task.inputs.size(), 1u);
  EXPECT_EQ(task.inputs[0].position, Offset(2));
  EXPECT_EQ(task.inputs[0].stamp, "stamp");
  EXPECT_EQ(task.inputs[0].in_flight_records, 2);
  std::string seen;
  const auto bytes = catalog_.FetchBytes(task.inputs[0].in_flight.at(0));
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  ASSERT_TRUE(ReadInFlightFile(*bytes, [&](const InFlightRecord& record) {
                seen += std::string(*record.key) + "=" + std::string(*record.value) + " ";
                return Status();
              }).ok());
  EXPECT_EQ(seen, "k2=in flight k3=in flight ");

  // And the way back.
  const fs::path image = folder_.path() / "back";
  fs::create_directories(image);
  for (const StoredFile& file : task.image) {
    ASSERT_TRUE(catalog_.Fetch(file, image / file.name).ok());
  }
  const auto state = states_.OpenImage(image, {.application = "shop", .task = kTask}, kStores);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ((*state)->position(0).changelog_position, Offset(1));
  int rows = 0;
  ASSERT_TRUE((*state)->Scan(0, [&](std::string_view, std::string_view) { ++rows; }).ok());
  EXPECT_EQ(rows, 100);
}

TEST_F(SnapshotStorageTest, ADrainedOneHoldsNoRecordsInFlightOrIsNone) {
  Put(0, 100, "value");
  Produce(5, "in flight");
  auto begin = Begin(7);
  begin.drain = true;
  auto cut = Cut(7, Offset(4));
  const auto spoiled = Complete(begin, cut, Store(begin, cut, Offset(5)));
  EXPECT_EQ(spoiled.status.code(), StatusCode::kStopped) << spoiled.status;
  EXPECT_TRUE(catalog_.Names()->empty());

  begin.number = cut.number = CheckpointNumber(8);
  cut.inputs[0].position = Offset(5);
  const auto completed = Complete(begin, cut, Store(begin, cut, Offset(5)));
  ASSERT_TRUE(completed.status.ok()) << completed.status;
  const auto manifest = catalog_.Read("s7");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_TRUE(manifest->drained);
  EXPECT_EQ(manifest->tasks.at(0).inputs.at(0).in_flight_records, 0);
}

TEST_F(SnapshotStorageTest, AFileOfAFormerSnapshotIsReferencedAndNotCopied) {
  const std::string value(200, 'v');
  for (int i = 0; i < 20; ++i) Put(i * 500, (i + 1) * 500, value + std::to_string(i * 7'919));
  Take(1);
  const int64_t first = BytesAtLocation();
  EXPECT_GT(first, 20'000);
  Put(100'000, 100'020, "little");
  Take(2);
  const int64_t added = BytesAtLocation() - first;
  // The new rows, and the small files that RocksDB writes anew for each image.
  EXPECT_LT(added, 12'000) << "of " << first;
  for (const char* name : {"s1", "s2"}) {
    const auto manifest = catalog_.Read(name);
    ASSERT_TRUE(manifest.ok());
    EXPECT_TRUE(catalog_.MissingFiles(*manifest)->empty()) << name;
  }
}

TEST_F(SnapshotStorageTest, PeriodicOnesAreRetainedAndSavepointsStay) {
  for (int64_t number = 1; number <= 5; ++number) {
    clock_.Advance(Milliseconds(1'000));
    Put(0, 10, std::to_string(number));
    Take(number, /*savepoint=*/number == 2);
  }
  const auto names = catalog_.Names();
  ASSERT_TRUE(names.ok());
  ASSERT_EQ(names->size(), 3u);
  EXPECT_TRUE(names->at(0).ends_with("-4")) << names->at(0);
  EXPECT_TRUE(names->at(1).ends_with("-5")) << names->at(1);
  EXPECT_EQ(names->at(2), "s2");
  EXPECT_TRUE(location_->List("parts/")->empty());
}

TEST_F(SnapshotStorageTest, WhatIsForgottenLeavesNothingHereAndAnswersNothing) {
  Put(0, 10, "value");
  const auto begin = Begin(3);
  ASSERT_TRUE(storage_->TakeImage(begin.number, kTask, state_.get(), clock_.WallTime()).ok());
  EXPECT_EQ(Images(), 1u);
  storage_->Store({.begin = begin, .cut = Cut(3, Offset(0))});
  storage_->Forget(begin.number);
  EXPECT_FALSE(storage_->Work());
  EXPECT_TRUE(storage_->Poll().empty());
  EXPECT_EQ(Images(), 0u);
  storage_->Forget(CheckpointNumber(99));
}

TEST_F(SnapshotStorageTest, WithoutALocationASavepointNeedsOneOfItsOwn) {
  Start("");
  Put(0, 10, "value");
  auto begin = Begin(1);
  EXPECT_EQ(Store(begin, Cut(1, Offset(0)), Offset(0)).status.code(), StatusCode::kInvalidConfig);
  begin.number = CheckpointNumber(2);
  begin.location = (folder_.path() / "other").string();
  EXPECT_TRUE(Store(begin, Cut(2, Offset(0)), Offset(0)).status.ok());
}

TEST_F(SnapshotStorageTest, ALocationThatDoesNotAnswerIsNotWaitedForAtTheEnd) {
  SilentServer silent;
  Start("s3://bucket?endpoint=http://" + silent.host());
  Put(0, 10, "value");
  const auto begin = Begin(1);
  ASSERT_TRUE(storage_->TakeImage(begin.number, kTask, state_.get(), clock_.WallTime()).ok());
  storage_->Store({.begin = begin, .cut = Cut(1, Offset(0))});
  storage_->RunThread();
  silent.Take();
  storage_.reset();
  EXPECT_FALSE(silent.IsAskedAgain());
}

TEST_F(SnapshotStorageTest, NoImageNoPart) {
  storage_->Store({.begin = Begin(1), .cut = Cut(1, Offset(0))});
  EXPECT_TRUE(storage_->Work());
  EXPECT_FALSE(std::get<checkpoint::PartStored>(storage_->Poll().at(0)).status.ok());
}

TEST_F(SnapshotStorageTest, APartThatIsAnotherThanWasStoredIsNotCompleted) {
  Put(0, 10, "value");
  const auto begin = Begin(1);
  const auto cut = Cut(1, Offset(0));
  auto part = Store(begin, cut, Offset(0));
  ASSERT_TRUE(part.status.ok());
  part.digest[0] = part.digest[0] == '0' ? '1' : '0';
  EXPECT_FALSE(Complete(begin, cut, part).status.ok());
  EXPECT_TRUE(catalog_.Names()->empty());
}

TEST_F(SnapshotStorageTest, WhatAReplacedLeaderCompletedIsCompleteForTheNextOne) {
  Put(0, 10, "value");
  const auto begin = Begin(1);
  const auto cut = Cut(1, Offset(0));
  const auto part = Store(begin, cut, Offset(0));
  ASSERT_TRUE(part.status.ok()) << part.status;
  const auto first = Complete(begin, cut, part);
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_TRUE(location_->List("parts/")->empty()) << "the first one cleaned up";
  Start(folder_.path() / "place");
  const auto second = Complete(begin, cut, part);
  EXPECT_TRUE(second.status.ok()) << second.status;
  EXPECT_EQ(second.manifest, first.manifest);
  EXPECT_EQ(second.bytes, first.bytes);

  // Another attempt of the same name is not what the parts are missed for.
  auto later = begin;
  later.number = CheckpointNumber(2);
  EXPECT_EQ(Complete(later, cut, part).status.code(), StatusCode::kStopped);
}

TEST_F(SnapshotStorageTest, ImagesOfAProcessThatDiedAreRemoved) {
  const fs::path dead = folder_.path() / "shop" / "images" / "0123456789abcdef";
  fs::create_directories(dead / "1-x");
  std::ofstream(dead.string() + ".lock") << "";
  Put(0, 10, "value");
  ASSERT_TRUE(
      storage_->TakeImage(CheckpointNumber(1), kTask, state_.get(), clock_.WallTime()).ok());
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_EQ(Images(), 1u);
  storage_.reset();
  EXPECT_TRUE(fs::is_empty(folder_.path() / "shop" / "images"));
}

TEST_F(SnapshotStorageTest, WorksOnAThreadOfItsOwn) {
  Put(0, 10, "value");
  const auto begin = Begin(1);
  ASSERT_TRUE(storage_->TakeImage(begin.number, kTask, state_.get(), clock_.WallTime()).ok());
  storage_->RunThread();
  storage_->Store({.begin = begin, .cut = Cut(1, Offset(0))});
  std::vector<checkpoint::StorageAnswer> answers;
  while (answers.empty()) {
    answers = storage_->Poll();
    std::this_thread::yield();
  }
  EXPECT_TRUE(std::get<checkpoint::PartStored>(answers.at(0)).status.ok());
}

}  // namespace
}  // namespace sidestream::snapshot
