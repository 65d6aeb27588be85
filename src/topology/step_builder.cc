// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Steps without state, and sinks. Grouping and aggregates lie in aggregate_builder.cc, dedup and
// process in keyed_state_builder.cc.

#include "topology/step_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "topology/field_types.h"
#include "topology/internal_topics.h"

namespace sidestream::topology {

using Kind = serde::Value::Kind;

namespace {

/// Of a condition that sees no record.
std::optional<bool> ConstantOutcome(const ProgramPtr& condition) {
  if (condition == nullptr) return std::nullopt;
  const std::optional<serde::Value> value = condition->constant();
  if (!value || value->kind() != Kind::kBool) return std::nullopt;
  return value->bool_value();
}

}  // namespace

StepBuilder::StepBuilder(const Model& model, const SourceFiles& files,
                         const PartitionCounts& counts, const ScriptChecker* scripts,
                         PlanDraft& draft, Findings& findings)
    : model_(model),
      files_(files),
      counts_(counts),
      scripts_(scripts),
      draft_(draft),
      findings_(findings),
      compiler_(draft, model.application.vars, files, findings) {}

Point StepBuilder::AddSteps(const std::string& pipeline, const std::vector<StepModel>& steps,
                            const std::optional<Named>& to, Point point) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const StepModel& step = steps[i];
    Place place;
    place.name = fmt::format("{}.{}", pipeline,
                             step.name ? step.name->text : fmt::format("{}_{}", step.verb, i + 1));
    place.location = files_.Location(step.position);
    place.position = step.position;
    place.on_error = step.on_error.value_or(model_.errors.processing);
    point = AddStep(pipeline, step, place, std::move(point));
  }
  if (to && !point.ends.empty()) AddSink(pipeline, *to, point);
  return point;
}

Point StepBuilder::AddStep(const std::string& pipeline, const StepModel& step, const Place& place,
                           Point point) {
  return std::visit(
      [&](const auto& operation) -> Point {
        if constexpr (std::is_same_v<std::decay_t<decltype(operation)>, BranchModel>) {
          AddBranch(pipeline, operation, place, point);
          point.ends.clear();
          return std::move(point);
        } else {
          return Add(operation, step, place, std::move(point));
        }
      },
      step.operation);
}

Point StepBuilder::Behind(Point point, Operation operation, const Place& place) {
  Node node;
  node.name = place.name;
  node.location = place.location;
  node.on_error = place.on_error;
  node.operation = std::move(operation);
  const int32_t index = draft_.AddNode(point, std::move(node), place.position);
  point.ends = {{Point::End::At::kNode, index, -1}};
  return point;
}

Point StepBuilder::BehindNewValue(Point point, Operation operation, int32_t segment,
                                  expression::Type type, const Place& place) {
  point = Behind(std::move(point), std::move(operation), place);
  point.segment = segment;
  point.value = {{true, {}}, std::move(type), {}};
  // Key and headers, whoever made them, are part of the row that enters the new segment.
  point.key_from = -1;
  point.headers_from = -1;
  return point;
}

std::vector<FieldExpression> StepBuilder::CompileFields(const std::vector<NamedExpression>& fields,
                                                        const Point& point) {
  std::vector<FieldExpression> compiled;
  for (const NamedExpression& field : fields) {
    compiled.push_back({{field.name.text}, compiler_.Compile(field.expression, point)});
  }
  return compiled;
}

std::vector<std::string> StepBuilder::SplitPath(const Named& path) {
  std::vector<std::string> parts(1);
  for (const char c : path.text) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); })) {
    findings_.Error("SS2003", path.position, fmt::format("'{}' is no path of fields", path.text),
                    "names joined by single dots: address.city");
  }
  return parts;
}

void StepBuilder::CheckPathsApart(const std::vector<const Named*>& paths) {
  for (const Named* outer : paths) {
    for (const Named* inner : paths) {
      if (inner->text.starts_with(outer->text + ".")) {
        findings_.Error("SS2005", inner->position,
                        fmt::format("{} lies inside of {}, which the same step changes",
                                    inner->text, outer->text));
      }
    }
  }
}

