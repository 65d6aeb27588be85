// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Word count as users meet it: config/topologies/word-count.yaml, run by the program on a real
// cluster and read by Kafka's own tools. The bytes of its output are those of Kafka's demo, keys
// lie where the Java client puts them, the stock tools show no lag, and a restart restores what its
// local state lacks and no more.
//
// Wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM, the program to run.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

using Counts = std::map<std::string, int64_t>;

constexpr Milliseconds kPatience{90'000};
constexpr Milliseconds kPause{200};
constexpr char kTools[] = "org.apache.kafka.tools.";

std::string Replaced(const std::string& text, const std::string& from, const std::string& to) {
  CHECK(text.find(from) != std::string::npos) << "the shipped topology has no " << from;
  return std::regex_replace(text, std::regex(from), to);
}

/// What a restart said about its restores.
struct Restores {
  int64_t records = 0;
  int64_t full_stores = 0;
  int64_t tasks = 0;
};

class WordCountTest : public ::testing::Test {
 protected:
  WordCountTest()
      : bootstrap_(WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")),
        program_(WantedVariable("SIDESTREAM_PROGRAM")),
        view_(bootstrap_),
        run_(std::to_string(SystemClock().WallTime().value()) + "-" + std::to_string(getpid())),
        application_("word-count-" + run_),
        lines_("lines-" + run_),
        output_("counts-" + run_) {
    // Names of this run, so that runs on one broker do not meet; all else is as shipped.
    std::string text =
        ReadText(std::string(SIDESTREAM_SOURCE_DIR) + "/config/topologies/word-count.yaml");
    text = Replaced(text, "id: word-count", "id: " + application_);
    text = Replaced(text, "topic: streams-plaintext-input", "topic: " + lines_);
    text = Replaced(text, "topic: streams-wordcount-output", "topic: " + output_);
    Write("topology.yaml", text);
    Write("platform.yaml", "application: { workers: 2, state: { dir: '" + State().string() +
                               "' } }\nkafka: { bootstrap.servers: '" + bootstrap_ +
                               "' }\nhttp: { address: 127.0.0.1, port: 0 }\n");
    EXPECT_EQ(RunTool(Program("topics", {"--apply"})).exit_code, 0);
  }

  std::filesystem::path State() const { return dir_.path() / "state"; }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() / name) << text;
  }

  Command Program(const std::string& verb, const Command& options) const {
    Command command{
        program_, verb, "-f", dir_.path() / "platform.yaml", "-f", dir_.path() / "topology.yaml"};
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }

  static Command JavaTool(const std::string& name, const Command& options) {
    Command command{std::string(SIDESTREAM_SOURCE_DIR) + "/scripts/broker.sh", "tool",
                    kTools + name};
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }

  std::unique_ptr<BackgroundProgram> Start(const std::string& log) {
    return std::make_unique<BackgroundProgram>(
        Program("run", {"--instance", "one", "--log-format", "text"}), Variables{},
        dir_.path() / log);
  }

  /// Text lines by the stock console producer; what they hold is added to `expected_`.
  void Feed(const std::vector<std::string>& lines) {
    std::string input;
    for (const std::string& line : lines) {
      input += line + "\n";
      std::istringstream words(line);
      for (std::string word; words >> word;) ++expected_[word];
    }
    const ToolResult result = RunTool(
        JavaTool("ConsoleProducer", {"--bootstrap-server", bootstrap_, "--topic", lines_}), input);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }

  static std::vector<std::string> ManyLines(int first, int count) {
    std::vector<std::string> lines;
    for (int i = first; i < first + count; ++i) {
      lines.push_back("alpha word" + std::to_string(i % 97) + " beta");
    }
    return lines;
  }

  bool AtRest() {
    for (const std::string& topic : InputTopics()) {
      for (const PartitionLag& lag : view_.Lags(application_, topic)) {
        if (!lag.done()) return false;
      }
    }
    for (const PartitionEnds& ends : view_.Ends(output_)) {
      if (ends.stable != ends.high) return false;
    }
    return true;
  }

  std::vector<std::string> InputTopics() const {
    return {lines_, application_ + "-counts-repartition", application_ + "-control"};
  }

  void AwaitRest(BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    for (int calm = 0; calm < 2;) {
      ASSERT_TRUE(program.running()) << ReadText(program.log());
      ASSERT_LT(clock.Now(), deadline) << "no rest\n" << ReadText(program.log());
      // The topics are there once the instance has started.
      const bool started = view_.Partitions(InputTopics().back()) > 0;
      calm = started && AtRest() ? calm + 1 : 0;
      std::this_thread::sleep_for(kPause);
    }
  }

  /// The last result of each word, byte by byte: 8 bytes, the highest first.
  Counts LastCounts() {
    Counts counts;
    view_.ReadAll(output_, [&](const TopicPartition&, const kafka::Record& record) {
      ASSERT_TRUE(record.key && record.value);
      ASSERT_EQ(record.value->size(), 8U);
      uint64_t count = 0;
      for (const char byte : *record.value) count = count << 8 | static_cast<unsigned char>(byte);
      counts[std::string(*record.key)] = static_cast<int64_t>(count);
    });
    return counts;
  }

  static Restores RestoresIn(const BackgroundProgram& program) {
    const std::string log = ReadText(program.log());
    const std::regex line(R"(restored: task=\S+ records=(\d+) full_stores=(\d+))");
    Restores restores;
    for (std::sregex_iterator it(log.begin(), log.end(), line), end; it != end; ++it) {
      ++restores.tasks;
      restores.records += std::stoll((*it)[1]);
      restores.full_stores += std::stoll((*it)[2]);
    }
    return restores;
  }

  const std::string bootstrap_;
  const std::string program_;
  ClusterView view_;
  const std::string run_;
  const std::string application_;
  const std::string lines_;
  const std::string output_;
  testing::TempDir dir_;
  Counts expected_;
};

