// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The stateful half of StepBuilder: grouping with its hop, aggregate calls, store.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "base/nearest_name.h"
#include "expression/call_extraction.h"
#include "topology/aggregate_functions.h"
#include "topology/field_types.h"
#include "topology/internal_topics.h"
#include "topology/step_builder.h"

namespace sidestream::topology {
namespace {

using Kind = serde::Value::Kind;

std::vector<expression::AggregateFunction> CallableFunctions() {
  std::vector<expression::AggregateFunction> functions;
  for (const AggregateFunctionRow& row : AggregateFunctions()) {
    functions.push_back(
        {std::string(row.name), expression::ParseSignature(row.signature), std::string(row.usage)});
  }
  return functions;
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const AggregateFunctionRow& row : AggregateFunctions()) names.emplace_back(row.name);
  return names;
}

constexpr const char* kImpureHint =
    "set a field before the step, or use meta.timestamp, which is the same in every run";

/// What most often is meant by a result that does not compile.
std::string ResultHint(std::string_view message) {
  if (message.find("unknown variable") != std::string_view::npos) {
    return "a result sees key and vars, and window where there is one; only the arguments of "
           "aggregate functions, such as sum(x), see the record";
  }
  constexpr std::string_view kUnknown = "unknown function: ";
  const size_t at = message.find(kUnknown);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = message.substr(at + kUnknown.size());
  const std::string near = NearestName(rest.substr(0, rest.find('(')), FunctionNames());
  if (!near.empty()) return near;
  return fmt::format("the aggregate functions are {}", fmt::join(FunctionNames(), " "));
}

/// Whether values of `type` may have an order, as `<` has it.
bool MayBeOrdered(const expression::Type& type) {
  using expression::TypeKind;
  const expression::Type& inner = type.Is(TypeKind::kOptional) ? type.parameters[0] : type;
  constexpr std::array kUnordered = {TypeKind::kList, TypeKind::kMap, TypeKind::kObject,
                                     TypeKind::kNamed, TypeKind::kType};
  return std::ranges::find(kUnordered, inner.kind) == kUnordered.end();
}

/// Whether no two records have the same: a group of its own for each.
bool DiffersPerRecord(const ExpressionText& expression) {
  const std::string_view text = Trimmed(expression.text());
  return text == "meta.timestamp" || text.find("meta.offset") != std::string_view::npos;
}

/// Of the objects that the step sends: results, then bounds and fields of the group.
expression::Type TypeOfRow(const AggregateNode& aggregate, const expression::Type& key) {
  expression::Type type = TypeOfObject(aggregate.fields);
  const auto add = [&](std::string_view name, const expression::Type& of) {
    type.fields.emplace_back(name);
    type.parameters.push_back(of);
  };
  const auto bound = expression::Type::Of(expression::TypeKind::kInt);
  if (aggregate.adds_window_start) add(kWindowStart, bound);
  if (aggregate.adds_window_end) add(kWindowEnd, bound);
  for (const std::string& name : aggregate.group_fields) {
    const expression::Type* const field = key.Field(name);
    add(name, field != nullptr ? *field : expression::Type());
  }
  return type;
}

/// Whether results are made of several accumulators.
bool NeedsMerge(const std::optional<Window>& window) {
  return window && window->kind != Window::Kind::kTumbling;
}

std::vector<std::string> TextsOf(const AggregateNode& aggregate,
                                 const std::optional<FoldModel>& fold) {
  if (fold) {
    return {fmt::format("fold {} by {}", expression::CanonicalText(fold->init.text()),
                        expression::CanonicalText(fold->step.text()))};
  }
  std::vector<std::string> texts;
  for (const AggregateCall& call : aggregate.calls) texts.push_back(call.text);
  return texts;
}

bool Names(std::string_view text, std::string_view chain) {
  const auto continues = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (size_t at = text.find(chain); at != std::string_view::npos; at = text.find(chain, at + 1)) {
    const size_t end = at + chain.size();
    const bool begins = at == 0 || (!continues(text[at - 1]) && text[at - 1] != '.');
    if (begins && (end == text.size() || !continues(text[end]))) return true;
  }
  return false;
}

/// What tells the accumulators of a row apart: a call's text with the values of the constants in
/// it. One that no text names in so many words counts for all.
std::vector<std::string> FieldsOf(const std::vector<std::string>& texts,
                                  const std::map<std::string, std::string>& constants) {
  std::vector<std::string> fields = texts;
  for (const auto& [chain, json] : constants) {
    const bool named = std::ranges::any_of(
        texts, [&](const std::string& text) { return Names(text, chain); });
    for (size_t i = 0; i < texts.size(); ++i) {
      if (named && !Names(texts[i], chain)) continue;
      fields[i] += fmt::format("{}{}={}", fields[i] == texts[i] ? " with " : ", ", chain, json);
    }
  }
  return fields;
}

void NameCalls(AggregateNode& aggregate, const std::vector<std::string>& fields) {
  std::set<uint32_t> taken;
  for (size_t i = 0; i < aggregate.calls.size(); ++i) {
    uint32_t id = FieldId(fields[i]);
    while (!taken.insert(id).second) ++id;
    aggregate.calls[i].id = id;
  }
}

/// Rows of windows where others would be those of slices.
bool HasWholeWindows(const AggregateNode& aggregate) {
  return aggregate.window && aggregate.window->kind == Window::Kind::kHopping &&
         !InSlices(aggregate);
}

/// What a row holds: the accumulators in their order, and the shape of the last result that was
/// sent. Not the formulas of the results: the next result is compared with the last one.
std::string LayoutOf(const AggregateNode& aggregate, const std::vector<std::string>& calls,
                     const std::string& constants) {
  std::vector<std::string> names;
  for (const FieldExpression& field : aggregate.fields) names.push_back(field.path.front());
  names.insert(names.end(), aggregate.group_fields.begin(), aggregate.group_fields.end());
  return fmt::format("[{}]{} as {}{}", fmt::join(calls, "; "), constants,
                     names.empty() ? "value" : fmt::format("{{ {} }}", fmt::join(names, ", ")),
                     aggregate.window ? " in " + aggregate.window->text : "") +
         (HasWholeWindows(aggregate) ? " each" : "");
}

}  // namespace

