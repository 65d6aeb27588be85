// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One function per shape of a field. Where a keyword for one type is ignored for another (a
// pattern for numbers, bounds for texts) one schema with several types says more than anyOf: an
// editor can then name the rule that was broken.

#include "topology/json_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serde/format.h"
#include "topology/fields.h"
#include "topology/scalars.h"

namespace sidestream::topology {
namespace {

using Json = nlohmann::ordered_json;

// Instead of any scalar but an expression a text with a reference may stand.
constexpr std::string_view kReference = R"(\$\{)";
constexpr std::string_view kInteger = "^[+-]?[0-9]+$";
constexpr std::string_view kName = "^[A-Za-z0-9_-]+$";
constexpr std::string_view kTopic = R"(^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$)";
// Units fall, each stands at most once.
constexpr std::string_view kDuration =
    "^(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$";
constexpr std::string_view kCalendar = "^[1-9][0-9]{0,3}(mo|y)$";
constexpr std::string_view kSize = "^[0-9]+(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)?$";
constexpr std::string_view kExpression = R"(^(?![\s\S]*\$\{(env|file):))";
// A piece of an expression between { } would look like a field without a value.
constexpr std::string_view kFieldName = R"re(^[^()"']+$)re";
// Keys that are free.
constexpr std::string_view kFree = "^x-";
constexpr std::string_view kStepReference = "#/definitions/step";

Json OrReference(Json schema, std::string_view pattern, std::string_view message) {
  schema["pattern"] = fmt::format("{}|{}", pattern, kReference);
  schema["patternErrorMessage"] = message;
  return schema;
}

Json Text() { return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}}; }

Json Expression() {
  return {
      {"type", {"string", "number", "boolean"}},
      {"minLength", 1},
      {"pattern", kExpression},
      {"patternErrorMessage",
       "References are not resolved in expressions: set application.vars and read vars.<name>"}};
}

template <typename Names>
Json OneOf(const Names& names) {
  Json choices = Json::array();
  for (const auto& name : names) choices.push_back(std::string(name));
  Json reference = {{"type", "string"}, {"pattern", kReference}};
  reference["patternErrorMessage"] = fmt::format("Expected one of {}", fmt::join(names, ", "));
  return {{"anyOf", {Json{{"enum", std::move(choices)}}, std::move(reference)}}};
}

Json Expressions() {
  return {{"type", "object"},
          {"minProperties", 1},
          {"propertyNames", {{"pattern", kFieldName}}},
          {"additionalProperties", Expression()}};
}

Json ExpressionOrMap() {
  Json schema = Expressions();
  schema.update(Expression());
  schema["type"] = {"string", "number", "boolean", "object"};
  return schema;
}

Json Integer(const Field& field) {
  Json schema = OrReference({{"type", {"integer", "string"}}}, kInteger, "Expected an integer");
  if (field.max > 0) {
    schema["minimum"] = field.min;
    schema["maximum"] = field.max;
  }
  return schema;
}

Json DefaultValue(const Field& field) {
  const std::string text(field.default_text);
  if (field.type == FieldType::kBool) return text == "true";
  if (const auto number = ParseInteger(text)) return *number;
  return text;
}

class SchemaMaker {
 public:
  explicit SchemaMaker(SchemaFor file) : file_(file) {}

