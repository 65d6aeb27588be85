// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Aggregates in a plan: what comes out at a commit, what is dropped, what a failure changes.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "operators/plan_program.h"
#include "tests/support/fake_processor_context.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {
namespace {

std::string Topology(const std::string& aggregate, const std::string& on_error = "fail") {
  return R"(
version: 1
application: { id: aggregates }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - name: totals
        on_error: )" +
         on_error + "\n        aggregate: " + aggregate + "\n    to: out\n";
}

class AggregateTest : public ::testing::Test {
 protected:
  void Open(const std::string& yaml) {
    driver_ = std::make_unique<PlanDriver>(yaml, 1);
    ASSERT_EQ(driver_->error(), "");
    const std::shared_ptr<const topology::Plan> plan(&driver_->plan(), [](const auto*) {});
    factory_ = std::make_unique<operators::PlanProgramFactory>(plan, 0);
    program_ = std::move(factory_->New(0)).value();
  }
  Status Pipe(const std::string& key, const std::string& value, int64_t timestamp = 1) {
    operators::InputRecord record;
    record.topic = "in";
    record.offset = Offset(offset_++);
    record.key = key;
    record.value = value;
    record.timestamp = Timestamp(timestamp);
    return program_->Process(0, record, context_);
  }
  /// Values that the commit sends.
  std::vector<std::string> Commit() {
    const Status status = program_->BeforeCommit(context_);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> values;
    for (const ProducedRecord& record : context_.produced()) {
      values.push_back(record.value.value_or("<null>"));
    }
    context_.Commit();
    return values;
  }

  using Values = std::vector<std::string>;
  std::unique_ptr<PlanDriver> driver_;
  std::unique_ptr<operators::PlanProgramFactory> factory_;
  std::unique_ptr<operators::TaskProgram> program_;
  FakeProcessorContext context_;
  int64_t offset_ = 0;
};

TEST_F(AggregateTest, SendsNothingBeforeTheCommitAndOneResultPerKeyAtIt) {
  Open(Topology("{ group_by: key, value: count() }"));
  for (const char* key : {"b", "a", "b"}) ASSERT_TRUE(Pipe(key, "1").ok());
  EXPECT_TRUE(context_.produced().empty());
  EXPECT_EQ(Commit(), (Values{"2", "1"}));
  EXPECT_EQ(Commit(), Values{});
}

TEST_F(AggregateTest, SendsNothingWhereTheResultIsTheLastOneSentAlsoAfterACrash) {
  Open(Topology("{ group_by: key, value: max(value) }"));
  ASSERT_TRUE(Pipe("a", "5").ok());
  EXPECT_EQ(Commit(), Values{"5"});
  program_ = std::move(factory_->New(0)).value();
  ASSERT_TRUE(Pipe("a", "4").ok());
  EXPECT_EQ(Commit(), Values{});
  ASSERT_TRUE(Pipe("a", "6").ok());
  EXPECT_EQ(Commit(), Values{"6"});
}

TEST_F(AggregateTest, UnderEachEveryRecordGivesAResultAtOnce) {
  Open(Topology("{ group_by: key, emit: each, value: max(value) }"));
  ASSERT_TRUE(Pipe("a", "5", 7).ok());
  ASSERT_TRUE(Pipe("a", "4", 6).ok());
  ASSERT_EQ(context_.produced().size(), 2U);
  EXPECT_EQ(context_.produced()[1].timestamp, Timestamp(7));
  EXPECT_EQ(Commit(), (Values{"5", "5"}));
  program_ = std::move(factory_->New(0)).value();
  ASSERT_TRUE(Pipe("a", "6").ok());
  EXPECT_EQ(Commit(), Values{"6"});
}

TEST_F(AggregateTest, AResultTakenBackByRollbackIsSentAgain) {
  Open(Topology("{ group_by: key, value: count() }"));
  ASSERT_TRUE(Pipe("a", "1").ok());
  ASSERT_TRUE(program_->BeforeCommit(context_).ok());
  program_->Restart(kNoWatermark);
  context_.Rollback();
  ASSERT_TRUE(Pipe("a", "1").ok());
  EXPECT_EQ(Commit(), Values{"1"});
}

