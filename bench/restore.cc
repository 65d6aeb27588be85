// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How long a restore takes, beside its two parts alone: reading the changelog and throwing it away,
// and bringing as many rows from memory into a store by sorted files. With a location also from images
// there, which hold all of it: the first call with one makes them.
//
//   restore_bench BOOTSTRAP DIR [--records N] [--bytes N] [--keys N] [--rounds N] [--lanes N]
//                               [--location PATH|s3://...]
//
// The topic is filled on the first call (one partition for each lane) and used again by later ones.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/internal_record.h"
#include "changelog/restore_pool.h"
#include "changelog/sorted_chunk.h"
#include "kafka/rdkafka/rdkafka_cluster.h"
#include "snapshot/catalog.h"
#include "snapshot/image_fetcher.h"
#include "snapshot/location.h"
#include "statestore/rocksdb_task_state.h"

namespace sidestream {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

struct Options {
  std::string bootstrap;
  fs::path directory;
  int64_t records = 10'000'000;
  /// Of key and row together.
  int64_t bytes = 100;
  int64_t keys = 5'000'000;
  int64_t rounds = 3;
  int32_t lanes = 1;
  std::string location;

  std::string topic() const {
    return fmt::format("restore-{}-{}-{}-{}-changelog", records, bytes, keys, lanes);
  }
  int64_t records_of(Partition partition) const {
    return records / lanes + (partition < records % lanes ? 1 : 0);
  }
};

class Stopwatch {
 public:
  double seconds() const { return Seconds(std::chrono::steady_clock::now() - start_).count(); }

 private:
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Key and row of a record: keys in no order, rows that compress a little.
class Rows {
 public:
  explicit Rows(const Options& options) : options_(options), random_(1) {}
  void Next() {
    const int64_t key = random_.Below(options_.keys);
    key_ = fmt::format("{:016x}", static_cast<uint64_t>(key) * 0x9e3779b97f4a7c15);
    row_.clear();
    while (static_cast<int64_t>(key_.size() + row_.size()) < options_.bytes) {
      fmt::format_to(std::back_inserter(row_), "field={:08x} ", random_.Next() & 0xffffffff);
    }
    row_.resize(static_cast<size_t>(options_.bytes) - key_.size());
  }
  const std::string& key() const { return key_; }
  const std::string& row() const { return row_; }

