// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Rights that are missing, or taken away while records flow, on a broker of the suite's own. The
// rights that `sidestream explain` lists are enough, and each that is missing is named.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/integration/bad_input_case.h"
#include "tests/integration/own_broker.h"

namespace sidestream::integration {
namespace {

constexpr int kConfigCode = 78;
constexpr Milliseconds kCountLimit{60'000};

class BadRightsTest : public BadInputTest {
 protected:
  BadRightsTest() : BadInputTest(broker_->LoginWith("right")) {}
  static void SetUpTestSuite() { broker_ = new PasswordBroker(); }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }

  /// Every kind of internal topic, in the hands of a user who may do nothing yet.
  void MakeApplication() {
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
    // Who may not use the group cannot leave it either, so the next one waits for his session.
    auto properties = broker_->LoginWith("right", kUser);
    properties["session.timeout.ms"] = "3000";
    properties["heartbeat.interval.ms"] = "500";
    ConnectWith(properties);
  }

  /// As `explain` lists them; those that only `reset` needs are left out.
  std::vector<Access> NeededAccess() {
    Command command = ProgramCommand("app", "explain", {"--format", "json"});
    const auto json = nlohmann::json::parse(RunTool(command).output);
    std::vector<Access> needed;
    for (const auto& row : json.at("access")) {
      for (const auto& operation : row.at("operations")) {
        const auto name = row.at("name").get<std::string>();
        if (operation == "Delete" && !name.ends_with("-repartition")) continue;
        needed.push_back({.resource = row.at("resource"),
                          .name = name,
                          .prefixed = row.at("pattern") == "prefixed",
                          .operation = operation});
      }
    }
    EXPECT_GT(needed.size(), 10U);
    return needed;
  }

  void GrantAll(const std::vector<Access>& needed) {
    for (const Access& access : needed) edit().Grant(kUser, access);
  }

  void FeedOne() {
    Feed(Name("in"), {"k|one"});
    ++fed_;
  }

  /// What was fed is counted, each record once; a commit may have made one result of several.
  void AwaitAllCounted(BackgroundProgram& program) {
    const std::string result = "one|" + std::to_string(fed_);
    Lines results;
    const SystemClock clock;
    const MonotonicTime deadline = clock.Now() + kCountLimit;
    do {
      ASSERT_TRUE(program.running()) << ReadText(program.log());
      ASSERT_LT(clock.Now(), deadline) << ReadText(program.log());
      results = Committed(Name("out"));
    } while (std::find(results.begin(), results.end(), result) == results.end());
    EXPECT_EQ(std::set<std::string>(results.begin(), results.end()).size(), results.size());
  }
  void RunUntilAllIsCounted() {
    const Running program = Start("app");
    ASSERT_NO_FATAL_FAILURE(AwaitAllCounted(*program));
    Stop(*program);
  }

  /// Also what a restore reads is asked for.
  void ForgetState() { std::filesystem::remove_all(dir() / "state"); }

  static constexpr char kUser[] = "guest";
  static PasswordBroker* broker_;
  int fed_ = 0;
};

PasswordBroker* BadRightsTest::broker_ = nullptr;

TEST_F(BadRightsTest, None) {
  CopyTopology("app");
  for (const std::string topic : {"in", "out"}) edit().CreateTopic(Name(topic), 1);
  ConnectWith(broker_->LoginWith("right", kUser));
  ExpectEnd(Run("app", "validate", {"--connect"}), kConfigCode,
            {"SS5007", "the user may not see the topic " + Name("in"),
             "the user may not see the topic " + Name("out"), "consumer group",
             "transactional ids that begin with"});
  for (const std::string verb : {"run", "topics", "reset"}) {
    SCOPED_TRACE(verb);
    ExpectEnd(Run("app", verb), kConfigCode, {"authorization failed"});
  }
  for (const std::string operation : {"Describe", "DescribeConfigs"}) {
    edit().Grant(kUser, {"topic", Name(""), true, operation});
  }
  ExpectEnd(Run("app", "validate", {"--connect"}), kConfigCode,
            {"lacks rights on the topic " + Name("in") + ": READ",
             "would not create the internal topics", "transactional ids that begin with"});
  ConnectWith(broker_->LoginWith("right"));
  ExpectEnd(Run("app", "validate", {"--connect"}), 0, {});
}

TEST_F(BadRightsTest, EachThatIsMissing) {
  MakeApplication();
  const std::vector<Access> needed = NeededAccess();
  GrantAll(needed);
  FeedOne();
  ASSERT_NO_FATAL_FAILURE(RunUntilAllIsCounted());
  ExpectEnd(Run("app", "validate", {"--connect"}), 0, {});
  for (const Access& access : needed) {
    // The topics are there, nothing is read often enough to be purged yet, and the leader has
    // written what he has to say.
    const bool needless = access.operation == "Create" || access.operation == "Delete" ||
                          (access.operation == "Write" && access.name.ends_with("-control"));
    if (needless) continue;
    SCOPED_TRACE(access.operation + " on " + access.resource + " " + access.name);
    edit().TakeAway(kUser, access);
    ForgetState();
    FeedOne();
    ExpectEnd(Run("app", "run"), kConfigCode, {"uthorization", access.name});
    edit().Grant(kUser, access);
    ASSERT_FALSE(HasFailure());
  }
  RunUntilAllIsCounted();
}

TEST_F(BadRightsTest, TakenAwayWhileRecordsFlow) {
  MakeApplication();
  const std::vector<Access> needed = NeededAccess();
  GrantAll(needed);
  for (const Access& access : needed) {
    const bool used = access.operation == "Read" || access.operation == "Write";
    // A changelog is only read by a start; who leads writes no more once the inputs are known.
    const bool rarely = access.name.ends_with("-control") ||
                        (access.name.ends_with("-changelog") && access.operation == "Read");
    if (!used || rarely) continue;
    SCOPED_TRACE(access.operation + " on " + access.resource + " " + access.name);
    const Running program = Start("app");
    FeedOne();
    ASSERT_NO_FATAL_FAILURE(AwaitAllCounted(*program));
    edit().TakeAway(kUser, access);
    FeedOne();
    ExpectEnd(AwaitEnd(*program), kConfigCode, {"uthorization", access.name});
    edit().Grant(kUser, access);
    ASSERT_FALSE(HasFailure());
  }
  RunUntilAllIsCounted();
}

}  // namespace
}  // namespace sidestream::integration
