// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// test: the cases of a file, on the real tasks. The example topologies run straight through,
// with a crash after every commit, and on two instances.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"
#include "tests/support/temp_dir.h"

namespace sidestream::app {
namespace {

class TestCommandTest : public CommandFixture {
 protected:
  void Example(const std::string& name) {
    const auto path = std::filesystem::path(SIDESTREAM_SOURCE_DIR) / "config" / "topologies" / name;
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    File(name, {std::istreambuf_iterator<char>(file), {}});
  }

  /// One case that expects `expectation` of the stream of results.
  int RunCase(const std::string& expectation) {
    surroundings_.files.clear();
    arguments_.files.clear();
    File("clicks.yaml", Counting() + R"(tests:
  - name: a case
    input:
      clicks:
        - { key: c1, value: { user: ann } }
        - { key: c2, value: { user: bob } }
        - { key: c3, value: { user: ann } }
    expect:
      totals: )" + expectation +
                            "\n");
    return Run(&app::Test);
  }
};

/// Topologies that this repository ships, by name.
std::vector<std::string> Examples() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(SIDESTREAM_SOURCE_DIR) / "config" / "topologies")) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ExampleTest : public TestCommandTest, public ::testing::WithParamInterface<std::string> {
 protected:
  void ExpectToPass() {
    Example(GetParam());
    EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
    EXPECT_NE(out().find("every step and branch was reached"), std::string::npos) << out();
  }
};

TEST_P(ExampleTest, PassesAndItsTestsComeEverywhere) { ExpectToPass(); }

TEST_P(ExampleTest, PassesWithACrashAfterEveryCommit) {
  arguments_.crash_at_every_commit = true;
  ExpectToPass();
}

TEST_P(ExampleTest, PassesOnTwoInstancesInAnotherOrder) {
  arguments_.instances = 2;
  arguments_.seed = 20260101;
  ExpectToPass();
}

INSTANTIATE_TEST_SUITE_P(Examples, ExampleTest, ::testing::ValuesIn(Examples()),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
                           return name;
                         });

TEST_F(TestCommandTest, OneApplicationInSeveralFilesPasses) {
  for (const char* name : {"platform.yaml", "team.yaml", "cases.yaml"}) {
    Example(std::string("several-files/") + name);
  }
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
  EXPECT_NE(out().find("every step and branch was reached"), std::string::npos) << out();
}

TEST_F(TestCommandTest, EveryMatchModeTakesWhatItPromisesAndNothingElse) {
  const struct {
    const char* expectation;
    int exit_code;
  } cases[] = {
      {"{ records: [{ key: bob, value: 1 }, { key: ann, value: 1 }, { key: ann, value: 2 }] }", 0},
      {"{ records: [{ key: ann, value: 2 }, { key: ann, value: 1 }, { key: bob, value: 1 }] }", 1},
      {"{ records: [{ key: ann, value: 1 }, { key: ann, value: 2 }] }", 1},
      {"{ match: unordered, records: [{ key: ann, value: 2 }, { key: ann, value: 1 }, "
       "{ key: bob, value: 1 }] }",
       0},
      {"{ match: contains, records: [{ key: ann, value: 2 }] }", 0},
      {"{ match: contains, records: [{ key: ann, value: 3 }] }", 1},
      {"{ match: last_per_key, records: [{ key: bob, value: 1 }, { key: ann, value: 2 }] }", 0},
      {"{ match: last_per_key, records: [{ key: bob, value: 1 }, { key: ann, value: 1 }] }", 1},
      {"{ match: ordered, records: [{ key: ann, value: 1 }, { key: bob, value: 1 }, "
       "{ key: ann, value: 2 }] }",
       0},
      {"{ match: ordered, records: [{ key: bob, value: 1 }, { key: ann, value: 1 }, "
       "{ key: ann, value: 2 }] }",
       1},
      {"{ count: 3 }", 0},
      {"{ count: 2 }", 1},
  };
  for (const auto& [expectation, exit_code] : cases) {
    EXPECT_EQ(RunCase(expectation), exit_code) << expectation << "\n" << out() << err();
  }
}

TEST_F(TestCommandTest, AFailureShowsWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(RunCase("{ match: contains, records: [{ key: eve, value: 7 }] }"), kExitFailed);
  EXPECT_NE(out().find("FAILED a case (clicks.yaml:17)"), std::string::npos) << out();
  EXPECT_NE(out().find(R"(totals: record 1 did not come out: {"key":"eve","value":7})"),
            std::string::npos)
      << out();
  EXPECT_NE(out().find("what came out:\n"), std::string::npos) << out();
  EXPECT_NE(out().find(R"({"key":"bob","value":1,)"), std::string::npos) << out();
  EXPECT_NE(out().find("0 passed, 1 failed"), std::string::npos) << out();
}

