// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A record's way through the nodes. How a program is made: plan_program_factory.cc; what becomes
// of records that are put aside: plan_program_letters.cc.

#include "operators/plan_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/log.h"
#include "operators/input_reader.h"
#include "operators/result_reach.h"
#include "operators/segment_entry.h"
#include "operators/sink/repartition_writer.h"
#include "operators/sink/sink_writer.h"
#include "operators/stateful_step.h"
#include "operators/stateless/header_edit.h"
#include "operators/stateless/object_edit.h"
#include "serde/json_text.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using topology::ErrorAction;
using Kind = serde::Value::Kind;

/// Names from bounded sets: docs/operations/metrics.md.
constexpr std::string_view kFiltered = "filtered";
constexpr std::string_view kNullKey = "null_key";
constexpr std::string_view kNoBranch = "no_branch";
constexpr std::string_view kSkipped = "skipped";
constexpr std::string_view kTombstone = "tombstone";

/// Lets go of the input's record, however the call ends.
class HeldRecord {
 public:
  explicit HeldRecord(InputReader& input) : input_(input) {}
  ~HeldRecord() { input_.Forget(); }
  HeldRecord(const HeldRecord&) = delete;
  HeldRecord& operator=(const HeldRecord&) = delete;

 private:
  InputReader& input_;
};

std::string PlaceOf(const Row& row) {
  if (!row.origin) return fmt::format("timestamp_ms={}", row.timestamp.value());
  return fmt::format("topic={} partition={} offset={}", row.origin->topic, row.origin->partition,
                     row.origin->offset.value());
}

/// The first one of each step is worth a line; the counter has the rest.
void TellFirst(std::string_view what, std::string_view where, const std::string& message) {
  log::Warning("operators", "{}, more of this {} are only counted: {}", what, where, message);
}

std::string TextForLog(const Value& value) {
  if (value.kind() == Kind::kString) return std::string(value.string_value());
  std::string text;
  if (serde::AppendJson(value, text).ok()) return text;
  return serde::DebugString(value);
}

}  // namespace

bool PlanProgram::MayWait() const {
  return std::ranges::any_of(inputs_, [](const auto& input) { return input->may_wait(); });
}

Status PlanProgram::Ready(size_t input, const InputRecord& record) {
  return inputs_[input]->Ready(record);
}

Result<Timestamp> PlanProgram::EventTime(size_t input, const InputRecord& record) {
  return inputs_[input]->EventTime(record);
}

std::optional<Timestamp> PlanProgram::StatedWatermark(size_t input, const InputRecord& record) {
  return inputs_[input]->StatedWatermark(record);
}

Status PlanProgram::Process(size_t index, const InputRecord& record, ProcessorContext& context) {
  InputReader& reader = *inputs_[index];
  const HeldRecord held(reader);
  run_.Begin(context, reader.arena());
  if (letters_ == nullptr) return ProcessAdmitted(index, record);
  letters_->record = &record;
  letters_->input = &sub_topology_.inputs[index];
  letters_->written = false;
  const bool holds = letters_->input->held_store >= 0 && record.key.has_value();
  return holds ? ProcessHeld(index, record) : ProcessAdmitted(index, record);
}

Status PlanProgram::ProcessAdmitted(size_t index, const InputRecord& record) {
  const topology::Input& input = sub_topology_.inputs[index];
  InputReader& reader = *inputs_[index];
  if (const Status read = reader.Read(record); !read.ok()) {
    return RefuseUnreadable(index, record, read);
  }
  // A tombstone behind a delete says what the delete said.
  const bool tombstone = input.changes ? !record.value ||
                                             (input.drop_tombstones && reader.row().value.null)
                                       : input.drop_tombstones && !record.value;
  if (tombstone) {
    run_.context().CountDropped(input.alias, kTombstone);
    return Status::Ok();
  }
  frames_[static_cast<size_t>(input.segment)].slots = reader.slots();
  return Push(input.children, reader.row());
}

/// A step's way out, for one call of it.
class PlanProgram::NodeOutput final : public StepOutput {
 public:
  NodeOutput(PlanProgram& program, Step& step) : program_(program), step_(step) {}

