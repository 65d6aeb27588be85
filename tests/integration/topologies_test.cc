// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of topology files on a real cluster: the inputs that `sidestream test` feeds to its
// in-process broker go to a real one, the program runs, and what it wrote is held against the
// same expectations. Where results are corrected (behind an aggregate) only the last of each key
// counts: how many come before it depends on where commits fall.
//
// Runs config/topologies, tests/topologies, and the topologies beside the checkout when they are
// there ($SIDESTREAM_TOPOLOGIES, ../shared/testdata/topologies).
//
// Wants SIDESTREAM_TEST_BOOTSTRAP and SIDESTREAM_PROGRAM, the program to run.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "harness/stream_codec.h"
#include "harness/test_expectation.h"
#include "harness/test_input.h"
#include "harness/test_report.h"
#include "kafka/partitioner.h"
#include "operators/dead_letter/letter_headers.h"
#include "tests/integration/awaited.h"
#include "tests/integration/cluster_edit.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"
#include "topology/build_plan.h"
#include "topology/fields.h"
#include "topology/loader.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;
using topology::MatchMode;

constexpr Milliseconds kStopLimit{30'000};
const fs::path kSource = SIDESTREAM_SOURCE_DIR;

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A topology, and where its cases are if they stand apart.
using Sources = std::vector<fs::path>;

std::vector<Sources> AllSources() {
  std::vector<Sources> all;
  for (const fs::path& file : FilesIn(kSource / "config" / "topologies")) all.push_back({file});
  const fs::path cases = kSource / "tests" / "topologies";
  for (const fs::path& file : FilesIn(cases)) {
    if (file.filename().string().starts_with("worked-")) all.push_back({file});
  }
  const char* set = std::getenv("SIDESTREAM_TOPOLOGIES");
  const fs::path shared =
      set != nullptr ? fs::path(set) : kSource / ".." / "shared" / "testdata" / "topologies";
  if (!fs::is_directory(shared)) {
    std::cerr
        << "\n*** NOT TESTED: the shared topologies are absent: set SIDESTREAM_TOPOLOGIES\n\n";
    return all;
  }
  for (const fs::path& file : FilesIn(shared)) {
    Sources sources{file};
    if (fs::exists(cases / file.filename())) sources.push_back(cases / file.filename());
    all.push_back(std::move(sources));
  }
  return all;
}

topology::LoadedTopology Load(const Sources& sources) {
  std::vector<topology::NamedText> texts;
  for (const fs::path& path : sources) {
    texts.push_back({path.filename().string(), ReadText(path)});
  }
  return topology::LoadTopologyTexts(std::move(texts), topology::ProcessSurroundings());
}

/// `text` with the scalar at `begin` replaced.
void ReplaceScalar(std::string& text, size_t begin, const std::string& by) {
  const char quote = text[begin];
  const size_t end = quote == '"' || quote == '\'' ? text.find(quote, begin + 1) + 1
                                                   : text.find_first_of(",}] \n", begin);
  text.replace(begin, end - begin, by);
}

/// What makes the stream whose topic stands at `place` end where its topic ends now.
std::string Ended(const std::string& text, size_t place) {
  const size_t line = text.rfind('\n', place) + 1;
  const size_t key = text.find_first_not_of(' ', line);
  if (text.compare(key, 6, "topic:") != 0) return ", end_at: latest";
  return "\n" + std::string(key - line, ' ') + "end_at: latest";
}

/// The topology with an id and topics of this run, so that runs on one broker do not meet. The
/// streams of the topics in `ended` are read to their ends only.
std::string Renamed(const topology::LoadedTopology& loaded, const std::string& run,
                    const std::set<std::string>& ended) {
  std::string text = loaded.files.text(0);
  std::map<size_t, std::string, std::greater<>> names;  // from the end, so that places stay
  for (const topology::StreamModel& stream : loaded.model.streams) {
    for (const topology::Named& topic : stream.topics) {
      const size_t place = loaded.files.Offset(topic.position);
      names[place] = topic.text + run;
      if (ended.contains(topic.text)) names[place] += Ended(text, place);
    }
  }
  if (const auto& letters = loaded.model.errors.dead_letter_topic) {
    names[loaded.files.Offset(letters->position)] = letters->text + run;
  }
  const std::string& id = loaded.model.application.id;
  names[text.find("id: " + id) + 4] = id + run;
  // Nobody waits for a transaction a minute.
  const size_t interval = text.find("commit_interval: ");
  if (interval != std::string::npos) names[interval + 17] = "200ms";
  for (const auto& [place, name] : names) ReplaceScalar(text, place, name);
  return text;
}

/// Whether event time is the wall clock's, which cannot be moved here.
bool DatedByClock(const topology::Model& model) {
  return std::any_of(model.streams.begin(), model.streams.end(),
                     [](const auto& stream) { return stream.dated != topology::Dated::kByRecord; });
}

/// Whether the first to come decides, behind a hop: a cluster has no order between partitions.
bool DecidedByArrival(const topology::Model& model) {
  const auto decides = [](const topology::StepModel& step) {
    const auto* aggregate = std::get_if<topology::AggregateModel>(&step.operation);
    return step.verb == "dedup" || (aggregate != nullptr && aggregate->fold);
  };
  const auto rekeys = [](const topology::StepModel& step) {
    return step.verb == "rekey" || step.verb == "aggregate";
  };
  return std::ranges::any_of(model.pipelines, [&](const topology::PipelineModel& pipeline) {
    return std::ranges::any_of(pipeline.steps, decides) &&
           std::ranges::any_of(pipeline.steps, rekeys);
  });
}

class CaseOnCluster {
 public:
  /// `number`: of the case among those of the topology.
  CaseOnCluster(ClusterView& view, const std::string& bootstrap, const Sources& sources,
                size_t number, const std::string& run)
      : view_(view), edit_(view, {{"bootstrap.servers", bootstrap}}), run_(run) {
    setenv("KAFKA_BOOTSTRAP", bootstrap.c_str(), 1);
    const topology::LoadedTopology original = Load(sources);
    CHECK(original.ok()) << topology::Render(original.findings);
    Write("topology.yaml", Renamed(original, run_, EndedTopics(original, number)));
    std::string platform = "application: { workers: 1, state: { dir: '" +
                           (dir_.path() / "state").string() +
                           "' } }\nhttp: { address: 127.0.0.1, port: 0 }\n";
    if (original.model.kafka.common.empty()) {
      platform += "kafka: { bootstrap.servers: '" + bootstrap + "' }\n";
    }
    Write("platform.yaml", platform);
    Sources renamed{dir_.path() / "topology.yaml"};
    renamed.insert(renamed.end(), sources.begin() + 1, sources.end());
    loaded_ = Load(renamed);
    CHECK(loaded_.ok()) << topology::Render(loaded_.findings);
  }

  const topology::Model& model() const { return loaded_.model; }

  /// All differences, as text; empty: as expected.
  std::string Run(const topology::TestModel& test) {
    Plan(test);
    for (const topology::UserTopic& topic : plan_->user_topics) {
      // Records are dated where the clock of tests starts, which retention takes for long ago.
      edit_.CreateTopic(topic.name, topic.partitions, {{"retention.ms", "-1"}});
    }
    Command command{WantedVariable("SIDESTREAM_PROGRAM"), "run", "--log-format", "text"};
    for (const char* file : {"platform.yaml", "topology.yaml"}) {
      command.insert(command.end(), {"-f", dir_.path() / file});
    }
    // What ends by itself ends where the topics ended at its start.
    if (test.end) Feed(test);
    BackgroundProgram program(command, {}, dir_.path() / "run.log");
    if (test.end) {
      AwaitEnd(program);
    } else {
      Feed(test);
      AwaitRest(program);
    }
    const int exit_code = program.End(SIGTERM, kStopLimit);
    std::string differences = Compare(test);
    if (exit_code != 0) differences += "the program exits with " + std::to_string(exit_code) + "\n";
    if (!differences.empty()) differences += ReadText(program.log());
    return differences;
  }

 private:
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.path() / name) << text;
  }

  int32_t PartitionsOf(const topology::TestModel& test) const {
    return DecidedByArrival(loaded_.model) ? 1 : test.partitions;
  }

  void Plan(const topology::TestModel& test) {
    topology::PartitionCounts counts;
    for (const std::string& topic : topology::UserTopicNames(loaded_.model)) {
      counts[topic] = PartitionsOf(test);
    }
    plan_ = topology::BuildPlan(loaded_.model, loaded_.files, counts).plan;
    CHECK(plan_ != nullptr);
  }

  void Feed(const topology::TestModel& test) {
    std::map<std::string, std::vector<FedRecord>> by_topic;
    for (const harness::Turn& turn : harness::TurnsOf(loaded_.model, test, std::nullopt)) {
      const harness::StreamCodec codec = ValueOf(harness::StreamCodec::Create(*turn.stream));
      harness::FedRecord record = ValueOf(harness::RecordOf(turn, codec));
      const Partition home = record.key ? kafka::PartitionOf(*record.key, PartitionsOf(test)) : 0;
      by_topic[record.topic].push_back({std::move(record.key), std::move(record.value),
                                        record.partition.value_or(home), record.timestamp,
                                        std::move(record.headers)});
    }
    for (const auto& [topic, records] : by_topic) edit_.Feed(topic, records);
  }

  /// Topics that the application reads, when the case ends its inputs.
  static std::set<std::string> EndedTopics(const topology::LoadedTopology& loaded, size_t number) {
    std::set<std::string> ended;
    if (!loaded.model.tests[number].end) return ended;
    const topology::PlanResult plan = topology::BuildPlan(
        loaded.model, loaded.files, topology::DeclaredPartitionCounts(loaded.model, 1));
    CHECK(plan.plan != nullptr) << topology::Render(plan.findings);
    for (const topology::SubTopology& part : plan.plan->sub_topologies) {
      for (const topology::Input& input : part.inputs) {
        if (input.kind == topology::Input::Kind::kSource && !input.bounded) {
          ended.insert(input.topic);
        }
      }
    }
    return ended;
  }

  static void AwaitEnd(BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    while (program.running()) {
      CHECK(clock.Now() < deadline) << "no end\n" << ReadText(program.log());
      std::this_thread::sleep_for(Milliseconds(50));
    }
  }

  bool AtRest() {
    for (const topology::SubTopology& part : plan_->sub_topologies) {
      for (const topology::Input& input : part.inputs) {
        if (view_.Partitions(input.topic) == 0) return false;
        for (const PartitionLag& lag : view_.Lags(plan_->group_id, input.topic)) {
          if (!lag.done()) return false;
        }
      }
    }
    for (const topology::UserTopic& topic : plan_->user_topics) {
      for (const PartitionEnds& ends : view_.Ends(topic.name)) {
        if (ends.stable != ends.high) return false;
      }
    }
    return true;
  }

  void AwaitRest(BackgroundProgram& program) {
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kPatience;
    // Twice: between two sub-topologies a record may be in neither.
    for (int calm = 0; calm < 2;) {
      CHECK(program.running()) << ReadText(program.log());
      CHECK(clock.Now() < deadline) << "no rest\n" << ReadText(program.log());
      calm = AtRest() ? calm + 1 : 0;
      std::this_thread::sleep_for(Milliseconds(100));
    }
  }

  /// Whether results in `topic` may be corrected by later ones.
  bool IsCorrected(const std::string& topic) const {
    for (const topology::SubTopology& part : plan_->sub_topologies) {
      bool aggregates = false;
      bool writes = false;
      for (const topology::Node& node : part.nodes) {
        const auto* sink = std::get_if<topology::SinkNode>(&node.operation);
        writes = writes || (sink != nullptr && sink->topic == topic);
        aggregates = aggregates || std::holds_alternative<topology::AggregateNode>(node.operation);
      }
      if (aggregates && writes) return true;
    }
    return false;
  }

  /// What of an expectation holds wherever commits and partitions fall.
  topology::TestExpectation Loosened(const topology::TestExpectation& expected) const {
    topology::TestExpectation loose = expected;
    if (expected.stream.text == topology::kDeadLetterStream) {
      if (!loose.records) return loose;
      // Names of this run.
      for (topology::TestExpectedRecord& letter : *loose.records) {
        letter.headers.erase(std::string(operators::kErrorTopic));
        letter.headers.erase(std::string(operators::kErrorApplication));
      }
      return loose;
    }
    const topology::StreamModel& stream = *loaded_.model.FindStream(expected.stream.text);
    if (!IsCorrected(stream.topics.front().text)) {
      if (loose.match == MatchMode::kOrdered) loose.match = MatchMode::kExact;
      return loose;
    }
    loose.count.reset();
    if (!loose.records || loose.match == MatchMode::kLastPerKey) return loose;
    loose.match = MatchMode::kLastPerKey;
    std::vector<topology::TestExpectedRecord> last;
    for (const topology::TestExpectedRecord& record : *loose.records) {
      CHECK(record.key) << "an expectation behind an aggregate says its key";
      std::erase_if(last, [&](const topology::TestExpectedRecord& earlier) {
        return serde::Value::Equal(*earlier.key, *record.key);
      });
      last.push_back(record);
    }
    loose.records = std::move(last);
    return loose;
  }

  std::vector<harness::CollectedRecord> ReadAll(const std::string& topic) {
    std::vector<harness::CollectedRecord> records;
    view_.ReadAllWithHeaders(topic,
                             [&](const TopicPartition& partition, const kafka::Record& record,
                                 std::span<const kafka::Header> headers) {
                               records.push_back(Collected(partition, record, headers));
                             });
    return records;
  }

  std::string Compare(const topology::TestModel& test) {
    std::string text;
    for (const topology::TestExpectation& expected : test.expect) {
      for (const harness::TestFailure& failure : CompareOne(expected)) {
        text += harness::TextOf(failure, harness::Colors::kOff);
      }
    }
    return text;
  }

  std::vector<harness::TestFailure> CompareOne(const topology::TestExpectation& expected) {
    if (expected.stream.text == topology::kDeadLetterStream) {
      harness::LetterCodec letters = ValueOf(harness::LetterCodec::Create(loaded_.model));
      return harness::CompareRecords(
          Loosened(expected),
          [&](const harness::CollectedRecord& letter) -> harness::StreamCodec& {
            return letters.Of(letter);
          },
          ReadAll(topology::DeadLetterTopicOf(loaded_.model)), loaded_.files);
    }
    const topology::StreamModel& stream = *loaded_.model.FindStream(expected.stream.text);
    harness::StreamCodec codec = ValueOf(harness::StreamCodec::Create(stream));
    return harness::CompareRecords(
        Loosened(expected),
        [&](const harness::CollectedRecord&) -> harness::StreamCodec& { return codec; },
        ReadAll(stream.topics.front().text), loaded_.files);
  }

  static harness::CollectedRecord Collected(const TopicPartition& partition,
                                            const kafka::Record& record,
                                            std::span<const kafka::Header> headers) {
    const auto copy = [](const std::optional<std::string_view>& bytes) {
      return bytes ? std::optional(std::string(*bytes)) : std::nullopt;
    };
    harness::CollectedRecord collected{.partition = partition,
                                       .key = copy(record.key),
                                       .value = copy(record.value),
                                       .timestamp = record.timestamp,
                                       .headers = {}};
    for (const kafka::Header& header : headers) {
      collected.headers.emplace_back(std::string(header.name), copy(header.value));
    }
    return collected;
  }

  ClusterView& view_;
  ClusterEdit edit_;
  const std::string run_;
  testing::TempDir dir_;
  topology::LoadedTopology loaded_;
  std::shared_ptr<const topology::Plan> plan_;
};

