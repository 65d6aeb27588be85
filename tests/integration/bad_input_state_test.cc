// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// State directories that cannot be used as they are. Nothing is lost by any of it: the changelog
// has all that a directory lacks, so every case ends with exact counts.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "tests/integration/bad_input_case.h"
#include "tests/integration/wanted_variable.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;

constexpr int kFailedCode = 1;

class BadStateTest : public BadInputTest {
 protected:
  fs::path TaskDirectory(const std::string& application) const {
    return dir() / "state" / Name(application) / (Name("in") + "_0");
  }

  /// One record was counted, and the program stopped in order.
  void CountOnce() {
    CountTopology("app");
    MakeTopics("app");
    Feed(Name("in"), {"one|1"});
    RunUntil("app", Name("out"), 1);
    ASSERT_TRUE(fs::exists(TaskDirectory("app") / "CURRENT")) << TaskDirectory("app");
  }

  /// Counts a second record with the directory as it is now.
  void ExpectRestoredFromChangelog() {
    Feed(Name("in"), {"one|1"});
    const Running program = Start("app");
    AwaitCommitted(*program, Name("out"), 2);
    Stop(*program);
    ExpectEnd({.exit_code = 0, .log = ReadText(program->log())}, 0,
              {"state directory moved aside", "1 stores from the start"});
    ExpectHolds(Name("out"), {"one|1", "one|2"});
  }

  std::vector<fs::path> FilesOf(const std::string& application, const std::string& part) const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(TaskDirectory(application))) {
      if (entry.path().filename().string().find(part) != std::string::npos) {
        files.push_back(entry.path());
      }
    }
    return files;
  }
};

/// The lock of a task's directory, as another process would hold it.
class HeldLock {
 public:
  explicit HeldLock(const fs::path& path)
      : file_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    EXPECT_EQ(flock(file_, LOCK_EX | LOCK_NB), 0) << "a program that has ended holds " << path;
  }
  ~HeldLock() { close(file_); }
  HeldLock(const HeldLock&) = delete;
  HeldLock& operator=(const HeldLock&) = delete;

 private:
  const int file_;
};

TEST_F(BadStateTest, LockedByAnotherProcess) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  Feed(Name("in"), {"one|1"});
  Running program;
  {
    const HeldLock lock(TaskDirectory("app").string() + ".lock");
    program = Start("app");
    ASSERT_NO_FATAL_FAILURE(
        AwaitWords(*program, "the state directory of the task is in use: path="));
    ExpectHolds(Name("out"), {"one|1"});
  }
  AwaitCommitted(*program, Name("out"), 2);
  Stop(*program);
  ExpectHolds(Name("out"), {"one|1", "one|2"});
}

TEST_F(BadStateTest, TwoInstancesOnOneDirectory) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  Running first = Start("app");
  AwaitWords(*first, "assigned 1 tasks");
  const Running second = Start("app");
  AwaitWords(*second, "assigned 0 tasks");
  Feed(Name("in"), {"one|1"});
  AwaitCommitted(*first, Name("out"), 2);
  Stop(*first);
  Feed(Name("in"), {"one|1"});
  AwaitCommitted(*second, Name("out"), 3);
  Stop(*second);
  ExpectHolds(Name("out"), {"one|1", "one|2", "one|3"});
}

TEST_F(BadStateTest, OfAnotherApplication) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  // The same input, counted by another application from where it ends now.
  CountTopology("other");
  Topology("other", R"(
streams:
  in: { topic: @-in, key: string, value: string }
  out: { topic: @-other-out, key: string, value: json, partitions: 1 }
pipelines:
  count:
    from: in
    steps: [{ name: counts, aggregate: { group_by: key, value: count() } }]
    to: out
)");
  MakeTopics("other");
  RunUntil("other", Name("other-out"), 1);
  fs::remove_all(TaskDirectory("app"));
  fs::copy(TaskDirectory("other"), TaskDirectory("app"), fs::copy_options::recursive);
  ExpectRestoredFromChangelog();
}

TEST_F(BadStateTest, TruncatedPointer) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  std::ofstream(TaskDirectory("app") / "CURRENT") << "cut";
  ExpectRestoredFromChangelog();
}

TEST_F(BadStateTest, TruncatedManifest) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  for (const fs::path& file : FilesOf("app", "MANIFEST")) fs::resize_file(file, 50);
  ExpectRestoredFromChangelog();
}

TEST_F(BadStateTest, TruncatedTables) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  const auto tables = FilesOf("app", ".sst");
  ASSERT_FALSE(tables.empty());
  for (const fs::path& file : tables) fs::resize_file(file, fs::file_size(file) / 2);
  ExpectRestoredFromChangelog();
}

TEST_F(BadStateTest, DamagedTables) {
  ASSERT_NO_FATAL_FAILURE(CountOnce());
  const auto tables = FilesOf("app", ".sst");
  ASSERT_FALSE(tables.empty());
  for (const fs::path& file : tables) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.write("damaged damaged damaged", 23);
  }
  ExpectRestoredFromChangelog();
}