Point StepBuilder::AddGrouping(const AggregateModel& model, const StepModel& step,
                               const Place& place, Point point) {
  std::vector<const ExpressionText*> groups;
  if (model.group_by.expression) groups.push_back(&*model.group_by.expression);
  for (const NamedExpression& field : model.group_by.fields) groups.push_back(&field.expression);
  for (const ExpressionText* group : groups) {
    compiler_.RemarkImpure(*group, "each record gets a group of its own", kImpureHint);
    // What nobody comes back to ends with its window, or its ttl.
    const bool ends = model.ttl || (model.window && HasBounds(*model.window));
    if (ends || !DiffersPerRecord(*group)) continue;
    findings_.Warning("SS6001", group->scalar.position,
                      "each record gets a group of its own: the state grows for ever",
                      "group by something that comes back, such as a user or a day");
  }
  const bool by_key =
      model.group_by.expression && Trimmed(model.group_by.expression->text()) == "key";
  if (!by_key) {
    RekeyNode rekey;
    rekey.drop_null = true;
    expression::Type type;
    std::string meaning;
    if (model.group_by.expression) {
      meaning = compiler_.MeaningOf(*model.group_by.expression, point);
      rekey.program = compiler_.Compile(*model.group_by.expression, point);
      type = TypeOfResults(rekey.program.get());
    } else {
      rekey.fields = CompileFields(model.group_by.fields, point);
      type = TypeOfObject(rekey.fields);
      std::vector<std::string> fields;
      for (const NamedExpression& field : model.group_by.fields) {
        fields.push_back(
            fmt::format("{}: {}", field.name.text, compiler_.MeaningOf(field.expression, point)));
      }
      meaning = fmt::format("{{ {} }}", fmt::join(fields, ", "));
    }
    Place grouping = place;
    grouping.name += ".group_by";
    point =
        AddRekey(std::move(point), std::move(rekey), std::move(type), std::move(meaning), grouping);
  }
  return HopIfRekeyed(step, place, std::move(point));
}

