// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Restores from logs that were really cleaned (R8, design-review 8).

#include <algorithm>

#include "base/internal_record.h"
#include "changelog/store_restorer.h"
#include "statestore/memory_task_state.h"
#include "tests/conformance/compacted_topic.h"

namespace sidestream::conformance {
namespace {

using Rows = std::map<std::string, std::string>;

std::string RowOf(std::string_view value) {
  std::string encoded;
  EncodeChangelogValue({.sequence = CommitSequence(1), .row = value}, encoded);
  return encoded;
}

class Restored {
 public:
  explicit Restored(const TopicPartition& changelog)
      : task_{"in", changelog.partition},
        stores_{{.name = "rows", .changelog_topic = changelog.topic, .fingerprint = 1}} {}

  /// Opens the directory, restores, and lets go of it in order.
  changelog::RestoreOutcome Run() {
    const auto state = disk_.Open(task_, stores_).value();
    const auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("restore")).value();
    changelog::StoreRestorer restorer(TheAdmin(), *reader, TheEnvironment().clock());
    restorer.Register(task_, *state);
    std::vector<changelog::RestoreOutcome> outcomes;
    EXPECT_TRUE(TheEnvironment().PumpUntil(
        [&] {
          outcomes = restorer.Step(TheEnvironment().clock().Now());
          return !outcomes.empty();
        },
        kPatience));
    if (outcomes.empty()) return {};
    rows.clear();
    EXPECT_TRUE(IsOk(state->Scan(0, [&](std::string_view key, std::string_view value) {
      if (key != "end-of-segment") rows.emplace(key, value);
    })));
    EXPECT_TRUE(IsOk(state->Close(/*dirty=*/false, TheEnvironment().clock().WallTime())));
    return outcomes.front();
  }

  Rows rows;

 private:
  const TaskId task_;
  const std::vector<statestore::StoreSpec> stores_;
  statestore::MemoryTaskStateFactory disk_{{.application = "conformance"}};
};

/// A changelog with rows, and a directory that holds them.
struct Fixture {
  explicit Fixture(const std::string& delete_retention_ms) : topic(delete_retention_ms) {
    topic.Put("deleted", RowOf("1"));
    topic.Put("kept", RowOf("1"));
    topic.EndSegment(RowOf("x"));
    const changelog::RestoreOutcome first = directory.Run();
    EXPECT_TRUE(IsOk(first.status));
    EXPECT_EQ(directory.rows, (Rows{{"deleted", "1"}, {"kept", "1"}}));
    // Somebody else owns the task from here on.
    topic.Put("deleted", std::nullopt);
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    for (const ReadRecord& record : ReadAll(topic.partition())) keys.push_back(*record.key);
    return keys;
  }
  /// Its row, its delete.
  int64_t RecordsOfTheDeleted() {
    const auto keys = Keys();
    return std::count(keys.begin(), keys.end(), "deleted");
  }

  CompactedTopic topic;
  Restored directory{topic.partition()};
};

TEST(Restore, ADirectoryOlderThanTheDeletesIsRestoredInFull) {
  Fixture fixture("1000");
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        fixture.topic.EndSegment(RowOf("x"));
        return fixture.RecordsOfTheDeleted() == 0;
      },
      kCleaned))
      << "the cleaner did not take the delete out";
  const changelog::RestoreOutcome outcome = fixture.directory.Run();
  EXPECT_TRUE(IsOk(outcome.status));
  EXPECT_EQ(outcome.full_restores, 1);
  EXPECT_EQ(fixture.directory.rows, (Rows{{"kept", "1"}}));
}

TEST(Restore, ADirectoryThatIsYoungerReadsTheTailOfACleanedLog) {
  Fixture fixture("600000");
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        fixture.topic.EndSegment(RowOf("x"));
        return fixture.RecordsOfTheDeleted() == 1;
      },
      kCleaned));
  const changelog::RestoreOutcome outcome = fixture.directory.Run();
  EXPECT_TRUE(IsOk(outcome.status));
  EXPECT_EQ(outcome.full_restores, 0);
  EXPECT_EQ(fixture.directory.rows, (Rows{{"kept", "1"}}));
}

}  // namespace
}  // namespace sidestream::conformance
