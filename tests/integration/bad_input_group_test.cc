// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What others do to the application's group: offsets moved, taken over or forgotten, other versions
// of the topology, and two processes of one name.

#include "tests/integration/bad_input_case.h"

namespace sidestream::integration {
namespace {

constexpr int kFailedCode = 1;
constexpr int kConfigCode = 78;

class BadGroupTest : public BadInputTest {};

TEST_F(BadGroupTest, OffsetsMovedBack) {
  CountTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"one|1", "two|1", "one|1"});
  RunUntil("app", Name("out"), 2);
  edit().CommitOffset(Name("app"), {Name("in"), 0}, 0);
  for (int again = 0; again < 2; ++again) {
    ExpectEnd(Run("app", "run"), kConfigCode,
              {"the group's offsets were changed outside of Sidestream",
               "state sequence=", "`sidestream reset`"});
  }
  ExpectHolds(Name("out"), {"one|2", "two|1"});

  ExpectEnd(Run("app", "reset"), 0,
            {"would delete group " + Name("app"), "nothing was changed; add --apply to do it"});
  ExpectEnd(Run("app", "reset", {"--apply"}), 0,
            {"deleted group " + Name("app"), "deleted topic " + Name("app") + "-counts-changelog",
             "deleted directory"});
  RunUntil("app", Name("out"), 4);
  ExpectHolds(Name("out"), {"one|2", "one|2", "two|1", "two|1"});
}

TEST_F(BadGroupTest, OffsetsMovedBeyondTheLog) {
  CopyTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  RunUntil("app", Name("out"), 1);
  edit().CommitOffset(Name("app"), {Name("in"), 0}, 100);
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"the committed offset lies beyond the log", "committed=100", "log end=1",
             "`sidestream reset`"});
}

TEST_F(BadGroupTest, OffsetsForgotten) {
  CopyTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  {
    const Running program = Start("app");
    AwaitCommitted(*program, Name("out"), 1);
    AwaitAdopted("app", Name("in"));
    Stop(*program);
  }
  edit().DeleteGroup(Name("app"));
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"the group lost the offset of an input that it had read", "`sidestream reset`"});
  ExpectHolds(Name("out"), {"k|one"});
}

TEST_F(BadGroupTest, TheGroupOfAnotherApplication) {
  CopyTopology("app");
  MakeTopics("app");
  edit().CommitOffset(Name("app"), {Name("in"), 0}, 0, "committed by somebody else");
  ExpectEnd(
      Run("app", "run"), kConfigCode,
      {"another application uses this group id: metadata=committed by somebody else", Name("in")});
  // A stamp of version 2.
  edit().CommitOffset(Name("app"), {Name("in"), 0}, 0, "Ag==");
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"committed by a newer release of Sidestream", "stamp version=2 known=1"});
}

// What works of two versions at once is in changing_test.
TEST_F(BadGroupTest, TwoVersionsOfTheTopology) {
  CopyTopology("app", "[in, first]");  // its anchor is `first`
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  const Running old = Start("app");
  AwaitCommitted(*old, Name("out"), 1);
  CopyTopology("app");
  ExpectEnd(Run("app", "run"), kConfigCode,
            {"another version of the topology runs and owns the same tasks through another input",
             "input=" + Name("in")});
  Feed(Name("in"), {"k|two"});
  AwaitCommitted(*old, Name("out"), 2);
  Stop(*old);
  ExpectHolds(Name("out"), {"k|one", "k|two"});
}

TEST_F(BadGroupTest, TwoProcessesOfOneName) {
  CopyTopology("app");
  MakeTopics("app");
  const Running first = Start("app", {"--instance", "same"});
  Feed(Name("in"), {"k|one"});
  AwaitCommitted(*first, Name("out"), 1);
  const Running second = Start("app", {"--instance", "same"});
  const Ended ended = AwaitEnd(*first);
  ExpectEnd(ended, kFailedCode, {"another process uses the same instance name"});
  EXPECT_EQ(ended.log.find("the stop took longer"), std::string::npos) << ended.log;
  Feed(Name("in"), {"k|two"});
  AwaitCommitted(*second, Name("out"), 2);
  Stop(*second);
  ExpectHolds(Name("out"), {"k|one", "k|two"});
}

TEST_F(BadGroupTest, ResetWhileAnInstanceRuns) {
  CopyTopology("app");
  MakeTopics("app");
  const Running program = Start("app");
  Feed(Name("in"), {"k|one"});
  AwaitCommitted(*program, Name("out"), 1);
  ExpectEnd(Run("app", "reset", {"--apply"}), kFailedCode, {"the group has members"});
  Stop(*program);
}

}  // namespace
}  // namespace sidestream::integration
