// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How long a restore takes, beside its two parts alone: reading the changelog and throwing it away,
// and bringing as many rows from memory into a store by sorted files.
//
//   restore_bench BOOTSTRAP DIR [--records N] [--bytes N] [--keys N] [--rounds N] [--lanes N]
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
#include <vector>

#include "base/check.h"
#include "base/internal_record.h"
#include "changelog/restore_pool.h"
#include "changelog/sorted_chunk.h"
#include "kafka/rdkafka/rdkafka_cluster.h"
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

double Restore(kafka::Cluster& cluster, kafka::Admin& admin, const Options& options,
               size_t chunk_bytes) {
  const SystemClock clock;
  const fs::path directory = options.directory / "restore";
  fs::remove_all(directory);
  statestore::RocksdbTaskStateFactory states({.dir = directory, .application = "bench"}, clock);
  std::vector<std::unique_ptr<kafka::LogReader>> readers;
  std::vector<kafka::LogReader*> lanes;
  for (int32_t i = 0; i < options.lanes; ++i) {
    readers.push_back(cluster.NewLogReader("restore").value());
    lanes.push_back(readers.back().get());
  }
  changelog::RestorePool pool(
      admin, lanes, clock, {.chunk_bytes_max = chunk_bytes / static_cast<size_t>(options.lanes)});
  std::vector<std::unique_ptr<statestore::TaskState>> open;
  const Stopwatch watch;
  for (Partition p = 0; p < options.lanes; ++p) {
    const TaskId task{options.topic(), p};
    open.push_back(states.Open(task, StoresOf(options)).value());
    pool.Register(task, *open.back());
  }
  std::vector<std::jthread> threads;
  for (size_t lane = 0; lane < pool.lane_count(); ++lane) {
    threads.emplace_back([&pool, lane](const std::stop_token& stop) {
      while (!stop.stop_requested()) std::this_thread::sleep_for(pool.StepLane(lane));
    });
  }
  while (!pool.idle()) {
    for (const auto& outcome : pool.TakeOutcomes()) CHECK(outcome.status.ok()) << outcome.status;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const double seconds = watch.seconds();
  for (std::jthread& thread : threads) thread.request_stop();
  threads.clear();
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
  fmt::print("{:>5} {:>8} {:>8} {:>9} {:>20}\n", "round", "read s", "ingest s", "restore s",
             "restore/(read+ingest)");
  for (int64_t round = 1; round <= options.rounds; ++round) {
    const double read = ReadRaw(*cluster, *admin, options);
    const double ingest = IngestRaw(options, kChunkBytes);
    const double restore = Restore(*cluster, *admin, options, kChunkBytes);
    fmt::print("{:>5} {:>8.2f} {:>8.2f} {:>9.2f} {:>20.2f}\n", round, read, ingest, restore,
               restore / (read + ingest));
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
               "[--rounds N] [--lanes N]\n");
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
  }
  return sidestream::Main(options);
}
