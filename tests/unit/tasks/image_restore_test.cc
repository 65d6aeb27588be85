// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Instances that lose their disks and stand up again from the images that checkpoints left in a
// directory, in virtual time; and from their changelogs, whatever is wrong with the images.

#include "tasks/image_restore.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "snapshot/catalog.h"
#include "snapshot/directory_location.h"
#include "snapshot/image_fetcher.h"
#include "snapshot/snapshot_storage.h"
#include "keep_program.h"
#include "stepped_instance.h"
#include "tests/support/temp_dir.h"

namespace sidestream::tasks {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using Rows = std::map<std::string, std::string>;

constexpr int64_t kSeekFrom = 50;
constexpr Milliseconds kDeleteRetention{600'000};

/// A directory that can be away.
class FlakyLocation final : public snapshot::Location {
 public:
  FlakyLocation(const fs::path& root, const bool& away, int& calls)
      : location_(snapshot::NewDirectoryLocation(root)), away_(away), calls_(calls) {}
  Status Put(const std::string&, std::string_view) override { return Away(); }
  Status PutFile(const std::string&, const fs::path&) override { return Away(); }
  Result<std::string> Get(const std::string& name, size_t bytes_max) override {
    RETURN_IF_ERROR(Check());
    return location_->Get(name, bytes_max);
  }
  Status GetFile(const std::string& name, const fs::path& file, const GoOn& go_on) override {
    RETURN_IF_ERROR(Check());
    return location_->GetFile(name, file, go_on);
  }
  Result<std::vector<snapshot::StoredObject>> List(const std::string& prefix) override {
    RETURN_IF_ERROR(Check());
    return location_->List(prefix);
  }
  Status Delete(const std::string&) override { return Away(); }

 private:
  static Status Away() { return Status::Unavailable("the place is away"); }
  Status Check() {
    ++calls_;
    return away_ ? Away() : Status::Ok();
  }
  const std::unique_ptr<snapshot::Location> location_;
  const bool& away_;
  int& calls_;
};

class ImageRestoreTest : public SteppedInstanceTest {
 protected:
  static constexpr Partition kPartitions = 2;

  ImageRestoreTest() {
    AddTopic("in", kPartitions);
    AddTopic("t-rows-changelog", kPartitions,
             {{"cleanup.policy", "compact"},
              {"delete.retention.ms", std::to_string(kDeleteRetention.count())}});
    SubTopologySpec spec;
    spec.name = "in";
    spec.inputs = {{.topic = "in", .partitions = kPartitions}};
    spec.stores = {{.name = "rows", .changelog_topic = "t-rows-changelog", .fingerprint = 1}};
    spec.programs = std::make_shared<KeepFactory>();
    application_.sub_topologies = {spec};
    application_.checkpoint_interval = seconds(20);
  }

  /// A process on an empty disk.
  void Run() {
    snapshot::LocationSurroundings surroundings = snapshot::SystemSurroundings(clock_);
    surroundings.pause = [this](Milliseconds time) { clock_.Advance(time); };
    ++runs_;
    const fs::path state = folder_.path() / std::to_string(runs_);
    disk_ = std::make_unique<statestore::MemoryTaskStateFactory>(
        statestore::MemoryTaskStateOptions{.application = "t"});
    cuts_ =
        std::make_unique<snapshot::SnapshotStorage>(*cluster_, surroundings,
                                                    snapshot::StorageOptions{.application = "t",
                                                                             .client_id = "cuts",
                                                                             .state_dir = state,
                                                                             .location = Place(),
                                                                             .retain = 2});
    images_ = std::make_unique<snapshot::ImageFetcher>(
        surroundings, snapshot::FetcherOptions{.application = "t", .state_dir = state}, [this] {
          return Result<std::unique_ptr<snapshot::Location>>(
              std::make_unique<FlakyLocation>(Place(), away_, calls_));
        });
    InstanceOptions options;
    options.name = "i" + std::to_string(runs_);
    options.consumer.session_timeout = seconds(10);
    options.seek_images_from = kSeekFrom;
    auto made =
        Instance::Create(application_, {observed_, *disk_, clock_, cuts_.get(), images_.get()},
                         options, static_cast<uint64_t>(runs_));
    ASSERT_TRUE(made.ok()) << made.status();
    instance_ = std::move(made).value();
    ASSERT_TRUE(instance_->Start().ok());
  }

  bool StepUntil(const std::function<bool()>& done, Milliseconds limit = seconds(120)) {
    const MonotonicTime deadline = clock_.Now() + limit;
    while (!done() && clock_.Now() < deadline && instance_->failure().ok()) {
      instance_->Step();
      while (cuts_->Work()) continue;
      while (!hangs_ && images_->Work()) continue;
      if (before_tick_) before_tick_();
      clock_.Advance(Milliseconds(10));
    }
    EXPECT_TRUE(instance_->failure().ok()) << instance_->failure();
    return done();
  }
  bool AllRun() {
    return instance_->ready() &&
           instance_->member().running_tasks() == static_cast<size_t>(kPartitions);
  }

  /// Feeds rows with new values to a partition and waits until they are committed.
  void Put(Partition partition, int from, int to, const std::string& value) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle topic = producer->RegisterTopic("in");
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    for (int i = from; i < to; ++i) {
      const std::string key = "k" + std::to_string(i);
      ASSERT_TRUE(
          producer->Produce({.topic = topic, .partition = partition, .key = key, .value = value})
              .ok());
      model_[partition][key] = value;
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    ASSERT_TRUE(StepUntil([&] {
      return Committed({"in", partition}) == broker_.LogEnd({"in", partition});
    }));
  }

  /// Waits for one more checkpoint.
  void Checkpoint() {
    const auto complete = [this] {
      const auto latest = instance_->control().LatestCheckpoint();
      return latest && latest->stage == checkpoint::CheckpointStage::kComplete
                 ? latest->begin.number.value()
                 : 0;
    };
    const auto before = instance_->control().LatestCheckpoint();
    const int64_t number = before ? before->begin.number.value() : 0;
    ASSERT_TRUE(StepUntil([&] { return complete() > number; }));
  }

  /// The process dies with its disk, and another one comes up.
  void LoseDisk() {
    instance_.reset();
    images_.reset();
    cuts_.reset();
    clock_.Advance(seconds(11));
    Run();
  }

  std::string Place() const { return folder_.path() / "place"; }
  std::vector<fs::path> FilesThere() const {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(Place() + "/files/t", error)) {
      files.push_back(entry.path());
    }
    return files;
  }

  int64_t Restored() const { return instance_->registry().counters().restored_records; }
  int64_t Restores(RestoreSource source) const {
    return instance_->registry().counters().restores[static_cast<size_t>(source)];
  }
  Rows RowsOf(Partition partition) {
    Rows rows;
    auto state = disk_->Open({"in", partition}, application_.sub_topologies[0].stores).value();
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
    };
    EXPECT_TRUE(state->Scan(0, visit).ok());
    EXPECT_TRUE(state->Close(/*dirty=*/false, clock_.WallTime()).ok());
    return rows;
  }
  void Stop() {
    instance_->RequestStop();
    ASSERT_TRUE(StepUntil([this] { return instance_->stopped(); }));
  }
  /// All tasks came back, `location` of them from images; so many records were read, and the rows
  /// are those that were put.
  void ExpectRestored(int64_t location, int64_t records) {
    ASSERT_TRUE(StepUntil([this] { return AllRun(); }));
    EXPECT_EQ(Restores(RestoreSource::kLocation), location);
    EXPECT_EQ(Restores(RestoreSource::kChangelog), kPartitions - location);
    EXPECT_EQ(Restored(), records);
    Stop();
    for (Partition p = 0; p < kPartitions; ++p) EXPECT_EQ(RowsOf(p), model_[p]) << p;
  }
  /// 300 rows of partition 0 and 200 of the other in a checkpoint, 20 behind it.
  void RunCheckpointAndMore() {
    Run();
    Put(0, 0, 300, "a");
    Put(1, 0, 200, "a");
    Checkpoint();
    Put(0, 290, 310, "b");
  }

