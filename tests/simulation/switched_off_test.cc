// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Each protective rule switched off, one at a time: an oracle notices. A rule that nothing needs would
// not be shown by this, so it would go. Those of checkpoints are in checkpoint_test.cc.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>

#include "scenarios.h"

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

/// A run that does not settle, or that a check of the engine ends, shows no oracle's worth.
bool WrongResult(const Violations& violations) {
  return violations[0].starts_with("O1") || violations[0].starts_with("O2");
}

bool AnInstanceEnded(const Violations& violations) { return violations[0].starts_with("failed: "); }

bool ATaskRunsNowhere(const Violations& violations) {
  return std::ranges::any_of(
      violations, [](const std::string& text) { return text.ends_with(" is held by"); });
}

/// Runs seeds until an oracle notices; a rule that none of them needs is not shown.
void ExpectSomeSeedCatches(ClusterOptions options, int64_t seeds, Chaos chaos = {},
                           bool (*notices)(const Violations&) = WrongResult) {
  chaos.settle_max = seconds(20);
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    options.seed = static_cast<uint64_t>(seed);
    SimulatedCluster cluster(options);
    const Violations violations = RunChaos(cluster, chaos, options.exactly_once);
    if (violations.empty() || !notices(violations)) continue;
    std::cout << "caught by seed " << seed << ": " << Text(violations) << "\n";
    return;
  }
  FAIL() << "no seed of " << seeds << " noticed that the rule is off";
}

TEST(SwitchedOffRuleTest, TaintIsCaught) {
  ClusterOptions options;
  options.rules.writer.rebuild_tainted = false;
  ExpectSomeSeedCatches(options, 100);
}

TEST(SwitchedOffRuleTest, AtomicFlushIsCaught) {
  ClusterOptions options;
  options.atomic_flush = false;
  ExpectSomeSeedCatches(options, 100);
}

TEST(SwitchedOffRuleTest, PermitCheckIsCaught) {
  ClusterOptions options = ClientThatRefusesNoMembership();
  options.rules.member.check_permit = false;
  options.rules.worker.check_permit = false;
  ExpectSomeSeedCatches(options, 100, ManyEvictions());
}

TEST(SwitchedOffRuleTest, OffsetsAlsoWhenUnchangedIsCaught) {
  ClusterOptions options;
  options.rules.worker.offsets_when_unchanged = false;
  options.rules.writer.numeric_offset = false;
  // The changelogs are then ahead of the offsets' stamps, which stops the next owner (R2).
  const Violations violations = WakeAfterSixHours(options);
  ASSERT_FALSE(violations.empty());
  EXPECT_NE(violations[0].find("state is ahead"), std::string::npos) << Text(violations);
}

TEST(SwitchedOffRuleTest, StableOffsetsAreCaught) {
  ClusterOptions options;
  options.rules.registry.stable_offsets = false;
  ExpectSomeSeedCatches(options, 100, LateMarkers());
}

TEST(SwitchedOffRuleTest, ComparingSequencesIsCaught) {
  ClusterOptions options;
  options.rules.registry.compare_sequences = false;
  const Violations violations = OffsetsPutBackFromOutside(options);
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].substr(0, 3), "O1:") << violations[0];
}

TEST(SwitchedOffRuleTest, ReopeningAfterAnUnknownOutcomeIsCaught) {
  ClusterOptions options;
  options.rules.worker.reopen_unknown = false;
  const Violations violations = CommitWhoseAnswersAreLost(options);
  ASSERT_FALSE(violations.empty());
  EXPECT_TRUE(WrongResult(violations)) << violations[0];
}

TEST(SwitchedOffRuleTest, WritingOnlyWhileTheTasksAreHeldIsCaught) {
  ClusterOptions options;
  options.rules.worker.write_only_while_held = false;
  bool caught = false;
  for (options.seed = 1; options.seed <= 4 * kAimedSeeds && !caught; ++options.seed) {
    const Violations violations = WakesUpBehindItsSuccessor(options);
    caught = !violations.empty() && WrongResult(violations);
  }
  EXPECT_TRUE(caught);
}