// R8: after its time a delete leaves the changelog, and what lacks it would never hear of it.
TEST_F(BadStateTest, OlderThanTheDeletesOfItsChangelog) {
  const std::string changelog = Name("app") + "-kept-changelog";
  Topology("app", R"(
streams:
  in: { topic: @-in, key: string, value: string, partitions: 1 }
  out: { topic: @-out, key: string, value: json, partitions: 1 }
pipelines:
  keep:
    from: in
    steps:
      - name: kept
        process:
          script: |
            function process(key, value, ctx)
              ctx.emit({ known = ctx.store.row.get() ~= nil })
              if value == "put" then ctx.store.row.put(value) end
              if value == "delete" then ctx.store.row.delete() end
            end
          stores: { row: { kind: value } }
    to: out
)");
  MakeTopics("app");
  const fs::path kept = dir() / "kept";
  {
    // Four days ago by its clock: more than half of the changelog's delete.retention.ms.
    constexpr int64_t kSeconds = 4 * 86'400;
    std::ofstream(dir() / "offset") << -kSeconds;
    Command command = {"env", "LD_PRELOAD=" + WantedVariable("SIDESTREAM_CLOCK_SHIM"),
                       "CLOCK_SHIM_OFFSET=" + (dir() / "offset").string()};
    const Command run = ProgramCommand("app", "run");
    command.insert(command.end(), run.begin(), run.end());
    // By that clock not of the future.
    edit().Feed(Name("in"), {{.key = "gone",
                              .value = "put",
                              .timestamp = SystemClock().WallTime() - kSeconds * 1000}});
    const Running program = Start(command);
    ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), 1));
    Stop(*program);
    fs::copy(TaskDirectory("app"), kept, fs::copy_options::recursive);
  }
  size_t fed = 1;
  const auto feed = [&](BackgroundProgram& program, const std::string& line) {
    Feed(Name("in"), {line});
    AwaitCommitted(program, Name("out"), ++fed);
  };
  const auto mentioned = [&] {
    bool found = false;
    view().ReadStable(changelog, [&](const TopicPartition&, const kafka::Record& record) {
      found = found || record.key->find("gone") != std::string_view::npos;
    });
    return found;
  };
  {
    const Running program = Start("app");
    ASSERT_NO_FATAL_FAILURE(feed(*program, "gone|delete"));
    ASSERT_TRUE(mentioned());
    edit().SetTopic(changelog, {{"delete.retention.ms", "100"},
                                {"segment.ms", "100"},
                                {"min.cleanable.dirty.ratio", "0.001"}});
    // Each record ends a segment; the cleaner first notes when it saw the delete.
    for (int i = 0; i < 300 && mentioned(); ++i) {
      ASSERT_NO_FATAL_FAILURE(feed(*program, "other|put"));
    }
    ASSERT_FALSE(mentioned()) << "the cleaner left the delete in the changelog";
    edit().SetTopic(changelog, {{"delete.retention.ms", "604800000"}});
    Stop(*program);
  }
  fs::remove_all(TaskDirectory("app"));
  fs::rename(kept, TaskDirectory("app"));
  const Running program = Start("app");
  ASSERT_NO_FATAL_FAILURE(feed(*program, "gone|ask"));
  Stop(*program);
  ExpectEnd({.exit_code = 0, .log = ReadText(program->log())}, 0,
            {"store is older than half of delete.retention.ms", "1 stores from the start"});
  Lines gone;
  for (const std::string& line : Committed(Name("out"))) {
    if (line.starts_with("gone|")) gone.push_back(line);
  }
  EXPECT_EQ(gone, (Lines{R"(gone|{"known":false})", R"(gone|{"known":false})",
                         R"(gone|{"known":true})"}));
}

TEST_F(BadStateTest, Full) {
  const Command tiny_volume = {"unshare",
                               geteuid() == 0 ? "-m" : "-Urm",
                               "sh",
                               "-c",
                               R"(mount -t tmpfs -o size="$1" tmpfs "$2" && shift 2 && exec "$@")",
                               "sh"};
  fs::create_directories(dir() / "state");
  const auto on_volume = [&](const std::string& size, const Command& command) {
    Command whole = tiny_volume;
    whole.insert(whole.end(), {size, dir() / "state"});
    whole.insert(whole.end(), command.begin(), command.end());
    return whole;
  };
  if (RunTool(on_volume("1m", {"true"})).exit_code != 0) {
    GTEST_SKIP() << "NOT TESTED: a full volume; this machine allows no tmpfs (unshare, mount)";
  }
  CountTopology("app");
  MakeTopics("app");
  // 3 MB of keys that do not compress well.
  std::mt19937_64 random(1);
  Lines records;
  for (int i = 0; i < 1500; ++i) {
    std::string key;
    while (key.size() < 2000) key += static_cast<char>('!' + random() % 90);
    std::replace(key.begin(), key.end(), '|', '~');
    records.push_back(key + "|1");
  }
  Feed(Name("in"), records);
  const Command run = ProgramCommand("app", "run");
  ExpectEnd(Run(on_volume("2m", run)), kFailedCode,
            {"the state directory is full", "nothing is lost"});
  // Too small even for a new state.
  ExpectEnd(Run(on_volume("40k", run)), kFailedCode, {"the state directory", "the changelog"});
  const Running program = Start(on_volume("200m", run));
  Feed(Name("in"), {records[0]});
  records.push_back(records[0].substr(0, records[0].size() - 1) + "2");
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), records.size()));
  Stop(*program);
  ExpectHolds(Name("out"), records);
}

}  // namespace
}  // namespace sidestream::integration
