// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An aggregate against a naive oracle: random keys and values, commits and rollbacks at random
// points. What comes out at each commit must be what the oracle, which keeps all committed
// records and recomputes everything, says.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "operators/plan_program.h"
#include "tests/support/fake_processor_context.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

constexpr const char* kTopology = R"(
version: 1
application: { id: oracle }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - name: totals
        aggregate:
          group_by: key
          fields:
            n: count()
            odd: count().where(value.n % 2 == 1)
            sum: sum(value.n)
            low: min(value.n)
            high: max(value.n).where(value.n < 50)
    to: out
)";

struct Fact {
  std::string key;
  int64_t n = 0;
  int64_t timestamp = 0;
};

struct Answer {
  std::string value;
  int64_t timestamp = 0;
};

Answer Recompute(const std::vector<Fact>& facts, const std::string& key) {
  int64_t count = 0;
  int64_t odd = 0;
  int64_t sum = 0;
  std::optional<int64_t> low;
  std::optional<int64_t> high;
  Answer answer;
  for (const Fact& fact : facts) {
    if (fact.key != key) continue;
    ++count;
    if (fact.n % 2 == 1) ++odd;
    sum += fact.n;
    low = std::min(low.value_or(fact.n), fact.n);
    if (fact.n < 50) high = std::max(high.value_or(fact.n), fact.n);
    answer.timestamp = std::max(answer.timestamp, fact.timestamp);
  }
  const auto text = [](const std::optional<int64_t>& number) {
    return number ? std::to_string(*number) : std::string("null");
  };
  answer.value = "{\"n\":" + text(count) + ",\"odd\":" + text(odd) + ",\"sum\":" + text(sum) +
                 ",\"low\":" + text(low) + ",\"high\":" + text(high) + "}";
  return answer;
}

void RunSeed(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const PlanDriver driver(kTopology, 1);
  ASSERT_EQ(driver.error(), "");
  const std::shared_ptr<const topology::Plan> plan(&driver.plan(), [](const auto*) {});
  operators::PlanProgramFactory factory(plan, 0);
  auto program = std::move(factory.New(0)).value();
  FakeProcessorContext context;
  std::vector<Fact> committed;
  std::vector<Fact> open;
  int64_t offset = 0;
  for (int step = 0; step < 400; ++step) {
    const int64_t dice = random.Below(20);
    if (dice >= 2) {
      Fact fact{"k" + std::to_string(random.Below(6)), random.Below(100), random.Below(10'000)};
      const std::string value = "{\"n\":" + std::to_string(fact.n) + "}";
      operators::InputRecord record;
      record.topic = "in";
      record.offset = Offset(offset++);
      record.key = fact.key;
      record.value = value;
      record.timestamp = Timestamp(fact.timestamp);
      ASSERT_TRUE(program->Process(0, record, context).ok());
      open.push_back(fact);
      continue;
    }
    // The transaction is lost before or behind BeforeCommit, with the program or without.
    if (dice == 0) {
      if (random.OneIn(2)) {
        ASSERT_TRUE(program->BeforeCommit(context).ok());
      }
      program->Restart(kNoWatermark);
      context.Rollback();
      if (random.OneIn(2)) program = std::move(factory.New(0)).value();
      open.clear();
      continue;
    }
    ASSERT_TRUE(program->BeforeCommit(context).ok());
    std::vector<std::string> keys;
    for (const Fact& fact : open) {
      if (std::find(keys.begin(), keys.end(), fact.key) == keys.end()) keys.push_back(fact.key);
    }
    committed.insert(committed.end(), open.begin(), open.end());
    open.clear();
    // Each record changes the count: every touched key gives one result, in order of first touch.
    ASSERT_EQ(context.produced().size(), keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      const Answer answer = Recompute(committed, keys[i]);
      EXPECT_EQ(context.produced()[i].key, keys[i]);
      EXPECT_EQ(context.produced()[i].value, answer.value);
      EXPECT_EQ(context.produced()[i].timestamp.value(), answer.timestamp);
    }
    context.Commit();
  }
}

TEST(AggregateOracleTest, ResultsAreThoseOfTheOracle) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    RunSeed(seed);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

}  // namespace
}  // namespace sidestream::testing
