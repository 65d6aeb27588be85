// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// test: the cases of a file, on the real tasks. The example topologies run straight through,
// with a crash after every commit, and on two instances.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "command_fixture.h"

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

class ExampleTest : public TestCommandTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ExampleTest, Passes) {
  Example(GetParam());
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
}

TEST_P(ExampleTest, PassesWithACrashAfterEveryCommit) {
  Example(GetParam());
  arguments_.crash_at_every_commit = true;
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
}

TEST_P(ExampleTest, PassesOnTwoInstances) {
  Example(GetParam());
  arguments_.instances = 2;
  EXPECT_EQ(Run(&app::Test), kExitOk) << out() << err();
}

INSTANTIATE_TEST_SUITE_P(Examples, ExampleTest,
                         ::testing::Values("word-count.yaml", "order-routing.yaml",
                                           "running-balance.yaml"));

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
  EXPECT_EQ(RunCase("{ match: contains, records: [{ key: ann, value: 7 }] }"), kExitFailed);
  EXPECT_NE(out().find("FAILED a case"), std::string::npos) << out();
  EXPECT_NE(out().find("clicks.yaml:"), std::string::npos) << out();
  EXPECT_NE(out().find(R"("key":"bob")"), std::string::npos) << out();
  EXPECT_NE(out().find("0 passed, 1 failed"), std::string::npos) << out();
}

TEST_F(TestCommandTest, AStoreThatDiffersFails) {
  File("clicks.yaml", Counting() + R"(tests:
  - name: right
    input: { clicks: [{ key: c1, value: { user: ann } }] }
    expect_store: { per_user: { ann: 1 } }
  - name: wrong
    input: { clicks: [{ key: c1, value: { user: ann } }] }
    expect_store: { per_user: { ann: 2, bob: 1 } }
)");
  EXPECT_EQ(Run(&app::Test), kExitFailed);
  EXPECT_NE(out().find("ok     right"), std::string::npos) << out();
  EXPECT_NE(out().find("store per_user: ann is 1, expected 2"), std::string::npos) << out();
  EXPECT_NE(out().find("store per_user: no row of bob"), std::string::npos) << out();
}

TEST_F(TestCommandTest, AFileWithoutTestsIsNotASuccess) {
  File("clicks.yaml", Counting());
  EXPECT_EQ(Run(&app::Test), kExitFailed);
  EXPECT_NE(err().find("no test"), std::string::npos);
}

TEST_F(TestCommandTest, CasesAreChosenByName) {
  Example("word-count.yaml");
  arguments_.cases = {"twice"};
  EXPECT_EQ(Run(&app::Test), kExitOk) << out();
  EXPECT_NE(out().find("1 passed, 0 failed"), std::string::npos) << out();
}

}  // namespace
}  // namespace sidestream::app
