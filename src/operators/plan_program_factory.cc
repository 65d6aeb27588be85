// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the plan to a program: readers, writers and slots are made once per task.

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "operators/aggregate/running_aggregate.h"
#include "operators/dedup/dedup_step.h"
#include "operators/input_reader.h"
#include "operators/outputs.h"
#include "operators/plan_program.h"
#include "operators/process/process_step.h"
#include "operators/segment_entry.h"
#include "operators/sink/repartition_writer.h"
#include "operators/sink/sink_writer.h"
#include "operators/window/windowed_aggregate.h"

namespace sidestream::operators {
namespace {

using topology::Encoding;

const Encoding& Computed() {
  static const Encoding computed{true, {}};
  return computed;
}

/// The key behind a node.
const Encoding* KeyBehind(const topology::Node& node, const Encoding* key) {
  if (std::holds_alternative<topology::RekeyNode>(node.operation)) return &Computed();
  if (const auto* merge = std::get_if<topology::MergeNode>(&node.operation)) {
    return merge->key_becomes_computed ? &Computed() : key;
  }
  return key;
}

int32_t OutputSegmentOf(const topology::Node& node) {
  return std::visit(
      [](const auto& operation) {
        if constexpr (requires { operation.output_segment; }) {
          return operation.output_segment;
        } else {
          return -1;
        }
      },
      node.operation);
}

/// Of all streams: which of them feeds a step is another question at every merge.
Milliseconds LargestMaxAhead(const topology::Plan& plan) {
  Milliseconds largest{0};
  for (const topology::SubTopology& part : plan.sub_topologies) {
    for (const topology::Input& input : part.inputs) {
      largest = std::max(largest, input.watermark.max_ahead);
    }
  }
  return largest;
}

template <typename Visit>
void ForEachChild(const topology::Node& node, Visit visit) {
  for (const int32_t child : node.children) visit(child);
  if (const auto* branch = std::get_if<topology::BranchNode>(&node.operation)) {
    for (const auto& entry : branch->branches) {
      for (const int32_t child : entry.children) visit(child);
    }
  }
}

}  // namespace

Result<std::unique_ptr<PlanProgram>> PlanProgram::Create(std::shared_ptr<const topology::Plan> plan,
                                                         size_t sub_topology, StepVisits* visits) {
  CHECK(plan != nullptr && sub_topology < plan->sub_topologies.size()) << sub_topology;
  std::unique_ptr<PlanProgram> program(new PlanProgram(std::move(plan), sub_topology, visits));
  RETURN_IF_ERROR(program->CompileInputs());
  RETURN_IF_ERROR(program->CompileSteps());
  return program;
}

PlanProgram::PlanProgram(std::shared_ptr<const topology::Plan> plan, size_t sub_topology,
                         StepVisits* visits)
    : plan_(std::move(plan)),
      sub_topology_(plan_->sub_topologies[sub_topology]),
      visits_(visits),
      frames_(sub_topology_.segments.size()),
      steps_(sub_topology_.nodes.size()),
      key_encodings_(sub_topology_.nodes.size(), nullptr) {
  run_.SetMaxAhead(LargestMaxAhead(*plan_));
  if (!sub_topology_.dead_letters) return;
  const std::string& application = plan_->application_id;
  const size_t output = OutputIndex(OutputsOf(sub_topology_), sub_topology_.dead_letters->name);
  letters_ = std::unique_ptr<Letters>(
      new Letters{DeadLetterWriter(application, output), HeldKeys(application)});
}

PlanProgram::~PlanProgram() = default;

Status PlanProgram::CompileInputs() {
  for (const topology::Input& input : sub_topology_.inputs) {
    const auto segment = static_cast<size_t>(input.segment);
    ASSIGN_OR_RETURN(std::unique_ptr<InputReader> reader,
                     InputReader::Create(input, sub_topology_.segments[segment]));
    inputs_.push_back(std::move(reader));
    unreadable_logged_.push_back(false);
    for (const int32_t child : input.children) {
      key_encodings_[static_cast<size_t>(child)] = &input.key;
    }
  }
  return Status::Ok();
}

Status PlanProgram::CompileSteps() {
  for (size_t i = 0; i < steps_.size(); ++i) RETURN_IF_ERROR(CompileStep(i));
  return Status::Ok();
}

Status PlanProgram::CompileStep(size_t index) {
  const topology::Node& node = sub_topology_.nodes[index];
  Step& step = steps_[index];
  step.node = &node;
  step.segment = static_cast<size_t>(node.segment);
  const Encoding* const key = key_encodings_[index];
  CHECK(key != nullptr) << "no parent before node " << node.name;
  const Encoding* behind = KeyBehind(node, key);

  const std::vector<Output> outputs = OutputsOf(sub_topology_);
  if (const auto* sink = std::get_if<topology::SinkNode>(&node.operation)) {
    ASSIGN_OR_RETURN(step.sink, SinkWriter::Create(*sink, OutputIndex(outputs, sink->topic)));
  } else if (const auto* hop = std::get_if<topology::RepartitionNode>(&node.operation)) {
    step.repartition = std::make_unique<RepartitionWriter>(*hop, OutputIndex(outputs, hop->topic));
  } else if (const auto* aggregate = std::get_if<topology::AggregateNode>(&node.operation)) {
    const bool plain = aggregate->output_key == topology::OutputKey::kPlain;
    behind = plain ? &aggregate->key : &Computed();
    const auto results = static_cast<size_t>(aggregate->results_segment);
    if (aggregate->window) {
      ASSIGN_OR_RETURN(step.stateful,
                       NewWindowedAggregate(*aggregate, sub_topology_.segments[results]));
    } else {
      ASSIGN_OR_RETURN(step.stateful,
                       RunningAggregate::Create(*aggregate, sub_topology_.segments[results]));
    }
    step.store = static_cast<size_t>(aggregate->store);
  } else if (const auto* dedup = std::get_if<topology::DedupNode>(&node.operation)) {
    ASSIGN_OR_RETURN(step.stateful, DedupStep::Create(*dedup));
    step.store = static_cast<size_t>(dedup->store);
  } else if (const auto* process = std::get_if<topology::ProcessNode>(&node.operation)) {
    Result<std::unique_ptr<ProcessStep>> made = ProcessStep::Create(*process);
    if (!made.ok()) return made.status().WithContext(node.name);
    step.stateful = *std::move(made);
    step.store = static_cast<size_t>(process->store);
  }
  step.output_segment = OutputSegmentOf(node);
  if (step.output_segment >= 0) RETURN_IF_ERROR(AddFrame(step.output_segment, *behind));
  for (const topology::Node::Side& side : node.sides) {
    if (side.segment >= 0) RETURN_IF_ERROR(AddFrame(side.segment, *key));
    for (const int32_t child : side.children) key_encodings_[static_cast<size_t>(child)] = key;
  }
  ForEachChild(node, [&](int32_t child) { key_encodings_[static_cast<size_t>(child)] = behind; });
  return Status::Ok();
}

Status PlanProgram::AddFrame(int32_t segment, const Encoding& key) {
  Frame& frame = frames_[static_cast<size_t>(segment)];
  // The rows of several merges meet in one segment, in one encoding.
  if (frame.entry != nullptr) return Status::Ok();
  ASSIGN_OR_RETURN(frame.entry,
                   SegmentEntry::Create(sub_topology_.segments[static_cast<size_t>(segment)], key));
  frame.own_slots = frame.entry->NewSlots();
  frame.slots = frame.own_slots;
  return Status::Ok();
}

PlanProgramFactory::PlanProgramFactory(std::shared_ptr<const topology::Plan> plan,
                                       size_t sub_topology, StepVisits* visits)
    : plan_(std::move(plan)), sub_topology_(sub_topology), visits_(visits) {}

Result<std::unique_ptr<TaskProgram>> PlanProgramFactory::New(Partition /*partition*/) {
  ASSIGN_OR_RETURN(std::unique_ptr<PlanProgram> program,
                   PlanProgram::Create(plan_, sub_topology_, visits_));
  return std::unique_ptr<TaskProgram>(std::move(program));
}

}  // namespace sidestream::operators
