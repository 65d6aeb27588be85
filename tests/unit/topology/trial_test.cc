// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/trial.h"

#include <gtest/gtest.h>

#include <string>

namespace sidestream::topology {
namespace {

class FixedEnvironment final : public expression::Environment {
 public:
  serde::Nanos Now() override { return {1'767'225'600, 0}; }
  uint64_t RandomBits() override { return 7; }
};

class TrialTest : public ::testing::Test {
 protected:
  std::string Answer(Trial trial) {
    FixedEnvironment environment;
    const TrialResult result = TryExpression(trial, environment);
    if (result.findings.empty()) return result.json;
    EXPECT_EQ(result.json, "");
    return Render(result.findings);
  }
};

TEST_F(TrialTest, AnswersAreOneLineOfJson) {
  const std::string order = R"({"id": 7, "items": [{"price": 2.5}, {"price": 4}], "who": null})";
  const auto with = [&](const std::string& expression) {
    return Trial{.expression = expression, .value = order};
  };
  EXPECT_EQ(Answer(with("value.id + 1")), "8");
  EXPECT_EQ(Answer(with("value.items.map(i, i.price)")), "[2.5,4]");
  EXPECT_EQ(Answer(with("{'a': value.id, 'b': value.?none}")), R"({"a":7})");
  EXPECT_EQ(Answer(with("value.?none")), "null");
  EXPECT_EQ(Answer(with("value.who")), "null");
  EXPECT_EQ(Answer(with("type(value.id)")), "\"int\"");
  EXPECT_EQ(Answer(with("now()")), "\"2026-01-01T00:00:00Z\"");
  EXPECT_EQ(Answer(with("meta.topic + string(meta.offset)")), "\"eval0\"");
}

TEST_F(TrialTest, KeyVarsAndHeadersAreVariables) {
  Trial trial{.expression = "key + string(headers.source) + string(vars.limit)",
              .value = std::nullopt,
              .key = "\"k\"",
              .headers = R"({"source": "web"})",
              .vars = R"({"limit": 5})"};
  EXPECT_EQ(Answer(trial), "\"kweb5\"");
  trial.expression = "value == null";
  EXPECT_EQ(Answer(trial), "true");
}

TEST_F(TrialTest, TypesOfFieldsAreCheckedBeforeAndRead) {
  Trial trial{.expression = "value.at + duration('1s')",
              .value = R"({"at": 1000, "list": [{"n": "x"}]})"};
  trial.fields = "at: timestamp, \"list[].n\": string";
  EXPECT_EQ(Answer(trial), "\"1970-01-01T00:00:02Z\"");
  trial.expression = "value.list.map(i, i.n + 1)";
  EXPECT_NE(Answer(trial).find("cannot compute string + int"), std::string::npos) << Answer(trial);
  trial.expression = "value.at";
  trial.fields = "at: timestmap";
  EXPECT_NE(Answer(trial).find("timestmap"), std::string::npos) << Answer(trial);
}

TEST_F(TrialTest, AnErrorInTheExpressionIsShownWithItsPlace) {
  EXPECT_EQ(Answer({.expression = "1 + valeu.x"}),
            "expression:1:5: error SS4001: unknown variable: valeu (known are headers, key, meta, "
            "value, vars)\n"
            "    1 + valeu.x\n"
            "        ^\n"
            "    hint: value\n");
}

TEST_F(TrialTest, AnErrorOnTheRecordIsShown) {
  const std::string answer = Answer({.expression = "value.x.y", .value = R"({"x": {}})"});
  EXPECT_NE(answer.find("SS4901"), std::string::npos) << answer;
  EXPECT_NE(answer.find("value.x.y"), std::string::npos) << answer;
}

TEST_F(TrialTest, WhatIsNoJsonIsSaid) {
  EXPECT_NE(Answer({.expression = "value.x", .value = "{x"}).find("value:"), std::string::npos);
  EXPECT_NE(Answer({.expression = "vars.x", .vars = "[1]"}).find("vars: expected a JSON object"),
            std::string::npos);
  EXPECT_NE(Answer({.expression = "1", .headers = R"({"a": 1})"}).find("headers: expected texts"),
            std::string::npos);
}

TEST_F(TrialTest, AResultThatIsNoJsonIsAnError) {
  EXPECT_NE(Answer({.expression = "0.0 / 0.0"}).find("SS4901"), std::string::npos);
}

}  // namespace
}  // namespace sidestream::topology