 private:
  const Options& options_;
  Random random_;
  std::string key_;
  std::string row_;
};

template <typename T>
Result<T> Await(std::unique_ptr<kafka::Pending<T>> pending) {
  for (;;) {
    if (auto answer = pending->Poll()) return *std::move(answer);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Offset EndOf(kafka::Admin& admin, const TopicPartition& partition) {
  const auto ends = Await(admin.ListOffsets({partition}, kafka::OffsetSpec::kLatest,
                                            kafka::IsolationLevel::kReadUncommitted));
  return ends.ok() ? ends->front().offset : Offset(0);
}

Status Finish(kafka::Producer& producer) {
  for (;;) {
    if (const auto done = producer.Poll(Milliseconds(100))) return *done;
  }
}

void Feed(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options) {
  kafka::NewTopic topic;
  topic.name = options.topic();
  topic.partitions = options.lanes;
  // The cleaner would make another measurement of each run.
  topic.settings = {{"cleanup.policy", "compact"}, {"min.cleanable.dirty.ratio", "1"}};
  const auto created = Await(admin.CreateTopics({topic}));
  CHECK(created.ok()) << created.status();
  while (!Await(admin.DescribeTopics({topic.name})).value().front().exists) {
  }
  if (EndOf(admin, {topic.name, 0}) > Offset(0)) return;
  auto producer = cluster.NewProducer({.client_id = "restore-feed"}).value();
  const kafka::TopicHandle handle = producer->RegisterTopic(topic.name);
  producer->StartInit();
  CHECK(Finish(*producer).ok());
  Rows rows(options);
  std::string value;
  for (int64_t i = 0; i < options.records; ++i) {
    rows.Next();
    value.clear();
    EncodeChangelogValue({.sequence = CommitSequence(i / 1000 + 1), .row = rows.row()}, value);
    const kafka::OutgoingRecord record{.topic = handle,
                                       .partition = static_cast<Partition>(i % options.lanes),
                                       .key = rows.key(),
                                       .value = value};
    while (producer->Produce(record).code() == StatusCode::kUnavailable) {
      producer->Poll(Milliseconds(5));
    }
  }
  producer->StartFlush();
  CHECK(Finish(*producer).ok());
  CHECK(!producer->first_failure().has_value());
}

/// Reads every partition to its end, in one thread each, and does nothing with it.
double ReadRaw(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options) {
  std::vector<std::unique_ptr<kafka::LogReader>> readers;
  std::vector<Offset> ends;
  for (Partition p = 0; p < options.lanes; ++p) {
    readers.push_back(cluster.NewLogReader("restore-raw").value());
    ends.push_back(EndOf(admin, {options.topic(), p}));
  }
  const Stopwatch watch;
  std::vector<std::jthread> threads;
  for (Partition p = 0; p < options.lanes; ++p) {
    threads.emplace_back([&, p] {
      const TopicPartition partition{options.topic(), p};
      kafka::LogReader& reader = *readers[static_cast<size_t>(p)];
      CHECK(reader.Assign({partition, Offset(0)}).ok());
      while (reader.Position(partition).value_or(Offset(0)) < ends[static_cast<size_t>(p)]) {
        (void)reader.Poll(10'000, Milliseconds(10));
      }
    });
  }
  threads.clear();
  return watch.seconds();
}

std::vector<statestore::StoreSpec> StoresOf(const Options& options) {
  return {{.name = "store", .changelog_topic = options.topic(), .fingerprint = 1}};
}

/// Brings the same rows in from memory; making them up is not counted.
double IngestRaw(const Options& options, size_t chunk_bytes) {
  const SystemClock clock;
  const fs::path directory = options.directory / "ingest";
  fs::remove_all(directory);
  statestore::RocksdbTaskStateFactory states({.dir = directory, .application = "bench"}, clock);
  const Stopwatch all;
  double making = 0;
  for (Partition p = 0; p < options.lanes; ++p) {
    auto state = states.Open({options.topic(), p}, StoresOf(options)).value();
    changelog::SortedChunk chunk;
    Rows rows(options);
    int64_t made = 0;
    while (made < options.records_of(p)) {
      const Stopwatch make;
      for (; made < options.records_of(p) && chunk.bytes() < chunk_bytes; ++made) {
        rows.Next();
        chunk.Add(rows.key(), rows.row());
      }
      making += make.seconds();
      CHECK(state->IngestRestored(0, chunk.Sort(), Offset(made), CommitSequence(1)).ok());
      chunk.Clear();
    }
    CHECK(state->Close(/*dirty=*/false, clock.WallTime()).ok());
  }
  const double seconds = all.seconds() - making;
  fs::remove_all(directory);
  return seconds;
}

using States = std::vector<std::unique_ptr<statestore::TaskState>>;

/// Reads the changelogs of all tasks to their ends.
class Lanes {
 public:
  Lanes(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options, size_t chunk_bytes) {
    std::vector<kafka::LogReader*> lanes;
    for (int32_t i = 0; i < options.lanes; ++i) {
      readers_.push_back(cluster.NewLogReader("restore").value());
      lanes.push_back(readers_.back().get());
    }
    pool_ = std::make_unique<changelog::RestorePool>(
        admin, lanes, clock_,
        changelog::StoreRestorerOptions{.chunk_bytes_max =
                                            chunk_bytes / static_cast<size_t>(options.lanes)});
  }

  States Run(statestore::RocksdbTaskStateFactory& states, const Options& options) {
    States open;
    for (Partition p = 0; p < options.lanes; ++p) {
      const TaskId task{options.topic(), p};
      open.push_back(states.Open(task, StoresOf(options)).value());
      pool_->Register(task, *open.back());
    }
    std::vector<std::jthread> threads;
    for (size_t lane = 0; lane < pool_->lane_count(); ++lane) {
      threads.emplace_back([this, lane](const std::stop_token& stop) {
        while (!stop.stop_requested()) std::this_thread::sleep_for(pool_->StepLane(lane));
      });
    }
    while (!pool_->idle()) {
      for (const auto& outcome : pool_->TakeOutcomes()) CHECK(outcome.status.ok()) << outcome.status;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return open;
  }

 private:
  const SystemClock clock_;
  std::vector<std::unique_ptr<kafka::LogReader>> readers_;
  std::unique_ptr<changelog::RestorePool> pool_;
};

/// Leaves an image of each task at the location, as a snapshot does.
void StoreImages(const Options& options, const fs::path& directory, const States& states) {
  const SystemClock clock;
  const auto surroundings = snapshot::SystemSurroundings(clock);
  const auto location = snapshot::OpenLocation(options.location, surroundings).value();
  snapshot::Catalog catalog(*location, "bench", clock, surroundings.pause);
  if (catalog.Read(options.topic()).ok()) return;
  snapshot::Manifest manifest{.name = options.topic(), .application = "bench", .number = 1};
  manifest.created_at = clock.WallTime();
  CHECK(catalog.Begin().ok());
  for (Partition p = 0; p < options.lanes; ++p) {
    const fs::path image = directory / fmt::format("image-{}", p);
    statestore::TaskState& state = *states[static_cast<size_t>(p)];
    CHECK(state.SaveImage(image, clock.WallTime()).ok());
    snapshot::KeptTask task{.id = {options.topic(), p}, .sequence = state.sequence()};
    for (const fs::directory_entry& entry : fs::directory_iterator(image)) {
      task.image.push_back(
          catalog.AddFile(entry.path(), entry.path().filename().string()).value());
    }
    task.stores = {{.name = "store",
                    .fingerprint = 1,
                    .changelog_id = state.position(0).changelog_id,
                    .position = *state.position(0).changelog_position}};
    manifest.tasks.push_back(std::move(task));
    fs::remove_all(image);
  }
  const Status published = catalog.Publish(manifest);
  CHECK(published.ok()) << published;
}

double Restore(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options,
               size_t chunk_bytes) {
  const SystemClock clock;
  const fs::path directory = options.directory / "restore";
  fs::remove_all(directory);
  statestore::RocksdbTaskStateFactory states({.dir = directory, .application = "bench"}, clock);
  Lanes lanes(cluster, admin, options, chunk_bytes);
  const Stopwatch watch;
  const States open = lanes.Run(states, options);
  const double seconds = watch.seconds();
  if (!options.location.empty()) StoreImages(options, directory, open);
  for (const auto& state : open) CHECK(state->Close(/*dirty=*/false, clock.WallTime()).ok());
  fs::remove_all(directory);
  return seconds;
}

template <typename T>
T Await(statestore::ImageSource& images, const TaskId& task) {
  for (;;) {
    if (const auto answer = images.Poll(task)) return std::get<T>(*answer);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// Fetches the images, puts them in place, and reads what they lack of the changelogs: nothing.
double RestoreFromLocation(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options,
                           size_t chunk_bytes) {
  const SystemClock clock;
  const fs::path directory = options.directory / "fetch";
  fs::remove_all(directory);
  statestore::RocksdbTaskStateFactory states({.dir = directory, .application = "bench"}, clock);
  snapshot::ImageFetcher images(snapshot::SystemSurroundings(clock),
                                {.application = "bench",
                                 .state_dir = directory,
                                 .location = options.location});
  images.RunThreads(static_cast<size_t>(options.lanes));
  Lanes lanes(cluster, admin, options, chunk_bytes);
  const Stopwatch watch;
  const auto task_of = [&](Partition p) { return TaskId{options.topic(), p}; };
  for (Partition p = 0; p < options.lanes; ++p) images.Find(task_of(p), /*anew=*/false);
  for (Partition p = 0; p < options.lanes; ++p) {
    const auto found = Await<statestore::ImagesFound>(images, task_of(p));
    CHECK(found.status.ok() && !found.images.empty()) << found.status;
    images.Fetch(task_of(p), options.topic());
  }
  for (Partition p = 0; p < options.lanes; ++p) {
    const auto fetched = Await<statestore::ImageFetched>(images, task_of(p));
    CHECK(fetched.status.ok()) << fetched.status;
    const Status placed = states.PlaceImage(task_of(p), fetched.folder);
    CHECK(placed.ok()) << placed;
  }
  const States open = lanes.Run(states, options);
  const double seconds = watch.seconds();
  for (const auto& state : open) CHECK(state->Close(/*dirty=*/false, clock.WallTime()).ok());
  fs::remove_all(directory);
  return seconds;
}

int Main(const Options& options) {
  constexpr size_t kChunkBytes = size_t{64} << 20;
  auto cluster =
      kafka::NewRdkafkaCluster({.common = {{"bootstrap.servers", options.bootstrap}}}).value();
  const auto admin = cluster->NewAdmin("restore-bench").value();
  Feed(*cluster, *admin, options);
  const bool fetches = !options.location.empty();
  fmt::print("{:>5} {:>8} {:>8} {:>9} {:>21} {:>15}\n", "round", "read s", "ingest s", "restore s",
             "restore/(read+ingest)", fetches ? "from location s" : "");
  for (int64_t round = 1; round <= options.rounds; ++round) {
    const double read = ReadRaw(*cluster, *admin, options);
    const double ingest = IngestRaw(options, kChunkBytes);
    const double restore = Restore(*cluster, *admin, options, kChunkBytes);
    fmt::print("{:>5} {:>8.2f} {:>8.2f} {:>9.2f} {:>21.2f}", round, read, ingest, restore,
               restore / (read + ingest));
    if (fetches) {
      fmt::print(" {:>15.2f}", RestoreFromLocation(*cluster, *admin, options, kChunkBytes));
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace sidestream

int main(int argc, char** argv) {
  sidestream::Options options;
  if (argc < 3 || argc % 2 == 0) {
    fmt::print(stderr,
               "restore_bench BOOTSTRAP DIR [--records N] [--bytes N] [--keys N] "
               "[--rounds N] [--lanes N] [--location PATH|s3://...]\n");
    return 2;
  }
  options.bootstrap = argv[1];
  options.directory = argv[2];
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const int64_t number = std::strtoll(argv[i + 1], nullptr, 10);
    if (name == "--records") options.records = number;
    if (name == "--bytes") options.bytes = number;
    if (name == "--keys") options.keys = number;
    if (name == "--rounds") options.rounds = number;
    if (name == "--lanes") options.lanes = static_cast<int32_t>(number);
    if (name == "--location") options.location = argv[i + 1];
  }
  return sidestream::Main(options);
}
