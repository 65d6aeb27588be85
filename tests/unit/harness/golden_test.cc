// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cases of tests/golden on whole instances: straight, with a crash after every record, and with
// two instances. One expectation for all three.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/embedded_application.h"
#include "tests/support/golden_case.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::testing {
namespace {

namespace fs = std::filesystem;

struct Way {
  const char* name;
  bool crash = false;
  int32_t instances = 1;
};

harness::FedRecord FedOf(const GoldenLine& line, const std::string& topic) {
  harness::FedRecord fed;
  fed.topic = topic;
  fed.key = line.record.key;
  fed.value = line.record.value;
  if (line.has_timestamp) fed.timestamp = line.record.timestamp;
  fed.headers = line.record.headers;
  if (line.partition >= 0) fed.partition = line.partition;
  return fed;
}

class GoldenRun {
 public:
  GoldenRun(fs::path folder, const Way& way) : folder_(std::move(folder)), way_(way) {}

  void Run() {
    yaml_ = ReadAll(folder_ / "topology.yaml");
    topology::ProcessSurroundings surroundings;
    loaded_ = topology::LoadTopologyTexts({{"topology.yaml", yaml_}}, surroundings);
    ASSERT_TRUE(loaded_.ok());
    const topology::PlanResult plan = topology::BuildPlan(
        loaded_.model, loaded_.files, topology::DeclaredPartitionCounts(loaded_.model, 2));
    ASSERT_TRUE(plan.plan != nullptr);
    harness::EmbeddedOptions options;
    options.instances = way_.instances;
    auto started = harness::EmbeddedApplication::Start(loaded_.model, plan.plan, options);
    ASSERT_TRUE(started.ok()) << started.status();
    application_ = std::move(started).value();
    FeedAll();
    CompareAll();
  }

 private:
  void FeedAll() {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = StreamOf(entry.path(), "input", "in");
      if (name.empty()) continue;
      const topology::StreamModel& stream = *loaded_.model.FindStream(name);
      for (const GoldenLine& line : ReadLines(entry.path(), stream)) {
        const Status fed = application_->Feed(FedOf(line, stream.topics.front().text));
        ASSERT_TRUE(fed.ok()) << fed;
        if (!way_.crash) continue;
        Settle();
        const Status restarted = application_->CrashAndRestart();
        ASSERT_TRUE(restarted.ok()) << restarted;
      }
    }
    Settle();
    if (!InputsEnd(yaml_)) return;
    const Status ended = application_->End();
    ASSERT_TRUE(ended.ok()) << ended;
    Settle();
  }

  void Settle() {
    const Status settled = application_->Settle();
    ASSERT_TRUE(settled.ok()) << settled;
    auto output = application_->TakeOutput();
    ASSERT_TRUE(output.ok()) << output.status();
    for (harness::CollectedRecord& collected : *output) {
      ProducedRecord record;
      record.key = std::move(collected.key);
      record.value = std::move(collected.value);
      record.timestamp = collected.timestamp;
      record.headers = std::move(collected.headers);
      by_topic_[collected.partition.topic].push_back(std::move(record));
    }
  }

  void CompareAll() {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string name = StreamOf(entry.path(), "expected", "out");
      if (name.empty()) continue;
      SCOPED_TRACE("stream " + name);
      const topology::StreamModel& stream = *loaded_.model.FindStream(name);
      Compare(by_topic_[stream.topics.front().text], ReadLines(entry.path(), stream),
              LastPerKey(yaml_));
    }
  }

  const fs::path folder_;
  const Way way_;
  std::string yaml_;
  topology::LoadedTopology loaded_;
  std::unique_ptr<harness::EmbeddedApplication> application_;
  std::map<std::string, std::vector<ProducedRecord>> by_topic_;
};

TEST(GoldenEngineTest, AllCasesStraightWithCrashesAndWithTwoInstances) {
  const std::vector<fs::path> cases = GoldenCases();
  for (const fs::path& folder : cases) {
    for (const Way& way : {Way{"straight"}, Way{"crash after every record", true},
                           Way{"two instances", false, 2}, Way{"two, crashing", true, 2}}) {
      SCOPED_TRACE(folder.filename().string() + ", " + way.name);
      GoldenRun(folder, way).Run();
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GE(cases.size(), 12u);
}

}  // namespace
}  // namespace sidestream::testing