TEST_F(WordCountTest, KafkasOwnToolsReadTheOutput) {
  const auto program = Start("run.log");
  Feed({"all streams lead to kafka", "hello kafka streams", "join kafka summit"});
  Feed(ManyLines(0, 300));
  AwaitRest(*program);
  EXPECT_EQ(LastCounts(), expected_);

  int64_t records = 0;
  std::map<std::string, Partition> homes;
  view_.ReadAll(output_, [&](const TopicPartition& partition, const kafka::Record& record) {
    ++records;
    const auto home = homes.emplace(*record.key, partition.partition).first;
    EXPECT_EQ(home->second, partition.partition) << home->first << " lies in two partitions";
  });

  const std::string prefix = "org.apache.kafka.common.serialization.";
  const ToolResult read = RunTool(
      JavaTool("consumer.ConsoleConsumer",
               {"--bootstrap-server", bootstrap_, "--topic", output_, "--from-beginning",
                "--isolation-level", "read_committed", "--max-messages", std::to_string(records),
                "--timeout-ms", "30000", "--property", "print.key=true", "--property",
                "key.deserializer=" + prefix + "StringDeserializer", "--property",
                "value.deserializer=" + prefix + "LongDeserializer"}));
  ASSERT_EQ(read.exit_code, 0) << read.output;
  Counts printed;
  std::istringstream lines(read.output);
  std::string word;
  for (int64_t count = 0; lines >> word >> count;) printed[word] = count;
  EXPECT_EQ(printed, expected_);

  // The same keys by the Java client, into a topic of as many partitions.
  const std::string java_topic = "java-" + run_;
  const ToolResult made = RunTool(
      JavaTool("TopicCommand", {"--bootstrap-server", bootstrap_, "--create", "--topic", java_topic,
                                "--partitions", std::to_string(view_.Partitions(output_))}));
  ASSERT_EQ(made.exit_code, 0) << made.output;
  std::string keys;
  for (const auto& [key, partition] : homes) keys += key + "=x\n";
  const ToolResult produced =
      RunTool(JavaTool("ConsoleProducer",
                       {"--bootstrap-server", bootstrap_, "--topic", java_topic, "--property",
                        "parse.key=true", "--property", "key.separator=="}),
              keys);
  ASSERT_EQ(produced.exit_code, 0) << produced.output;
  std::map<std::string, Partition> java_homes;
  view_.ReadAll(java_topic, [&](const TopicPartition& partition, const kafka::Record& record) {
    java_homes[std::string(*record.key)] = partition.partition;
  });
  EXPECT_EQ(homes, java_homes);

  EXPECT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(program->log());
}

TEST_F(WordCountTest, TheStockToolShowsNoLagAtRest) {
  const auto program = Start("run.log");
  Feed(ManyLines(0, 200));
  AwaitRest(*program);
  const ToolResult groups =
      RunTool(JavaTool("consumer.group.ConsumerGroupCommand",
                       {"--bootstrap-server", bootstrap_, "--describe", "--group", application_}));
  ASSERT_EQ(groups.exit_code, 0) << groups.output;
  std::map<std::string, int32_t> rows;
  std::istringstream lines(groups.output);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string group, topic, partition, committed, end, lag;
    columns >> group >> topic >> partition >> committed >> end >> lag;
    if (group != application_) continue;
    ++rows[topic];
    EXPECT_EQ(lag, "0") << line;
  }
  for (const std::string& topic : InputTopics()) {
    EXPECT_EQ(rows[topic], view_.Partitions(topic)) << topic << "\n" << groups.output;
  }
  EXPECT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(program->log());
}

TEST_F(WordCountTest, ARestartRestoresWhatItsLocalStateLacks) {
  auto program = Start("first.log");
  Feed(ManyLines(0, 300));
  AwaitRest(*program);
  ASSERT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(program->log());

  // An orderly stop left nothing to replay. What comes now is not flushed when the kill comes.
  program = Start("second.log");
  Feed({"gamma delta", "gamma epsilon"});
  AwaitRest(*program);
  EXPECT_EQ(RestoresIn(*program).records, 0) << ReadText(program->log());
  program->End(SIGKILL, kPatience);

  // Only the tail: rows of the three words, not of the hundred before them.
  program = Start("third.log");
  Feed({"gamma"});
  AwaitRest(*program);
  const Restores tail = RestoresIn(*program);
  EXPECT_GE(tail.records, 3) << ReadText(program->log());
  EXPECT_LE(tail.records, 4) << ReadText(program->log());
  EXPECT_EQ(tail.full_stores, 0) << ReadText(program->log());
  EXPECT_EQ(LastCounts(), expected_);
  ASSERT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(program->log());

  // Without the directory everything comes back from the changelog.
  std::filesystem::remove_all(State());
  program = Start("fourth.log");
  Feed({"alpha gamma"});
  AwaitRest(*program);
  const Restores full = RestoresIn(*program);
  EXPECT_GE(full.records, static_cast<int64_t>(expected_.size())) << ReadText(program->log());
  EXPECT_EQ(full.full_stores, 3) << ReadText(program->log());
  EXPECT_EQ(LastCounts(), expected_);
  EXPECT_EQ(program->End(SIGTERM, kPatience), 0) << ReadText(program->log());
}

}  // namespace
}  // namespace sidestream::integration
