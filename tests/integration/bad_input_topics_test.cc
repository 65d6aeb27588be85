// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Topics that are not as the application needs them, before it starts and under its feet.

#include <algorithm>

#include "tests/integration/bad_input_case.h"
#include "tests/integration/wanted_variable.h"

namespace sidestream::integration {
namespace {

constexpr int kFailedCode = 1;
constexpr int kConfigCode = 78;

class BadTopicsTest : public BadInputTest {
 protected:
  /// The program looks at its topics every second, not every ten.
  void LookOften() {
    ConnectWith({{"bootstrap.servers", WantedVariable("SIDESTREAM_TEST_BOOTSTRAP")},
                 {"topic.metadata.refresh.interval.ms", "1000"}});
  }
};

TEST_F(BadTopicsTest, MissingTopicsAreAllNamed) {
  Topology("app", R"(
streams:
  nowhere: { topic: @-nowhere, value: json }
  declared: { topic: @-declared, value: json, partitions: 2 }
pipelines: { copy: { from: nowhere, to: declared } }
)");
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"a topic does not exist: topic=" + Name("nowhere") + " stream=nowhere",
             "--create --topic " + Name("nowhere") + " --partitions N",
             "a topic does not exist: topic=" + Name("declared") + " stream=declared", "topics -f",
             "--apply"});
}

TEST_F(BadTopicsTest, InputsOfOneStreamWithUnequalCounts) {
  edit().CreateTopic(Name("a"), 1);
  edit().CreateTopic(Name("b"), 2);
  edit().CreateTopic(Name("out"), 1);
  Topology("app", R"(
streams:
  in: { topics: [@-a, @-b], key: string, value: string }
  out: { topic: @-out, key: string, value: string }
pipelines: { copy: { from: in, to: out } }
)");
  ExpectEnd(Run("app", "run"), kConfigCode, {Name("a"), Name("b"), "partitions"});
}

TEST_F(BadTopicsTest, InternalTopicsMadeByOthers) {
  CountTopology("app");
  edit().CreateTopic(Name("app") + "-counts-changelog", 2, {{"cleanup.policy", "delete"}});
  edit().CreateTopic(Name("in"), 1);
  edit().CreateTopic(Name("out"), 1);
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"an internal topic has another number of partitions than its input asks for: topic=" +
                 Name("app") + "-counts-changelog have=2 want=1",
             "sidestream reset -f", "an internal topic has other settings",
             "cleanup.policy=delete want compact", "kafka-configs.sh"});
}

TEST_F(BadTopicsTest, AnInputWithStateThatGrew) {
  CountTopology("app");
  MakeTopics("app");
  LookOften();
  Feed(Name("in"), {"one|1"});
  const Running program = Start("app");
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), 1));
  edit().GrowTopic(Name("in"), 2);
  ExpectEnd(AwaitEnd(*program), kFailedCode,
            {"its number of partitions changed, since the start", "topic=" + Name("in")});
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"topic=" + Name("app") + "-counts-changelog have=1 want=2", "sidestream reset -f"});
  ExpectHolds(Name("out"), {"one|1"});
}

TEST_F(BadTopicsTest, ARepartitionTopicThatGrew) {
  Topology("app", R"(
streams:
  in: { topic: @-in, key: string, value: string, partitions: 1 }
  out: { topic: @-out, key: string, value: json, partitions: 1 }
pipelines:
  count:
    from: in
    steps: [{ name: counts, aggregate: { group_by: value, value: count() } }]
    to: out
)");
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  RunUntil("app", Name("out"), 1);
  edit().GrowTopic(Name("app") + "-counts-repartition", 2);
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"topic=" + Name("app") + "-counts-repartition have=2 want=1", "sidestream reset -f"});
}

TEST_F(BadTopicsTest, AnInputRecreatedWhileStopped) {
  CopyTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"k|one", "k|two"});
  {
    const Running program = Start("app");
    AwaitCommitted(*program, Name("out"), 2);
    AwaitAdopted("app", Name("in"));
    Stop(*program);
  }
  edit().DeleteTopic(Name("in"));
  edit().CreateTopic(Name("in"), 1);
  Feed(Name("in"), {"k|three"});
  ExpectEnd(
      Run("app", "run"), kConfigCode,
      {"an input topic was deleted and created again: topic=" + Name("in"), "`sidestream reset`"});
  ExpectHolds(Name("out"), {"k|one", "k|two"});
  ExpectEnd(Run("app", "reset", {"--apply"}), 0, {"deleted group " + Name("app")});
  RunUntil("app", Name("out"), 3);
  ExpectHolds(Name("out"), {"k|one", "k|two", "k|three"});
}

