// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Turns the steps of a pipeline into nodes of the draft. Internal to this folder.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "expression/call_extraction.h"
#include "topology/build_plan.h"
#include "topology/expression_compiler.h"
#include "topology/finding.h"
#include "topology/model.h"
#include "topology/plan_draft.h"
#include "topology/script_check.h"

namespace sidestream::topology {

class StepBuilder {
 public:
  /// All arguments are borrowed for the builder's life.
  StepBuilder(const Model& model, const SourceFiles& files, const PartitionCounts& counts,
              const ScriptChecker* scripts, PlanDraft& draft, Findings& findings);

  /// Adds `steps` and the sink behind `point`. Where the last step is a branch the result has
  /// no ends; points of branches go to inner_points().
  Point AddSteps(const std::string& pipeline, const std::vector<StepModel>& steps,
                 const std::optional<Named>& to, Point point);

  /// What others read of the inside of a pipeline, "<pipeline>.<branch>" and
  /// "<pipeline>.<step>.<side>", and the point there.
  const std::map<std::string, Point>& inner_points() const { return inner_points_; }

  ExpressionCompiler& compiler() { return compiler_; }

 private:
  struct Place {
    std::string name;  // "<pipeline>.<step>"
    std::string location;
    Position position;
    ErrorAction on_error = ErrorAction::kFail;
  };

  Point AddStep(const std::string& pipeline, const StepModel& step, const Place& place,
                Point point);
  Point Add(const FilterModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const MapModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const SetModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const UnsetModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const HeadersModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const FlatMapModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const RekeyModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const RepartitionModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const PeekModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const DedupModel& model, const StepModel& step, const Place& place, Point point);
  Point Add(const ProcessModel& model, const StepModel& step, const Place& place, Point point);
  /// The script of `scalar`, with a finding when it does not load.
  ScriptText ReadScript(const YamlNode& scalar);
  /// To where the key belongs, when rows may lie elsewhere.
  Point HopIfRekeyed(const StepModel& step, const Place& place, Point point);
  Point Add(const AggregateModel& model, const StepModel& step, const Place& place, Point point);
  /// Warns of branches that no record reaches. `branch` is `model`, compiled.
  void CheckReachable(const BranchModel& model, const BranchNode& branch);
  void AddBranch(const std::string& pipeline, const BranchModel& model, const Place& place,
                 const Point& point);
  /// Lets others read side `side` of the node behind `behind`, whose rows are those at `before`.
  void NameSide(const Place& place, const StepModel& step, const Point& behind, size_t side,
                Point before);
  void AddSink(const std::string& pipeline, const Named& to, const Point& point);

  /// Behind a node that keeps the segment.
  Point Behind(Point point, Operation operation, const Place& place);
  /// Behind a node that makes a new value, in `segment`.
  Point BehindNewValue(Point point, Operation operation, int32_t segment, expression::Type type,
                       const Place& place);
  Point AddRekey(Point point, RekeyNode rekey, expression::Type type, std::string meaning,
                 const Place& place);
  Point AddGrouping(const AggregateModel& model, const StepModel& step, const Place& place,
                    Point point);
  void DoubtTimes(const AggregateModel& model, const StepModel& step, const Point& point);
  /// A call of the results, with what is constant in it. `position`: of the expression that has it;
  /// `segment`: of its arguments.
  AggregateCall TakeCall(expression::AggregateCall call, const Position& position, int32_t segment);
  /// The one call of `fold:`. `row` sees the record in `segment`. Sets `type` to that of the
  /// results, as far as it is known.
  AggregateCall AddFold(const FoldModel& model, RowScope& row, int32_t segment,
                        expression::Type& type);
  /// kMissing when it depends on the record.
  serde::Value ConstantOf(const expression::Program& program, int32_t segment) const;
  std::vector<FieldExpression> CompileFields(const std::vector<NamedExpression>& fields,
                                             const Point& point);
  std::vector<FieldExpression> CompileNested(const std::vector<NamedExpression>& fields,
                                             const Point& point);
  std::vector<std::string> SplitPath(const Named& path);
  void CheckPathsApart(const std::vector<const Named*>& paths);
  void RequireObject(const StepModel& step, const Point& point);
  /// Count of a repartition topic: explicit, existing, application.parallelism, upstream.
  int32_t CountFor(const std::string& topic, const RepartitionModel* explicit_model,
                   const Point& point);
  void CheckSinkFormat(const Named& to, std::string_view side, const Flow& flow,
                       const serde::FormatSpec& format);

  const Model& model_;
  const SourceFiles& files_;
  const PartitionCounts& counts_;
  const ScriptChecker* const scripts_;  // null: nobody looks
  PlanDraft& draft_;
  Findings& findings_;
  ExpressionCompiler compiler_;
  std::map<std::string, Point> inner_points_;
};

}  // namespace sidestream::topology