std::vector<FieldExpression> StepBuilder::CompileNested(const std::vector<NamedExpression>& fields,
                                                        const Point& point) {
  std::vector<FieldExpression> compiled;
  std::vector<const Named*> paths;
  for (const NamedExpression& field : fields) {
    compiled.push_back({SplitPath(field.name), compiler_.Compile(field.expression, point)});
    paths.push_back(&field.name);
  }
  CheckPathsApart(paths);
  return compiled;
}

void StepBuilder::RequireObject(const StepModel& step, const Point& point) {
  const std::optional<Kind> kind = point.value.kind();
  if (!kind || *kind == Kind::kMap) return;
  const Encoding& encoding = point.value.encoding;
  findings_.Error("SS4003", step.position,
                  fmt::format("{} changes fields, but the value is {} here", step.verb,
                              encoding.computed ? serde::KindName(*kind)
                                                : serde::FormatName(encoding.format.kind)),
                  "declare value: json in the stream, or make an object with map first");
}

Point StepBuilder::Add(const FilterModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  FilterNode filter{compiler_.Compile(model.condition, point)};
  const auto kind = expression::KindOfType(TypeOfResults(filter.condition.get()));
  if (kind && *kind != Kind::kBool) {
    findings_.Error("SS4003", model.condition.scalar.position,
                    fmt::format("filter needs true or false, this is {}", serde::KindName(*kind)));
  }
  if (const auto outcome = ConstantOutcome(filter.condition)) {
    findings_.Warning("SS6004", model.condition.scalar.position,
                      *outcome ? "this is always true: the step keeps every record"
                               : "this is always false: nothing passes the step",
                      "remove the step, or look at a field");
  }
  return Behind(std::move(point), std::move(filter), place);
}

Point StepBuilder::Add(const MapModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  MapNode map;
  expression::Type type;
  if (model.value.expression) {
    map.program = compiler_.Compile(*model.value.expression, point);
    type = TypeOfResults(map.program.get());
  } else {
    map.fields = CompileFields(model.value.fields, point);
    type = TypeOfObject(map.fields);
  }
  const int32_t segment = map.output_segment = draft_.NewSegment();
  return BehindNewValue(std::move(point), std::move(map), segment, std::move(type), place);
}

Point StepBuilder::Add(const SetModel& model, const StepModel& step, const Place& place,
                       Point point) {
  RequireObject(step, point);
  SetNode set;
  set.value_slot = draft_.WholeValue(point);
  set.fields = CompileNested(model.fields, point);
  const int32_t segment = set.output_segment = draft_.NewSegment();
  expression::Type type = TypeBehindSet(point.value.type, set.fields);
  return BehindNewValue(std::move(point), std::move(set), segment, std::move(type), place);
}

Point StepBuilder::Add(const UnsetModel& model, const StepModel& step, const Place& place,
                       Point point) {
  RequireObject(step, point);
  UnsetNode unset;
  unset.value_slot = draft_.WholeValue(point);
  for (const Named& path : model.fields) unset.paths.push_back(SplitPath(path));
  const int32_t segment = unset.output_segment = draft_.NewSegment();
  expression::Type type = TypeBehindUnset(point.value.type, unset.paths);
  return BehindNewValue(std::move(point), std::move(unset), segment, std::move(type), place);
}

Point StepBuilder::Add(const HeadersModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  HeadersNode headers;
  for (const Named& name : model.unset) headers.unset.push_back(name.text);
  for (const NamedExpression& field : model.set) {
    headers.set.emplace_back(field.name.text, compiler_.Compile(field.expression, point));
  }
  point = Behind(std::move(point), std::move(headers), place);
  point.headers_from = point.ends.front().index;
  return point;
}

