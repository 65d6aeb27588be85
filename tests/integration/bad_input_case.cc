// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/bad_input_case.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>
#include <utility>

#include "base/check.h"
#include "checkpoint/control_record.h"
#include "tests/integration/wanted_variable.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds kRunLimit{60'000};
constexpr Milliseconds kLook{50};
constexpr char kNull[] = "NULL";

std::string NewRunName() {
  static int cases = 0;
  return "bad-" + std::to_string(getpid()) + "-" +
         std::to_string(SystemClock().WallTime().value() % 10'000'000) + "-" +
         std::to_string(++cases);
}

fs::path NewDirectory() {
  std::string name = (fs::temp_directory_path() / "sidestream-bad-input-XXXXXX").string();
  CHECK(mkdtemp(name.data()) != nullptr) << "cannot make a temporary directory";
  return name;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::optional<std::string> Field(const std::string& text) {
  return text == kNull ? std::nullopt : std::optional(text);
}

::testing::ScopedTrace At(const std::source_location& where) {
  return {where.file_name(), static_cast<int>(where.line()), "called from here"};
}

}  // namespace

BadInputTest::BadInputTest()
    : BadInputTest({{"bootstrap.servers", WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")}}) {}

BadInputTest::BadInputTest(ClusterView::Properties properties)
    : program_(fs::absolute(WantedVariable("SIDESTREAM_PROGRAM"))),
      run_(NewRunName()),
      dir_(NewDirectory()),
      view_(std::make_unique<ClusterView>(properties)),
      edit_(std::make_unique<ClusterEdit>(*view_, properties)) {
  ConnectWith(properties);
}

BadInputTest::~BadInputTest() {
  if (HasFailure()) {
    std::cerr << "files of the failed case: " << dir_.string() << "\n";
    return;
  }
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

void BadInputTest::ConnectWith(const ClusterView::Properties& properties) {
  std::ofstream file(dir_ / "cluster.yaml");
  file << "kafka:\n";
  for (const auto& [name, value] : properties) file << "  " << name << ": \"" << value << "\"\n";
}

void BadInputTest::ConnectAnew(const ClusterView::Properties& properties) {
  edit_.reset();
  view_ = std::make_unique<ClusterView>(properties);
  edit_ = std::make_unique<ClusterEdit>(*view_, properties);
  ConnectWith(properties);
}

void BadInputTest::Topology(const std::string& application, const std::string& text) {
  std::ofstream(dir_ / (application + ".yaml"))
      << "version: 1\nhttp: { address: 127.0.0.1, port: 0 }\n"
      << "application: { id: " << Name(application)
      << ", workers: 1, state: { dir: '"
      // With little memory the disk is met early.
      << (dir_ / "state").string() << "', memory: 8MiB } }\n"
      << Replaced(text, "@", run_);
}

void BadInputTest::CopyTopology(const std::string& application, const std::string& from) {
  Topology(application, R"(
streams:
  first: { topic: @-first, key: string, value: string, partitions: 1 }
  in: { topic: @-in, key: string, value: string, partitions: 1 }
  out: { topic: @-out, key: string, value: string, partitions: 1 }
pipelines: { copy: { from: )" +
                            from + ", to: out } }\n");
}

void BadInputTest::CountTopology(const std::string& application, const std::string& more) {
  Topology(application, R"(
streams:
  in: { topic: @-in, key: string, value: string, partitions: 1)" +
                            more + R"( }
  out: { topic: @-out, key: string, value: json, partitions: 1 }
pipelines:
  count:
    from: in
    steps: [{ name: counts, aggregate: { group_by: key, value: count() } }]
    to: out
)");
}

Command BadInputTest::ProgramCommand(const std::string& application, const std::string& verb,
                                     const Command& options) const {
  Command command{
      program_,       verb,  "-f", dir_ / "cluster.yaml", "-f", dir_ / (application + ".yaml"),
      "--log-format", "text"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

fs::path BadInputTest::NewLog() { return dir_ / ("run-" + std::to_string(++logs_) + ".log"); }

BadInputTest::Running BadInputTest::Start(const Command& command) {
  return std::make_unique<BackgroundProgram>(command, Variables{}, NewLog());
}

BadInputTest::Running BadInputTest::Start(const std::string& application, const Command& options) {
  return Start(ProgramCommand(application, "run", options));
}

Ended BadInputTest::Run(const Command& command) {
  const Running program = Start(command);
  return AwaitEnd(*program);
}

Ended BadInputTest::Run(const std::string& application, const std::string& verb,
                        const Command& options) {
  return Run(ProgramCommand(application, verb, options));
}

void BadInputTest::MakeTopics(const std::string& application) {
  const Ended made = Run(application, "topics", {"--apply"});
  ASSERT_EQ(made.exit_code, 0) << made.log;
}

Ended BadInputTest::AwaitEnd(BackgroundProgram& program) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kRunLimit;
  while (program.running() && clock.Now() < deadline) std::this_thread::sleep_for(kLook);
  if (program.running()) ADD_FAILURE() << "the program does not end by itself";
  const int exit_code = program.End(SIGKILL, Milliseconds(0));
  return {.exit_code = exit_code, .log = ReadText(program.log())};
}

void BadInputTest::AwaitWords(BackgroundProgram& program, const std::string& words) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kRunLimit;
  while (ReadText(program.log()).find(words) == std::string::npos) {
    ASSERT_TRUE(program.running()) << "ended before it said: " << words << "\n"
                                   << ReadText(program.log());
    ASSERT_LT(clock.Now(), deadline) << "never said: " << words << "\n" << ReadText(program.log());
    std::this_thread::sleep_for(kLook);
  }
}

void BadInputTest::Stop(BackgroundProgram& program, Where where) {
  const auto trace = At(where);
  EXPECT_EQ(program.End(SIGTERM, kRunLimit), 0) << ReadText(program.log());
}

void BadInputTest::RunUntil(const std::string& application, const std::string& topic, size_t count,
                            Where where) {
  const auto trace = At(where);
  const Running program = Start(application);
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, topic, count));
  Stop(*program);
}

void BadInputTest::ExpectEnd(const Ended& ended, int exit_code, const Lines& words, Where where) {
  const auto trace = At(where);
  EXPECT_EQ(ended.exit_code, exit_code) << ended.log;
  for (const std::string& wanted : words) {
    EXPECT_NE(ended.log.find(wanted), std::string::npos) << "it does not say: " << wanted << "\n"
                                                         << ended.log;
  }
}

void BadInputTest::Feed(const std::string& topic, const Lines& lines, Milliseconds pause) {
  std::vector<FedRecord> records;
  for (const std::string& line : lines) {
    const size_t bar = line.find('|');
    CHECK(bar != std::string::npos) << "not key|value: " << line;
    records.push_back({.key = Field(line.substr(0, bar)), .value = Field(line.substr(bar + 1))});
  }
  edit_->Feed(topic, records, pause);
}

BadInputTest::Lines BadInputTest::Committed(const std::string& topic) {
  Lines lines;
  view_->ReadStable(topic, [&](const TopicPartition&, const kafka::Record& record) {
    lines.push_back(std::string(record.key.value_or(kNull)) + "|" +
                    std::string(record.value.value_or(kNull)));
  });
  std::sort(lines.begin(), lines.end());
  return lines;
}

void BadInputTest::AwaitCommitted(BackgroundProgram& program, const std::string& topic,
                                  size_t count, Where where) {
  const auto trace = At(where);
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kRunLimit;
  for (size_t have = 0; (have = Committed(topic).size()) < count;) {
    ASSERT_TRUE(program.running()) << ReadText(program.log());
    ASSERT_LT(clock.Now(), deadline)
        << topic << " holds " << have << " records, expected " << count << "\n"
        << ReadText(program.log());
    std::this_thread::sleep_for(kLook);
  }
}

void BadInputTest::ExpectHolds(const std::string& topic, Lines lines, Where where) {
  const auto trace = At(where);
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kRunLimit;
  const auto is_open = [&] {
    const auto ends = view_->Ends(topic);
    return std::any_of(ends.begin(), ends.end(),
                       [](const PartitionEnds& end) { return end.high != end.stable; });
  };
  while (is_open()) {
    ASSERT_LT(clock.Now(), deadline) << "a transaction stays open on " << topic;
    std::this_thread::sleep_for(kLook);
  }
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(Committed(topic), lines) << topic;
}

void BadInputTest::AwaitAdopted(const std::string& application, const std::string& topic) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + kRunLimit;
  for (bool adopted = false; !adopted; std::this_thread::sleep_for(kLook)) {
    ASSERT_LT(clock.Now(), deadline) << topic << " was never adopted";
    view_->ReadStable(Name(application) + "-control", [&](const auto&, const auto& record) {
      const auto decoded = checkpoint::DecodeControlRecord(*record.key, *record.value);
      if (!decoded.ok() || !*decoded) return;
      const auto* found = std::get_if<checkpoint::AdoptedRecord>(&**decoded);
      adopted = adopted || (found != nullptr && found->topic == topic);
    });
  }
}

}  // namespace sidestream::integration