TEST(TopologiesTest, CasesHoldOnARealCluster) {
  const std::string bootstrap = WantedVariable("SIDESTREAM_TEST_BOOTSTRAP");
  ClusterView view(bootstrap);
  const std::string run =
      "-" + std::to_string(SystemClock().WallTime().value()) + "-" + std::to_string(getpid());
  int cases = 0;
  int clocked = 0;
  for (const Sources& sources : AllSources()) {
    const topology::LoadedTopology loaded = Load(sources);
    // What does not fit this version yet: tests/unit/app/language_topologies_test.cc.
    if (!loaded.ok()) continue;
    for (size_t i = 0; i < loaded.model.tests.size(); ++i) {
      if (loaded.model.tests[i].advance || DatedByClock(loaded.model)) {
        ++clocked;
        continue;
      }
      CaseOnCluster on_cluster(view, bootstrap, sources, i, run + "-" + std::to_string(++cases));
      const topology::TestModel& test = on_cluster.model().tests[i];
      const std::string differences = on_cluster.Run(test);
      EXPECT_EQ(differences, "") << sources.front().filename() << ": " << test.name.text;
    }
  }
  std::cerr << cases << " cases ran on the cluster; " << clocked
            << " whose results depend on the clock run in memory only\n";
  EXPECT_GE(cases, 25);
}

}  // namespace
}  // namespace sidestream::integration