AggregateCall StepBuilder::TakeCall(expression::AggregateCall call, const Position& position,
                                    int32_t segment) {
  const AggregateFunctionRow* const row = FindAggregateFunction(call.function);
  CHECK(row != nullptr) << call.function;
  AggregateCall taken;
  taken.function = row->function;
  taken.condition = std::move(call.where);
  taken.text = call.text;
  using Constant = AggregateFunctionRow::Constant;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i == 1 && row->constant != Constant::kNone) {
      const serde::Value value = ConstantOf(*call.arguments[i], segment);
      const bool limit = row->constant == Constant::kLimit;
      if (limit && value.kind() == Kind::kInt) taken.limit = value.int_value();
      taken.fraction = value.kind() == Kind::kInt ? static_cast<double>(value.int_value()) : -1;
      if (value.kind() == Kind::kDouble) taken.fraction = value.double_value();
      if (limit && (taken.limit < 1 || taken.limit > kAggregateLimitMax)) {
        findings_.Error("SS4001", position,
                        fmt::format("{}: n is a constant, 1 to {}", call.text, kAggregateLimitMax),
                        fmt::format("write {}", row->usage));
      } else if (!limit && !(taken.fraction >= 0 && taken.fraction <= 1)) {
        findings_.Error("SS4001", position, fmt::format("{}: p is a constant, 0 to 1", call.text),
                        "quantile(x, 0.5) is the median");
      }
      continue;
    }
    const auto order = static_cast<size_t>(row->ordered_from);
    if (row->ordered_from >= 0 && taken.arguments.size() >= order &&
        !MayBeOrdered(call.arguments[i]->type())) {
      findings_.Error("SS4001", position,
                      fmt::format("{}: {} has no order", call.text,
                                  expression::TypeText(call.arguments[i]->type())));
    }
    taken.arguments.push_back(std::move(call.arguments[i]));
  }
  return taken;
}

/// Results that come later, or fewer of them, than was meant.
void StepBuilder::DoubtTimes(const AggregateModel& model, const StepModel& step,
                             const Point& point) {
  if (model.window && HasBounds(*model.window)) {
    for (const std::string& stream : point.unmarked) {
      findings_.Warning(
          "SS6008", step.position,
          fmt::format("{} has no watermark: a window ends with the first record behind it, and one "
                      "that comes out of order may be late",
                      stream),
          fmt::format("watermark: {{ lateness: 5s }} in streams.{} (or 0s: they come in order)",
                      stream));
    }
  }
  if (!model.window && model.emit == Emit::kFinal && point.unbounded) {
    findings_.Warning("SS6009", step.position,
                      "without a window emit: final has results when all inputs have ended, and "
                      "not all of them end",
                      "end_at: latest for the streams that lead here, a window, or emit: changes");
  }
}

serde::Value StepBuilder::ConstantOf(const expression::Program& program, int32_t segment) const {
  if (const std::optional<serde::Value> value = program.constant()) return *value;
  const std::optional<int32_t> slot = program.passed_slot();
  // Of vars.
  return slot ? draft_.ConstantAt(segment, *slot) : serde::Value();
}

