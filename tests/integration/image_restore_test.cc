// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A process on a real cluster dies with its disk after a savepoint, in a directory or in a bucket
// of a real S3 server; the next one begins with the images that it left there, and reads only what
// came after. Wants SIDESTREAM_TEST_BOOTSTRAP, SIDESTREAM_PROGRAM, and for the bucket
// SIDESTREAM_TEST_OBJECT_STORAGE (URL of scripts/object_storage.sh).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <regex>
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

constexpr int32_t kPartitions = 2;
// Enough that a restore looks for an image.
constexpr int64_t kRecords = 300'000;
constexpr int64_t kBehind = 2'000;
// The id, and when it is forgotten.
constexpr int64_t kRowsOfRecord = 2;

std::string Environment(const char* name) {
  const char* text = std::getenv(name);
  CHECK(text != nullptr) << name << " is not set";
  return text;
}

enum class Place { kDirectory, kBucket };

class ImageRestoreTest : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    std::string location = (directory_.path() / "place").string();
    if (GetParam() == Place::kBucket) {
      const char* url = std::getenv("SIDESTREAM_TEST_OBJECT_STORAGE");
      if (url == nullptr || *url == '\0') {
        GTEST_SKIP() << "NOT TESTED: a restore from a bucket, there is no server "
                        "(scripts/object_storage.sh start)";
      }
      location = fmt::format("s3://snapshots/{}?endpoint={}", name_, url);
    }
    const auto admin = ValueOf(view_.cluster().NewAdmin("image-restore-test"));
    (void)Answer<kafka::Done>(clock_, [&] {
      return admin->CreateTopics({{.name = name_ + "-in", .partitions = kPartitions},
                                  {.name = name_ + "-out", .partitions = kPartitions}});
    });
    while (view_.Partitions(name_ + "-out") == 0) std::this_thread::sleep_for(kPause);
    std::ofstream(topology_) << fmt::format(
        R"(version: 1
application: {{ id: {0}, state: {{ dir: "${{env:STATE}}", memory: 64MiB }} }}
kafka:
  bootstrap.servers: {1}
  consumer: {{ session.timeout.ms: 6000, heartbeat.interval.ms: 500 }}
http: {{ address: 127.0.0.1, port: 0 }}
checkpoint: {{ location: '{2}' }}
streams:
  in: {{ topic: {0}-in, key: string, value: json }}
  out: {{ topic: {0}-out, key: string, value: json }}
pipelines:
  first:
    from: in
    steps:
      - name: seen
        dedup: {{ ttl: 1h }}
    to: out
)",
        name_, bootstrap_, location);
  }

  Variables VariablesOf(const std::string& instance) const {
    return {{"STATE", (directory_.path() / instance).string()},
            {"AWS_ACCESS_KEY_ID", "sidestream"},
            {"AWS_SECRET_ACCESS_KEY", "sidestream-secret"}};
  }
  std::unique_ptr<BackgroundProgram> Run(const std::string& instance) {
    return std::make_unique<BackgroundProgram>(
        Command{program_, "run", "-f", topology_.string(), "--log-format", "text"},
        VariablesOf(instance), directory_.path() / (instance + ".log"));
  }
  ToolResult Savepoint() {
    return RunTool({"/usr/bin/env", "STATE=" + (directory_.path() / "tool").string(),
                    "AWS_ACCESS_KEY_ID=sidestream", "AWS_SECRET_ACCESS_KEY=sidestream-secret",
                    program_, "savepoint", "create", "-f", topology_.string(), "kept"});
  }

  void Feed(int64_t from, int64_t to) {
    const auto producer = ValueOf(view_.cluster().NewProducer({.client_id = "image-feed"}));
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

  bool AllDone(Milliseconds limit = Milliseconds(120'000)) {
    const MonotonicTime deadline = clock_.Now() + limit;
    const auto done = [&] {
      for (const PartitionLag& lag : view_.Lags(name_, name_ + "-in")) {
        if (!lag.done()) return false;
      }
      return true;
    };
    while (!done()) {
      if (clock_.Now() >= deadline) return false;
      std::this_thread::sleep_for(Milliseconds(100));  // other processes have no virtual clock
    }
    return true;
  }
  int64_t Out() {
    int64_t out = 0;
    view_.ReadStable(name_ + "-out", [&](const TopicPartition&, const kafka::Record&) { ++out; });
    return out;
  }

  const std::string bootstrap_ = Environment("SIDESTREAM_TEST_BOOTSTRAP");
  const std::string program_ = Environment("SIDESTREAM_PROGRAM");
  SystemClock clock_;
  const std::string name_ = "image-" + std::to_string(clock_.WallTime().value());
  const testing::TempDir directory_;
  const fs::path topology_ = directory_.path() / "topology.yaml";
  ClusterView view_{bootstrap_};
};

TEST_P(ImageRestoreTest, WhoLostItsDiskReadsOnlyWhatCameAfterTheSavepoint) {
  const auto first = Run("first");
  Feed(0, kRecords);
  ASSERT_TRUE(AllDone()) << ReadText(first->log());
  const ToolResult saved = Savepoint();
  ASSERT_EQ(saved.exit_code, 0) << saved.output;
  Feed(kRecords, kRecords + kBehind);
  ASSERT_TRUE(AllDone()) << ReadText(first->log());
  EXPECT_EQ(first->End(SIGKILL, Milliseconds(5'000)), -SIGKILL);

  const auto second = Run("second");
  Feed(kRecords + kBehind, kRecords + kBehind + 100);
  ASSERT_TRUE(AllDone()) << ReadText(second->log());
  const std::string log = ReadText(second->log());
  const std::regex restored(
      "task \\S+: restored (\\d+) records, 0 stores from the start, source=location");
  int64_t tasks = 0;
  int64_t read = 0;
  for (std::sregex_iterator match(log.begin(), log.end(), restored), end; match != end; ++match) {
    ++tasks;
    read += std::stoll((*match)[1]);
  }
  EXPECT_EQ(tasks, kPartitions) << log;
  EXPECT_LE(read, kRowsOfRecord * kBehind)
      << "of " << kRowsOfRecord * (kRecords + kBehind) << " in the changelogs";
  EXPECT_EQ(log.find("aside"), std::string::npos);
  // The rows are there: nothing of what was seen before is new.
  Feed(0, 1'000);
  Feed(kRecords - 1'000, kRecords + kBehind + 100);
  ASSERT_TRUE(AllDone()) << ReadText(second->log());
  EXPECT_EQ(Out(), kRecords + kBehind + 100);
  EXPECT_EQ(second->End(SIGTERM, Milliseconds(30'000)), 0);
}

INSTANTIATE_TEST_SUITE_P(Places, ImageRestoreTest,
                         ::testing::Values(Place::kDirectory, Place::kBucket),
                         [](const auto& place) {
                           return place.param == Place::kBucket ? "Bucket" : "Directory";
                         });

}  // namespace
}  // namespace sidestream::integration