TEST_F(BadTopicsTest, AnInputRecreatedWhileRunning) {
  CopyTopology("app");
  MakeTopics("app");
  LookOften();
  Feed(Name("in"), {"k|one", "k|two"});
  const Running program = Start("app");
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), 2));
  AwaitAdopted("app", Name("in"));
  // It soon holds more than the old one: the old offset is in range.
  edit().DeleteTopic(Name("in"));
  edit().CreateTopic(Name("in"), 1);
  Feed(Name("in"), {"k|1", "k|2", "k|3", "k|4"});
  const Ended ended = AwaitEnd(*program);
  if (ended.exit_code == 1) {
    // It asked while the new topic was still empty, and the next start tells.
    ExpectEnd(ended, 1, {"is no longer in the log"});
  } else {
    ExpectEnd(ended, kConfigCode, {Name("in")});
  }
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"an input topic was deleted and created again: topic=" + Name("in")});
  // What was read of the new topic before that was noticed is read again: nothing is left out.
  const size_t before = Committed(Name("out")).size();
  ExpectEnd(Run("app", "reset", {"--apply"}), 0, {});
  RunUntil("app", Name("out"), before + 4);
  const Lines out = Committed(Name("out"));
  for (const std::string line : {"k|1", "k|2", "k|3", "k|4"}) {
    EXPECT_GE(std::count(out.begin(), out.end(), line), 1) << line;
  }
}

TEST_F(BadTopicsTest, AnInputDeletedWhileRunningAndLaterRecreated) {
  CopyTopology("app");
  MakeTopics("app");
  LookOften();
  Feed(Name("in"), {"k|one", "k|two"});
  const Running program = Start("app");
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), 2));
  AwaitAdopted("app", Name("in"));
  edit().DeleteTopic(Name("in"));
  ASSERT_NO_FATAL_FAILURE(AwaitWords(*program, "Subscribed topic not available: " + Name("in")));
  edit().CreateTopic(Name("in"), 1);
  ExpectEnd(AwaitEnd(*program), kConfigCode,
            {"an input topic was deleted and created again: topic=" + Name("in")});
}

// What they held is gone with them: nobody goes on as if they had been empty.
TEST_F(BadTopicsTest, InternalTopicsDeletedWhileRunning) {
  LookOften();
  for (const std::string kind : {"counts-repartition", "counts-changelog", "control"}) {
    SCOPED_TRACE(kind);
    const std::string app = "app-" + kind;
    Topology(app, R"(
streams:
  in: { topic: @-in, key: string, value: string, partitions: 1, start_from: latest }
  out: { topic: @-)" + app +
                      R"(-out, key: string, value: json, partitions: 1 }
pipelines:
  count:
    from: in
    steps: [{ name: counts, aggregate: { group_by: value, value: count() } }]
    to: out
)");
    MakeTopics(app);
    const Running program = Start(app);
    AwaitAdopted(app, Name("in"));
    Feed(Name("in"), {"k|one"});
    ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name(app + "-out"), 1));
    const std::string topic = Name(app) + "-" + kind;
    edit().DeleteTopic(topic);
    Feed(Name("in"), {"k|two"});
    ExpectEnd(AwaitEnd(*program), kConfigCode, {topic});
    ExpectEnd(Run(app, "run"), kConfigCode,
              {"were deleted, and what they held is gone: " + topic, "`sidestream reset`"});
    EXPECT_EQ(view().Partitions(topic), 0) << "nobody made it again";
    ExpectEnd(Run(app, "reset", {"--to-earliest", "--apply"}), 0, {});
    const size_t before = Committed(Name(app + "-out")).size();
    RunUntil(app, Name(app + "-out"), before + 2);
  }
}

TEST_F(BadTopicsTest, AnOutputDeletedWhileRunning) {
  CopyTopology("app");
  MakeTopics("app");
  LookOften();
  Feed(Name("in"), {"k|one"});
  const Running program = Start("app");
  ASSERT_NO_FATAL_FAILURE(AwaitCommitted(*program, Name("out"), 1));
  edit().DeleteTopic(Name("out"));
  Feed(Name("in"), {"k|two"});
  ExpectEnd(AwaitEnd(*program), kConfigCode,
            {"an output topic does not exist: topic=" + Name("out")});
  // The record that had no place to go is still to be done.
  edit().CreateTopic(Name("out"), 1);
  RunUntil("app", Name("out"), 1);
  ExpectHolds(Name("out"), {"k|two"});
}

}  // namespace
}  // namespace sidestream::integration