TEST(SwitchedOffRuleTest, ATopicThatIsAnotherOneIsCaught) {
  ClusterOptions options;
  options.rules.registry.same_topic = false;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = TopicCreatedAgain(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_TRUE(WrongResult(violations)) << violations[0];
  }
}

TEST(SwitchedOffRuleTest, RevokingAfterTheAnswersIsCaught) {
  ClusterOptions options;
  options.rules.member.revoke_after_answers = false;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = TasksMoveWhileAWorkerLags(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_TRUE(WrongResult(violations)) << violations[0];
  }
}

TEST(SwitchedOffRuleTest, JoiningAgainForUnownedTasksIsCaught) {
  ClusterOptions options;
  options.rules.member.rejoin_for_unowned = false;
  ExpectSomeSeedCatches(options, 200, {}, ATaskRunsNowhere);
}

TEST(SwitchedOffRuleTest, LookingAgainIsCaught) {
  ClusterOptions options;
  options.lag_ticks_max = 200;
  options.rules.registry.look_again = false;
  ExpectSomeSeedCatches(options, 200, ManyEvictions(), AnInstanceEnded);
}

/// As ExpectSomeSeedCatches(), with the application of windows.
void ExpectSomeWindowIsWrong(ClusterOptions options, int64_t seeds) {
  options.windows = true;
  Chaos chaos;
  chaos.settle_max = seconds(20);
  for (int64_t seed = 1; seed <= seeds; ++seed) {
    options.seed = static_cast<uint64_t>(seed);
    SimulatedCluster cluster(options);
    const Violations violations = RunWindowChaos(cluster, chaos, options.exactly_once);
    const bool wrong = std::ranges::any_of(
        violations, [](const std::string& text) { return text.starts_with("O2"); });
    if (!wrong || cluster.failure()) continue;
    std::cout << "caught by seed " << seed << ": " << Text(violations) << "\n";
    return;
  }
  FAIL() << "no seed of " << seeds << " noticed that the rule is off";
}

TEST(SwitchedOffRuleTest, WaitingForUpstreamsThatWereNeverHeardIsCaught) {
  ClusterOptions options;
  options.rules.registry.task.upstreams.await_unheard = false;
  ExpectSomeWindowIsWrong(options, 20);
}

TEST(SwitchedOffRuleTest, TellingAllPartitionsIsCaught) {
  ClusterOptions options;
  options.rules.registry.task.marks.tell_all = false;
  ExpectSomeWindowIsWrong(options, 5);
}

TEST(SwitchedOffRuleTest, LogEndRestoreIsCaught) {
  ClusterOptions options;
  options.rules.registry.restore.end = kafka::IsolationLevel::kReadCommitted;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestoreBeforeTheMarkers(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_EQ(violations[0].substr(0, 12), "O2: count of") << violations[0];
  }
}

TEST(SwitchedOffRuleTest, FetchEpochIsCaught) {
  ClusterOptions options = ClientWithoutFetchNumbers();
  options.rules.worker.drop_stale_chunks = false;
  ExpectSomeSeedCatches(options, 100, ManyEvictions());
}

TEST(SwitchedOffRuleTest, OrderOfTheHandOverIsCaught) {
  ClusterOptions options;
  options.rules.member.hand_over_in_order = false;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = RestartsWhileRecordsFlow(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_EQ(violations[0].substr(0, 6), "O1: id") << violations[0];
  }
}

TEST(SwitchedOffRuleTest, RefusingOtherAnchorsIsCaught) {
  ClusterOptions options;
  options.rules.member.refuse_other_anchors = false;
  for (options.seed = 1; options.seed <= kAimedSeeds; ++options.seed) {
    const Violations violations = TwoVersionsStartAtOnce(options);
    ASSERT_FALSE(violations.empty()) << "seed " << options.seed;
    EXPECT_EQ(violations[0].substr(0, 3), "O1:") << violations[0];
  }
}

}  // namespace
}  // namespace sidestream::simulation