Point StepBuilder::Add(const AggregateModel& model, const StepModel& step, const Place& place,
                       Point point) {
  if (point.corrected) {
    findings_.Error("SS3009", step.position,
                    "this aggregate reads results that are corrected later: it would take each "
                    "correction for a new record",
                    "aggregate the records themselves, or give the first one a window with emit: "
                    "final and no allowed_lateness");
  }
  if (model.fold && !model.fold->merge && NeedsMerge(model.window)) {
    findings_.Error(
        "SS2004", step.position,
        fmt::format("merge is missing in fold: windows of the kind {} put parts together",
                    model.window->text),
        "merge: an expression over acc, of the earlier records, and other");
  }
  point = AddGrouping(model, step, place, std::move(point));
  const Point before = point;
  AggregateNode aggregate;
  aggregate.window = model.window;
  aggregate.allowed_lateness = model.allowed_lateness.count();
  aggregate.emit = model.emit;
  aggregate.emit_every = model.emit_every.count();
  aggregate.output_key = model.output_key;
  aggregate.ttl = model.ttl;
  const bool bounds = model.window && HasBounds(*model.window);
  DoubtTimes(model, step, point);
  aggregate.key = point.key.encoding;
  aggregate.results_segment = draft_.NewSegment();
  aggregate.output_segment = draft_.NewSegment();

  RowScope arguments(draft_, point, compiler_.vars(), RowScope::For::kStep);
  ResultScope results(draft_, aggregate.results_segment, compiler_.vars(), point.key.type, bounds);
  expression::CallExtractor extractor(CallableFunctions(), results, arguments);
  std::vector<Position> positions;  // of the calls
  const auto compile = [&](const ExpressionText& expression) -> ProgramPtr {
    expression::CompileResult result = extractor.Extract(expression.text());
    positions.resize(extractor.calls().size(), expression.scalar.position);
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
    return compiler_.Keep(std::move(result.program), expression);
  };
  expression::Type type;
  if (model.fold) {
    aggregate.calls.push_back(AddFold(*model.fold, arguments, point.segment, type));
  } else if (model.result.expression) {
    aggregate.value = compile(*model.result.expression);
    type = TypeOfResults(aggregate.value.get());
  } else {
    for (const NamedExpression& field : model.result.fields) {
      aggregate.fields.push_back({{field.name.text}, compile(field.expression)});
    }
    const auto declared = [&](std::string_view name) {
      return std::any_of(model.result.fields.begin(), model.result.fields.end(),
                         [&](const NamedExpression& field) { return field.name.text == name; });
    };
    aggregate.adds_window_start = bounds && !declared(kWindowStart);
    aggregate.adds_window_end = bounds && !declared(kWindowEnd);
    for (const NamedExpression& group : model.group_by.fields) {
      if (!declared(group.name.text)) aggregate.group_fields.push_back(group.name.text);
    }
    type = TypeOfRow(aggregate, point.key.type);
  }
  std::vector<expression::AggregateCall> calls = extractor.TakeCalls();
  for (size_t i = 0; i < calls.size(); ++i) {
    aggregate.calls.push_back(TakeCall(std::move(calls[i]), positions[i], point.segment));
  }

  Store store;
  store.name = step.name ? step.name->text : "";
  store.changelog_topic = ChangelogTopicName(model_.application.id, store.name);
  store.key = aggregate.key;
  store.key_meaning = point.key.meaning;
  const std::vector<std::string> texts = TextsOf(aggregate, model.fold);
  store.value_layout = LayoutOf(aggregate, texts, arguments.ConstantsText());
  store.layout.fields = FieldsOf(texts, arguments.constants());
  NameCalls(aggregate, store.layout.fields);
  if (model.window) {
    store.kind = Store::Kind::kWindows;
    store.layout.parts.push_back(
        {"window", model.window->text + (HasWholeWindows(aggregate) ? " each" : "")});
  }
  const int32_t segment = aggregate.output_segment;
  point = BehindNewValue(std::move(point), std::move(aggregate), segment, std::move(type), place);
  draft_.AddStore(std::move(store), point.ends.front().index);
  if (bounds) {
    draft_.node(point.ends.front().index).sides.push_back({std::string(kLate), {}});
    NameSide(place, step, point, 0, before);
  }
  point.aggregated = true;
  // Results come in the order of event time.
  if (bounds) point.unmarked.clear();
  point.corrected = model.emit != Emit::kFinal || model.allowed_lateness.count() > 0;
  if (model.output_key != OutputKey::kPlain) {
    const bool json = model.output_key == OutputKey::kWindowedJson;
    point.key = {{true, {}},
                 expression::TypeOfKind(json ? Kind::kMap : Kind::kBytes),
                 fmt::format("{} of {}", model.window->text, point.key.meaning)};
    // Rows lie where the group's key does.
    point.rekeyed = true;
  }
  return point;
}

}  // namespace sidestream::topology