  testing::TempDir folder_;
  int runs_ = 0;
  bool away_ = false;
  bool hangs_ = false;
  int calls_ = 0;
  std::function<void()> before_tick_;
  std::map<Partition, Rows> model_;
  std::unique_ptr<statestore::MemoryTaskStateFactory> disk_;
  std::unique_ptr<snapshot::SnapshotStorage> cuts_;
  std::unique_ptr<snapshot::ImageFetcher> images_;
  std::unique_ptr<Instance> instance_;
};

TEST_F(ImageRestoreTest, ASuccessorReadsOnlyTheRowsBehindTheCheckpoint) {
  RunCheckpointAndMore();
  LoseDisk();
  ExpectRestored(2, 20);
}

TEST_F(ImageRestoreTest, TheSameAtLeastOnce) {
  application_.exactly_once = false;
  RunCheckpointAndMore();
  LoseDisk();
  ExpectRestored(2, 20);
}

TEST_F(ImageRestoreTest, TheNextCheckpointHoldsWhatAnImageBrought) {
  RunCheckpointAndMore();
  LoseDisk();
  ASSERT_TRUE(StepUntil([this] { return AllRun(); }));
  Put(0, 300, 320, "c");
  Checkpoint();
  LoseDisk();
  ExpectRestored(2, 0);
}