TEST_F(TestCommandTest, ARecordThatDiffersIsShownBesideItsExpectation) {
  EXPECT_EQ(RunCase("{ match: last_per_key, records: [{ key: bob, value: 1 }, { key: ann, value: "
                    "3, timestamp: 5s }] }"),
            kExitFailed);
  EXPECT_NE(out().find("  totals: record 2, key \"ann\" differs (clicks.yaml:24)\n"
                       "      value      expected 3              came 2\n"
                       "      timestamp  expected 1767225605000  came "),
            std::string::npos)
      << out();
}

TEST_F(TestCommandTest, ColorsAreForTerminals) {
  RunCase("{ count: 2 }");
  EXPECT_EQ(out().find('\x1b'), std::string::npos);
  color_out_ = true;
  RunCase("{ count: 2 }");
  EXPECT_NE(out().find("\x1b[31mFAILED\x1b[0m a case"), std::string::npos) << out();
}

TEST_F(TestCommandTest, AStoreThatDiffersFails) {
  File("clicks.yaml", Counting() + R"(tests:
  - name: right
    input: { clicks: [{ key: c1, value: { user: ann } }] }
    expect_store: { per_user: { ann: 1.0 } }
  - name: wrong
    input: { clicks: [{ key: c1, value: { user: ann } }] }
    expect_store: { per_user: { ann: 2, bob: 1 } }
)");
  EXPECT_EQ(Run(&app::Test), kExitFailed);
  EXPECT_NE(out().find("ok     right"), std::string::npos) << out();
  EXPECT_NE(out().find("store per_user: the row of ann differs"), std::string::npos) << out();
  EXPECT_NE(out().find("expected 2  came 1"), std::string::npos) << out();
  EXPECT_NE(out().find("store per_user: there is no row of bob"), std::string::npos) << out();
}

TEST_F(TestCommandTest, AFileWithoutTestsIsNotASuccess) {
  File("clicks.yaml", Counting());
  EXPECT_EQ(Run(&app::Test), kExitFailed);
  EXPECT_NE(err().find("no test"), std::string::npos);
}

TEST_F(TestCommandTest, WithoutATopologyTheCommandLineIsWrong) {
  EXPECT_EQ(Run(&app::Test), kExitUsage);
  EXPECT_NE(err().find("PATH"), std::string::npos) << err();
}

TEST_F(TestCommandTest, CasesAreChosenByName) {
  Example("word-count.yaml");
  arguments_.cases = {"twice"};
  EXPECT_EQ(Run(&app::Test), kExitOk) << out();
  EXPECT_NE(out().find("1 passed, 0 failed"), std::string::npos) << out();
  // What one case leaves out says nothing about the tests.
  EXPECT_EQ(out().find("reached"), std::string::npos) << out();
}

TEST_F(TestCommandTest, StepsAndBranchesThatNoTestReachesAreNamed) {
  File("routes.yaml", R"(version: 1
application: { id: routes }
streams:
  in: { topic: in, key: string, value: json }
  small: { topic: small, key: string, value: json }
  large: { topic: large, key: string, value: json }
pipelines:
  route:
    from: in
    steps:
      - filter: value.n >= 0
      - branch:
          - { name: few, when: value.n < 10, to: small }
          - name: many
            otherwise: true
            steps:
              - name: mark
                set: { large: "true" }
            to: large
tests:
  - name: small ones
    input: { in: [ { key: a, value: { n: 1 } }, { key: a, value: { n: -1 } } ] }
    expect: { small: { count: 1 } }
)");
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
  EXPECT_NE(out().find("2 of 5 steps and branches were never reached:\n"
                       "  branch route.many (routes.yaml:14)\n"
                       "  route.many.mark (routes.yaml:17)\n"),
            std::string::npos)
      << out();
  arguments_.format = "json";
  EXPECT_EQ(Run(&app::Test), kExitOk);
  const auto json = nlohmann::json::parse(out());
  const auto& coverage = json["applications"][0]["coverage"];
  EXPECT_EQ(coverage["points"], 5);
  EXPECT_EQ(coverage["reached"], 3);
  EXPECT_EQ(coverage["never_reached"][0]["name"], "route.many");
  EXPECT_EQ(coverage["never_reached"][0]["kind"], "branch");
}

TEST_F(TestCommandTest, JsonHasEveryDifferenceAsData) {
  arguments_.format = "json";
  arguments_.seed = 7;
  EXPECT_EQ(RunCase("{ match: last_per_key, records: [{ key: bob, value: 1 }, { key: ann, value: "
                    "3 }] }"),
            kExitFailed);
  const auto json = nlohmann::json::parse(out());
  EXPECT_EQ(json["passed"], 0);
  EXPECT_EQ(json["failed"], 1);
  EXPECT_EQ(json["seed"], 7);
  const auto& test = json["applications"][0]["tests"][0];
  EXPECT_EQ(test["name"], "a case");
  EXPECT_EQ(test["at"], "clicks.yaml:17");
  const auto expected = nlohmann::json::parse(R"([{"field":"value","expected":3,"actual":2}])");
  EXPECT_EQ(test["failures"][0]["differences"], expected);
  EXPECT_NE(err().find("--seed 7"), std::string::npos) << err();
}

