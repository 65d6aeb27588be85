// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The one field table: every field of a topology file, declared once. The checker, the
// defaults of the model, the JSON Schema and docs/language.md are made from it.
//
// A path names a field: "application.id"; "<name>" stands for any name, "[]" for each
// element of a list: "pipelines.<name>.steps[].filter". A field that is not here is an unknown key.
// Only what works is here.
//
// Threading: immutable static data.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidestream::topology {

enum class FieldType {
  kSection,  // a map with the fields below it
  kNamed,    // a map of free names to what "<name>" says
  kList,     // a list of what "[]" says
  kSteps,    // a list of steps: pipelines.<name>.steps
  kText,
  kName,   // letters, digits, _ and -; a name of ours or of Kafka
  kTopic,  // a topic name
  kInteger,
  kBool,
  kDuration,  // 250ms 5s 1m30s 7d
  kSize,      // 64MiB
  kCalendar,  // a duration, or 1mo, 3mo, 1y
  kCountOrDuration,
  kChoice,           // one of `choices`
  kChoiceOrSection,  // the same, or a map with the fields below it
  kWorkers,          // auto or a number
  kNames,            // a text or a list of texts
  kExpression,       // CEL; the scalar's text as written
  kExpressionMap,    // a map of names to expressions
  kExpressionOrMap,
  kOtherwise,   // true
  kFormat,      // a format's name, or { format, fields }
  kFieldTypes,  // a map of field paths to types
  kTextList,
  kProperties,  // a map of scalars, passed through
  kConstants,   // a map of anything, for expressions
  kAny,         // data of tests
  kKeepText,    // a scalar of tests or a script, kept as written
  kFileText,    // a file beside this one; its text takes the place of its name
};

/// A row of the table. Text is static.
struct Field {
  std::string_view path;
  FieldType type = FieldType::kText;
  std::string_view help;
  /// As written in YAML; empty: none, or said in `help`.
  std::string_view default_text = "";
  bool required = false;
  /// Of integers, in `unit` when there is one.
  int64_t min = 0;
  int64_t max = 0;                // 0: no bounds
  std::string_view choices = "";  // separated by blanks
  std::string_view unit = "";
  bool secret = false;
  /// Of a verb: its step needs a name, since topics and stores are named after it.
  bool needs_name = false;
  std::string_view since = "1";
};

/// Under this name `tests[].expect` speaks of the dead letters; no stream can have it.
inline constexpr std::string_view kDeadLetterStream = "$dlq";

/// All rows, parents before children, in the order of the documentation.
std::span<const Field> AllFields();

/// The row of `path`, or null pointer.
const Field* FindField(std::string_view path);

/// Rows directly below `path` ("" is the top), without "<name>" and "[]".
std::vector<const Field*> ChildFields(std::string_view path);

/// The path of a step, wherever it stands.
inline constexpr std::string_view kStepPath = "pipelines.<name>.steps[]";

/// The verbs: fields of a step of which each step has exactly one.
std::vector<const Field*> VerbFields();

/// Last part of a path: "filter".
std::string_view FieldName(const Field& field);

/// The words of `choices`.
std::vector<std::string> Choices(const Field& field);

/// The default of a field that has one. Requires it.
std::string_view DefaultOf(std::string_view path);

}  // namespace sidestream::topology
