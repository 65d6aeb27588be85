// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/engine_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

#include "topology/build_plan.h"

namespace sidestream::testing {

EngineRun::EngineRun(const std::string& yaml, const EngineRunOptions& options)
    : options_(options), way_(options.way) {
  topology::PlanResult plan = Plan(yaml);
  if (plan.plan == nullptr) return;
  auto started = harness::EmbeddedApplication::Start(loaded_.model, std::move(plan.plan),
                                                     {.instances = way_.instances,
                                                      .start = options.start,
                                                      .commit_interval = options.commit_interval,
                                                      .seed = options.seed});
  if (!started.ok()) {
    Fail(started.status());
    return;
  }
  application_ = std::move(started).value();
}

EngineRun::~EngineRun() = default;

topology::PlanResult EngineRun::Plan(const std::string& yaml) {
  topology::ProcessSurroundings surroundings;
  loaded_ = topology::LoadTopologyTexts({{"topology.yaml", yaml}}, surroundings);
  if (!loaded_.ok()) {
    ADD_FAILURE() << topology::Render(loaded_.findings) << yaml;
    return {};
  }
  topology::PlanResult plan =
      topology::BuildPlan(loaded_.model, loaded_.files,
                          topology::DeclaredPartitionCounts(loaded_.model, options_.partitions));
  if (plan.plan == nullptr) ADD_FAILURE() << topology::Render(plan.findings) << yaml;
  return plan;
}

void EngineRun::ChangeTo(const std::string& yaml) {
  if (!ok()) return;
  topology::PlanResult plan = Plan(yaml);
  if (plan.plan == nullptr) return;
  const Status changed = application_->ChangeTo(loaded_.model, std::move(plan.plan));
  if (!changed.ok()) return Fail(changed);
  Settle();
}

void EngineRun::Fail(const Status& status) {
  ADD_FAILURE() << status;
  application_.reset();
}

const std::string& EngineRun::TopicOf(const std::string& alias) const {
  return loaded_.model.FindStream(alias)->topics.front().text;
}

void EngineRun::Feed(const std::string& alias, harness::FedRecord record) {
  if (!ok()) return;
  record.topic = TopicOf(alias);
  if (const Status fed = application_->Feed(record); !fed.ok()) Fail(fed);
}

void EngineRun::Settle() {
  if (const Status settled = application_->Settle(); !settled.ok()) return Fail(settled);
  Take();
}

void EngineRun::Take() {
  auto records = application_->TakeOutput();
  if (!records.ok()) return Fail(records.status());
  for (harness::CollectedRecord& record : *records) {
    output_[record.partition.topic].push_back(std::move(record));
  }
}

void EngineRun::Commit() {
  if (ok()) Settle();
  if (!ok() || !way_.crash) return;
  if (const Status restarted = application_->CrashAndRestart(); !restarted.ok()) {
    return Fail(restarted);
  }
  if (const Status settled = application_->Settle(); !settled.ok()) Fail(settled);
}

void EngineRun::Advance(Milliseconds by) {
  if (!ok()) return;
  application_->AdvanceTo(application_->now() + by.count());
  Commit();
}

void EngineRun::Work(Milliseconds time) {
  if (!ok()) return;
  if (const Status worked = application_->Work(time); !worked.ok()) return Fail(worked);
  Take();
}

void EngineRun::End() {
  if (!ok()) return;
  if (const Status ended = application_->End(); !ended.ok()) return Fail(ended);
  Settle();
}

void EngineRun::Join() {
  if (!ok()) return;
  if (const auto joined = application_->Join(); !joined.ok()) Fail(joined.status());
}

void EngineRun::Leave(size_t instance) {
  if (!ok()) return;
  if (const Status left = application_->Leave(instance); !left.ok()) Fail(left);
}

void EngineRun::Kill(size_t instance) {
  if (ok()) application_->Kill(instance);
}

const std::vector<harness::CollectedRecord>& EngineRun::Output(const std::string& alias) {
  return output_[TopicOf(alias)];
}

const std::vector<harness::CollectedRecord>& EngineRun::DeadLetters() {
  return output_[topology::DeadLetterTopicOf(loaded_.model)];
}

namespace {

/// Where the value of `name` begins; npos after a failure.
size_t ValueAt(const std::string& json, const std::string& name) {
  const size_t at = json.find("\"" + name + "\":");
  if (at != std::string::npos) return at + name.size() + 3;
  ADD_FAILURE() << "no " << name << " in " << json;
  return at;
}

}  // namespace

int64_t NumberIn(const std::string& json, const std::string& name) {
  const size_t at = ValueAt(json, name);
  return at == std::string::npos ? 0 : std::atoll(json.c_str() + at);
}

std::vector<int64_t> NumbersIn(const std::string& json, const std::string& name) {
  std::vector<int64_t> numbers;
  size_t at = ValueAt(json, name);
  while (at != std::string::npos && json[at] != ']') {
    ++at;
    if (json[at] == ']') break;
    numbers.push_back(std::atoll(json.c_str() + at));
    at = json.find_first_of(",]", at);
  }
  return numbers;
}

}  // namespace sidestream::testing
