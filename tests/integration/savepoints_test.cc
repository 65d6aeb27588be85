// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Savepoints as users meet them, on a real cluster, in a directory and in a bucket of a real S3
// server: one is taken of two instances while records flow, the application is deleted, and another one
// starts from the savepoint. Its results are those of a run that nothing ever stopped.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP, SIDESTREAM_PROGRAM, and for the bucket
// SIDESTREAM_TEST_OBJECT_STORAGE (URL of scripts/object_storage.sh).

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/snapshot_place.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr Milliseconds kPatience{90'000};
constexpr Milliseconds kPause{200};
constexpr int kUsers = 500;
// One of their seconds: two clicks of each user.
constexpr int kSecond = 2 * kUsers;
constexpr int kRecordsPerSecond = 4'000;
constexpr int kRecordsMax = 400'000;
// Fed behind the savepoint, at least.
constexpr int kSecondsBehind = 5;
constexpr int64_t kBegin = 1'767'225'600'000;  // a whole second

class SavepointsTest : public ::testing::TestWithParam<SnapshotPlace> {
 protected:
  void SetUp() override {
    const auto location = LocationAt(GetParam(), dir_.path(), run_);
    if (!location) {
      GTEST_SKIP() << "NOT TESTED: savepoints in a bucket, there is no server "
                      "(scripts/object_storage.sh start)";
    }
    location_ = *location;
  }

  /// Counts clicks of each user, in all and by second: hops, state, windows that wait for their end.
  void WriteTopology(const std::string& application, int parallelism = 4) {
    std::ofstream(FileOf(application)) << fmt::format(
        R"(version: 1
application: {{ id: {0}-{1}, workers: 2, parallelism: {5}, state: {{ dir: '{2}/state-{1}' }} }}
kafka: {{ bootstrap.servers: '{3}' }}
http: {{ address: 127.0.0.1, port: 0 }}
checkpoint: {{ location: '{4}' }}
streams:
  clicks:
    topic: clicks-{0}
    key: string
    value: json
    partitions: 4
    timestamp: value.at
    watermark: {{ lateness: 0s }}
  totals: {{ topic: totals-{0}-{1}, key: string, value: int64, partitions: 4 }}
  seconds: {{ topic: seconds-{0}-{1}, key: string, value: json, partitions: 4 }}
pipelines:
  count_clicks:
    from: clicks
    steps:
      - name: per_user
        aggregate: {{ group_by: value.user, value: count() }}
    to: totals
  count_seconds:
    from: clicks
    steps:
      - name: per_second
        aggregate:
          group_by: value.user
          window: {{ tumbling: 1s }}
          fields: {{ clicks: count() }}
    to: seconds
)",
        run_, application, dir_.path().string(), WantedVariable("SIDESTREAM_TEST_BOOTSTRAP"),
        location_, parallelism);
    ASSERT_EQ(RunTool(Program(application, {"topics"}, {"--apply"})).exit_code, 0);
  }

  std::filesystem::path FileOf(const std::string& application) const {
    return dir_.path() / (application + ".yaml");
  }

  Command Program(const std::string& application, const Command& verb,
                  const Command& options) const {
    Command command = With(BucketLogin(), {WantedVariable("SIDESTREAM_PROGRAM")});
    command.insert(command.end(), verb.begin(), verb.end());
    command.insert(command.end(), {"-f", FileOf(application)});
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }

  std::unique_ptr<BackgroundProgram> Start(const std::string& application,
                                           const std::string& instance, Command options = {}) {
    // Dynamic members leave when they stop, so that `reset` need not wait for their session.
    options.insert(options.end(), {"--log-format", "text"});
    return std::make_unique<BackgroundProgram>(Program(application, {"run"}, options), Variables{},
                                               dir_.path() / (application + instance + ".log"));
  }

  /// Clicks at an even pace, two of each user in each second of theirs, until the savepoint is taken
  /// and some seconds longer; then one in each partition that ends all of these.
  void Feed() {
    const auto made = view_.cluster().NewProducer({.client_id = "feed"});
    CHECK(made.ok()) << made.status();
    kafka::Producer& producer = **made;
    const kafka::TopicHandle topic = producer.RegisterTopic("clicks-" + run_);
    producer.StartInit();
    while (!producer.Poll(Milliseconds(100))) {
    }
    const auto click = [&](int partition, const std::string& user, int64_t at) {
      const std::string value = fmt::format(R"({{"user":"{}","at":{}}})", user, kBegin + at);
      const Status sent =
          producer.Produce({.topic = topic, .partition = partition, .key = "k", .value = value});
      CHECK(sent.ok()) << sent;
    };
    int left = kSecondsBehind;
    for (int i = 0; left > 0 && i < kRecordsMax; ++i) {
      click(i % 4, UserOf(i), i);
      fed_ = i + 1;
      if (fed_ % kSecond == 0 && taken_) --left;
      if (fed_ % 100 == 0) {
        producer.Poll(Milliseconds(0));
        std::this_thread::sleep_for(Milliseconds(100 * 1'000 / kRecordsPerSecond));
      }
    }
    for (int partition = 0; partition < 4; ++partition) click(partition, "end", 2 * kRecordsMax);
    producer.StartFlush();
    while (!producer.Poll(Milliseconds(100))) {
    }
    CHECK(!producer.first_failure());
  }

  /// While records flow.
  ToolResult Take(const Command& verb, const Command& options) {
    const ToolResult result = RunTool(Program("before", verb, options));
    taken_ = true;
    return result;
  }

  static std::string UserOf(int record) { return fmt::format("u{}", (record * 7'919) % kUsers); }

  /// Once all is fed.
  std::map<std::string, int64_t> Expected() const {
    std::map<std::string, int64_t> expected;
    for (int i = 0; i < fed_; ++i) ++expected[UserOf(i)];
    expected["end"] = 4;
    return expected;
  }

  nlohmann::json Described(const std::string& savepoint) {
    const ToolResult described =
        RunTool(Program("before", {"savepoint", "describe"}, {savepoint, "--format", "json"}));
    EXPECT_EQ(described.exit_code, 0) << described.output;
    return nlohmann::json::parse(described.output);
  }

  /// How many clicks lie before the savepoint.
  int64_t ClicksIn(const std::string& savepoint) {
    const auto manifest = Described(savepoint);
    int64_t clicks = 0;
    for (const auto& task : manifest.at("tasks")) {
      for (const auto& input : task.at("inputs")) {
        if (input.at("topic") == "clicks-" + run_) clicks += input.at("position").get<int64_t>();
      }
    }
    return clicks;
  }

  bool AtRest(const std::string& application) {
    const std::string id = run_ + "-" + application;
    for (const std::string& topic : {"clicks-" + run_, id + "-per_user-repartition",
                                     id + "-per_second-repartition"}) {
      for (const PartitionLag& lag : view_.Lags(id, topic)) {
        if (!lag.done()) return false;
      }
    }
    for (const std::string& topic : {"totals-" + id, "seconds-" + id}) {
      for (const PartitionEnds& ends : view_.Ends(topic)) {
        if (ends.stable != ends.high) return false;
      }
    }
    return true;
  }

  void AwaitRest(const std::string& application, BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    for (int calm = 0; calm < 2;) {
      ASSERT_TRUE(program.running()) << ReadText(program.log());
      ASSERT_LT(clock.Now(), deadline) << "no rest\n" << ReadText(program.log());
      const bool started =
          view_.Partitions(run_ + "-" + application + "-per_user-repartition") > 0;
      calm = started && AtRest(application) ? calm + 1 : 0;
      std::this_thread::sleep_for(kPause);
    }
  }

  /// Totals, and windows that have ended.
  void AwaitOutput(const std::string& application, BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    for (const std::string output : {"totals-", "seconds-"}) {
      for (int64_t records = 0; records == 0;) {
        ASSERT_TRUE(program.running()) << ReadText(program.log());
        ASSERT_LT(clock.Now(), deadline) << ReadText(program.log());
        for (const PartitionEnds& ends : view_.Ends(output + run_ + "-" + application)) {
          records += ends.stable.value();
        }
        std::this_thread::sleep_for(kPause);
      }
    }
  }

  /// Again while it is refused: the group may count a member for a moment that has just left.
  void Reset(const std::string& application) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    for (;;) {
      const ToolResult reset = RunTool(Program(application, {"reset"}, {"--apply"}));
      if (reset.exit_code == 0) return;
      ASSERT_LT(clock.Now(), deadline) << reset.exit_code << ": " << reset.output;
      std::this_thread::sleep_for(kPause);
    }
  }

  void AwaitLog(const std::string& text, BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    while (ReadText(program.log()).find(text) == std::string::npos) {
      ASSERT_TRUE(program.running()) << ReadText(program.log());
      ASSERT_LT(clock.Now(), deadline) << ReadText(program.log());
      std::this_thread::sleep_for(kPause);
    }
  }

  /// First and last total of each user.
  struct Totals {
    std::map<std::string, int64_t> first;
    std::map<std::string, int64_t> last;
  };
  Totals ReadTotals(const std::string& application) {
    Totals totals;
    view_.ReadAll("totals-" + run_ + "-" + application,
                  [&](const TopicPartition&, const kafka::Record& record) {
                    ByteReader value(record.value.value_or(""));
                    const auto total = static_cast<int64_t>(value.U64());
                    const std::string user(record.key.value_or(""));
                    totals.first.emplace(user, total);
                    totals.last[user] = total;
                  });
    return totals;
  }

  void ExpectRecordsOnBothSidesOf(const std::string& savepoint);
  void ExpectDrained(const std::string& savepoint);
  void ExpectAfterGoesOn();
  void GoOnWith(int parallelism, const Command& stop_options = {});

  /// How often each second of a user came out; each result holds two clicks.
  std::map<std::string, int> ReadSeconds(const std::string& application) {
    std::map<std::string, int> seconds;
    view_.ReadAll("seconds-" + run_ + "-" + application,
                  [&](const TopicPartition&, const kafka::Record& record) {
                    const auto value = nlohmann::json::parse(record.value.value_or(""));
                    const int64_t start = value.at("window_start").get<int64_t>() - kBegin;
                    if (start >= fed_) return;
                    EXPECT_EQ(value.at("clicks").get<int64_t>(), 2) << *record.key << " " << start;
                    ++seconds[fmt::format("{} {}", *record.key, start)];
                  });
    return seconds;
  }

  testing::TempDir dir_;
  ClusterView view_{WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")};
  const std::string run_ =
      "sp" + std::to_string(SystemClock().WallTime().value()) + std::to_string(getpid());
  std::string location_;
  std::atomic<int> fed_{0};
  std::atomic<bool> taken_{false};
};

void SavepointsTest::ExpectRecordsOnBothSidesOf(const std::string& savepoint) {
  const int64_t clicks = ClicksIn(savepoint);
  EXPECT_GT(clicks, 0) << "records are to flow before it";
  EXPECT_LT(clicks, fed_ - (kSecondsBehind - 1) * kSecond) << "and behind it";
}

void SavepointsTest::ExpectDrained(const std::string& savepoint) {
  const auto manifest = Described(savepoint);
  EXPECT_TRUE(manifest.at("drained").get<bool>());
  int hops = 0;
  for (const auto& task : manifest.at("tasks")) {
    for (const auto& input : task.at("inputs")) {
      EXPECT_EQ(input.at("in_flight_records").get<int64_t>(), 0) << input;
      hops += input.at("topic").get<std::string>().ends_with("-repartition") ? 1 : 0;
    }
  }
  EXPECT_EQ(hops, 8);
}

/// `before` went on behind the savepoint; `after` does so, too, and comes to the same.
void SavepointsTest::ExpectAfterGoesOn() {
  const Totals totals = ReadTotals("after");
  EXPECT_EQ(totals.last, Expected());
  int64_t went_on = 0;
  for (const auto& [user, total] : totals.first) went_on += total > 1 ? 1 : 0;
  EXPECT_GT(went_on, kUsers / 2) << "totals go on, they do not begin at one";
  const auto seconds = ReadSeconds("after");
  EXPECT_GT(seconds.size(), 0u);
  EXPECT_LT(seconds.size(), ReadSeconds("before").size()) << "what had ended is not sent again";
  for (const auto& [second, times] : seconds) EXPECT_EQ(times, 1) << second;
}

TEST_P(SavepointsTest, AnotherApplicationGoesOnWhereTheSavepointWasTaken) {
  ASSERT_NO_FATAL_FAILURE(WriteTopology("before"));
  auto one = Start("before", "one");
  auto two = Start("before", "two");
  std::thread feeder([this] { Feed(); });
  AwaitOutput("before", *one);
  const ToolResult taken = Take({"savepoint", "create"}, {"middle"});
  feeder.join();
  EXPECT_EQ(taken.exit_code, 0) << ReadText(one->log()) << ReadText(two->log());
  EXPECT_EQ(taken.output.find("savepoint " + run_ + "-before/middle, "), 0u) << taken.output;
  ASSERT_FALSE(HasFatalFailure());
  AwaitRest("before", *one);
  EXPECT_EQ(ReadTotals("before").last, Expected()) << "whom it was taken of went on";
  EXPECT_EQ(one->End(SIGTERM, kPatience), 0) << ReadText(one->log());
  EXPECT_EQ(two->End(SIGTERM, kPatience), 0) << ReadText(two->log());
  ASSERT_NO_FATAL_FAILURE(Reset("before"));
  ExpectRecordsOnBothSidesOf("middle");

  // It outlives its application, and the one that starts from it has other topics.
  ASSERT_NO_FATAL_FAILURE(WriteTopology("after"));
  const ToolResult listed = RunTool(Program("after", {"savepoint", "list"}, {"--all"}));
  EXPECT_NE(listed.output.find(run_ + "-before/middle"), std::string::npos) << listed.output;
  auto three = Start("after", "three", {"--from-savepoint", "middle"});
  AwaitRest("after", *three);
  ExpectAfterGoesOn();
  EXPECT_EQ(three->End(SIGTERM, kPatience), 0) << ReadText(three->log());

  // The same words again: it was made already.
  three = Start("after", "three", {"--from-savepoint", "middle"});
  ASSERT_NO_FATAL_FAILURE(AwaitLog("already and goes on", *three));
  AwaitRest("after", *three);
  EXPECT_EQ(three->End(SIGTERM, kPatience), 0) << ReadText(three->log());
  EXPECT_EQ(ReadTotals("after").last, Expected());

  // From a savepoint only a new application starts.
  auto again = Start("before", "four", {"--from-savepoint", "middle"});
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kPatience;
  while (again->running() && clock.Now() < deadline) std::this_thread::sleep_for(kPause);
  EXPECT_EQ(again->End(SIGTERM, kPatience), 78) << ReadText(again->log());

  EXPECT_EQ(RunTool(Program("before", {"savepoint", "delete"}, {"middle", "--apply"})).exit_code,
            0);
  EXPECT_EQ(RunTool(Program("before", {"savepoint", "list"}, {"--all", "--format", "json"})).output,
            "");
}

/// Stops at a savepoint, and starts from it with so many tasks of each step.
void SavepointsTest::GoOnWith(int parallelism, const Command& stop_options) {
  ASSERT_NO_FATAL_FAILURE(WriteTopology("before"));
  auto one = Start("before", "one");
  std::thread feeder([this] { Feed(); });
  AwaitOutput("before", *one);
  Command options{"--savepoint", "last"};
  options.insert(options.end(), stop_options.begin(), stop_options.end());
  const ToolResult stopped = Take({"stop"}, options);
  feeder.join();
  EXPECT_EQ(stopped.exit_code, 0) << ReadText(one->log());
  ASSERT_FALSE(HasFatalFailure());
  // By itself; the signal only collects it.
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kPatience;
  while (one->running() && clock.Now() < deadline) std::this_thread::sleep_for(kPause);
  EXPECT_EQ(one->End(SIGTERM, kPatience), 0) << ReadText(one->log());
  const Totals before = ReadTotals("before");

  ASSERT_NO_FATAL_FAILURE(WriteTopology("after", parallelism));
  auto two = Start("after", "two", {"--from-savepoint", "last"});
  AwaitRest("after", *two);
  EXPECT_EQ(two->End(SIGTERM, kPatience), 0) << ReadText(two->log());
  const Totals after = ReadTotals("after");
  EXPECT_EQ(after.last, Expected());
  for (const auto& [user, total] : after.first) {
    const auto found = before.last.find(user);
    const int64_t reached = found == before.last.end() ? 0 : found->second;
    EXPECT_GT(total, reached) << user << ": no total is said twice";
  }
  std::map<std::string, int> seconds = ReadSeconds("before");
  for (const auto& [second, times] : ReadSeconds("after")) seconds[second] += times;
  EXPECT_EQ(seconds.size(), static_cast<size_t>(fed_ / 2));
  for (const auto& [second, times] : seconds) EXPECT_EQ(times, 1) << second;
}

TEST_P(SavepointsTest, AnApplicationThatStopsAtASavepointDoesNothingBehindIt) { GoOnWith(4); }

TEST_P(SavepointsTest, TheNextApplicationMayHaveMoreTasks) { GoOnWith(7); }

TEST_P(SavepointsTest, TheNextApplicationMayHaveFewerTasks) { GoOnWith(3); }

TEST_P(SavepointsTest, ADrainedOneHasNothingInFlightAndAnyNumberOfTasksGoesOn) {
  ASSERT_NO_FATAL_FAILURE(GoOnWith(7, {"--drain"}));
  ExpectDrained("last");
}

TEST_P(SavepointsTest, TwoInstancesGoOnBehindADrainedOneAndSoDoesWhoStartsFromIt) {
  ASSERT_NO_FATAL_FAILURE(WriteTopology("before"));
  auto one = Start("before", "one");
  auto two = Start("before", "two");
  std::thread feeder([this] { Feed(); });
  AwaitOutput("before", *one);
  const ToolResult taken = Take({"savepoint", "create"}, {"dry", "--drain"});
  feeder.join();
  EXPECT_EQ(taken.exit_code, 0) << ReadText(one->log()) << ReadText(two->log());
  ASSERT_FALSE(HasFatalFailure());
  AwaitRest("before", *one);
  EXPECT_EQ(ReadTotals("before").last, Expected());
  EXPECT_EQ(ReadSeconds("before").size(), static_cast<size_t>(fed_ / 2));
  EXPECT_EQ(one->End(SIGTERM, kPatience), 0) << ReadText(one->log());
  EXPECT_EQ(two->End(SIGTERM, kPatience), 0) << ReadText(two->log());
  ExpectDrained("dry");
  ExpectRecordsOnBothSidesOf("dry");

  ASSERT_NO_FATAL_FAILURE(WriteTopology("after", 3));
  auto three = Start("after", "three", {"--from-savepoint", "dry"});
  AwaitRest("after", *three);
  ExpectAfterGoesOn();
  EXPECT_EQ(three->End(SIGTERM, kPatience), 0) << ReadText(three->log());
}

INSTANTIATE_TEST_SUITE_P(Places, SavepointsTest,
                         ::testing::Values(SnapshotPlace::kDirectory, SnapshotPlace::kBucket),
                         NameOfPlace);

}  // namespace
}  // namespace sidestream::integration
