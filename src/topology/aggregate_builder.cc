// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The stateful half of StepBuilder: grouping with its hop, aggregate calls, store.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "expression/call_extraction.h"
#include "topology/internal_topics.h"
#include "topology/step_builder.h"

namespace sidestream::topology {
namespace {

using Kind = serde::Value::Kind;

struct FunctionRow {
  std::string_view name;
  AggregateFunction function;
  size_t arguments;
};

constexpr std::array<FunctionRow, 4> kFunctions = {{{"count", AggregateFunction::kCount, 0},
                                                    {"sum", AggregateFunction::kSum, 1},
                                                    {"min", AggregateFunction::kMin, 1},
                                                    {"max", AggregateFunction::kMax, 1}}};

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const FunctionRow& row : kFunctions) names.emplace_back(row.name);
  return names;
}

const FunctionRow& RowOf(const std::string& name) {
  const auto row = std::find_if(kFunctions.begin(), kFunctions.end(),
                                [&](const FunctionRow& r) { return r.name == name; });
  CHECK(row != kFunctions.end()) << name;
  return *row;
}

constexpr const char* kImpureHint =
    "set a field before the step, or use meta.timestamp, which is the same in every run";

/// What most often is meant by a result that does not compile.
std::string ResultHint(std::string_view message) {
  if (message.find("unknown variable") != std::string_view::npos) {
    return "a result sees key and vars; only the arguments of count() sum(x) min(x) max(x) see the "
           "record";
  }
  if (message.find("unknown function") != std::string_view::npos) {
    return "the aggregate functions are count(), sum(x), min(x), max(x)";
  }
  return "";
}

/// Whether no two records have the same: a group of its own for each.
bool DiffersPerRecord(const ExpressionText& expression) {
  const std::string_view text = Trimmed(expression.text());
  return text == "meta.timestamp" || text.find("meta.offset") != std::string_view::npos;
}

/// What a row holds: the accumulators in their order, and the shape of the last result that was
/// sent. Not the formulas of the results: the next result is compared with the last one.
std::string LayoutOf(const AggregateNode& aggregate, const std::string& constants) {
  std::vector<std::string> calls;
  for (const AggregateCall& call : aggregate.calls) calls.push_back(call.text);
  std::vector<std::string> names;
  for (const FieldExpression& field : aggregate.fields) names.push_back(field.path.front());
  names.insert(names.end(), aggregate.group_fields.begin(), aggregate.group_fields.end());
  return fmt::format("[{}]{} as {}", fmt::join(calls, "; "), constants,
                     names.empty() ? "value" : fmt::format("{{ {} }}", fmt::join(names, ", ")));
}

}  // namespace

Point StepBuilder::AddGrouping(const AggregateModel& model, const StepModel& step,
                               const Place& place, Point point) {
  const std::string name = step.name ? step.name->text : "";
  std::vector<const ExpressionText*> groups;
  if (model.group_by.expression) groups.push_back(&*model.group_by.expression);
  for (const NamedExpression& field : model.group_by.fields) groups.push_back(&field.expression);
  for (const ExpressionText* group : groups) {
    compiler_.RemarkImpure(*group, "each record gets a group of its own", kImpureHint);
    if (!DiffersPerRecord(*group)) continue;
    findings_.Warning("SS6001", group->scalar.position,
                      "each record gets a group of its own: the state grows for ever",
                      "group by something that comes back, such as a user or a day");
  }
  const bool by_key =
      model.group_by.expression && Trimmed(model.group_by.expression->text()) == "key";
  if (!by_key) {
    RekeyNode rekey;
    rekey.drop_null = true;
    std::optional<Kind> kind = Kind::kMap;
    std::string meaning;
    if (model.group_by.expression) {
      meaning = compiler_.MeaningOf(*model.group_by.expression, point);
      rekey.program = compiler_.Compile(*model.group_by.expression, point);
      kind = KnownKind(rekey.program.get());
    } else {
      rekey.fields = CompileFields(model.group_by.fields, point);
      std::vector<std::string> fields;
      for (const NamedExpression& field : model.group_by.fields) {
        fields.push_back(
            fmt::format("{}: {}", field.name.text, compiler_.MeaningOf(field.expression, point)));
      }
      meaning = fmt::format("{{ {} }}", fmt::join(fields, ", "));
    }
    Place grouping = place;
    grouping.name += ".group_by";
    point = AddRekey(std::move(point), std::move(rekey), kind, std::move(meaning), grouping);
  }
  if (!point.rekeyed) return point;
  const std::string topic = RepartitionTopicName(model_.application.id, name);
  return draft_.Hop(point, topic, place.name, place.location, place.on_error,
                    CountFor(topic, nullptr, point), place.position);
}

