// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// PlanProgram: runs one sub-topology of a plan for one task. Rows are pushed from node to node,
// depth first, without queues between; a switch over the operation picks what a node does.
//
// Place in the flow: tasks call it through TaskProgram; the numbers of inputs and stores are
// those of the plan, the numbers of outputs those of OutputsOf() (outputs.h).
//
// Errors: a record that cannot be read, processed or written is refused where it happens; the
// policy of that place says whether it is skipped (counted as "skipped"), put aside as a dead
// letter (plan_program_letters.cc), or ends the call with kBadRecord and a message with step,
// location, topic, partition and offset.
//
// Invariants
//  P5. The slots of a segment belong to the row that entered it last. Segments form no cycle,
//      so a row's slots are not overwritten while its push lasts.
//  P6. Between two records nothing of a record is kept, save in steps with state, which drop it at
//      Restart(), and the head records of inputs, which are only read.
//  P7. Steps with state are driven in the order of their nodes: what one lets go of reaches the next
//      one before that is asked itself.
//
// Threading: confined to the task's worker. The plan is shared and immutable.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "operators/dead_letter/dead_letter_writer.h"
#include "operators/dead_letter/held_keys.h"
#include "operators/processor_context.h"
#include "operators/row.h"
#include "operators/run_state.h"
#include "operators/step_visits.h"
#include "topology/plan.h"

namespace sidestream::operators {

class InputReader;
class RepartitionWriter;
class SegmentEntry;
class SinkWriter;
class StatefulStep;

class PlanProgram final : public TaskProgram {
 public:
  /// `plan` is kept: nodes and constants live in it. Fails with kInvalidConfig when a format
  /// of the plan does not compile. `visits`, when there, is borrowed and told of every step.
  static Result<std::unique_ptr<PlanProgram>> Create(std::shared_ptr<const topology::Plan> plan,
                                                     size_t sub_topology,
                                                     StepVisits* visits = nullptr);
  ~PlanProgram() override;

  bool MayWait() const override;
  Status Ready(size_t input, const InputRecord& record) override;
  Result<Timestamp> EventTime(size_t input, const InputRecord& record) override;
  std::optional<Timestamp> StatedWatermark(size_t input, const InputRecord& record) override;
  Status Process(size_t input, const InputRecord& record, ProcessorContext& context) override;
  Status BeforeCommit(ProcessorContext& context) override;
  bool FollowsEventTime() const override;
  int64_t ResultReach() const override;
  Status AdvanceEventTime(Timestamp watermark, ProcessorContext& context) override;
  Status AdvanceWallTime(Timestamp now, ProcessorContext& context) override;
  std::optional<Timestamp> NextWallTime() const override;
  void Restart(Timestamp watermark) override;

 private:
  class NodeOutput;
  /// A node with what was made for it.
  struct Step {
    const topology::Node* node = nullptr;
    size_t segment = 0;
    std::unique_ptr<SinkWriter> sink;
    std::unique_ptr<RepartitionWriter> repartition;
    std::unique_ptr<StatefulStep> stateful;
    /// Where its results stand and its store, when it has state.
    int32_t output_segment = -1;
    size_t store = 0;
    int64_t peeked = 0;
    bool refusal_logged = false;
  };
  /// The slots of a segment: its own, or those of the input whose row is in it.
  struct Frame {
    std::unique_ptr<SegmentEntry> entry;  // null: only inputs enter
    std::vector<serde::Value> own_slots;
    std::span<serde::Value> slots;
  };

  /// What dead letters need of the run.
  struct Letters {
    DeadLetterWriter writer;
    HeldKeys held;
    /// The record that is processed; null at the commit.
    const InputRecord* record = nullptr;
    const topology::Input* input = nullptr;
    /// The record, or at the commit the result, has its letter.
    bool written = false;
  };

  PlanProgram(std::shared_ptr<const topology::Plan> plan, size_t sub_topology, StepVisits* visits);
  Status CompileInputs();
  Status CompileSteps();
  Status CompileStep(size_t index);
  Status AddFrame(int32_t segment, const topology::Encoding& key);

