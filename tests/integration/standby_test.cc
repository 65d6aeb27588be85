// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Two processes on a real cluster, each with a disk of its own: one is killed, and the other, which
// kept its tasks' stores up to date, reads only the tail. Wants SIDESTREAM_TEST_BOOTSTRAP.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "tests/integration/awaited.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kPartitions = 4;
constexpr int64_t kRecords = 20'000;

std::string Environment(const char* name) {
  const char* text = std::getenv(name);
  CHECK(text != nullptr) << name << " is not set";
  return text;
}

class StandbyTest : public ::testing::Test {
 protected:
  StandbyTest() : view_(bootstrap_) {
    const auto admin = ValueOf(view_.cluster().NewAdmin("standby-test"));
    (void)Answer<kafka::Done>(clock_, [&] {
      return admin->CreateTopics({{.name = name_ + "-in", .partitions = kPartitions},
                                  {.name = name_ + "-out", .partitions = kPartitions}});
    });
    while (view_.Partitions(name_ + "-out") == 0) std::this_thread::sleep_for(kPause);
    std::ofstream(topology_) << "version: 1\n"
                             << "application:\n  id: " << name_ << "\n"
                             << "  state: { dir: \"${env:STATE}\", memory: 64MiB, "
                                "standby_replicas: 1 }\n"
                             << "kafka:\n  bootstrap.servers: " << bootstrap_ << "\n"
                             << "  consumer: { session.timeout.ms: 6000, "
                                "heartbeat.interval.ms: 500 }\n"
                             << "http: { address: 127.0.0.1, port: 0 }\n"
                             << "streams:\n  in: { topic: " << name_
                             << "-in, key: string, value: json }\n"
                             << "  out: { topic: " << name_ << "-out, key: string, value: json }\n"
                             << "pipelines:\n  first:\n    from: in\n    steps:\n"
                             << "      - name: seen\n        dedup: { ttl: 1h }\n    to: out\n";
  }

  std::unique_ptr<BackgroundProgram> Run(const std::string& instance) {
    return std::make_unique<BackgroundProgram>(
        Command{program_, "run", "-f", topology_.string(), "--log-format", "text"},
        Variables{{"STATE", (directory_.path() / instance).string()}},
        directory_.path() / (instance + ".log"));
  }

  void Feed(int64_t from, int64_t to) {
    const auto producer = ValueOf(view_.cluster().NewProducer({.client_id = "standby-feed"}));
    const kafka::TopicHandle handle = producer->RegisterTopic(name_ + "-in");
    const auto finish = [&] {
      while (!producer->Poll(Milliseconds(100))) {
      }
    };
    producer->StartInit();
    finish();
    for (int64_t i = from; i < to; ++i) {
      const std::string key = "key-" + std::to_string(i);
      const kafka::OutgoingRecord record{.topic = handle,
                                         .partition = static_cast<Partition>(i % kPartitions),
                                         .key = key,
                                         .value = "{}"};
      while (producer->Produce(record).code() == StatusCode::kUnavailable) {
        producer->Poll(Milliseconds(5));
      }
    }
    producer->StartFlush();
    finish();
  }

  bool Until(const std::function<bool()>& done, Milliseconds limit = Milliseconds(90'000)) {
    const MonotonicTime deadline = clock_.Now() + limit;
    while (!done()) {
      if (clock_.Now() >= deadline) return false;
      std::this_thread::sleep_for(Milliseconds(100));  // other processes have no virtual clock
    }
    return true;
  }
  bool AllDone() {
    for (const PartitionLag& lag : view_.Lags(name_, name_ + "-in")) {
      if (!lag.done()) return false;
    }
    return true;
  }

  /// What `pattern` names first, of every line that has it.
  static std::vector<std::string> Found(const BackgroundProgram& program,
                                        const std::string& pattern) {
    const std::string log = ReadText(program.log());
    const std::regex regex(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator match(log.begin(), log.end(), regex), end; match != end; ++match) {
      found.push_back((*match)[1]);
    }
    return found;
  }

  const std::string bootstrap_ = Environment("SIDESTREAM_TEST_BOOTSTRAP");
  const std::string program_ = Environment("SIDESTREAM_PROGRAM");
  SystemClock clock_;
  const std::string name_ = "standby-" + std::to_string(clock_.WallTime().value());
  const testing::TempDir directory_;
  const fs::path topology_ = directory_.path() / "topology.yaml";
  ClusterView view_;
};

TEST_F(StandbyTest, TheSuccessorOfAKilledInstanceReadsOnlyTheTail) {
  const auto killed = Run("killed");
  Feed(0, kRecords);
  ASSERT_TRUE(Until([&] { return AllDone(); })) << ReadText(killed->log());
  const auto successor = Run("successor");
  // Two of the four tasks move, and the other two are followed.
  const auto followed = [&] {
    const auto tasks = Found(*successor, "standby caught up: task=(\\S+)");
    return std::set<std::string>(tasks.begin(), tasks.end()).size();
  };
  ASSERT_TRUE(Until([&] { return followed() >= 2; })) << ReadText(successor->log());
  const size_t before = Found(*successor, "task \\S+: restored (\\d+) records, 0 stores").size();
  const size_t full_before = Found(*successor, "restored \\d+ records, ([1-9]\\d*) stores").size();

  const MonotonicTime killed_at = clock_.Now();
  EXPECT_EQ(killed->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);
  Feed(kRecords, kRecords + 100);
  ASSERT_TRUE(Until([&] { return AllDone(); })) << ReadText(successor->log());
  const auto pause = std::chrono::duration_cast<Milliseconds>(clock_.Now() - killed_at);

  int64_t read = 0;
  const auto restored = Found(*successor, "task \\S+: restored (\\d+) records, 0 stores");
  for (size_t i = before; i < restored.size(); ++i) read += std::stoll(restored[i]);
  EXPECT_LT(read, kRecords / kPartitions / 10) << "of " << kRecords / 2 << " in two changelogs";
  // What was there is what is worked with.
  EXPECT_EQ(Found(*successor, "(moved aside)").size(), 0U);
  EXPECT_EQ(Found(*successor, "restored \\d+ records, ([1-9]\\d*) stores").size(), full_before);
  RecordProperty("pause_ms", static_cast<int>(pause.count()));
  RecordProperty("read", static_cast<int>(read));
  // Nothing is lost, and nothing of what was seen before is new.
  int64_t out = 0;
  view_.ReadStable(name_ + "-out", [&](const TopicPartition&, const kafka::Record&) { ++out; });
  EXPECT_EQ(out, kRecords + 100);
  Feed(0, 100);
  ASSERT_TRUE(Until([&] { return AllDone(); }));
  out = 0;
  view_.ReadStable(name_ + "-out", [&](const TopicPartition&, const kafka::Record&) { ++out; });
  EXPECT_EQ(out, kRecords + 100) << "repeats are known to the store that was taken over";
  EXPECT_EQ(successor->End(SIGTERM, Milliseconds(30'000)), 0);
}

}  // namespace
}  // namespace sidestream::integration