TEST_F(ImageRestoreTest, WhereLittleIsToBeReadNobodyAsks) {
  Run();
  Put(0, 0, 20, "a");
  Put(1, 0, 200, "a");
  Checkpoint();
  calls_ = 0;
  LoseDisk();
  ExpectRestored(1, 20);
  EXPECT_GT(calls_, 0);
}

TEST_F(ImageRestoreTest, WithoutASnapshotTheChangelogIsRead) {
  application_.checkpoint_interval = Milliseconds(0);
  Run();
  Put(0, 0, 300, "a");
  LoseDisk();
  ExpectRestored(0, 300);
}

TEST_F(ImageRestoreTest, AnImageOlderThanTheTombstonesIsNotTaken) {
  RunCheckpointAndMore();
  Put(1, 0, 1, "b");
  instance_.reset();
  clock_.Advance(kDeleteRetention / 2);
  LoseDisk();
  ExpectRestored(0, 521);
}

TEST_F(ImageRestoreTest, ADamagedImageIsNotTaken) {
  RunCheckpointAndMore();
  for (const fs::path& file : FilesThere()) std::ofstream(file, std::ios::app) << "x";
  LoseDisk();
  ExpectRestored(0, 520);
}

TEST_F(ImageRestoreTest, AnImageThatWasDeletedIsNotTaken) {
  RunCheckpointAndMore();
  for (const fs::path& file : FilesThere()) fs::remove(file);
  LoseDisk();
  ExpectRestored(0, 520);
}

TEST_F(ImageRestoreTest, RetentionMayDeleteACheckpointThatIsBeingFetched) {
  Run();
  Put(0, 0, 300, "a");
  Checkpoint();
  LoseDisk();
  hangs_ = true;
  // The task is told what there is; before it fetches anything, all of it goes.
  bool told = false;
  ASSERT_TRUE(StepUntil([&] { return told = told || images_->Work(); }));
  const auto place = snapshot::NewDirectoryLocation(Place());
  snapshot::Catalog catalog(*place, "t", clock_, [](Milliseconds) {});
  const auto names = catalog.Names();
  ASSERT_TRUE(names.ok());
  for (const std::string& name : *names) ASSERT_TRUE(catalog.Delete(name).ok());
  hangs_ = false;
  ExpectRestored(0, 300);
}

TEST_F(ImageRestoreTest, AnOlderImageIsTakenWhereTheNewestIsDamaged) {
  Run();
  Put(0, 0, 300, "a");
  Checkpoint();
  const auto older = FilesThere();
  Put(0, 290, 310, "b");
  Checkpoint();
  for (const fs::path& file : FilesThere()) {
    if (std::ranges::find(older, file) == older.end()) std::ofstream(file, std::ios::app) << "x";
  }
  LoseDisk();
  ExpectRestored(1, 20);
}

TEST_F(ImageRestoreTest, APlaceThatIsAwayIsAskedByOneTaskOnly) {
  RunCheckpointAndMore();
  away_ = true;
  calls_ = 0;
  LoseDisk();
  ExpectRestored(0, 520);
  EXPECT_LE(calls_, kPartitions);
}

TEST_F(ImageRestoreTest, APlaceThatHangsIsNotWaitedForForLongAndOthersGoOn) {
  Run();
  Put(0, 0, 20, "a");
  Put(1, 0, 200, "a");
  Checkpoint();
  LoseDisk();
  hangs_ = true;
  const MonotonicTime begun = clock_.Now();
  std::optional<Milliseconds> first;
  before_tick_ = [&] {
    if (first || instance_->member().running_tasks() == 0) return;
    first = std::chrono::duration_cast<Milliseconds>(clock_.Now() - begun);
  };
  ExpectRestored(0, 220);
  ASSERT_TRUE(first.has_value());
  EXPECT_LT(*first, seconds(5)) << "the other task waited, too";
  EXPECT_GE(clock_.Now() - begun, ImageRestore::kFindMax);
  EXPECT_LT(clock_.Now() - begun, ImageRestore::kFindMax + seconds(15));
}

TEST_F(ImageRestoreTest, AFetchThatStandsStillIsGivenUp) {
  RunCheckpointAndMore();
  LoseDisk();
  hangs_ = true;
  int answered = 0;
  before_tick_ = [&] {
    // Both are told what there is, and nothing more comes.
    if (answered < kPartitions && images_->Work()) ++answered;
  };
  const MonotonicTime begun = clock_.Now();
  ExpectRestored(0, 520);
  EXPECT_EQ(answered, kPartitions);
  EXPECT_LT(clock_.Now() - begun, ImageRestore::kStallMax + seconds(20));
}

}  // namespace
}  // namespace sidestream::tasks
