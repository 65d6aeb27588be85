// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Scopes and positions.

#include "topology/expression_compiler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "expression/call_extraction.h"
#include "expression/remarks.h"
#include "expression/text.h"
#include "serde/json_text.h"
#include "topology/field_types.h"
#include "topology/scalars.h"

namespace sidestream::topology {
namespace {

// The order of magnitude: more of it would be exact about what is assumed.
std::string StepsText(uint64_t steps) {
  if (steps == UINT64_MAX) return "more than 10^19";
  int exponent = 0;
  for (; steps >= 10; steps /= 10) ++exponent;
  return "about " + std::to_string(steps) + "*10^" + std::to_string(exponent);
}

using serde::FormatKind;
using Kind = serde::Value::Kind;

constexpr std::array<std::string_view, 4> kMetaFields = {"topic", "partition", "offset",
                                                         "timestamp"};

std::string Chain(std::string_view variable, std::span<const std::string> path) {
  return path.empty() ? std::string(variable)
                      : fmt::format("{}.{}", variable, fmt::join(path, "."));
}

/// Where `chain` stands in `text` as a whole word; 0 when it is written otherwise.
size_t FindChain(std::string_view text, std::string_view chain) {
  const auto in_name = [](char c) {
    return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  };
  for (size_t at = text.find(chain); at != std::string_view::npos; at = text.find(chain, at + 1)) {
    const size_t end = at + chain.size();
    const bool starts = at == 0 || !in_name(text[at - 1]);
    const bool ends = end == text.size() || text[end] == '.' || !in_name(text[end]);
    if (starts && ends) return at;
  }
  return 0;
}

/// What CEL writes for words of other languages that `message` says it does not know.
std::string ForeignHint(std::string_view message) {
  static constexpr std::pair<std::string_view, std::string_view> kHints[] = {
      {"found 'and'", "and is written &&"},
      {"found 'or'", "or is written ||"},
      {"found 'not'", "not is written !"},
      {"found 'is'", "write == null, or has(...)"},
      {"found 'in'", "a field of this name is read as value[\"in\"]"},
      {"function: length()", "the length is size(x), or x.size()"},
      {"function: len()", "the length is size(x)"},
      {"function: upper()", "write x.upperAscii()"},
      {"function: lower()", "write x.lowerAscii()"},
      {"function: toUpperCase()", "write x.upperAscii()"},
      {"function: toLowerCase()", "write x.lowerAscii()"},
      {"function: includes()", "write x.contains(...), or element in list"},
      {"function: isEmpty()", "write size(x) == 0"},
      {"function: substr()", "write x.substring(begin, end)"},
      {"function: concat()", "texts and lists are joined with +"},
      {"function: coalesce()", "write value.?field.orValue(default)"},
      {"function: if()", "write condition ? a : b"}};
  for (const auto& [found, hint] : kHints) {
    if (message.find(found) != std::string_view::npos) return std::string(hint);
  }
  return "";
}

/// Calls are found without them.
class NoVariables final : public expression::Scope {
 public:
  bool HasVariable(std::string_view /*name*/) const override { return false; }
  std::vector<std::string> VariableNames() const override { return {}; }
  int32_t Slot(std::string_view /*variable*/, std::span<const std::string> /*path*/) override {
    return -1;
  }
};

/// Whether a comment stands behind the plain scalar, on its line.
bool CutByComment(const SourceFiles& files, const YamlNode& scalar) {
  if (scalar.quoted || scalar.position.file < 0) return false;
  const std::string_view line = files.Line(scalar.position);
  const size_t start = static_cast<size_t>(std::max(scalar.position.column, 1)) - 1;
  return line.find(" #", std::min(start, line.size())) != std::string_view::npos;
}

}  // namespace

std::optional<serde::Value> ConstantOfVars(const serde::Value& vars,
                                           std::span<const std::string> path,
                                           std::vector<ScopeError>& errors) {
  serde::Value value = vars;
  for (const std::string& name : path) {
    std::vector<std::string> names;
    serde::Value next;
    if (value.kind() == Kind::kMap) {
      next = value.Field(name);
      for (const serde::MapEntry& entry : value.map()) {
        names.emplace_back(entry.key.string_value());
      }
    }
    if (next.missing()) {
      const std::string nearest = expression::NearestName(name, names);
      errors.push_back({Chain("vars", path),
                        fmt::format("there is no {} in application.vars", Chain("vars", path)),
                        nearest.empty() ? "" : fmt::format("did you mean {}?", nearest)});
      return std::nullopt;
    }
    value = next;
  }
  return value;
}

size_t OffsetOf(std::string_view text, const expression::SourcePosition& position) {
  size_t at = 0;
  for (int line = 1; line < position.line; ++line) {
    const size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  for (int column = 1; column < position.column && at < text.size(); ++column) {
    at += std::max<size_t>(expression::CodePointLength(text[at]), 1);
  }
  return std::min(at, text.size());
}

bool RowScope::HasVariable(std::string_view name) const {
  return name == "key" || name == "value" || name == "headers" || name == "meta" ||
         name == "vars" || (name == "old" && point_.changes);
}

std::vector<std::string> RowScope::VariableNames() const {
  std::vector<std::string> names{"key", "value", "headers", "meta", "vars"};
  if (point_.changes) names.emplace_back("old");
  return names;
}

expression::Type RowScope::VariableType(std::string_view name) const {
  if (name == "key") return point_.key.type;
  if (name == "value") return point_.value.type;
  if (name == "headers") return TypeOfHeaders();
  if (name == "old") return expression::Type();
  return name == "meta" ? TypeOfOrigin(point_.changes) : TypeOfConstant(vars_);
}

void RowScope::Report(std::string_view variable, std::span<const std::string> path,
                      std::string message, std::string suggestion) {
  errors_.push_back({Chain(variable, path), std::move(message), std::move(suggestion)});
}

void RowScope::CheckFields(std::string_view variable, const Flow& flow,
                           std::span<const std::string> path) {
  const std::optional<Kind> kind = flow.kind();
  if (path.empty() || flow.encoding.computed || !kind || kind == Kind::kMap) return;
  const std::string_view format = serde::FormatName(flow.encoding.format.kind);
  Report(variable, path, fmt::format("{} is {}, it has no field {}", variable, format, path[0]),
         fmt::format("declare {}: json in the stream", variable));
}

int32_t RowScope::ConstantSlot(std::span<const std::string> path) {
  const std::optional<serde::Value> value = ConstantOfVars(vars_, path, errors_);
  std::string json;
  if (value && serde::AppendJson(*value, json).ok()) constants_[Chain("vars", path)] = json;
  return draft_.ConstantSlot(point_.segment, path, value.value_or(serde::Value::Null()));
}

std::string RowScope::ConstantsText() const {
  std::string text;
  for (const auto& [chain, json] : constants_) {
    text += fmt::format("{}{}={}", text.empty() ? " with " : ", ", chain, json);
  }
  return text;
}

int32_t RowScope::MetaSlot(std::span<const std::string> path) {
  const bool op = !path.empty() && path[0] == "op" && point_.changes;
  const bool known =
      op || path.empty() ||
      std::find(kMetaFields.begin(), kMetaFields.end(), path[0]) != kMetaFields.end();
  const bool timestamp = !path.empty() && path[0] == "timestamp";
  if (!known) {
    const std::vector<std::string> names(kMetaFields.begin(), kMetaFields.end());
    const std::string nearest = expression::NearestName(path[0], names);
    Report("meta", path, fmt::format("meta has no {}", path[0]),
           nearest.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                           : fmt::format("did you mean meta.{}?", nearest));
  } else if (path.size() > 1) {
    Report("meta", path, fmt::format("meta.{} has no fields", path[0]));
  } else if (!timestamp && point_.aggregated) {
    Report("meta", path,
           fmt::format("a result of an aggregate comes from many records: it has no {}",
                       path.empty() ? "origin" : path[0]),
           "meta.timestamp is there");
  } else if (path.empty() && purpose_ == For::kTimestamp) {
    Report("meta", path, "meta as a whole is not known before the timestamp is",
           "read its fields: meta.timestamp is the record's own");
  }
  if (timestamp && purpose_ == For::kTimestamp) {
    return draft_.SlotFor(point_.segment, Slot::Source::kRecordTimestamp, {});
  }
  return draft_.SlotFor(point_.segment, Slot::Source::kMeta, path);
}

int32_t RowScope::Slot(std::string_view variable, std::span<const std::string> path) {
  using Source = topology::Slot::Source;
  if (variable == "vars") return ConstantSlot(path);
  if (variable == "meta") return MetaSlot(path);
  if (variable == "old") return draft_.SlotFor(point_.segment, Source::kOld, path);
  if (variable == "key") {
    CheckFields(variable, point_.key, path);
    return draft_.SlotFor(point_.segment, Source::kKey, path, point_.key_from);
  }
  if (variable == "headers") {
    if (path.size() > 1) {
      Report(variable, path, "a header is bytes, it has no fields",
             fmt::format("string(headers.{})", path[0]));
    }
    return draft_.SlotFor(point_.segment, Source::kHeaders, path, point_.headers_from);
  }
  CheckFields(variable, point_.value, path);
  return draft_.SlotFor(point_.segment, Source::kValue, path);
}

expression::Type ResultScope::VariableType(std::string_view name) const {
  if (name == "window") return TypeOfWindow();
  if (name == "key") return key_type_;
  return name == "vars" ? TypeOfConstant(vars_) : expression::Type();
}

int32_t ResultScope::Slot(std::string_view variable, std::span<const std::string> path) {
  if (variable == "vars") {
    const std::optional<serde::Value> value = ConstantOfVars(vars_, path, errors_);
    return draft_.ConstantSlot(segment_, path, value.value_or(serde::Value::Null()));
  }
  if (variable == "window") {
    if (!path.empty() && (path.size() > 1 || (path[0] != "start" && path[0] != "end"))) {
      errors_.push_back({Chain(variable, path), fmt::format("window has no {}", path[0]),
                         "there are window.start and window.end"});
    }
    return draft_.SlotFor(segment_, topology::Slot::Source::kWindow, path);
  }
  if (variable == expression::kAggregateVariable) {
    return draft_.CallSlot(segment_, static_cast<int32_t>(ParseInteger(path[0]).value_or(0)));
  }
  return draft_.SlotFor(segment_, topology::Slot::Source::kKey, path);
}

ProgramPtr ExpressionCompiler::Compile(const ExpressionText& expression, const Point& point,
                                       RowScope::For purpose) {
  RowScope scope(draft_, point, vars_, purpose);
  expression::CompileResult result = expression::Compile(expression.text(), scope);
  Report(expression, result.errors);
  const std::vector<ScopeError> scope_errors = scope.TakeErrors();
  Report(expression, scope_errors);
  if (result.errors.empty() && scope_errors.empty()) Remark(expression, scope);
  if (!result.errors.empty() || !scope_errors.empty()) return nullptr;
  const uint64_t most = result.program->cost().most;
  if (most > static_cast<uint64_t>(expression::kMaxSteps)) {
    findings_.Warning("SS4004", expression.scalar.position,
                      "this expression may take " + StepsText(most) +
                          " steps for one record, with lists and texts of " +
                          std::to_string(expression::kAssumedSize) + " elements; a run ends with " +
                          "an error at " + std::to_string(expression::kMaxSteps),
                      "put fewer macros into each other");
  }
  return Keep(std::move(result.program), expression);
}

ProgramPtr ExpressionCompiler::Keep(std::unique_ptr<expression::Program> program,
                                    const ExpressionText& expression) {
  if (program == nullptr) return nullptr;
  ProgramPtr kept = std::move(program);
  sources_.push_back(
      {kept, std::string(Trimmed(expression.text())), files_.Location(expression.scalar.position)});
  return kept;
}

std::string ExpressionCompiler::MeaningOf(const ExpressionText& expression, const Point& point) {
  // The same questions get the same slots, and the errors are Compile's to report.
  RowScope scope(draft_, point, vars_, RowScope::For::kStep);
  expression::Compile(expression.text(), scope);
  return expression::CanonicalText(expression.text()) + scope.ConstantsText();
}

void ExpressionCompiler::Report(const ExpressionText& expression,
                                const std::vector<expression::CompileError>& errors) {
  for (const expression::CompileError& error : errors) {
    const bool cut = error.suggestion.empty() && CutByComment(files_, expression.scalar);
    std::string hint = error.suggestion.empty() ? ForeignHint(error.message) : error.suggestion;
    // A bare name is what may have been meant.
    if (!hint.empty() && hint.find(' ') == std::string::npos) {
      hint = fmt::format("did you mean {}?", hint);
    }
    findings_.Error(
        "SS4001",
        PositionInScalar(files_, expression.scalar, OffsetOf(expression.text(), error.position)),
        error.message,
        cut ? "YAML takes ' #' for the beginning of a comment: put the expression in single quotes"
            : hint);
  }
}

void ExpressionCompiler::Report(const ExpressionText& expression,
                                const std::vector<ScopeError>& errors) {
  for (const ScopeError& error : errors) {
    findings_.Error(
        "SS4002",
        PositionInScalar(files_, expression.scalar, FindChain(expression.text(), error.chain)),
        error.message, error.suggestion);
  }
}

void ExpressionCompiler::Remark(const ExpressionText& expression, const expression::Scope& scope) {
  using Doubt = expression::Remark::Kind;
  for (expression::Remark& remark : expression::FindRemarks(expression.text(), scope)) {
    const Position position =
        PositionInScalar(files_, expression.scalar, OffsetOf(expression.text(), remark.position));
    std::string& message = remark.message;
    std::string& suggestion = remark.suggestion;
    switch (remark.kind) {
      case Doubt::kOneOutcome:
        findings_.Warning("SS6004", position, std::move(message), std::move(suggestion));
        break;
      case Doubt::kFloatEquality:
        findings_.Warning("SS6005", position, std::move(message), std::move(suggestion));
        break;
      case Doubt::kUntypedDivision:
        findings_.Warning("SS6007", position, std::move(message), std::move(suggestion));
        break;
      case Doubt::kDate:
        // One that is the whole text has its finding already.
        if (position == expression.scalar.position) break;
        findings_.Warning("SS2008", position, std::move(message), std::move(suggestion));
        break;
      case Doubt::kImpure:
        // Only where a result is kept: RemarkImpure.
        break;
    }
  }
}

void ExpressionCompiler::RemarkImpure(const ExpressionText& expression, std::string_view where,
                                      const std::string& suggestion) {
  const NoVariables nothing;
  for (const expression::Remark& remark : expression::FindRemarks(expression.text(), nothing)) {
    if (remark.kind != expression::Remark::Kind::kImpure) continue;
    findings_.Warning(
        "SS6002",
        PositionInScalar(files_, expression.scalar, OffsetOf(expression.text(), remark.position)),
        fmt::format("{}: {}", remark.message, where), suggestion);
  }
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

}  // namespace sidestream::topology
