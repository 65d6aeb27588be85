// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SS1xxx: YAML and files.

#include <array>

#include "topology/finding_rows.h"

namespace sidestream::topology {
namespace {

constexpr auto kRules = std::to_array<FindingRule>({
    {.code = "SS1000",
     .title = "More findings than are shown",
     .explanation = "A run prints the first 200 findings; there were more. They mostly have one "
                    "cause.",
     .example = R"($ sidestream validate -f generated.yaml)",
     .remedy = "Mend the first ones and run again."},
    {.code = "SS1001",
     .title = "Not YAML",
     .explanation = "The file cannot be read as YAML, so nothing behind this place was checked.",
     .example = R"(application: { id: "shop\q" })",
     .remedy = "Look at the place and at the line before it. Expressions with brackets, "
               "quotes, commas, ': ' or ' #' go into single quotes or behind >- on lines of "
               "their own."},
    {.code = "SS1002",
     .title = "The same key twice",
     .explanation = "YAML readers silently keep the first or the last of two equal keys, so one "
                    "of the two would be lost.",
     .example = R"(streams:
  orders: { topic: orders, key: string, key: int64 })",
     .remedy = "Remove one of the two, or rename it."},
    {.code = "SS1003",
     .title = "The file is too large",
     .explanation = "A file may have 4 MiB, 64 levels of nesting, and 200,000 nodes once its "
                    "aliases are written out. The bound is there so that no file can exhaust the "
                    "program.",
     .example = R"($ sidestream validate -f export.yaml   # 5 MiB)",
     .remedy = "Split the file and give -f several times; use fewer nested aliases."},
    {.code = "SS1004",
     .title = "Several documents in one file",
     .explanation = "A topology file is one YAML document. What stands behind a line of --- "
                    "would not be read.",
     .example = R"(application: { id: shop }
---
streams: {})",
     .remedy = "Give each document its own file, and each file its own -f. They are merged."},
    {.code = "SS1005",
     .title = "Set in two files",
     .explanation = "Several -f files are merged: maps join, but a value or a list belongs to "
                    "one file, so that the order of files says nothing. Only tests are joined.",
     .example =
         R"($ sidestream validate -f team.yaml -f platform.yaml   # both set application.workers)",
     .remedy = "Remove one of the two."},
    {.code = "SS1006",
     .title = "A key that is no text",
     .explanation = "A key is a list, a map or empty. Most often it is a piece of an expression "
                    "that was cut at a comma or a colon.",
     .example = R"(- map: { [a, b]: value.x })",
     .remedy = "Put the text into quotes, or the expression on its own line."},
    {.code = "SS1007",
     .title = "An alias or a merge key that leads nowhere",
     .explanation = "<<: takes a map or a list of maps, and an alias needs an anchor before it.",
     .example = R"(x-defaults: &defaults json
streams:
  orders: { topic: orders, <<: *defaults })",
     .remedy = "Let the anchor stand on a map: x-defaults: &defaults { key: string }."},
    {.code = "SS1008",
     .title = "A tag",
     .explanation = "Tags (!something) have no meaning in a topology file. A text that begins "
                    "with an exclamation mark is read as one.",
     .example = R"(streams:
  orders: !json { topic: orders })",
     .remedy = "Remove the tag, or put the text into quotes."},
    {.code = "SS1009",
     .severity = Severity::kWarning,
     .title = "A key that other readers take for a boolean",
     .explanation = "Here on, off, yes and no are texts, but readers of YAML 1.1 (PyYAML, many "
                    "templates) turn such keys into true and false.",
     .example = R"(application:
  id: shop
  vars: { on: 1 })",
     .remedy = "Write the key in quotes."},
    {.code = "SS1010",
     .title = "A reference that cannot be resolved",
     .explanation = "${env:NAME} needs the variable, ${file:/path} the file. Nothing else may "
                    "stand in ${ }.",
     .example = R"(application: { id: "${env:NOT_SET}" })",
     .remedy = "Set the variable, give a default with ${env:NAME:-default}, or write $$ for "
               "a dollar sign."},
    {.code = "SS1011",
     .title = "A file that cannot be read",
     .explanation = "A file that -f names does not exist, may not be read, or is too large.",
     .example = R"($ sidestream validate -f nowhere.yaml)",
     .remedy = "Check the path and its rights."},
    {.code = "SS1012",
     .title = "A tab in the indentation",
     .explanation = "YAML is indented with spaces. Editors show a tab as some of them, and no two "
                    "editors as equally many.",
     .example = "pipelines:\n  pay:\n\tfrom: orders\n    to: paid",
     .remedy = "Indent with spaces; let the editor turn tabs into them."},
    {.code = "SS1013",
     .title = "A quote that is not closed",
     .explanation = "A quoted text goes on over lines until its quote comes again, so all that "
                    "stands behind it was taken for text.",
     .example = "- filter: 'value.name == \"a\"",
     .remedy = "Add the closing quote. Inside of single quotes a quote is written twice."},
    {.code = "SS1014",
     .title = "Brackets that do not match",
     .explanation = "Between { } or [ ] a bracket, brace or comma belongs to YAML, also in the "
                    "middle of an expression.",
     .example = "- { filter: value.country in [\"DE\", \"FR\" }",
     .remedy = "Close the bracket. Write a step whose expression has brackets, braces or commas in "
               "block style, or put the expression in quotes."},
    {.code = "SS1015",
     .title = "Indentation",
     .explanation = "Keys of one map begin in one column. This line begins in a column in which "
                    "nothing above it does, or lies below a key that has its value already.",
     .example = "pipelines:\n  pay:\n    from: orders\n      to: paid",
     .remedy = "Line it up with the keys that it belongs to."},
    {.code = "SS1016",
     .title = "A text that YAML reads otherwise",
     .explanation = "A plain text may not hold ': ', begin with a quote or bracket that closes "
                    "before its end, or begin with @, % or a backtick. Expressions often do.",
     .example = "- map: value.ok ? \"a\" : \"b\"",
     .remedy = "Put the whole text in single quotes, or on a line of its own behind >-."},
});

}  // namespace

std::span<const FindingRule> FileFindingRules() { return kRules; }

}  // namespace sidestream::topology