  /// Process(), of a record that its key does not hold back.
  Status ProcessAdmitted(size_t index, const InputRecord& record);
  Status Push(const std::vector<int32_t>& children, Row& row);
  Status Run(Step& step, Row& row);
  Status RunFilter(Step& step, const topology::FilterNode& filter, Row& row);
  Status RunMap(Step& step, const topology::MapNode& map, Row& row);
  Status RunSet(Step& step, const topology::SetNode& set, Row& row);
  Status RunUnset(Step& step, const topology::UnsetNode& unset, Row& row);
  Status RunHeaders(Step& step, const topology::HeadersNode& headers, Row& row);
  Status RunFlatMap(Step& step, const topology::FlatMapNode& flat_map, Row& row);
  Status RunRekey(Step& step, const topology::RekeyNode& rekey, Row& row);
  Status RunPeek(Step& step, const topology::PeekNode& peek, Row& row);
  Status RunBranch(Step& step, const topology::BranchNode& branch, Row& row);
  Status RunMerge(Step& step, const topology::MergeNode& merge, Row& row);
  Status RunStateful(Step& step, Row& row);
  Status RunSink(Step& step, const topology::SinkNode& sink, Row& row);
  Status RunRepartition(Step& step, Row& row);
  /// Calls `act` for each step with state, outside of any record.
  template <typename Act>
  Status Drive(ProcessorContext& context, const Act& act);

  /// Evaluates all fields; the result is good while the arena is.
  Result<std::span<serde::Value>> EvaluateFields(const Step& step,
                                                 std::span<const topology::FieldExpression> fields);
  /// Sends `row` with a new value into `segment`, to the children of the step.
  Status PushNewValue(Step& step, int32_t segment, const Row& row, const serde::Value& value) {
    return PushNewValue(step, step.node->children, segment, row, value);
  }
  Status PushNewValue(Step& step, const std::vector<int32_t>& children, int32_t segment,
                      const Row& row, const serde::Value& value);
  /// Applies the step's policy to an error: ok when the row is skipped or put aside.
  Status Refuse(Step& step, const Row& row, const Status& cause) {
    return Refuse(step, step.node->on_error, DeadLetterCause::kProcessing, row, cause);
  }
  Status Refuse(Step& step, topology::ErrorAction action, DeadLetterCause kind, const Row& row,
                const Status& cause);
  /// The same for a record that cannot be read.
  Status RefuseUnreadable(size_t input, const InputRecord& record, const Status& cause);
  /// Process() under `hold_key`.
  Status ProcessHeld(size_t index, const InputRecord& record);
  /// Writes the letter of the record that is processed; at the commit, of `row`.
  Status PutAside(DeadLetterCause cause, std::string_view step, std::string_view message,
                  const Row* row);
  Status FillFromInput(DeadLetter& letter);
  void FillFromResult(const Row& row, DeadLetter& letter);
  Status Drop(const Step& step, std::string_view reason);
  std::span<serde::Value> SlotsOf(const Step& step) const { return frames_[step.segment].slots; }

  const std::shared_ptr<const topology::Plan> plan_;
  const topology::SubTopology& sub_topology_;
  StepVisits* const visits_;  // null: nobody asks
  std::vector<std::unique_ptr<InputReader>> inputs_;
  std::vector<bool> unreadable_logged_;  // as inputs_
  std::vector<Frame> frames_;            // as the plan's segments
  std::vector<Step> steps_;              // as the plan's nodes
  // Encoding of the key of rows that arrive at each node; while compiling.
  std::vector<const topology::Encoding*> key_encodings_;
  std::unique_ptr<Letters> letters_;  // null: no policy is dlq
  std::string letter_key_;
  std::string letter_value_;
  Arena commit_arena_;
  RunState run_;
};

/// Makes PlanPrograms of one sub-topology.
class PlanProgramFactory final : public TaskProgramFactory {
 public:
  /// `visits` as for PlanProgram; it outlives the programs.
  PlanProgramFactory(std::shared_ptr<const topology::Plan> plan, size_t sub_topology,
                     StepVisits* visits = nullptr);
  Result<std::unique_ptr<TaskProgram>> New(Partition partition) override;

 private:
  const std::shared_ptr<const topology::Plan> plan_;
  const size_t sub_topology_;
  StepVisits* const visits_;
};

}  // namespace sidestream::operators
