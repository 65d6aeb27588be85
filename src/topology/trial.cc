// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/trial.h"

#include <fmt/format.h>

#include <map>
#include <span>
#include <utility>

#include "expression/type.h"
#include "serde/json_writer.h"
#include "serde/reader.h"
#include "topology/expression_compiler.h"
#include "topology/field_types.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {
namespace {

using serde::Value;

/// A slot is a variable and a path below it.
struct Question {
  std::string variable;
  std::vector<std::string> path;
  bool operator==(const Question&) const = default;
};

class TrialScope final : public expression::Scope {
 public:
  explicit TrialScope(std::map<std::string, expression::Type, std::less<>> types)
      : types_(std::move(types)) {}

  bool HasVariable(std::string_view name) const override { return types_.contains(name); }
  std::vector<std::string> VariableNames() const override {
    std::vector<std::string> names;
    for (const auto& [name, _] : types_) names.push_back(name);
    return names;
  }
  expression::Type VariableType(std::string_view name) const override {
    return types_.find(name)->second;
  }
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override {
    const Question question{std::string(variable), {path.begin(), path.end()}};
    for (size_t i = 0; i < questions_.size(); ++i) {
      if (questions_[i] == question) return static_cast<int32_t>(i);
    }
    questions_.push_back(question);
    return static_cast<int32_t>(questions_.size()) - 1;
  }

  const std::vector<Question>& questions() const { return questions_; }

 private:
  std::map<std::string, expression::Type, std::less<>> types_;
  std::vector<Question> questions_;
};

class Attempt {
 public:
  Attempt(const Trial& trial, expression::Environment& environment)
      : trial_(trial),
        environment_(environment),
        findings_(files_),
        expression_file_(files_.Add("expression", trial.expression)) {}

  TrialResult Run() {
    TrialResult result;
    Evaluate(result);
    result.findings = findings_.Take();
    return result;
  }

 private:
  void Evaluate(TrialResult& result) {
    const serde::FormatSpec value_format = ReadFields();
    const std::optional<Value> vars = ReadObject("vars", trial_.vars);
    const std::optional<Value> headers = Headers();
    if (!vars || !headers || findings_.has_errors()) return;
    TrialScope scope({{"key", expression::Type()},
                      {"value", TypeOfValues(value_format)},
                      {"headers", TypeOfHeaders()},
                      {"meta", TypeOfOrigin()},
                      {"vars", TypeOfConstant(*vars)}});
    const expression::CompileResult compiled = expression::Compile(trial_.expression, scope);
    for (const expression::CompileError& error : compiled.errors) {
      findings_.Error(
          "SS4001",
          files_.PositionAt(expression_file_, OffsetOf(trial_.expression, error.position)),
          error.message, error.suggestion);
    }
    if (compiled.program == nullptr) return;
    result.type = expression::TypeText(compiled.program->type());
    std::vector<Value> slots(scope.questions().size());
    Fill("value", trial_.value, value_format, scope, slots);
    Fill("key", trial_.key, {.kind = serde::FormatKind::kJson, .fields = {}}, scope, slots);
    Fill("vars", *vars, scope, slots);
    Fill("headers", *headers, scope, slots);
    Fill("meta", Origin(), scope, slots);
    if (findings_.has_errors()) return;
    const Result<Value> answer = compiled.program->Evaluate(slots, environment_, arena_);
    if (!answer.ok()) return Failed(answer.status());
    Write(*answer, result);
  }

  void Write(Value answer, TrialResult& result) {
    // None stands for nothing: a field that is left out, a value that is null.
    if (answer.kind() == Value::Kind::kOptional) {
      answer = answer.optional_value() == nullptr ? Value::Null() : *answer.optional_value();
    }
    if (answer.kind() == Value::Kind::kType) answer = Value::String(answer.string_value());
    const Status written = serde::WriteJson(answer, serde::JsonShape::kData, result.json);
    if (!written.ok()) Failed(written);
  }

  void Failed(const Status& status) {
    findings_.Error("SS4901", files_.PositionAt(expression_file_, 0), status.message());
  }

  void Wrong(std::string_view what, const std::string& message) {
    findings_.Error("SS4902", Position{}, fmt::format("{}: {}", what, message));
  }

