// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_runner.h"

#include <string>
#include <utility>
#include <vector>

#include "harness/embedded_application.h"
#include "harness/stream_codec.h"
#include "harness/test_expectation.h"
#include "harness/test_input.h"
#include "harness/test_store.h"
#include "operators/checked_plan.h"
#include "topology/build_plan.h"
#include "topology/fields.h"

namespace sidestream::harness {
namespace {

/// One case, from an empty cluster to its last expectation.
class CaseRun {
 public:
  CaseRun(const topology::Model& model, const topology::SourceFiles& files,
          const topology::TestModel& test, const TestOptions& options)
      : model_(model), files_(files), test_(test), options_(options) {}

  Status Run(std::shared_ptr<const topology::Plan> plan, operators::StepVisits& visits) {
    ASSIGN_OR_RETURN(application_, EmbeddedApplication::Start(
                                       model_, std::move(plan),
                                       {.instances = options_.instances,
                                        .commit_interval = Milliseconds(1),
                                        .seed = options_.seed.value_or(EmbeddedOptions().seed),
                                        .visits = &visits}));
    RETURN_IF_ERROR(Commit());
    RETURN_IF_ERROR(Feed());
    if (test_.advance) {
      application_->AdvanceTo(application_->now() + test_.advance->count());
      RETURN_IF_ERROR(Commit());
    }
    if (test_.end) {
      RETURN_IF_ERROR(application_->End());
      RETURN_IF_ERROR(Commit());
    }
    return Check();
  }

  std::vector<TestFailure> TakeFailures() { return std::move(failures_); }

 private:
  Status Feed() {
    for (const Turn& turn : TurnsOf(model_, test_, options_.seed)) {
      application_->AdvanceTo(turn.when);
      ASSIGN_OR_RETURN(StreamCodec * codec, CodecOf(*turn.stream));
      Result<FedRecord> record = RecordOf(turn, *codec);
      const Status fed = record.ok() ? application_->Feed(*record) : record.status();
      if (!fed.ok()) return fed.WithContext(files_.Location(turn.record->position));
      RETURN_IF_ERROR(Commit());
    }
    return Status::Ok();
  }

  /// Everything that was fed is committed; its output is put to what came before.
  Status Commit() {
    RETURN_IF_ERROR(application_->Settle());
    ASSIGN_OR_RETURN(std::vector<CollectedRecord> records, application_->TakeOutput());
    for (CollectedRecord& record : records) {
      output_[record.partition.topic].push_back(std::move(record));
    }
    if (!options_.crash_at_every_commit) return Status::Ok();
    RETURN_IF_ERROR(application_->CrashAndRestart());
    return application_->Settle();
  }

  Status Check() {
    for (const topology::TestExpectation& expected : test_.expect) {
      RETURN_IF_ERROR(expected.stream.text == topology::kDeadLetterStream ? CheckLetters(expected)
                                                                          : CheckStream(expected));
    }
    for (const auto& [step, expected] : test_.expect_store) {
      ASSIGN_OR_RETURN(
          std::vector<TestFailure> failures,
          CompareStore(step.text, expected, files_.Location(step.position), *application_));
      Add(std::move(failures));
    }
    return Status::Ok();
  }

  Status CheckStream(const topology::TestExpectation& expected) {
    const topology::StreamModel& stream = *model_.FindStream(expected.stream.text);
    ASSIGN_OR_RETURN(StreamCodec * codec, CodecOf(stream));
    std::vector<CollectedRecord> records;
    for (const topology::Named& topic : stream.topics) {
      const std::vector<CollectedRecord>& of_topic = output_[topic.text];
      records.insert(records.end(), of_topic.begin(), of_topic.end());
    }
    Add(CompareRecords(
        expected, [codec](const CollectedRecord&) -> StreamCodec& { return *codec; }, records,
        files_));
    return Status::Ok();
  }

  Status CheckLetters(const topology::TestExpectation& expected) {
    ASSIGN_OR_RETURN(LetterCodec letters, LetterCodec::Create(model_));
    Add(CompareRecords(
        expected,
        [&letters](const CollectedRecord& letter) -> StreamCodec& { return letters.Of(letter); },
        output_[topology::DeadLetterTopicOf(model_)], files_));
    return Status::Ok();
  }

  Result<StreamCodec*> CodecOf(const topology::StreamModel& stream) {
    const auto found = codecs_.find(stream.name.text);
    if (found != codecs_.end()) return &found->second;
    ASSIGN_OR_RETURN(StreamCodec codec, StreamCodec::Create(stream));
    return &codecs_.emplace(stream.name.text, std::move(codec)).first->second;
  }

  void Add(std::vector<TestFailure> failures) {
    for (TestFailure& failure : failures) failures_.push_back(std::move(failure));
  }

  const topology::Model& model_;
  const topology::SourceFiles& files_;
  const topology::TestModel& test_;
  const TestOptions& options_;
  std::unique_ptr<EmbeddedApplication> application_;
  std::map<std::string, StreamCodec> codecs_;                   // by stream
  std::map<std::string, std::vector<CollectedRecord>> output_;  // by topic
  std::vector<TestFailure> failures_;
};

}  // namespace

TestRunner::TestRunner(const topology::Model& model, const topology::SourceFiles& files,
                       const TestOptions& options, const Clock& clock)
    : model_(model), files_(files), options_(options), clock_(clock) {}

TestResult TestRunner::Run(const topology::TestModel& test) {
  TestResult result;
  result.name = test.name.text;
  result.location = files_.Location(test.name.position);
  const MonotonicTime start = clock_.Now();
  CaseRun run(model_, files_, test, options_);
  const auto plan = PlanFor(test.partitions);
  const Status status = plan.ok() ? run.Run(*plan, visits_) : plan.status();
  result.failures = run.TakeFailures();
  if (!status.ok()) result.failures.push_back({"", "", status.message(), {}, {}});
  result.took = clock_.Now() - start;
  return result;
}

Result<std::shared_ptr<const topology::Plan>> TestRunner::PlanFor(int32_t partitions) {
  std::shared_ptr<const topology::Plan>& plan = plans_[partitions];
  if (plan != nullptr) return plan;
  topology::PartitionCounts counts;
  for (const std::string& topic : topology::UserTopicNames(model_)) counts[topic] = partitions;
  topology::PlanResult result = operators::BuildCheckedPlan(model_, files_, counts);
  if (result.plan == nullptr) return Status::InvalidConfig(topology::Render(result.findings));
  plan = std::move(result.plan);
  return plan;
}

}  // namespace sidestream::harness
