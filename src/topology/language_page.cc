// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/language_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "topology/aggregate_functions.h"
#include "topology/fields.h"
#include "topology/finding.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {
namespace {

std::string_view TypeName(FieldType type) {
  switch (type) {
    case FieldType::kSection:
      return "map";
    case FieldType::kNamed:
      return "map of names";
    case FieldType::kList:
    case FieldType::kSteps:
      return "list";
    case FieldType::kText:
    case FieldType::kKeepText:
      return "text";
    case FieldType::kFileText:
      return "file";
    case FieldType::kName:
      return "name";
    case FieldType::kTopic:
      return "topic name";
    case FieldType::kInteger:
      return "integer";
    case FieldType::kBool:
      return "boolean";
    case FieldType::kDuration:
      return "duration";
    case FieldType::kCalendar:
      return "duration, months or years";
    case FieldType::kCountOrDuration:
      return "integer or duration";
    case FieldType::kChoiceOrSection:
      return "map, or one of";
    case FieldType::kSize:
      return "size";
    case FieldType::kChoice:
      return "one of";
    case FieldType::kWorkers:
      return "`auto` or integer";
    case FieldType::kNames:
      return "name or list of names";
    case FieldType::kExpression:
      return "expression";
    case FieldType::kExpressionMap:
      return "map of expressions";
    case FieldType::kExpressionOrMap:
      return "expression or map of expressions";
    case FieldType::kOtherwise:
      return "`true`";
    case FieldType::kFormat:
      return "format name or map";
    case FieldType::kFieldTypes:
      return "map of field paths to types";
    case FieldType::kTextList:
      return "list of texts";
    case FieldType::kProperties:
      return "map of texts";
    case FieldType::kConstants:
      return "map of anything";
    case FieldType::kAny:
      return "anything";
  }
  return "";
}

std::string Values(const Field& field) {
  std::string text(TypeName(field.type));
  if (!field.choices.empty()) {
    text += ":";
    for (const std::string& choice : Choices(field)) text += fmt::format(" `{}`", choice);
  } else if (field.max > 0 && field.unit.empty()) {
    text += fmt::format(", {} to {}", field.min, field.max);
  } else if (field.max > 0 && field.unit == "duration" && field.min > 0) {
    text += fmt::format(", {}ms to {}s", field.min, field.max / 1000);
  }
  if (field.secret) text += ", secret";
  return text;
}

std::string Table(const std::vector<const Field*>& fields, std::string_view prefix) {
  std::string table = "| field | values | default | meaning |\n|---|---|---|---|\n";
  for (const Field* field : fields) {
    std::string fallback = field->required ? "required" : "";
    if (!field->default_text.empty()) fallback = fmt::format("`{}`", field->default_text);
    table += fmt::format("| `{}` | {} | {} | {} |\n", field->path.substr(prefix.size()),
                         Values(*field), fallback, field->help);
  }
  return table;
}

bool IsBelow(std::string_view path, std::string_view parent) {
  return path.size() > parent.size() && path.starts_with(parent) &&
         (path[parent.size()] == '.' || path[parent.size()] == '[');
}

/// A piece of an example: its lines, less their common indentation.
struct Piece {
  const ExampleTopology* example;
  std::string text;
};

class Examples {
 public:
  explicit Examples(std::span<const ExampleTopology> examples) : examples_(examples) {
    Findings findings(files_);
    for (const ExampleTopology& example : examples) {
      roots_.push_back(ParseYaml(files_, files_.Add(example.name, example.text), findings));
    }
  }

  /// The first entry `key` at the top; of `tests` the first case only.
  std::optional<Piece> Section(std::string_view key) const {
    for (size_t i = 0; i < roots_.size(); ++i) {
      for (const YamlEntry& entry : roots_[i].entries) {
        if (entry.key != key) continue;
        Position stop;
        if (entry.value.list() && entry.value.items.size() > 1) {
          stop = entry.value.items[1].position;
        }
        return Cut(i, entry.key_position.line, 0, stop.line);
      }
    }
    return std::nullopt;
  }

  /// The first step with `verb`.
  std::optional<Piece> Step(std::string_view verb) const {
    for (size_t i = 0; i < roots_.size(); ++i) {
      const YamlNode* pipelines = roots_[i].Find("pipelines");
      if (pipelines == nullptr) continue;
      for (const YamlEntry& pipeline : pipelines->entries) {
        if (const YamlNode* step = FindStep(pipeline.value.Find("steps"), verb)) {
          return Cut(i, step->position.line, step->position.column - 2, 0);
        }
      }
    }
    return std::nullopt;
  }

