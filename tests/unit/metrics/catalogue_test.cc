// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// docs/operations/metrics.md lists what a scrape shows: every family, with its type and
// labels, and no other.

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "metrics/collectable.h"
#include "metrics/scopes.h"

namespace sidestream::metrics {
namespace {

struct Entry {
  std::string type;
  std::set<std::string> labels;
  bool operator==(const Entry&) const = default;
};
using Catalogue = std::map<std::string, Entry>;

void PrintTo(const Entry& entry, std::ostream* out) {
  *out << entry.type << " {";
  for (const std::string& label : entry.labels) *out << " " << label;
  *out << " }";
}

/// Rows "| `name` | type | `label`, `label` | help |" of the page.
Catalogue ReadPage() {
  std::ifstream file(std::string(SIDESTREAM_SOURCE_DIR) + "/docs/operations/metrics.md");
  Catalogue catalogue;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream row(line.substr(1));
    for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
    const auto quoted = [](const std::string& cell) {
      std::vector<std::string> words;
      std::istringstream parts(cell);
      std::string outside;
      for (std::string inside;
           std::getline(parts, outside, '`') && std::getline(parts, inside, '`');) {
        words.push_back(inside);
      }
      return words;
    };
    std::istringstream type(cells.at(1));
    Entry entry;
    type >> entry.type;
    for (const std::string& label : quoted(cells.at(2))) entry.labels.insert(label);
    catalogue[quoted(cells.at(0)).at(0)] = entry;
  }
  return catalogue;
}

/// What the text of a scrape declares and shows.
Catalogue ReadScrape(const std::string& text) {
  Catalogue catalogue;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      std::string name;
      std::string type;
      words >> name >> type;
      catalogue[name].type = type;
    } else if (!line.starts_with("#")) {
      std::string name = line.substr(0, line.find_first_of("{ "));
      for (const char* suffix : {"_bucket", "_sum", "_count"}) {
        const std::string base = name.substr(0, name.rfind(suffix));
        if (name.ends_with(suffix) && catalogue.contains(base)) name = base;
      }
      const size_t open = line.find('{');
      if (open == std::string::npos) continue;
      std::istringstream pairs(line.substr(open + 1, line.find('}') - open - 1));
      for (std::string pair; std::getline(pairs, pair, ',');) {
        const std::string label = pair.substr(0, pair.find('='));
        if (label != "le") catalogue[name].labels.insert(label);
      }
    }
  }
  return catalogue;
}

TEST(CatalogueTest, AScrapeShowsExactlyWhatThePageLists) {
  Registry registry;
  InputMetrics input(registry, {"lines", 0});
  input.RecordsConsumed(2);
  input.LagIs(1);
  OutputMetrics output(registry, "counts");
  output.RecordsProduced(1);
  output.RecordDelivered(Milliseconds(12));
  StepMetrics step(registry, "count_words", "counts");
  step.RecordDropped("null_key");
  step.RecordLate();
  step.RecordPutAside("processing");
  RestoreMetrics restore(registry);
  restore.RestoreAdvanced(10, 5);
  restore.FetchAdvanced(1'000, 500);
  restore.PaceIs(100, 50, 2);
  restore.RestoresAre({.directory = 1, .changelog = 2, .location = 3, .copy = 4});
  MemoryMetrics memory(registry);
  memory.UseIs({});
  ConsumerMetrics consumer(registry);
  consumer.RebalanceFinished(Seconds(0.2));
  consumer.ClientError();
  InstanceMetrics instance(registry);
  instance.TasksAre(1, 1);
  instance.StandbysAre(1, 1);
  instance.UnownedTasksAre(0);
  instance.LeaderIs(true);
  EventTimeMetrics event_time(registry);
  event_time.StepsAre({{{"count_words", "counts"}, Timestamp(1'500)}});
  event_time.InputsAre({{{"lines", "0"}, Timestamp(1'500)}, {{"lines", "1"}, Timestamp(1'500)}});
  event_time.InputsAre({{{"lines", "0"}, Timestamp(2'500)}});
  EXPECT_EQ(registry.Value(Family::kInputWatermark, {"lines", "0"}), 2.5);
  EXPECT_EQ(registry.Value(Family::kInputWatermark, {"lines", "1"}), std::nullopt);
  CheckpointMetrics checkpoints(registry);
  EXPECT_EQ(registry.Value(Family::kCheckpointNumber, {}), std::nullopt) << "there was none";
  checkpoints.NewestIs(7, Timestamp(1'500), Milliseconds(2'500), 1'000);
  EXPECT_EQ(registry.Value(Family::kCheckpointTimestamp, {}), 1.5);
  EXPECT_EQ(registry.Value(Family::kCheckpointDuration, {}), 2.5);
  checkpoints.OutcomesAre(3, 1);
  checkpoints.OutcomesAre(4, 1);
  EXPECT_EQ(registry.Value(Family::kCheckpoints, {"complete"}), 4.0);
  checkpoints.PausesAre(Milliseconds(150), Milliseconds(300), 1);
  checkpoints.PausesAre(Milliseconds(100), Milliseconds(400), 1);
  EXPECT_EQ(registry.Value(Family::kCheckpointPause, {}), 0.1);
  EXPECT_NEAR(*registry.Value(Family::kCheckpointPaused, {}), 0.4, 1e-9);
  RegistryMetrics schemas(registry);
  schemas.WaitingAre(1);
  schemas.TotalsAre(3, 1);
  ProducerMetrics producer(registry);
  producer.CommitFinished(Seconds(0.01));
  producer.TransactionAborted();
  producer.ProducerRebuilt();
  BuildMetrics build(registry, "0.1.0", "0123456789abcdef");

  const std::string text =
      prometheus::TextSerializer().Serialize(RegistryCollectable(registry).Collect());
  EXPECT_EQ(ReadScrape(text), ReadPage());
  EXPECT_EQ(ReadScrape(text).size(), kFamilyCount + 6) << "a family without a verb";
}

TEST(CatalogueTest, NamesKeepPrometheusRules) {
  for (const FamilyInfo& info : Families()) {
    EXPECT_TRUE(info.name.starts_with("sidestream_")) << info.name;
    EXPECT_EQ(info.name.ends_with("_total"), info.kind == Kind::kCounter) << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
  }
}

TEST(CatalogueTest, ProcessFactsAreThoseOfThisProcess) {
  Registry registry;
  std::map<std::string, double> facts;
  for (const auto& family : RegistryCollectable(registry).Collect()) {
    facts[family.name] = family.metric.at(0).gauge.value + family.metric.at(0).counter.value;
  }
  EXPECT_GE(facts["process_threads"], 1);
  EXPECT_GT(facts["process_open_fds"], 2);
  EXPECT_GT(facts["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(facts["process_virtual_memory_bytes"], facts["process_resident_memory_bytes"]);
  EXPECT_GT(facts["process_start_time_seconds"], 1.7e9);
  EXPECT_GT(facts["process_cpu_seconds_total"], 0);
}

}  // namespace
}  // namespace sidestream::metrics
