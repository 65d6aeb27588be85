// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Counts what the stateless path and the aggregates of hot groups take from the heap: nothing per
// record, once its buffers have their size (architecture.md 10). A binary of its own, because it replaces operator new.

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "operators/plan_program.h"
#include "tests/support/counted_heap.h"
#include "tests/support/fake_processor_context.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

/// Takes records and keeps only their number.
class CountingContext final : public operators::ProcessorContext {
 public:
  statestore::KeyValueStore& Store(size_t) override { return store_; }
  Status Produce(const operators::OutputRecord& record) override {
    ++produced;
    bytes += record.value ? record.value->size() : 0;
    return Status::Ok();
  }
  Timestamp WallTime() const override { return Timestamp(1); }
  uint64_t RandomBits() override { return 7; }
  void CountDropped(std::string_view, std::string_view) override { ++dropped; }
  void CountDeadLetter(std::string_view, std::string_view) override { std::abort(); }

  int64_t produced = 0;
  int64_t dropped = 0;
  size_t bytes = 0;

 private:
  FakeStore store_;
};

struct Case {
  const char* name;
  const char* steps;
};

void PrintTo(const Case& printed, std::ostream* out) { *out << printed.name; }

/// Passes 64 records through `steps` again and again; how often it took memory after the first time.
int64_t TakenAfterTheFirstPass(const std::string& steps, CountingContext& context) {
  PlanDriver driver(R"(
version: 1
application: { id: heap }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
)" + steps,
                    1);
  EXPECT_EQ(driver.error(), "");
  const auto plan = std::shared_ptr<const topology::Plan>(&driver.plan(), [](const auto*) {});
  Result<std::unique_ptr<operators::PlanProgram>> program = operators::PlanProgram::Create(plan, 0);
  EXPECT_TRUE(program.ok()) << program.status();

  std::vector<std::string> values;
  for (int i = 0; i < 64; ++i) {
    values.push_back(R"({"id":)" + std::to_string(i) + R"(,"name":"a name with \"escapes\" )" +
                     std::to_string(i) + R"(","price":)" + std::to_string(i) +
                     R"(.25,"tags":["x","y",{"z":null}],"nested":{"a":{"b":)" + std::to_string(i) +
                     "}}}");
  }
  operators::InputRecord record;
  record.topic = "in";
  record.key = "some key";
  record.timestamp = Timestamp(1'700'000'000'000);
  int64_t offset = 0;
  const auto pass = [&] {
    for (const std::string& value : values) {
      record.offset = Offset(offset++);
      record.value = value;
      if (!(*program)->Process(0, record, context).ok()) std::abort();
    }
  };
  pass();  // buffers take their size
  const int64_t before = Allocations();
  EXPECT_GT(before, 0);
  for (int round = 0; round < 10; ++round) pass();
  return Allocations() - before;
}

class AllocationTest : public ::testing::TestWithParam<Case> {};

TEST_P(AllocationTest, NonePerRecord) {
  CountingContext context;
  EXPECT_EQ(TakenAfterTheFirstPass(GetParam().steps, context), 0);
  EXPECT_GE(context.produced + context.dropped, 11 * 64);
  EXPECT_GT(context.produced, 0);
}

class AggregateAllocationTest : public ::testing::TestWithParam<Case> {};

TEST_P(AggregateAllocationTest, NonePerRecordOfAHotGroup) {
  CountingContext context;
  const std::string steps = std::string("      - name: totals\n        aggregate:\n") +
                            "          group_by: key\n          " + GetParam().steps +
                            "\n    to: out\n";
  EXPECT_EQ(TakenAfterTheFirstPass(steps, context), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Functions, AggregateAllocationTest,
    ::testing::Values(
        Case{"numbers",
             "fields: { n: count(), s: sum(value.id), d: sum(value.price), a: avg(value.price), "
             "v: stddev(value.id), w: count().where(value.id > 3) }"},
        Case{"extremes",
             "fields: { a: min(value.price), b: max(value.name), c: first(value.name), "
             "d: last(value.nested), e: 'max_by(value.name, value.id)' }"},
        Case{"bools", "fields: { a: bool_and(value.id < 9), b: bool_or(value.id < 9) }"},
        Case{"distinct",
             "fields: { a: count_distinct(value.name), b: approx_count_distinct(value.id) }"},
        Case{"quantile", "value: 'quantile(value.price, 0.99)'"},
        Case{"fold", "fold: { init: '0', step: 'acc + value.id' }"}),
    [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Steps, AllocationTest,
    ::testing::Values(
        Case{"pass", "      - filter: 'true'\n    to: out\n"},
        Case{"filter", "      - filter: value.id % 4 == 1\n    to: out\n"},
        Case{"filter_text", "      - filter: value.name.startsWith('a name') && value.price > 1.0\n    to: out\n"},
        Case{"project", "      - map: { i: value.id, n: value.name, t: value.tags }\n    to: out\n"},
        Case{"compute", "      - map: { i: value.id + 1, n: value.nested.a.b * 2, p: value.price / 2.0 }\n    to: out\n"},
        Case{"macro", "      - filter: 'value.tags.exists(t, t == \"y\")'\n    to: out\n"},
        Case{"set", "      - set: { nested.a.c: value.id, price: '0.5' }\n    to: out\n"},
        Case{"unset", "      - unset: [nested.a, tags]\n    to: out\n"},
        Case{"flat_map", "      - flat_map: value.tags\n    to: out\n"},
        Case{"headers", "      - headers: { set: { h: value.name } }\n    to: out\n"},
        Case{"rekey", "      - rekey: value.name\n    to: out\n"},
        Case{"branch",
             "      - branch: [{ name: a, when: value.id < 9, to: out }, { name: b, otherwise: "
             "true, to: out }]\n"}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sidestream::testing
