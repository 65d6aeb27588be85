// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/standby_keeper.h"

#include <gtest/gtest.h>

#include "base/internal_record.h"
#include "stepped_instance.h"
#include "tests/support/temp_dir.h"

namespace sidestream::tasks {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// A control topic that names the stores as they are, and nothing else.
class StoresControl final : public checkpoint::ControlView {
 public:
  bool caught_up() const override { return true; }
  std::optional<TopicId> AdoptedId(const std::string&) const override { return std::nullopt; }
  std::optional<Offset> End(const TopicPartition&) const override { return std::nullopt; }
  std::optional<checkpoint::StoreRecord> Store(const std::string& store) const override {
    return checkpoint::StoreRecord{.store = store, .layout = {}};
  }
  bool finished() const override { return false; }
  Offset position() const override { return Offset(0); }
  uint64_t checkpoint_changes() const override { return 0; }
  std::shared_ptr<const checkpoint::Checkpoint> LatestCheckpoint() const override {
    return nullptr;
  }
  bool stop_at_savepoint() const override { return false; }
};

/// Has one image, and gives it.
class OneImage final : public statestore::ImageSource {
 public:
  statestore::StoredImage image;
  std::filesystem::path folder;

  void Find(const TaskId&, bool) override {
    answer_ = statestore::ImagesFound{.status = {}, .images = {image}};
  }
  void Fetch(const TaskId&, const std::string&) override {
    answer_ = statestore::ImageFetched{.status = {}, .folder = folder};
  }
  std::optional<statestore::ImageAnswer> Poll(const TaskId&) override {
    return std::exchange(answer_, {});
  }
  int64_t FetchedBytes(const TaskId&) const override { return 0; }
  void Cancel(const TaskId&) override { answer_.reset(); }
  void Distrust(const Status&) override {}
  Progress progress() const override { return {}; }

 private:
  std::optional<statestore::ImageAnswer> answer_;
};

class StandbyKeeperTest : public SteppedInstanceTest {
 protected:
  StandbyKeeperTest() {
    AddTopic("rows-changelog", 1, {{"cleanup.policy", "compact"}});
    SubTopologySpec spec;
    spec.inputs = {{.topic = "in", .partitions = 1}};
    spec.stores = {{.name = "rows", .changelog_topic = "rows-changelog", .fingerprint = 1}};
    application_.sub_topologies = {spec};
    keeper_ = std::make_unique<StandbyKeeper>(
        application_, StandbyKeeper::Dependencies{*admin_, pool_, states_, control_, clock_});
  }

