// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A running application is changed on a real cluster: two versions with their inputs in another
// order in one group, a version with other tasks that has to wait, a new input of static members,
// and an aggregate whose fields come and go.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM, the program to run.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr Milliseconds kPatience{90'000};
constexpr Milliseconds kPause{100};

class ChangingTest : public ::testing::Test {
 protected:
  ChangingTest()
      : bootstrap_(WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")),
        program_(WantedVariable("SIDESTREAM_PROGRAM")),
        view_(bootstrap_),
        run_(std::to_string(SystemClock().WallTime().value()) + "-" + std::to_string(getpid())),
        application_("changing-" + run_) {}

  std::string Topic(const std::string& name) const { return name + "-" + run_; }

  /// `pipelines` and the streams a, b, c (read) and out (written).
  void Write(const std::string& pipelines) {
    std::string text = "version: 1\napplication: { id: " + application_ +
                       ", commit_interval: 50ms, state: { dir: '" +
                       (dir_.path() / "state").string() + "' } }\nkafka: { bootstrap.servers: '" +
                       bootstrap_ + "', session.timeout.ms: 6000 }\n" +
                       "http: { address: 127.0.0.1, port: 0 }\nstreams:\n";
    for (const char* name : {"a", "b", "c", "out"}) {
      text += std::string("  ") + name + ": { topic: " + Topic(name) +
              ", key: string, value: json, partitions: 4 }\n";
    }
    std::ofstream(dir_.path() / "topology.yaml") << text << "pipelines:\n" << pipelines;
  }

  Command Program(const std::string& verb, const Command& options = {}) const {
    Command command{program_, verb, "-f", dir_.path() / "topology.yaml"};
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }

  using Running = std::unique_ptr<BackgroundProgram>;
  Running Start(const std::string& name, const Command& options = {}) {
    Command words{"--instance", name, "--log-format", "text"};
    words.insert(words.end(), options.begin(), options.end());
    return std::make_unique<BackgroundProgram>(Program("run", words), Variables{},
                                               dir_.path() / (name + ".log"));
  }

  static void Await(const std::string& what, const std::function<bool()>& there) {
    for (Milliseconds waited{0}; !there(); waited += kPause) {
      ASSERT_LT(waited, kPatience) << what;
      std::this_thread::sleep_for(kPause);
    }
  }

  void Feed(const std::string& stream, int count) {
    auto made = view_.cluster().NewProducer({.client_id = "feeder"});
    CHECK(made.ok()) << made.status();
    const std::unique_ptr<kafka::Producer> producer = std::move(*made);
    const kafka::TopicHandle topic = producer->RegisterTopic(Topic(stream));
    producer->StartInit();
    while (!producer->Poll(Milliseconds(10))) continue;
    for (int i = 0; i < count; ++i) {
      const std::string id = std::to_string(fed_++);
      const std::string value = R"({"id":)" + id + R"(,"user":"u)" + std::to_string(i % 5) + "\"}";
      kafka::OutgoingRecord record;
      record.topic = topic;
      record.partition = i % 4;
      record.key = id;
      record.value = value;
      const Status produced = producer->Produce(record);
      CHECK(produced.ok()) << produced;
    }
    while (producer->in_flight() > 0) producer->Poll(Milliseconds(10));
  }

  bool AtRest(const std::vector<std::string>& streams) {
    for (const std::string& stream : streams) {
      for (const PartitionLag& lag : view_.Lags(application_, Topic(stream))) {
        if (!lag.done()) return false;
      }
    }
    return true;
  }
  void AwaitRest(const std::vector<std::string>& streams) {
    Await("the inputs are not read to their ends", [&] { return AtRest(streams); });
  }

  /// An instance whose name has partitions of the stream in the group; empty: there is none.
  std::string HolderOf(const std::string& stream) {
    const auto admin = view_.cluster().NewAdmin("changing-test").value();
    const auto reply = admin->DescribeGroup(application_);
    std::optional<Result<kafka::GroupDescription>> group;
    while (!(group = reply->Poll())) std::this_thread::sleep_for(kPause);
    if (!group->ok() || (*group)->state != "Stable") return "";
    for (const kafka::GroupMember& member : (*group)->members) {
      if (std::ranges::count(member.assignment, Topic(stream), &TopicPartition::topic) == 0) continue;
      return member.client_id.ends_with("-one") ? "one" : "two";
    }
    return "";
  }

  /// The leader writes down what runs when it has come to lead, perhaps behind the first results.
  ToolResult PlanOfWhatRuns() {
    const MonotonicTime deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      ToolResult plan = RunTool(Program("plan"));
      const bool unwritten = plan.output.find("has not run yet") != std::string::npos;
      if (!unwritten || std::chrono::steady_clock::now() >= deadline) return plan;
    }
  }
  /// Each record that was fed came out once.
  void ExpectEachOnce() {
    std::map<std::string, int> times;
    view_.ReadStable(Topic("out"), [&](const TopicPartition&, const kafka::Record& record) {
      ++times[std::string(record.key.value_or(""))];
    });
    EXPECT_EQ(times.size(), static_cast<size_t>(fed_));
    for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
  }

  testing::TempDir dir_;
  const std::string bootstrap_;
  const std::string program_;
  ClusterView view_;
  const std::string run_;
  const std::string application_;
  int fed_ = 0;
};