  serde::FormatSpec ReadFields() {
    serde::FormatSpec format{.kind = serde::FormatKind::kJson, .fields = {}};
    if (trial_.fields.empty()) return format;
    const int32_t file = files_.Add("fields", fmt::format("{{ {} }}", trial_.fields));
    for (const YamlEntry& entry : ParseYaml(files_, file, findings_).entries) {
      const auto type = serde::ParseFieldType(entry.value.text);
      const auto path = serde::ParseFieldPath(entry.key);
      if (!type.ok()) Wrong("fields", type.status().message());
      if (!path.ok()) Wrong("fields", path.status().message());
      if (type.ok() && path.ok()) format.fields.push_back({entry.key, *type});
    }
    return format;
  }

  /// A whole JSON text; without one an empty object.
  std::optional<Value> ReadObject(std::string_view what, const std::optional<std::string>& json) {
    if (!json) return Value::Map({});
    auto reader = serde::Reader::Create({.kind = serde::FormatKind::kJson, .fields = {}},
                                        {{.fields = {}, .slot = 0}});
    Value value;
    const Status read = reader.ok() ? (*reader)->Read(*json, {&value, 1}, arena_) : reader.status();
    if (!read.ok()) {
      Wrong(what, read.message());
      return std::nullopt;
    }
    if (value.kind() == Value::Kind::kMap) return value;
    Wrong(what, "expected a JSON object");
    return std::nullopt;
  }

  /// Texts as the bytes that they are on Kafka.
  std::optional<Value> Headers() {
    const std::optional<Value> texts = ReadObject("headers", trial_.headers);
    if (!texts) return std::nullopt;
    const auto entries = arena_.NewArray<serde::MapEntry>(texts->map().size());
    for (size_t i = 0; i < entries.size(); ++i) {
      entries[i] = texts->map()[i];
      if (entries[i].value.kind() != Value::Kind::kString) {
        Wrong("headers", "expected texts");
        return std::nullopt;
      }
      entries[i].value = Value::Bytes(entries[i].value.string_value());
    }
    return Value::Map(entries);
  }

  Value Origin() {
    const auto entries = arena_.NewArray<serde::MapEntry>(4);
    entries[0] = {Value::String("topic"), Value::String("eval")};
    entries[1] = {Value::String("partition"), Value::Int(0)};
    entries[2] = {Value::String("offset"), Value::Int(0)};
    entries[3] = {Value::String("timestamp"), Value::TimestampOf(environment_.Now(), arena_)};
    return Value::Map(entries);
  }

  /// As the engine reads a record: only what is asked for, in one pass.
  void Fill(std::string_view variable, const std::optional<std::string>& json,
            const serde::FormatSpec& format, const TrialScope& scope, std::vector<Value>& slots) {
    std::vector<serde::WantedPath> wanted;
    for (size_t i = 0; i < slots.size(); ++i) {
      const Question& question = scope.questions()[i];
      if (question.variable == variable) wanted.push_back({question.path, i});
    }
    auto reader = serde::Reader::Create(format, std::move(wanted));
    if (!reader.ok()) return Wrong(variable, reader.status().message());
    const std::optional<std::string_view> bytes =
        json ? std::optional<std::string_view>(*json) : std::nullopt;
    const Status read = (*reader)->Read(bytes, slots, arena_);
    if (!read.ok()) Wrong(variable, read.message());
  }

  void Fill(std::string_view variable, const Value& whole, const TrialScope& scope,
            std::vector<Value>& slots) {
    for (size_t i = 0; i < slots.size(); ++i) {
      const Question& question = scope.questions()[i];
      if (question.variable != variable) continue;
      slots[i] = whole;
      for (const std::string& name : question.path) {
        slots[i] = slots[i].kind() == Value::Kind::kMap ? slots[i].Field(name) : Value();
      }
    }
  }

  const Trial& trial_;
  expression::Environment& environment_;
  SourceFiles files_;
  Findings findings_;
  int32_t expression_file_;
  Arena arena_;
};

}  // namespace

TrialResult TryExpression(const Trial& trial, expression::Environment& environment) {
  return Attempt(trial, environment).Run();
}

}  // namespace sidestream::topology