  statestore::KeyValueStore& store() override { return program_.run_.context().Store(step_.store); }
  RunState& run() override { return program_.run_; }

  void BeginResult() override {
    program_.commit_arena_.Reset();
    if (program_.letters_ != nullptr) program_.letters_->written = false;
  }
  Status Emit(Row& result) override {
    return Told(step_.output_segment < 0
                    ? program_.Push(step_.node->children, result)
                    : program_.PushNewValue(step_, step_.output_segment, result,
                                            result.value.value));
  }
  Status EmitSide(size_t output, Row& row) override {
    const topology::Node::Side& side = step_.node->sides[output];
    if (side.children.empty()) return program_.Drop(step_, side.name);
    return Told(side.segment < 0 ? program_.Push(side.children, row)
                                 : program_.PushNewValue(step_, side.children, side.segment, row,
                                                         row.value.value));
  }
  Status Refuse(Row& result, const Status& cause) override {
    return Told(program_.Refuse(step_, result, cause));
  }
  void CountDropped(std::string_view reason) override {
    program_.run_.context().CountDropped(step_.node->name, reason);
  }
  void CountLate() override { program_.run_.context().CountLate(step_.node->name); }

  /// An error of the call has met its policy already, and goes up as it is.
  bool told() const { return told_; }

 private:
  Status Told(Status status) {
    told_ = told_ || !status.ok();
    return status;
  }

  PlanProgram& program_;
  Step& step_;
  bool told_ = false;
};

template <typename Act>
Status PlanProgram::Drive(ProcessorContext& context, const Act& act) {
  for (Step& step : steps_) {
    if (step.stateful == nullptr) continue;
    run_.Begin(context, commit_arena_);
    if (letters_ != nullptr) letters_->record = nullptr;
    NodeOutput output(*this, step);
    output.BeginResult();
    RETURN_IF_ERROR(act(*step.stateful, output));
  }
  return Status::Ok();
}

Status PlanProgram::BeforeCommit(ProcessorContext& context) {
  return Drive(context, [](StatefulStep& step, StepOutput& output) {
    return step.BeforeCommit(output);
  });
}

bool PlanProgram::FollowsEventTime() const {
  return std::ranges::any_of(steps_, [](const Step& step) {
    return step.stateful != nullptr && step.stateful->FollowsEventTime();
  });
}

int64_t PlanProgram::ResultReach() const { return operators::ResultReach(sub_topology_); }

Status PlanProgram::AdvanceEventTime(Timestamp watermark, ProcessorContext& context) {
  return Drive(context, [watermark](StatefulStep& step, StepOutput& output) {
    return step.AdvanceEventTime(watermark, output);
  });
}

Status PlanProgram::AdvanceWallTime(Timestamp now, ProcessorContext& context) {
  return Drive(context, [now](StatefulStep& step, StepOutput& output) {
    return step.AdvanceWallTime(now, output);
  });
}

std::optional<Timestamp> PlanProgram::NextWallTime() const {
  std::optional<Timestamp> next;
  for (const Step& step : steps_) {
    if (step.stateful == nullptr) continue;
    const std::optional<Timestamp> of_step = step.stateful->NextWallTime();
    if (of_step && (!next || *of_step < *next)) next = of_step;
  }
  return next;
}

void PlanProgram::Restart(Timestamp watermark) {
  for (Step& step : steps_) {
    if (step.stateful != nullptr) step.stateful->Restart(watermark);
  }
  for (const std::unique_ptr<InputReader>& input : inputs_) input->Forget();
}

Status PlanProgram::Push(const std::vector<int32_t>& children, Row& row) {
  for (const int32_t child : children)
    RETURN_IF_ERROR(Run(steps_[static_cast<size_t>(child)], row));
  return Status::Ok();
}