 private:
  static const YamlNode* FindStep(const YamlNode* steps, std::string_view verb) {
    if (steps == nullptr) return nullptr;
    for (const YamlNode& step : steps->items) {
      if (step.Find(verb) != nullptr) return &step;
      const YamlNode* branches = step.Find("branch");
      if (branches == nullptr) continue;
      for (const YamlNode& branch : branches->items) {
        if (const YamlNode* found = FindStep(branch.Find("steps"), verb)) return found;
      }
    }
    return nullptr;
  }

  /// From `line` up to the next one that is not indented further than its mark at `column`, or to
  /// line `stop`.
  Piece Cut(size_t example, int32_t line, int32_t column, int32_t stop) const {
    const auto file = static_cast<int32_t>(example);
    const auto indentation = static_cast<size_t>(std::max(column - 1, 0));
    std::string text;
    for (int32_t at = line; stop == 0 || at < stop; ++at) {
      const std::string_view content = files_.Line({file, at, 1});
      const size_t first = content.find_first_not_of(' ');
      if (at > line && (first == std::string_view::npos || first <= indentation)) break;
      text += std::string(content.substr(std::min(indentation, content.size()))) + "\n";
    }
    return {&examples_[example], std::move(text)};
  }

  std::span<const ExampleTopology> examples_;
  SourceFiles files_;
  std::vector<YamlNode> roots_;
};

std::string Shown(const std::optional<Piece>& piece, const std::string& folder) {
  if (!piece) return "";
  return fmt::format("\n```yaml\n{}```\n\nFrom [{}]({}/{}).\n", piece->text, piece->example->name,
                     folder, piece->example->name);
}

std::string Steps(const Examples& examples, const std::string& folder) {
  std::string page;
  const std::string prefix = std::string(kStepPath) + ".";
  for (const Field* verb : VerbFields()) {
    std::vector<const Field*> fields;
    for (const Field& field : AllFields()) {
      if (&field == verb || IsBelow(field.path, verb->path)) fields.push_back(&field);
    }
    page += fmt::format("\n### {}\n\n{}{}", FieldName(*verb), Table(fields, prefix),
                        Shown(examples.Step(FieldName(*verb)), folder));
  }
  return page;
}

std::string Functions() {
  std::string page =
      "\n### Aggregate functions\n\n"
      "Arguments see the record; any call takes `.where(condition)`. A record of which an argument "
      "is null or none is left\nout, and so is NaN where an order is asked for. Ties: the earlier "
      "timestamp, then arrival. Over nothing counts are 0,\nlists empty, all others null. Results "
      "do not depend on the order in which records of different time come.\n\n";
  page += fmt::format(
      "n is a constant, 1 to {}; p one from 0 to 1. What the calls of one group hold together is "
      "bounded at 384 KiB: a record\nthat would make it more is an error of the step.\n\n"
      "| function | result |\n|---|---|\n",
      kAggregateLimitMax);
  for (const AggregateFunctionRow& row : AggregateFunctions()) {
    const std::string_view usage = row.usage.substr(0, row.usage.find(';'));
    page += fmt::format("| `{}` | {} |\n", usage, row.meaning);
  }
  return page;
}

std::string Summary(const std::string& text) {
  const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
  const size_t begin = line.find_first_not_of("# ");
  return begin == std::string_view::npos ? "" : std::string(line.substr(begin));
}

}  // namespace

std::string LanguagePage(std::span<const ExampleTopology> examples, const std::string& folder) {
  const Examples pieces(examples);
  std::string page =
      "# The topology language\n\n"
      "Made from the field table in `src/topology/fields.cc` and the files in "
      "`config/topologies`; a test compares. For editors\nthe same table is a JSON Schema: "
      "[editors](operations/editors.md). `<name>` is any name, `[]` each element of a list. Keys\n"
      "that begin with `x-` are free. Durations: `250ms 5s 1m30s 7d`; sizes: `64MiB`. "
      "`${env:X}`, `${env:X:-default}`,\n`${env:X:?message}` and `${file:/path}` work in all "
      "scalar values but expressions; `$$` is a dollar sign there.\n\n## Examples\n\n";
  for (const ExampleTopology& example : examples) {
    page += fmt::format("- [{}]({}/{}): {}\n", example.name, folder, example.name,
                        Summary(example.text));
  }
  for (const Field* section : ChildFields("")) {
    std::vector<const Field*> fields;
    for (const Field& field : AllFields()) {
      const bool here = &field == section || IsBelow(field.path, section->path);
      bool of_verb = false;
      for (const Field* verb : VerbFields()) {
        of_verb = of_verb || &field == verb || IsBelow(field.path, verb->path);
      }
      if (here && !of_verb) fields.push_back(&field);
    }
    page += fmt::format("\n## {}\n\n{}{}", FieldName(*section), Table(fields, ""),
                        Shown(pieces.Section(FieldName(*section)), folder));
    if (section->path == "pipelines") page += Steps(pieces, folder) + Functions();
  }
  return page;
}

}  // namespace sidestream::topology
