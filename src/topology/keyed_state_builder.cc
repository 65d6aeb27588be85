// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StepBuilder's steps that keep state beside aggregates: dedup and process.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "topology/internal_topics.h"
#include "topology/step_builder.h"

namespace sidestream::topology {
namespace {

/// Rows say which store they are of in one byte.
constexpr size_t kStoresMax = 255;

std::string_view StoreKindName(ProcessStore::Kind kind) {
  switch (kind) {
    case ProcessStore::Kind::kValue:
      return "value";
    case ProcessStore::Kind::kList:
      return "list";
    case ProcessStore::Kind::kMap:
      return "map";
  }
  return "";
}

/// What the rows of a process step mean: its stores in their order. How long a ttl is may change,
/// which clock it goes by may not: the times in the rows are of that clock.
std::vector<std::string> FieldsOf(const ProcessNode& process) {
  std::vector<std::string> stores;
  for (const ProcessStore& store : process.stores) {
    stores.push_back(fmt::format("{}: {}{}", store.name, StoreKindName(store.kind),
                                 !store.ttl              ? ""
                                 : store.ttl->wall_clock ? " ttl by the wall clock"
                                                         : " ttl in event time"));
  }
  return stores;
}

}  // namespace

Point StepBuilder::HopIfRekeyed(const StepModel& step, const Place& place, Point point) {
  if (!point.rekeyed) return point;
  const std::string topic =
      RepartitionTopicName(model_.application.id, step.name ? step.name->text : "");
  return draft_.Hop(point, topic, place.name, place.location, place.on_error,
                    CountFor(topic, nullptr, point), place.position);
}

Point StepBuilder::Add(const DedupModel& model, const StepModel& step, const Place& place,
                       Point point) {
  point = HopIfRekeyed(step, place, std::move(point));
  DedupNode dedup;
  dedup.key = point.key.encoding;
  dedup.ttl_ms = model.ttl_ms;
  dedup.wall_clock = model.wall_clock;
  dedup.keep_last = model.keep_last;
  std::string id = "key";
  if (model.key && Trimmed(model.key->text()) != "key") {
    compiler_.RemarkImpure(*model.key, "no record is a duplicate of another",
                           "name what is the same in a record that is sent twice");
    id = compiler_.MeaningOf(*model.key, point);
    dedup.id = compiler_.Compile(*model.key, point);
  }
  Store store;
  store.name = step.name ? step.name->text : "";
  store.kind = Store::Kind::kDedup;
  store.changelog_topic = ChangelogTopicName(model_.application.id, store.name);
  store.key = dedup.key;
  store.key_meaning = point.key.meaning;
  store.value_layout = fmt::format("{} of {} {}", model.keep_last ? "last" : "first", id,
                                   model.wall_clock ? "by the wall clock" : "in event time");
  store.layout.parts.push_back({"what is kept", store.value_layout});
  const Point before = point;
  if (model.keep_last) {
    // What waits is stored as a value, and comes out as one.
    dedup.value_slot = draft_.WholeValue(point);
    expression::Type type = point.value.type;
    const int32_t segment = dedup.output_segment = draft_.NewSegment();
    point = BehindNewValue(std::move(point), std::move(dedup), segment, std::move(type), place);
    point.changes = false;
  } else {
    point = Behind(std::move(point), std::move(dedup), place);
  }
  const int32_t node = point.ends.front().index;
  draft_.node(node).sides.push_back({.name = "duplicates", .children = {}, .segment = -1});
  Point side = model.keep_last ? point : before;
  if (model.keep_last) {
    side.segment = draft_.node(node).sides.front().segment = draft_.NewSegment();
  }
  NameSide(place, step, point, 0, std::move(side));
  draft_.AddStore(std::move(store), node);
  return point;
}

ScriptText StepBuilder::ReadScript(const YamlNode& scalar) {
  ScriptText script;
  script.text = scalar.text;
  const size_t first = std::min(scalar.text.find_first_not_of(" \t\r\n"), scalar.text.size());
  const Position start = PositionInScalar(files_, scalar, first);
  const auto begin = scalar.text.begin();
  const auto lines = std::count(begin, begin + static_cast<ptrdiff_t>(first), '\n');
  script.line = std::max(1, start.line - static_cast<int32_t>(lines));
  if (start.file >= 0) script.name = files_.name(start.file);
  if (scripts_ == nullptr) return script;
  const std::optional<ScriptError> error = scripts_->Check(scalar.text);
  if (!error) return script;
  size_t offset = 0;
  for (int line = 1; line < error->line && offset < scalar.text.size(); ++line) {
    offset = std::min(scalar.text.find('\n', offset), scalar.text.size() - 1) + 1;
  }
  offset = std::min(offset + static_cast<size_t>(std::max(error->column, 1)) - 1,
                    scalar.text.empty() ? 0 : scalar.text.size() - 1);
  findings_.Error("SS4005", PositionInScalar(files_, scalar, offset), error->message);
  return script;
}

Point StepBuilder::Add(const ProcessModel& model, const StepModel& step, const Place& place,
                       Point point) {
  point = HopIfRekeyed(step, place, std::move(point));
  ProcessNode process;
  process.key = point.key.encoding;
  process.script = ReadScript(model.script);
  for (const ProcessModel::Store& store : model.stores) {
    process.stores.push_back({store.name.text, store.kind, store.ttl});
  }
  if (model.stores.size() > kStoresMax) {
    findings_.Error("SS2003", model.stores[kStoresMax].name.position,
                    fmt::format("a step has at most {} stores", kStoresMax));
  }
  for (const Named& output : model.outputs) process.outputs.push_back(output.text);
  process.value_slot = draft_.WholeValue(point);
  Store store;
  store.name = step.name ? step.name->text : "";
  store.kind = Store::Kind::kProcess;
  store.changelog_topic = ChangelogTopicName(model_.application.id, store.name);
  store.key = process.key;
  store.key_meaning = point.key.meaning;
  store.layout.fields = FieldsOf(process);
  store.layout.fields_by_place = true;
  store.value_layout = fmt::format("{{ {} }}", fmt::join(store.layout.fields, ", "));
  const std::vector<std::string> outputs = process.outputs;
  const int32_t segment = process.output_segment = draft_.NewSegment();
  // Nobody knows what a script emits.
  point = BehindNewValue(std::move(point), std::move(process), segment, expression::Type(), place);
  point.changes = false;
  const int32_t node = point.ends.front().index;
  for (size_t i = 0; i < outputs.size(); ++i) {
    Point side = point;
    side.segment = draft_.NewSegment();
    draft_.node(node).sides.push_back(
        {.name = outputs[i], .children = {}, .segment = side.segment});
    NameSide(place, step, point, i, std::move(side));
  }
  draft_.AddStore(std::move(store), node);
  return point;
}

}  // namespace sidestream::topology