Status PlanProgram::Run(Step& step, Row& row) {
  if (visits_ != nullptr) visits_->CameTo(*step.node);
  return std::visit(
      [&](const auto& operation) -> Status {
        using T = std::decay_t<decltype(operation)>;
        if constexpr (std::is_same_v<T, topology::FilterNode>) {
          return RunFilter(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::MapNode>) {
          return RunMap(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::SetNode>) {
          return RunSet(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::UnsetNode>) {
          return RunUnset(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::HeadersNode>) {
          return RunHeaders(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::FlatMapNode>) {
          return RunFlatMap(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::RekeyNode>) {
          return RunRekey(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::PeekNode>) {
          return RunPeek(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::BranchNode>) {
          return RunBranch(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::MergeNode>) {
          return RunMerge(step, operation, row);
        } else if constexpr (std::is_same_v<T, topology::AggregateNode> ||
                             std::is_same_v<T, topology::DedupNode> ||
                             std::is_same_v<T, topology::ProcessNode>) {
          return RunStateful(step, row);
        } else if constexpr (std::is_same_v<T, topology::SinkNode>) {
          return RunSink(step, operation, row);
        } else {
          static_assert(std::is_same_v<T, topology::RepartitionNode>);
          return RunRepartition(step, row);
        }
      },
      step.node->operation);
}

Status PlanProgram::Refuse(Step& step, ErrorAction action, DeadLetterCause kind, const Row& row,
                           const Status& cause) {
  if (cause.code() != StatusCode::kBadRecord) return cause;
  const auto message = [&] {
    return fmt::format("{} ({}): {}", step.node->name, step.node->location, cause.message());
  };
  if (action == ErrorAction::kFail) return Status::BadRecord(message() + ": " + PlaceOf(row));
  const bool first = !std::exchange(step.refusal_logged, true);
  if (action == ErrorAction::kDeadLetter) {
    if (first) TellFirst("put a record aside", "step", message() + ": " + PlaceOf(row));
    return PutAside(kind, step.node->name, message(), &row);
  }
  run_.context().CountDropped(step.node->name, kSkipped);
  if (first) TellFirst("skipped a record", "step", message() + ": " + PlaceOf(row));
  return Status::Ok();
}

Status PlanProgram::RefuseUnreadable(size_t index, const InputRecord& record, const Status& cause) {
  const topology::Input& input = sub_topology_.inputs[index];
  if (cause.code() != StatusCode::kBadRecord) return cause.WithContext("topic " + input.topic);
  const std::string message =
      fmt::format("{}: cannot read a record: {}", input.alias, cause.message());
  const auto with_place = [&] {
    return fmt::format("{}: topic={} partition={} offset={}", message, record.topic,
                       record.partition, record.offset.value());
  };
  if (input.on_deserialization_error == ErrorAction::kFail) return Status::BadRecord(with_place());
  const bool first = !unreadable_logged_[index];
  unreadable_logged_[index] = true;
  if (input.on_deserialization_error == ErrorAction::kDeadLetter) {
    if (first) TellFirst("put a record aside", "input", with_place());
    return PutAside(DeadLetterCause::kDeserialization, input.alias, message, nullptr);
  }
  run_.context().CountDropped(input.alias, kSkipped);
  if (first) TellFirst("skipped a record", "input", with_place());
  return Status::Ok();
}

Status PlanProgram::Drop(const Step& step, std::string_view reason) {
  run_.context().CountDropped(step.node->name, reason);
  return Status::Ok();
}

Status PlanProgram::PushNewValue(Step& step, const std::vector<int32_t>& children, int32_t segment,
                                 const Row& row, const Value& value) {
  Row next = row;
  next.value.computed = true;
  next.value.bytes.reset();
  next.value.value = value;
  next.value.null = value.null();
  Frame& frame = frames_[static_cast<size_t>(segment)];
  frame.entry->FillValue(value, frame.slots);
  if (Status status = frame.entry->FillFromRow(next, frame.slots, run_.parser(), run_.arena());
      !status.ok()) {
    return Refuse(step, row, status.WithContext("key"));
  }
  return Push(children, next);
}

Result<std::span<Value>> PlanProgram::EvaluateFields(
    const Step& step, std::span<const topology::FieldExpression> fields) {
  const std::span<Value> values = run_.arena().NewArray<Value>(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    Result<Value> value = run_.Evaluate(fields[i].program, SlotsOf(step));
    if (!value.ok()) {
      std::string path;
      for (const std::string& name : fields[i].path) path += path.empty() ? name : "." + name;
      return value.status().WithContext("field " + path);
    }
    values[i] = *value;
  }
  return values;
}

Status PlanProgram::RunFilter(Step& step, const topology::FilterNode& filter, Row& row) {
  const Result<bool> keep = run_.Test(filter.condition, SlotsOf(step));
  if (!keep.ok()) return Refuse(step, row, keep.status());
  return *keep ? Push(step.node->children, row) : Drop(step, kFiltered);
}

Status PlanProgram::RunMap(Step& step, const topology::MapNode& map, Row& row) {
  if (map.program != nullptr) {
    const Result<Value> value = run_.EvaluateWhole(map.program, SlotsOf(step));
    if (!value.ok()) return Refuse(step, row, value.status());
    return PushNewValue(step, map.output_segment, row, *value);
  }
  const Result<std::span<Value>> values = EvaluateFields(step, map.fields);
  if (!values.ok()) return Refuse(step, row, values.status());
  return PushNewValue(step, map.output_segment, row, NewObject(map.fields, *values, run_.arena()));
}

Status PlanProgram::RunSet(Step& step, const topology::SetNode& set, Row& row) {
  const Result<std::span<Value>> values = EvaluateFields(step, set.fields);
  if (!values.ok()) return Refuse(step, row, values.status());
  const Value object = Unwrap(SlotsOf(step)[static_cast<size_t>(set.value_slot)]);
  const Result<Value> value = SetFields(object, set.fields, *values, run_.arena());
  if (!value.ok()) return Refuse(step, row, value.status());
  return PushNewValue(step, set.output_segment, row, *value);
}

Status PlanProgram::RunUnset(Step& step, const topology::UnsetNode& unset, Row& row) {
  const Value object = Unwrap(SlotsOf(step)[static_cast<size_t>(unset.value_slot)]);
  const Result<Value> value = UnsetFields(object, unset.paths, run_.arena());
  if (!value.ok()) return Refuse(step, row, value.status());
  return PushNewValue(step, unset.output_segment, row, *value);
}

Status PlanProgram::RunHeaders(Step& step, const topology::HeadersNode& headers, Row& row) {
  const std::span<Value> slots = SlotsOf(step);
  const std::span<Value> values = run_.arena().NewArray<Value>(headers.set.size());
  for (size_t i = 0; i < headers.set.size(); ++i) {
    const Result<Value> value = run_.Evaluate(headers.set[i].second, slots);
    if (!value.ok()) {
      return Refuse(step, row, value.status().WithContext("header " + headers.set[i].first));
    }
    values[i] = *value;
  }
  const auto edited = EditHeaders(row.headers, headers, values, run_.arena());
  if (!edited.ok()) return Refuse(step, row, edited.status());
  Row next = row;
  next.headers = *edited;
  const auto& segment = sub_topology_.segments[step.segment];
  for (const int32_t slot : headers.header_slots) {
    const std::vector<std::string>& path = segment.slots[static_cast<size_t>(slot)].path;
    slots[static_cast<size_t>(slot)] = path.empty() ? HeaderMap(next.headers, run_.arena())
                                                    : LastHeader(next.headers, path.front());
  }
  return Push(step.node->children, next);
}

Status PlanProgram::RunFlatMap(Step& step, const topology::FlatMapNode& flat_map, Row& row) {
  const Result<Value> list = run_.EvaluateWhole(flat_map.program, SlotsOf(step));
  if (!list.ok()) return Refuse(step, row, list.status());
  if (list->kind() != Kind::kList) {
    return Refuse(step, row,
                  Status::BadRecord("flat_map needs a list, this is " +
                                    std::string(serde::KindName(list->kind()))));
  }
  for (const Value& element : list->list()) {
    const Value value = Unwrap(element);
    // An element that is optional.none() is left out, as a field is.
    if (value.missing()) continue;
    RETURN_IF_ERROR(PushNewValue(step, flat_map.output_segment, row, value));
  }
  return Status::Ok();
}

Status PlanProgram::RunRekey(Step& step, const topology::RekeyNode& rekey, Row& row) {
  const std::span<Value> slots = SlotsOf(step);
  Row next = row;
  next.key = RowKey();
  next.key.computed = true;
  if (rekey.program != nullptr) {
    const Result<Value> key = run_.EvaluateWhole(rekey.program, slots);
    if (!key.ok()) return Refuse(step, row, key.status());
    next.key.value = *key;
  } else {
    const Result<std::span<Value>> values = EvaluateFields(step, rekey.fields);
    if (!values.ok()) return Refuse(step, row, values.status());
    next.key.value = NewObject(rekey.fields, *values, run_.arena());
    next.key.order = serde::KeyOrder::kAsGiven;
  }
  if (rekey.drop_null && next.key.value.null()) return Drop(step, kNullKey);
  const auto& segment = sub_topology_.segments[step.segment];
  for (const int32_t slot : rekey.key_slots) {
    slots[static_cast<size_t>(slot)] =
        ValueAt(next.key.value, segment.slots[static_cast<size_t>(slot)].path);
  }
  return Push(step.node->children, next);
}

Status PlanProgram::RunPeek(Step& step, const topology::PeekNode& peek, Row& row) {
  if (++step.peeked % peek.every == 0) {
    const Result<Value> value = run_.EvaluateWhole(peek.program, SlotsOf(step));
    if (!value.ok()) return Refuse(step, row, value.status());
    log::Info("operators", "{}: {}", step.node->name, TextForLog(*value));
  }
  return Push(step.node->children, row);
}

Status PlanProgram::RunBranch(Step& step, const topology::BranchNode& branch, Row& row) {
  for (const topology::BranchNode::Branch& entry : branch.branches) {
    if (entry.when != nullptr) {
      const Result<bool> takes = run_.Test(entry.when, SlotsOf(step));
      if (!takes.ok()) {
        return Refuse(step, row, takes.status().WithContext("branch " + entry.name));
      }
      if (!*takes) continue;
    }
    if (visits_ != nullptr) visits_->Took(*step.node, entry.name);
    return Push(entry.children, row);
  }
  return Drop(step, kNoBranch);
}

Status PlanProgram::RunMerge(Step& step, const topology::MergeNode& merge, Row& row) {
  const std::span<Value> slots = SlotsOf(step);
  Row next = row;
  if (merge.key_becomes_computed) {
    next.key = RowKey();
    next.key.computed = true;
    next.key.value = slots[static_cast<size_t>(merge.key_slot)];
  }
  if (merge.value_becomes_computed) {
    next.value.computed = true;
    next.value.bytes.reset();
    next.value.value = slots[static_cast<size_t>(merge.value_slot)];
  }
  Frame& frame = frames_[static_cast<size_t>(merge.output_segment)];
  if (merge.key_slot >= 0) {
    frame.entry->FillKeyValue(slots[static_cast<size_t>(merge.key_slot)], frame.slots);
  }
  if (merge.value_slot >= 0) {
    frame.entry->FillValue(slots[static_cast<size_t>(merge.value_slot)], frame.slots);
  }
  frame.entry->FillHeaders(next.headers, frame.slots, run_.arena());
  frame.entry->FillMeta(next, frame.slots, run_.arena());
  return Push(step.node->children, next);
}

Status PlanProgram::RunStateful(Step& step, Row& row) {
  if (row.key.null()) return Drop(step, kNullKey);
  NodeOutput output(*this, step);
  const Status status = step.stateful->Process(row, SlotsOf(step), output);
  return status.ok() || output.told() ? status : Refuse(step, row, status);
}

Status PlanProgram::RunSink(Step& step, const topology::SinkNode& sink, Row& row) {
  const ErrorAction action = sink.on_production_error;
  Status status = step.sink->Write(row, SlotsOf(step), run_.context());
  if (status.ok()) return status;
  // That we may not write there is no reason to stop where another policy was asked for.
  if (status.code() == StatusCode::kInvalidConfig && action != ErrorAction::kFail) {
    status = Status::BadRecord(status.message());
  }
  return Refuse(step, action, DeadLetterCause::kProduction, row, status);
}

Status PlanProgram::RunRepartition(Step& step, Row& row) {
  const Status status = step.repartition->Write(row, run_.context(), run_.arena());
  return status.ok() ? status : Refuse(step, row, status);
}

}  // namespace sidestream::operators