TEST_F(AggregateTest, ReadsAndWritesARowOncePerTransaction) {
  Open(Topology("{ group_by: key, value: sum(value) }"));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Pipe("hot", "2").ok());
  EXPECT_EQ(context_.store(0).gets(), 1);
  EXPECT_EQ(context_.store(0).puts(), 0);
  EXPECT_EQ(Commit(), Values{"200"});
  EXPECT_EQ(context_.store(0).puts(), 1);
}

TEST_F(AggregateTest, DropsAndCountsNullKeysAndValues) {
  Open(Topology("{ group_by: key, value: count() }"));
  operators::InputRecord record;
  record.topic = "in";
  record.value = "1";
  ASSERT_TRUE(program_->Process(0, record, context_).ok());
  record.key = "a";
  record.value.reset();
  ASSERT_TRUE(program_->Process(0, record, context_).ok());
  ASSERT_TRUE(Pipe("a", " null").ok());
  EXPECT_EQ(Commit(), Values{});
  EXPECT_EQ(context_.dropped("p.totals", "null_key"), 1);
  EXPECT_EQ(context_.dropped("p.totals", "null_value"), 2);
}

TEST_F(AggregateTest, ARecordThatFailsChangesNoCall) {
  Open(Topology("{ group_by: key, fields: { n: count(), s: sum(value.x) } }", "skip"));
  ASSERT_TRUE(Pipe("a", R"({"x":9223372036854775807})").ok());
  ASSERT_TRUE(Pipe("a", R"({"x":1})").ok());
  ASSERT_TRUE(Pipe("a", R"({"y":1})").ok());
  ASSERT_TRUE(Pipe("b", R"({"x":"text"})").ok());
  EXPECT_EQ(Commit(), Values{R"({"n":1,"s":9223372036854775807})"});
  EXPECT_EQ(context_.dropped("p.totals", "skipped"), 3);
}

TEST_F(AggregateTest, AFailureNamesStepPlaceAndRecord) {
  Open(Topology("{ group_by: key, value: sum(value.x) }"));
  const Status status = Pipe("a", R"({"x":"text"})");
  EXPECT_EQ(status.code(), StatusCode::kBadRecord);
  for (const char* part :
       {"p.totals", "topology.yaml:", "sum(value.x)", "topic=in partition=0", "offset=0"}) {
    EXPECT_NE(status.message().find(part), std::string::npos) << part << ": " << status.message();
  }
}

TEST_F(AggregateTest, AResultThatFailsIsSkippedAndItsRowKept) {
  Open(Topology("{ group_by: key, value: 10 / (count() - 1) }", "skip"));
  ASSERT_TRUE(Pipe("a", "1").ok());
  EXPECT_EQ(Commit(), Values{});
  ASSERT_TRUE(Pipe("a", "1").ok());
  EXPECT_EQ(Commit(), Values{"10"});
}

TEST_F(AggregateTest, ResultTimeIsTheLargestOfTheGroupAndHasNoHeaders) {
  Open(Topology("{ group_by: key, value: count() }"));
  ASSERT_TRUE(Pipe("a", "1", 500).ok());
  ASSERT_TRUE(Pipe("a", "1", 300).ok());
  ASSERT_TRUE(program_->BeforeCommit(context_).ok());
  ASSERT_EQ(context_.produced().size(), 1u);
  EXPECT_EQ(context_.produced()[0].timestamp, Timestamp(500));
  EXPECT_TRUE(context_.produced()[0].headers.empty());
  context_.Commit();
  ASSERT_TRUE(Pipe("a", "1", 100).ok());
  ASSERT_TRUE(program_->BeforeCommit(context_).ok());
  EXPECT_EQ(context_.produced()[0].timestamp, Timestamp(500));
}

TEST_F(AggregateTest, ACorruptRowEndsTheCallAsTaskCorrupted) {
  Open(Topology("{ group_by: key, value: count() }"));
  context_.store(0).Put("a", "\x02 is cut behind its version");
  EXPECT_EQ(Pipe("a", "1").code(), StatusCode::kTaskCorrupted);
}

}  // namespace
}  // namespace sidestream::testing
