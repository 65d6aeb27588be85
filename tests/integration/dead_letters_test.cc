// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Dead letters on a real cluster: a held key, an instance that is killed while it holds it, `dlq
// list` and `dlq replay` while it runs. In the end the key's results are its records in order, each
// once.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM, the program to run.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr Milliseconds kPatience{90'000};
constexpr Milliseconds kPause{200};

class DeadLettersTest : public ::testing::Test {
 protected:
  DeadLettersTest()
      : bootstrap_(WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")),
        program_(WantedVariable("SIDESTREAM_PROGRAM")),
        view_(bootstrap_),
        run_(std::to_string(SystemClock().WallTime().value()) + "-" + std::to_string(getpid())),
        application_("letters-" + run_),
        in_("in-" + run_),
        out_("out-" + run_) {
    // A record fails until it was put back as often as it says.
    std::ofstream(dir_.path() / "topology.yaml")
        << "version: 1\n"
        << "application: { id: " << application_ << ", state: { dir: '"
        << (dir_.path() / "state").string() << "' } }\n"
        << "kafka: { bootstrap.servers: '" << bootstrap_ << "' }\n"
        << "http: { address: 127.0.0.1, port: 0 }\n"
        << "errors: { deserialization: dlq, processing: dlq, dlq: { hold_key: true } }\n"
        << "streams:\n"
        << "  in: { topic: " << in_ << ", key: string, value: json, partitions: 2 }\n"
        << "  out: { topic: " << out_ << ", key: string, value: json, partitions: 2 }\n"
        << "pipelines:\n"
        << "  p:\n"
        << "    from: in\n"
        << "    steps:\n"
        << "      - map: >-\n"
        << "          (\"__sidestream.replay.count\" in headers\n"
        << "             ? int(string(headers[\"__sidestream.replay.count\"])) : 0) < value.fails\n"
        << "          ? value.n / 0 : value.n\n"
        << "    to: out\n";
    EXPECT_EQ(RunTool(Program({"topics"}, {"--apply"})).exit_code, 0);
  }

  Command Program(const Command& verb, const Command& options) const {
    Command command{program_};
    command.insert(command.end(), verb.begin(), verb.end());
    command.insert(command.end(), {"-f", dir_.path() / "topology.yaml"});
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }

  std::unique_ptr<BackgroundProgram> Start() {
    return std::make_unique<BackgroundProgram>(
        Program({"run"}, {"--instance", "one", "--log-format", "text"}), Variables{}, Log());
  }
  std::filesystem::path Log() const { return dir_.path() / "run.log"; }

  /// Lines "key:{…}".
  void Feed(const std::string& lines) {
    const ToolResult result =
        RunTool({std::string(SIDESTREAM_SOURCE_DIR) + "/scripts/broker.sh", "tool",
                 "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", bootstrap_,
                 "--topic", in_, "--property", "parse.key=true", "--property", "key.separator=|"},
                lines);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  std::vector<std::string> ResultsOf(const std::string& wanted) {
    std::vector<std::string> results;
    view_.ReadStable(out_, [&](const TopicPartition&, const kafka::Record& record) {
      if (record.key == wanted) results.emplace_back(*record.value);
    });
    return results;
  }

  size_t Letters() {
    size_t letters = 0;
    const auto count = [&](const TopicPartition&, const kafka::Record&) { ++letters; };
    if (view_.Partitions(application_ + "-dlq") > 0) {
      view_.ReadStable(application_ + "-dlq", count);
    }
    return letters;
  }

  void Await(const std::string& what, const std::function<bool()>& done) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    while (!done()) {
      ASSERT_LT(clock.Now(), deadline) << what << "\n" << ReadText(Log());
      std::this_thread::sleep_for(kPause);
    }
  }

  std::string Dlq(const std::string& verb, const Command& options = {}) {
    const ToolResult result = RunTool(Program({"dlq", verb}, options));
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }

  const std::string bootstrap_;
  const std::string program_;
  ClusterView view_;
  const std::string run_;
  const std::string application_;
  const std::string in_;
  const std::string out_;
  testing::TempDir dir_;
};

using Values = std::vector<std::string>;

TEST_F(DeadLettersTest, AHeldKeySurvivesAKillAndIsReleasedByReplays) {
  auto program = Start();
  Feed("a|{\"n\":1,\"fails\":1}\nb|{\"n\":1,\"fails\":0}\na|{\"n\":2,\"fails\":2}\n");
  Await("two letters", [&] { return Letters() == 2; });
  program->End(SIGKILL, kPatience);
  std::filesystem::remove_all(dir_.path() / "state");
  program = Start();
  Feed("a|{\"n\":3,\"fails\":0}\nb|{\"n\":2,\"fails\":0}\n");
  Await("the third letter", [&] { return Letters() == 3; });
  Await("the other key", [&] { return ResultsOf("b") == Values{"1", "2"}; });
  EXPECT_TRUE(ResultsOf("a").empty());

  const std::string listed = Dlq("list");
  EXPECT_NE(listed.find("  p.map_1  ProcessingError  \"a\"  "), std::string::npos) << listed;
  EXPECT_NE(listed.find("  in  HeldKey  \"a\"  "), std::string::npos) << listed;
  const std::string dry_run = Dlq("replay");
  EXPECT_EQ(std::count(dry_run.begin(), dry_run.end(), '\n'), 3) << dry_run;
  EXPECT_NE(Dlq("replay", {"--execute"}).find("put back 3 letters"), std::string::npos);
  // The second one fails once more and holds the third one back.
  Await("two letters more", [&] { return Letters() == 5; });
  EXPECT_EQ(ResultsOf("a"), (Values{"1"}));
  program->End(SIGKILL, kPatience);
  EXPECT_NE(Dlq("replay", {"--execute"}).find("put back 2 letters"), std::string::npos);
  EXPECT_NE(Dlq("replay", {"--execute"}).find("put back 0 letters"), std::string::npos);
  program = Start();
  Feed("a|{\"n\":4,\"fails\":0}\n");
  Await("the results", [&] { return ResultsOf("a") == Values{"1", "2", "3", "4"}; });
  EXPECT_EQ(Letters(), 5u) << "the key is free";
  EXPECT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(Log());
}

}  // namespace
}  // namespace sidestream::integration