Point StepBuilder::Add(const FlatMapModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  FlatMapNode flat_map{compiler_.Compile(model.list, point), draft_.NewSegment()};
  const expression::Type list = TypeOfResults(flat_map.program.get());
  const auto kind = expression::KindOfType(list);
  if (kind && *kind != Kind::kList) {
    findings_.Error("SS4003", model.list.scalar.position,
                    fmt::format("flat_map needs a list, this is {}", serde::KindName(*kind)));
  }
  const int32_t segment = flat_map.output_segment;
  expression::Type type = kind == Kind::kList ? list.parameters[0] : expression::Type();
  return BehindNewValue(std::move(point), std::move(flat_map), segment, std::move(type), place);
}

Point StepBuilder::AddRekey(Point point, RekeyNode rekey, expression::Type type,
                            std::string meaning, const Place& place) {
  point = Behind(std::move(point), std::move(rekey), place);
  point.key = {{true, {}}, std::move(type), std::move(meaning)};
  point.key_from = point.ends.front().index;
  point.rekeyed = true;
  return point;
}

Point StepBuilder::Add(const RekeyModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  RekeyNode rekey;
  rekey.program = compiler_.Compile(model.key, point);
  expression::Type type = TypeOfResults(rekey.program.get());
  std::string meaning = compiler_.MeaningOf(model.key, point);
  return AddRekey(std::move(point), std::move(rekey), std::move(type), std::move(meaning), place);
}

Point StepBuilder::Add(const PeekModel& model, const StepModel& /*step*/, const Place& place,
                       Point point) {
  PeekNode peek{compiler_.Compile(model.log, point), model.every};
  return Behind(std::move(point), std::move(peek), place);
}

Point StepBuilder::Add(const RepartitionModel& model, const StepModel& step, const Place& place,
                       Point point) {
  const std::string topic =
      RepartitionTopicName(model_.application.id, step.name ? step.name->text : "");
  const int32_t partitions = CountFor(topic, &model, point);
  return draft_.Hop(point, topic, place.name, place.location, place.on_error, partitions,
                    place.position);
}

int32_t StepBuilder::CountFor(const std::string& topic, const RepartitionModel* explicit_model,
                              const Point& point) {
  const auto existing = counts_.find(topic);
  if (explicit_model != nullptr && explicit_model->partitions) {
    const int32_t wanted = *explicit_model->partitions;
    if (existing != counts_.end() && existing->second != wanted) {
      findings_.Error(
          "SS5002", explicit_model->partitions_position,
          fmt::format("{} exists with {} partitions, not {}", topic, existing->second, wanted),
          "records in it are placed by the old count: keep that, or reset the "
          "application");
    }
    return wanted;
  }
  if (existing != counts_.end()) return existing->second;
  return model_.application.parallelism.value_or(point.partitions);
}

void StepBuilder::CheckReachable(const BranchModel& model, const BranchNode& branch) {
  std::map<std::string, std::string> seen;
  std::string takes_all;
  for (size_t i = 0; i < model.entries.size(); ++i) {
    const BranchModel::Entry& entry = model.entries[i];
    if (!takes_all.empty()) {
      findings_.Warning(
          "SS6003", entry.name.position,
          fmt::format("no record reaches {}: {} takes every record", entry.name.text, takes_all),
          fmt::format("give {} a condition, or put it last", takes_all));
      continue;
    }
    if (!entry.when) continue;
    const auto outcome = ConstantOutcome(branch.branches[i].when);
    const Position& position = entry.when->scalar.position;
    const auto [first, is_new] =
        seen.emplace(expression::CanonicalText(entry.when->text()), entry.name.text);
    if (outcome && !*outcome) {
      findings_.Warning(
          "SS6003", position,
          fmt::format("no record reaches {}: its condition is always false", entry.name.text));
    } else if (outcome) {
      takes_all = entry.name.text;
    } else if (!is_new) {
      findings_.Warning("SS6003", position,
                        fmt::format("no record reaches {}: {} has the same condition and comes "
                                    "first",
                                    entry.name.text, first->second));
    }
  }
}