TEST_F(ChangingTest, InputsMoveAndComeByARollingUpdateAndOtherTasksWait) {
  Write("  merged: { from: [a, b], to: out }\n");
  ASSERT_EQ(RunTool(Program("topics", {"--apply"})).exit_code, 0);
  Running first = Start("one");
  Running second = Start("two");
  Feed("a", 200);
  Feed("b", 200);
  AwaitRest({"a", "b"});

  // The other way round: b would be the anchor, had a not been recorded.
  Write("  merged: { from: [b, a], to: out }\n  more: { from: c, to: out }\n");
  ASSERT_EQ(RunTool(Program("topics", {"--apply"})).exit_code, 0);
  const ToolResult plan = PlanOfWhatRuns();
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_NE(plan.output.find("A rolling update is safe"), std::string::npos) << plan.output;
  EXPECT_EQ(first->End(SIGTERM, kPatience), 0);
  first = Start("one");
  Feed("a", 100);
  Feed("c", 100);
  // A static member whose subscription grew: the coordinator acts on it all the same.
  AwaitRest({"a", "b", "c"});
  EXPECT_EQ(second->End(SIGTERM, kPatience), 0);
  second = Start("two");
  Feed("b", 100);
  Feed("c", 100);
  AwaitRest({"a", "b", "c"});

  // Other tasks: not beside the running instances.
  Write("  merged: { from: a, to: out }\n  more: { from: [c, b], to: out }\n");
  Running third = Start("three");
  Await("the refused instance does not end", [&] { return !third->running(); });
  EXPECT_EQ(third->End(SIGTERM, kPatience), 78);
  EXPECT_NE(ReadText(third->log()).find("through another input"), std::string::npos);
  Feed("b", 50);
  AwaitRest({"a", "b", "c"});
  EXPECT_EQ(first->End(SIGTERM, kPatience), 0);
  EXPECT_EQ(second->End(SIGTERM, kPatience), 0);
  Feed("b", 50);
  // Refused as long as the static members of the old version count.
  Await("the new version is not let in", [&] {
    if (!third->running()) third = Start("three");
    return AtRest({"a", "b", "c"});
  });
  Feed("a", 50);
  AwaitRest({"a", "b", "c"});
  EXPECT_EQ(third->End(SIGTERM, kPatience), 0);
  ExpectEachOnce();
}

// The coordinator does not act on another subscription of a static member that comes back: it keeps
// what it had, until it subscribes once more.
TEST_F(ChangingTest, StaticMembersTakeAnInputAndGiveItBackByASecondSubscription) {
  const std::string without = "  merged: { from: [a, b], to: out }\n";
  const std::string with = without + "  more: { from: c, to: out }\n";
  Write(with);
  ASSERT_EQ(RunTool(Program("topics", {"--apply"})).exit_code, 0);
  Write(without);
  Running first = Start("one");
  Running second = Start("two");
  Feed("a", 100);
  AwaitRest({"a"});
  const auto restart = [&](Running& instance, const std::string& name) {
    EXPECT_EQ(instance->End(SIGTERM, kPatience), 0);
    instance = Start(name);
  };
  // The other one reads no c.
  Write(with);
  restart(first, "one");
  Feed("c", 100);
  AwaitRest({"a", "b", "c"});
  restart(second, "two");
  std::string holder;
  Await("nobody has partitions of c", [&] { return !(holder = HolderOf("c")).empty(); });
  // What it has of c it gives back, and the other one reads all of it.
  Write(without);
  restart(holder == "one" ? first : second, holder);
  Feed("c", 100);
  Feed("b", 100);
  AwaitRest({"a", "b", "c"});
  EXPECT_EQ(first->End(SIGTERM, kPatience), 0);
  EXPECT_EQ(second->End(SIGTERM, kPatience), 0);
  ExpectEachOnce();
}

TEST_F(ChangingTest, FieldsComeAndGoAndALossWantsConsent) {
  const auto totals = [](const std::string& fields) {
    return "  totals:\n    from: a\n    to: out\n    steps:\n      - name: per_user\n"
           "        aggregate: { group_by: value.user, emit: changes, fields: " + fields + " }\n";
  };
  Write(totals("{ n: count(), top: max(value.id) }"));
  ASSERT_EQ(RunTool(Program("topics", {"--apply"})).exit_code, 0);
  Running running = Start("one");
  Feed("a", 100);
  AwaitRest({"a"});

  Write(totals("{ n: count(), top: max(value.id), low: min(value.id) }"));
  EXPECT_EQ(RunTool(Program("plan", {"--detailed-exitcode"})).exit_code, 3);
  Running other = Start("two");
  Await("the refused instance does not end", [&] { return !other->running(); });
  EXPECT_EQ(other->End(SIGTERM, kPatience), 78);
  EXPECT_EQ(running->End(SIGTERM, kPatience), 0);

  // One field goes: not without consent.
  Write(totals("{ n: count(), low: min(value.id) }"));
  const ToolResult refused = RunTool(Program("plan"));
  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_NE(refused.output.find("lost: max(value.id)"), std::string::npos) << refused.output;
  Feed("a", 100);
  // The static member of the old version counts for six seconds.
  Await("the consent is not taken", [&] {
    if (!running->running()) running = Start("one", {"--allow-dropped-state"});
    return AtRest({"a"});
  });
  Await("the counts are not there", [&] {
    std::map<std::string, std::string> last;
    view_.ReadStable(Topic("out"), [&](const TopicPartition&, const kafka::Record& record) {
      last[std::string(record.key.value_or(""))] = std::string(record.value.value_or(""));
    });
    for (int user = 0; user < 5; ++user) {
      const std::string& value = last["u" + std::to_string(user)];
      // Of 200 records forty each; the least id is one of the second hundred.
      if (value.find("\"n\":40,\"low\":10" + std::to_string(user)) == std::string::npos) return false;
    }
    return true;
  });
  EXPECT_EQ(running->End(SIGTERM, kPatience), 0);
}

}  // namespace
}  // namespace sidestream::integration