  void Change(const std::string& row) {
    std::string value;
    EncodeChangelogValue({.sequence = CommitSequence(1), .row = row}, value);
    Feed("rows-changelog", 0, {{row, value}});
  }
  void Feed(const std::string& topic, Partition partition,
            const std::vector<std::pair<std::string, std::string>>& records) {
    auto producer = cluster_->NewProducer({.client_id = "feeder"}).value();
    const kafka::TopicHandle handle = producer->RegisterTopic(topic);
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
    for (const auto& [key, value] : records) {
      ASSERT_TRUE(
          producer->Produce({.topic = handle, .partition = partition, .key = key, .value = value})
              .ok());
    }
    producer->StartFlush();
    while (!producer->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
  }
  void StepFor(Milliseconds time) {
    const MonotonicTime end = clock_.Now() + time;
    while (clock_.Now() < end) {
      keeper_->Step();
      pool_.StepLane(0);
      clock_.Advance(Milliseconds(10));
    }
  }
  void Release() {
    for (int i = 0; i < 100 && !keeper_->Release(kTask); ++i) StepFor(Milliseconds(10));
  }
  std::optional<Timestamp> CompleteAt() {
    const auto state = states_.Open(kTask, application_.sub_topologies[0].stores).value();
    const auto at = state->position(0).complete_at;
    EXPECT_TRUE(state->Close(/*dirty=*/true, clock_.WallTime()).ok());
    return at;
  }

  const TaskId kTask{"in", 0};
  StoresControl control_;
  std::unique_ptr<kafka::Admin> admin_ = cluster_->NewAdmin("keeper").value();
  std::unique_ptr<kafka::LogReader> reader_ = cluster_->NewLogReader("keeper").value();
  changelog::RestorePool pool_{*admin_, {reader_.get()}, clock_, {.ask_elsewhere_from = 5}};
  std::unique_ptr<StandbyKeeper> keeper_;
};

// N3. Deletes may have left the changelog meanwhile.
TEST_F(StandbyKeeperTest, IsAsOldAsWhatItLastKnew) {
  Change("a");
  keeper_->WantedAre({kTask});
  StepFor(seconds(5));
  ASSERT_EQ(keeper_->Present().at(0).stores.at(0).position, Offset(1));
  const Timestamp knew = clock_.WallTime();
  clock_.Advance(hours(96));
  Release();
  ASSERT_TRUE(CompleteAt().has_value());
  EXPECT_LE(*CompleteAt(), knew);
}

TEST_F(StandbyKeeperTest, StaysYoungWhileNothingComes) {
  Change("a");
  keeper_->WantedAre({kTask});
  StepFor(seconds(5));
  const Timestamp before = clock_.WallTime();
  for (int hour = 0; hour < 3; ++hour) {
    clock_.Advance(hours(1));
    StepFor(seconds(5));
  }
  // What a crash leaves.
  keeper_.reset();
  EXPECT_GT(*CompleteAt(), before);
}

TEST_F(StandbyKeeperTest, FollowsAndLetsGo) {
  Change("a");
  keeper_->WantedAre({kTask});
  StepFor(seconds(5));
  Change("b");
  StepFor(seconds(3));
  EXPECT_EQ(keeper_->Present().at(0).stores.at(0).position, Offset(2));
  Release();
  EXPECT_TRUE(keeper_->Present().empty());
}

TEST_F(StandbyKeeperTest, ANewCopyBeginsWithAnImageThatIsNearer) {
  for (int i = 0; i < 10; ++i) Change("a" + std::to_string(i));
  keeper_->WantedAre({kTask});
  StepFor(seconds(5));
  Release();
  const testing::TempDir folder;
  OneImage images;
  images.folder = folder.path() / "image";
  {
    const auto state = states_.Open(kTask, application_.sub_topologies[0].stores).value();
    ASSERT_TRUE(state->SaveImage(images.folder, clock_.WallTime()).ok());
    images.image = {.snapshot = "s", .taken_at = clock_.WallTime(), .tasks = 1, .bytes = 10};
    images.image.stores = {{.name = "rows",
                            .fingerprint = 1,
                            .changelog_id = state->position(0).changelog_id,
                            .position = *state->position(0).changelog_position}};
    ASSERT_TRUE(state->Close(/*dirty=*/false, clock_.WallTime()).ok());
  }
  Change("b");
  statestore::MemoryTaskStateFactory other{{.application = "t"}};
  keeper_ = std::make_unique<StandbyKeeper>(
      application_,
      StandbyKeeper::Dependencies{*admin_, pool_, other, control_, clock_, &images});
  const int64_t before = pool_.Progress().passed_offsets;
  keeper_->WantedAre({kTask});
  StepFor(seconds(5));
  ASSERT_EQ(keeper_->Present().at(0).stores.at(0).position, Offset(11));
  EXPECT_EQ(pool_.Progress().passed_offsets - before, 1) << "of eleven";
  Release();
  const auto state = other.Open(kTask, application_.sub_topologies[0].stores).value();
  int rows = 0;
  EXPECT_TRUE(state->Scan(0, [&](std::string_view, std::string_view) { ++rows; }).ok());
  EXPECT_EQ(rows, 11);
}

}  // namespace
}  // namespace sidestream::tasks