  Json Make() const {
    Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                   {"title", "Sidestream topology, version 1"}};
    schema.update(Section(""));
    schema["definitions"]["step"] = Step();
    return schema;
  }

 private:
  Json Section(std::string_view path) const {
    Json properties = Json::object();
    Json required = Json::array();
    for (const Field* child : ChildFields(path)) {
      const std::string name(FieldName(*child));
      properties[name] = Described(*child);
      // Lists are never merged: what their entries need stands in the same file.
      const bool elsewhere = file_ == SchemaFor::kPart && path.find("[]") == std::string_view::npos;
      if (child->required && !elsewhere) required.push_back(name);
    }
    Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    schema["patternProperties"] = {{kFree, Json::object()}};
    schema["additionalProperties"] = false;
    return schema;
  }

  Json Step() const {
    Json step = Section(kStepPath);
    Json verbs = Json::array();
    Json names = Json::object();
    for (const Field* verb : VerbFields()) {
      const std::string name(FieldName(*verb));
      verbs.push_back({{"required", {name}}});
      if (verb->needs_name) names[name] = Json::array({"name"});
    }
    step["oneOf"] = std::move(verbs);
    step["dependencies"] = std::move(names);
    step["description"] = FindField(kStepPath)->help;
    return step;
  }

  Json Described(const Field& field) const {
    Json schema = {{"description", field.help}};
    schema.update(Shape(field));
    if (!field.default_text.empty()) schema["default"] = DefaultValue(field);
    if (field.secret) schema["writeOnly"] = true;
    return schema;
  }

  Json Element(const Field& field, std::string_view suffix) const {
    const Field* child = FindField(std::string(field.path) + std::string(suffix));
    CHECK(child != nullptr) << field.path;
    return Described(*child);
  }

  Json Named(const Field& field) const {
    std::string name(kName);
    // The dead letters have a name that no stream can have.
    if (field.path == "tests[].expect") name += fmt::format("|^\\{}$", kDeadLetterStream);
    Json schema = {{"type", "object"},
                   {"propertyNames", {{"pattern", name}}},
                   {"patternProperties", {{kFree, Json::object()}}},
                   {"additionalProperties", Element(field, ".<name>")}};
    if (field.required && file_ == SchemaFor::kWholeFile) schema["minProperties"] = 1;
    return schema;
  }

  Json Format(const Field& field) const {
    const Field* format = FindField(std::string(field.path) + ".format");
    CHECK(format != nullptr) << field.path;
    Json schema = OneOf(Choices(*format));
    schema["anyOf"].push_back(Section(field.path));
    return schema;
  }

  Json Properties(const Field& field) const {
    Json schema = {{"type", "object"}};
    for (const Field* child : ChildFields(field.path)) {
      schema["properties"][std::string(FieldName(*child))] = Described(*child);
    }
    schema["patternProperties"] = {{kFree, Json::object()}};
    schema["additionalProperties"] = Text();
    return schema;
  }

  Json FieldTypes() const {
    return {{"type", "object"},
            {"patternProperties", {{kFree, Json::object()}}},
            {"additionalProperties", OneOf(serde::FieldTypeNames())}};
  }

  Json Shape(const Field& field) const {
    switch (field.type) {
      case FieldType::kSection:
        return Section(field.path);
      case FieldType::kNamed:
        return Named(field);
      case FieldType::kList:
        return {{"type", "array"}, {"items", Element(field, "[]")}};
      case FieldType::kSteps:
        return {{"type", "array"}, {"items", {{"$ref", kStepReference}}}};
      case FieldType::kText:
      case FieldType::kKeepText:
      case FieldType::kFileText:
        return Text();
      case FieldType::kName:
        return OrReference(Text(), kName, "Expected letters, digits, _ and -");
      case FieldType::kTopic:
        return OrReference(Text(), kTopic, "Expected letters, digits, . _ and -, at most 249");
      case FieldType::kInteger:
        return Integer(field);
      case FieldType::kBool:
        return OrReference({{"type", {"boolean", "string"}}}, kReference,
                           "Expected true or false, without quotes");
      case FieldType::kDuration:
        return OrReference({{"type", "string"}}, kDuration,
                           "Expected a duration such as 250ms, 5s or 1m30s");
      case FieldType::kCalendar:
        return OrReference({{"type", "string"}}, fmt::format("{}|{}", kCalendar, kDuration),
                           "Expected a duration such as 5s or 1d, or months such as 1mo or 1y");
      case FieldType::kCountOrDuration:
        return OrReference({{"type", {"integer", "string"}}, {"minimum", 1}},
                           fmt::format("^[0-9]+$|{}", kDuration),
                           "Expected a duration such as 10s, or a number");
      case FieldType::kChoiceOrSection: {
        Json schema = OneOf(Choices(field));
        schema["anyOf"].push_back(Section(field.path));
        return schema;
      }
      case FieldType::kSize:
        return OrReference({{"type", {"integer", "string"}}, {"minimum", 0}}, kSize,
                           "Expected a size such as 64MiB");
      case FieldType::kChoice:
        return OneOf(Choices(field));
      case FieldType::kWorkers: {
        Json schema = Integer(field);
        return OrReference(std::move(schema), fmt::format("^auto$|{}", kInteger),
                           "Expected auto or an integer");
      }
      case FieldType::kNames: {
        Json schema = Text();
        schema["type"].push_back("array");
        schema["items"] = Text();
        schema["minItems"] = 1;
        return schema;
      }
      case FieldType::kExpression:
        return Expression();
      case FieldType::kExpressionMap:
        return Expressions();
      case FieldType::kExpressionOrMap:
        return ExpressionOrMap();
      case FieldType::kOtherwise:
        return {{"enum", {true}}};
      case FieldType::kFormat:
        return Format(field);
      case FieldType::kFieldTypes:
        return FieldTypes();
      case FieldType::kTextList:
        return {{"type", "array"}, {"items", Text()}, {"minItems", 1}};
      case FieldType::kProperties:
        return Properties(field);
      case FieldType::kConstants:
        return {{"type", "object"}, {"propertyNames", {{"pattern", kName}}}};
      case FieldType::kAny:
        return Json::object();
    }
    return Json::object();
  }

  SchemaFor file_;
};

}  // namespace

std::string JsonSchema(SchemaFor file) { return SchemaMaker(file).Make().dump(2) + "\n"; }

}  // namespace sidestream::topology
