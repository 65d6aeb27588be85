// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SS2xxx: fields.

#include <array>

#include "topology/finding_rows.h"

namespace sidestream::topology {
namespace {

constexpr auto kRules = std::to_array<FindingRule>({
    {.code = "SS2001",
     .title = "Unknown key",
     .explanation = "No field has this name here. A misspelt field would otherwise be ignored "
                    "without a word.",
     .example = R"(- filtr: value.ok)",
     .remedy = "Correct the name; `sidestream docs` and docs/language.md "
               "list all fields. Keys that begin with x- are free."},
    {.code = "SS2002",
     .title = "The wrong shape",
     .explanation = "A map stands where a single value belongs, or the other way round.",
     .example = R"(streams: [ orders ])",
     .remedy = "Write the shape that the finding names."},
    {.code = "SS2003",
     .title = "A value that is not allowed",
     .explanation = "The value is out of bounds, none of the choices, or not of the field's type.",
     .example = R"(application: { id: shop, commit_interval: 5 })",
     .remedy = "Write a value that the finding names. Durations are 250ms, 5s, 1m30s; sizes "
               "are 64MiB."},
    {.code = "SS2004",
     .title = "Something is missing",
     .explanation = "A field without which the rest has no meaning.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json }
  paid: { key: string })",
     .remedy = "Add the field that the finding names."},
    {.code = "SS2005",
     .title = "Fields that do not go together",
     .explanation = "Two fields exclude each other, a step has two verbs or none, or something "
                    "stands behind the last step.",
     .example = R"(- filter: value.ok
  map: value.order)",
     .remedy = "Keep one of them; a second verb begins a new step."},
    {.code = "SS2006",
     .title = "No expression",
     .explanation = "An expression field is empty or a YAML null. A null constant is an "
                    "expression, too, and written as a text.",
     .example = R"(- map: ~)",
     .remedy = "Write 'null' in quotes for the constant, '\"\"' for the empty text."},
    {.code = "SS2007",
     .title = "A tag in place of an expression",
     .explanation = "An expression that begins with ! is a tag to YAML, one that begins with & an "
                    "anchor, and the expression is lost.",
     .example = R"(- filter: !value.deleted)",
     .remedy = "Put it into single quotes: '!value.deleted'."},
    {.code = "SS2008",
     .severity = Severity::kWarning,
     .title = "A date that is a subtraction",
     .explanation = "An expression field is CEL: 2026-01-01 computes 2026 - 1 - 1.",
     .example = R"(- set: { day: 2026-01-01 })",
     .remedy = "Write '\"2026-01-01\"' for the text, or timestamp(\"2026-01-01T00:00:00Z\")."},
    {.code = "SS2009",
     .title = "A reference in an expression",
     .explanation = "${env:X} and ${file:/x} are not resolved in expressions: what they hold "
                    "could change the program.",
     .example = R"(- filter: value.amount > ${env:LIMIT})",
     .remedy = "Set application.vars: { limit: \"${env:LIMIT}\" } and read it as vars.limit."},
    {.code = "SS2010",
     .title = "A word that comes in a later version",
     .explanation = "The language has this word, but this version of the program cannot do what it "
                    "says. All such words of the files are in one finding.",
     .example = R"(tables:
  customers: { topic: customers, key: string, value: json })",
     .remedy = "Run a later version, or take the step out."},
    {.code = "SS2011",
     .title = "A schema that cannot be used",
     .explanation = "The schema of a format does not parse, or the columns of a csv are not what "
                    "they must be.",
     .example = R"(streams:
  orders: { topic: orders, value: { format: avro, schema: '{"type": "recrd"}' } }
  paid: { topic: paid })",
     .remedy = "Mend the schema at the place that the finding names."},
});

}  // namespace

std::span<const FindingRule> FieldFindingRules() { return kRules; }

}  // namespace sidestream::topology