void StepBuilder::AddBranch(const std::string& pipeline, const BranchModel& model,
                            const Place& place, const Point& point) {
  BranchNode branch;
  for (const BranchModel::Entry& entry : model.entries) {
    ProgramPtr when = entry.when ? compiler_.Compile(*entry.when, point) : nullptr;
    branch.branches.push_back({entry.name.text, std::move(when), {}});
  }
  CheckReachable(model, branch);
  const int32_t node = Behind(point, std::move(branch), place).ends.front().index;
  for (size_t i = 0; i < model.entries.size(); ++i) {
    const BranchModel::Entry& entry = model.entries[i];
    Point inside = point;
    inside.ends = {{Point::End::At::kBranch, node, static_cast<int32_t>(i)}};
    const std::string name = fmt::format("{}.{}", pipeline, entry.name.text);
    const Point end = AddSteps(name, entry.steps, entry.to, std::move(inside));
    // Nested branches are read under the pipeline's name, too.
    const std::string key(
        fmt::format("{}.{}", pipeline.substr(0, pipeline.find('.')), entry.name.text));
    inner_points_.insert_or_assign(key, end);
  }
}

void StepBuilder::NameSide(const Place& place, const StepModel& step, const Point& behind,
                           size_t side, Point before) {
  const int32_t node = behind.ends.front().index;
  const std::string& name = draft_.node(node).sides[side].name;
  before.ends = {{Point::End::At::kSide, node, static_cast<int32_t>(side)}};
  inner_points_.insert_or_assign(fmt::format("{}.{}.{}", place.name.substr(0, place.name.find('.')),
                                             step.name ? step.name->text : "", name),
                                 std::move(before));
}

void StepBuilder::CheckSinkFormat(const Named& to, std::string_view side, const Flow& flow,
                                  const serde::FormatSpec& format) {
  const std::optional<Kind> kind = flow.kind();
  if (!kind || serde::FormatTakes(format.kind, *kind)) return;
  if (!flow.encoding.computed && flow.encoding.format.SameBytes(format)) return;
  const std::string_view have = flow.encoding.computed
                                    ? serde::KindName(*kind)
                                    : serde::FormatName(flow.encoding.format.kind);
  findings_.Error("SS4003", to.position,
                  fmt::format("the {} of {} is {}, but here it is {}", side, to.text,
                              serde::FormatName(format.kind), have),
                  side == "key" ? "change the key with rekey, or the stream's key format"
                                : "change the value with map, or the stream's value format");
}

void StepBuilder::AddSink(const std::string& pipeline, const Named& to, const Point& point) {
  const StreamModel* stream = model_.FindStream(to.text);
  CHECK(stream != nullptr && !stream->topics.empty()) << to.text;
  SinkNode sink;
  sink.alias = to.text;
  sink.topic = stream->topics.front().text;
  sink.key_format = stream->key;
  sink.value_format = stream->value;
  const auto count = counts_.find(sink.topic);
  sink.partitions = count == counts_.end() ? 0 : count->second;
  sink.on_production_error = stream->on_error.value_or(model_.errors.production);
  if (stream->changes) {
    findings_.Error("SS3002", to.position,
                    fmt::format("{} holds changes of a database and is only read", to.text),
                    "write to a stream without cdc");
  }
  CheckSinkFormat(to, "key", point.key, stream->key);
  CheckSinkFormat(to, "value", point.value, stream->value);
  const auto unchanged = [](const Encoding& encoding, const serde::FormatSpec& format) {
    return !encoding.computed && encoding.format.SameBytes(format);
  };
  if (!unchanged(point.key.encoding, stream->key)) sink.key_slot = draft_.WholeKey(point);
  if (!unchanged(point.value.encoding, stream->value)) sink.value_slot = draft_.WholeValue(point);
  Place place{pipeline + ".to", files_.Location(to.position), to.position,
              model_.errors.processing};
  Behind(point, std::move(sink), place);
}

}  // namespace sidestream::topology