Point StepBuilder::Add(const AggregateModel& model, const StepModel& step, const Place& place,
                       Point point) {
  if (point.aggregated) {
    findings_.Error("SS3009", step.position,
                    "this aggregate reads results that are corrected later: it would take each "
                    "correction for a new record",
                    "aggregate the records themselves");
  }
  point = AddGrouping(model, step, place, std::move(point));
  AggregateNode aggregate;
  aggregate.key = point.key.encoding;
  aggregate.results_segment = draft_.NewSegment();
  aggregate.output_segment = draft_.NewSegment();

  RowScope arguments(draft_, point, compiler_.vars(), RowScope::For::kStep);
  ResultScope results(draft_, aggregate.results_segment, compiler_.vars());
  expression::CallExtractor extractor(FunctionNames(), results, arguments);
  size_t checked = 0;
  const auto compile = [&](const ExpressionText& expression) -> ProgramPtr {
    expression::CompileResult result = extractor.Extract(expression.text());
    const auto says = [](std::string_view text) {
      return [text](const expression::CompileError& error) {
        return error.message.find(text) != std::string::npos;
      };
    };
    // The arguments of a function that is not there see nothing.
    if (std::any_of(result.errors.begin(), result.errors.end(), says("unknown function"))) {
      std::erase_if(result.errors, says("unknown variable"));
    }
    for (expression::CompileError& error : result.errors) {
      if (error.suggestion.empty()) error.suggestion = ResultHint(error.message);
    }
    compiler_.Report(expression, result.errors);
    compiler_.Report(expression, arguments.TakeErrors());
    compiler_.Report(expression, results.TakeErrors());
    compiler_.RemarkImpure(expression, "a restart computes another result", kImpureHint);
    if (result.errors.empty()) compiler_.Remark(expression, arguments);
    for (; checked < extractor.calls().size(); ++checked) {
      const expression::AggregateCall& call = extractor.calls()[checked];
      const size_t wanted = RowOf(call.function).arguments;
      if (call.arguments.size() == wanted) continue;
      findings_.Error(
          "SS4001", expression.scalar.position,
          fmt::format("{} takes {}, not {}", call.function,
                      wanted == 0 ? "no argument" : "one argument", call.arguments.size()),
          call.function == "count" ? "a condition is written count().where(...)" : "");
    }
    return compiler_.Keep(std::move(result.program), expression);
  };
  std::optional<Kind> kind = Kind::kMap;
  if (model.result.expression) {
    aggregate.value = compile(*model.result.expression);
    kind = Trimmed(model.result.expression->text()) == "count()" ? std::optional(Kind::kInt)
                                                                 : std::nullopt;
  } else {
    for (const NamedExpression& field : model.result.fields) {
      aggregate.fields.push_back({{field.name.text}, compile(field.expression)});
    }
    for (const NamedExpression& group : model.group_by.fields) {
      const bool declared = std::any_of(
          model.result.fields.begin(), model.result.fields.end(),
          [&](const NamedExpression& field) { return field.name.text == group.name.text; });
      if (!declared) aggregate.group_fields.push_back(group.name.text);
    }
  }
  for (expression::AggregateCall& call : extractor.TakeCalls()) {
    AggregateCall taken;
    taken.function = RowOf(call.function).function;
    if (!call.arguments.empty()) taken.argument = std::move(call.arguments.front());
    taken.condition = std::move(call.where);
    taken.text = call.text;
    aggregate.calls.push_back(std::move(taken));
  }

  Store store;
  store.name = step.name ? step.name->text : "";
  store.changelog_topic = ChangelogTopicName(model_.application.id, store.name);
  store.key = aggregate.key;
  store.key_meaning = point.key.meaning;
  store.value_layout = LayoutOf(aggregate, arguments.ConstantsText());
  const int32_t segment = aggregate.output_segment;
  point = BehindNewValue(std::move(point), std::move(aggregate), segment, kind, place);
  draft_.AddStore(std::move(store), point.ends.front().index);
  point.aggregated = true;
  return point;
}

}  // namespace sidestream::topology
