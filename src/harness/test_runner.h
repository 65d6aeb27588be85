// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs cases of `tests:` on the real tasks, with an in-process broker and a virtual clock.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/status.h"
#include "harness/test_result.h"
#include "operators/step_visits.h"
#include "topology/finding.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::harness {

struct TestOptions {
  int32_t instances = 1;
  /// Kill and restart all instances after every commit; the expectations stay the same.
  bool crash_at_every_commit = false;
  /// Decides who goes first wherever several may; empty: the order of the file, and always the
  /// same.
  std::optional<uint64_t> seed;
};

class TestRunner {
 public:
  /// `model` and `files`, loaded without errors, are borrowed, and so is `clock`, which says how
  /// long a case took.
  TestRunner(const topology::Model& model, const topology::SourceFiles& files,
             const TestOptions& options, const Clock& clock);

  /// Runs a case of the model from an empty cluster. A commit follows every record.
  TestResult Run(const topology::TestModel& test);

  /// The steps that records of the cases so far came to.
  const operators::StepVisits& visits() const { return visits_; }

 private:
  /// The plan for topics of so many partitions. kInvalidConfig: the findings.
  Result<std::shared_ptr<const topology::Plan>> PlanFor(int32_t partitions);

  const topology::Model& model_;
  const topology::SourceFiles& files_;
  const TestOptions options_;
  const Clock& clock_;
  operators::StepVisits visits_;
  std::map<int32_t, std::shared_ptr<const topology::Plan>> plans_;
};

}  // namespace sidestream::harness
