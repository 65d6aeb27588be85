// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_coverage.h"

#include <fmt/format.h>

#include <variant>

namespace sidestream::harness {
namespace {

class Coverage {
 public:
  Coverage(const topology::SourceFiles& files, const operators::StepVisits& visits)
      : files_(files), visits_(visits) {}

  /// Names as the plan gives them: StepBuilder::AddSteps.
  void Add(const std::string& pipeline, const std::vector<topology::StepModel>& steps) {
    for (size_t i = 0; i < steps.size(); ++i) {
      const topology::StepModel& step = steps[i];
      const std::string name = fmt::format(
          "{}.{}", pipeline, step.name ? step.name->text : fmt::format("{}_{}", step.verb, i + 1));
      // A step may begin with a node of its own that sends the record elsewhere first.
      const bool reached = visits_.Contains(name) || visits_.Contains(name + ".group_by") ||
                           visits_.Contains(name + ".repartition");
      points_.push_back({name, files_.Location(step.position), false, reached});
      const auto* branch = std::get_if<topology::BranchModel>(&step.operation);
      if (branch == nullptr) continue;
      for (const topology::BranchModel::Entry& entry : branch->entries) {
        const std::string inside = fmt::format("{}.{}", pipeline, entry.name.text);
        points_.push_back(
            {inside, files_.Location(entry.name.position), true, visits_.Contains(inside)});
        Add(inside, entry.steps);
      }
    }
  }

  std::vector<CoveragePoint> Take() { return std::move(points_); }

 private:
  const topology::SourceFiles& files_;
  const operators::StepVisits& visits_;
  std::vector<CoveragePoint> points_;
};

}  // namespace

std::vector<CoveragePoint> CoverageOf(const topology::Model& model,
                                      const topology::SourceFiles& files,
                                      const operators::StepVisits& visits) {
  Coverage coverage(files, visits);
  for (const topology::PipelineModel& pipeline : model.pipelines) {
    coverage.Add(pipeline.name.text, pipeline.steps);
  }
  return coverage.Take();
}

}  // namespace sidestream::harness