TEST_F(TestCommandTest, TheSeedDrawsWhoGoesFirstAmongStreamsOfOneTime) {
  const auto outcome = [&](std::optional<uint64_t> seed) {
    surroundings_.files.clear();
    arguments_.files.clear();
    arguments_.seed = seed;
    arguments_.format = "json";
    File("merge.yaml", R"(version: 1
application: { id: merge }
streams:
  a: { topic: a, key: string, value: json }
  b: { topic: b, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  both: { from: [ a, b ], to: out }
tests:
  - name: in the order of the file
    input:
      a: [ { key: k, value: 1 }, { key: k, value: 2 }, { key: k, value: 3 } ]
      b: [ { key: k, value: 4 }, { key: k, value: 5 }, { key: k, value: 6 } ]
    expect:
      out:
        match: ordered
        records: [ { value: 1 }, { value: 2 }, { value: 3 }, { value: 4 }, { value: 5 }, { value: 6 } ]
)");
    return Run(&app::Test);
  };
  EXPECT_EQ(outcome(std::nullopt), kExitOk) << out();
  EXPECT_EQ(outcome(2), kExitFailed) << out();
  const auto first = nlohmann::json::parse(out())["applications"][0]["tests"][0]["failures"];
  EXPECT_EQ(outcome(2), kExitFailed) << out();
  EXPECT_EQ(nlohmann::json::parse(out())["applications"][0]["tests"][0]["failures"], first);
}

TEST_F(TestCommandTest, PathsAndFoldersAreTopologiesOfTheirOwn) {
  testing::TempDir dir;
  const auto write = [&](const std::string& name, const std::string& text) {
    const std::string path = dir.path() / name;
    std::ofstream(path) << text;
    surroundings_.files[path] = text;
    return path;
  };
  const std::string good =
      "tests: [ { name: good, input: { clicks: [ { key: c, value: { user: u "
      "} } ] }, expect: { totals: { count: 1 } } } ]\n";
  const std::string bad = "tests: [ { name: bad, input: {}, expect: { totals: { count: 1 } } } ]\n";
  write("b.yaml", Counting() + good);
  write("a.yml", Counting() + good);
  write("untested.yaml", Counting());
  write("notes.txt", "no topology");
  arguments_.paths = {dir.path()};
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
  const size_t a = out().find("a.yml\nok     good\n1 passed");
  const size_t b = out().find("b.yaml\nok     good\n1 passed");
  ASSERT_NE(a, std::string::npos) << out();
  EXPECT_LT(a, b);
  EXPECT_NE(b, std::string::npos) << out();

  // The files of -f belong to each; one that fails fails all; a wrong file has its own code.
  write("c.yaml", "x-nothing: 1\n");
  arguments_.paths = {write("only-tests.yaml", bad), dir.path() / "c.yaml"};
  File("base.yaml", Counting());
  EXPECT_EQ(Run(&app::Test), kExitFailed) << out() << err();
  EXPECT_NE(err().find("no test to run: base.yaml "), std::string::npos) << err();
  arguments_.paths.push_back(write("broken.yaml", "version: 1\n"));
  EXPECT_EQ(Run(&app::Test), kExitConfig) << out() << err();
}

TEST_F(TestCommandTest, AWrongTopologyIsNotAFailedTest) {
  File("wrong.yaml", "version: 1\n");
  EXPECT_EQ(Run(&app::Test), kExitConfig);
  arguments_.files.clear();
  arguments_.paths = {"no-such-file.yaml"};
  EXPECT_EQ(Run(&app::Test), kExitConfig);
}

TEST_F(TestCommandTest, MistakesInACaseHaveTheirPlace) {
  EXPECT_EQ(RunCase("{ records: [{ key: ann, timestamp: soon }] }"), kExitConfig);
  EXPECT_NE(err().find("SS2003: 'soon' is no timestamp"), std::string::npos) << err();
}

TEST_F(TestCommandTest, ARecordThatItsFormatCannotHoldIsToldWithItsPlace) {
  File("counts.yaml", R"(version: 1
application: { id: counts }
streams:
  in: { topic: in, key: int64, value: string }
  out: { topic: out, key: int64, value: string }
pipelines:
  copy: { from: in, to: out }
tests:
  - name: a text is no number
    input:
      in:
        - { key: seven, value: x }
)");
  EXPECT_EQ(Run(&app::Test), kExitFailed);
  EXPECT_NE(out().find("counts.yaml:12: "), std::string::npos) << out();
}

}  // namespace
}  // namespace sidestream::app
