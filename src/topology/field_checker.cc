// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The checker: one function per shape of a field.

#include "topology/field_checker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "expression/text.h"
#include "serde/format.h"
#include "topology/fields.h"
#include "topology/planned_words.h"

namespace sidestream::topology {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool LooksLikeDate(std::string_view text) {
  static constexpr std::string_view kShape = "0000-00-00";
  if (text.size() < kShape.size()) return false;
  for (size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == '0' ? !digit : text[i] != '-') return false;
  }
  return true;
}

/// What other tools call one of `choices`; empty: nothing that we know.
std::string ForeignName(std::string_view text, const std::vector<std::string>& choices) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"long", "int64"},         {"bigint", "int64"},       {"integer", "int32"},
      {"integer", "int"},        {"long", "int"},           {"number", "double"},
      {"decimal", "double"},     {"text", "string"},        {"varchar", "string"},
      {"boolean", "bool"},       {"datetime", "timestamp"}, {"ignore", "skip"},
      {"drop", "skip"},          {"continue", "skip"},      {"stop", "fail"},
      {"newest", "latest"},      {"end", "latest"},         {"oldest", "earliest"},
      {"beginning", "earliest"}, {"subset", "contains"},    {"any_order", "unordered"}};
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const auto& [foreign, name] : kNames) {
    if (foreign == lower && std::find(choices.begin(), choices.end(), name) != choices.end()) {
      return std::string(name);
    }
  }
  return "";
}

std::string WithItem(std::string_view path) { return std::string(path) + "[]"; }
std::string WithName(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// Files that are named relative to the topology file.
class BesideFile final : public Surroundings {
 public:
  BesideFile(const std::string& file, const Surroundings& surroundings)
      : folder_(std::filesystem::path(file).parent_path()), surroundings_(surroundings) {}

  std::optional<std::string> Variable(const std::string& name) const override {
    return surroundings_.Variable(name);
  }
  // An absolute path replaces the folder.
  Result<std::string> ReadFile(const std::string& path) const override {
    return surroundings_.ReadFile((folder_ / path).string());
  }

 private:
  const std::filesystem::path folder_;
  const Surroundings& surroundings_;
};

class Checker {
 public:
  Checker(const Surroundings& surroundings, SourceFiles& files, Findings& findings)
      : surroundings_(surroundings), files_(files), findings_(findings) {}

  void CheckSection(YamlNode& node, std::string_view path) {
    const std::vector<const Field*> children = ChildFields(path);
    std::vector<const Field*> seen;
    std::vector<std::string> meant;  // by misspelt keys
    Keep(node, [&](YamlEntry& entry) {
      if (IsPlannedKey(path, entry.key)) return NotYet(entry.key, entry.key_position);
      const auto field = std::find_if(children.begin(), children.end(), [&](const Field* child) {
        return FieldName(*child) == entry.key;
      });
      if (field == children.end()) {
        meant.push_back(UnknownKey(entry, path, children));
        return false;
      }
      seen.push_back(*field);
      return Check(entry.value, **field, entry.key_position);
    });
    for (const Field* child : children) {
      // A field that is there but wrong has its finding already.
      if (!child->required || std::find(seen.begin(), seen.end(), child) != seen.end()) continue;
      if (std::find(meant.begin(), meant.end(), FieldName(*child)) != meant.end()) continue;
      // Of one value there is nothing to choose.
      const bool fixed =
          child->type == FieldType::kInteger && child->max > 0 && child->min == child->max;
      findings_.Error("SS2004", node.position,
                      path.empty()
                          ? fmt::format("{} is missing", FieldName(*child))
                          : fmt::format("{} is missing in {}", FieldName(*child), Leaf(path)),
                      fixed ? fmt::format("add {}: {}", FieldName(*child), child->min) : "");
    }
  }

  /// One finding for all words that this version does not know yet: they tend to come together.
  /// False: there were some.
  bool ReportPlannedWords() {
    if (planned_.empty()) return true;
    std::vector<std::string> others;
    for (size_t i = 1; i < planned_.size(); ++i) {
      others.push_back(
          fmt::format("{} ({})", planned_[i].first, files_.Location(planned_[i].second)));
    }
    findings_.Error("SS2010", planned_.front().second,
                    fmt::format("{} belongs to the language, but this version cannot do it yet",
                                planned_.front().first),
                    others.empty() ? "" : fmt::format("nor {}", fmt::join(others, ", ")));
    return false;
  }

 private:
  bool NotYet(std::string word, const Position& position) {
    planned_.emplace_back(std::move(word), position);
    return false;
  }

  /// "a step", "aggregate": what a path stands for, in messages.
  static std::string Leaf(std::string_view path) {
    if (path.ends_with("steps[]")) return "this step";
    if (path.ends_with("[]")) return "this entry";
    if (path.ends_with("<name>")) return "this entry";
    return std::string(path.substr(path.rfind('.') + 1));
  }

  template <typename Visit>
  void Keep(YamlNode& map, Visit visit) {
    std::vector<YamlEntry> kept;
    for (YamlEntry& entry : map.entries) {
      if (entry.key.starts_with("x-")) continue;
      if (visit(entry)) {
        kept.push_back(std::move(entry));
      } else {
        map.damaged = true;
      }
    }
    map.entries = std::move(kept);
  }

  /// Returns the name that may have been meant.
  std::string UnknownKey(const YamlEntry& entry, std::string_view path,
                         const std::vector<const Field*>& children) {
    std::vector<std::string> names;
    for (const Field* child : children) names.emplace_back(FieldName(*child));
    const std::string nearest = expression::NearestName(entry.key, names);
    const std::string where = path.empty() ? "at the top" : fmt::format("in {}", Leaf(path));
    std::string hint = nearest.empty() ? fmt::format("valid here: {}", fmt::join(names, ", "))
                                       : fmt::format("did you mean {}?", nearest);
    if (entry.key.find_first_of("()[]{}\"'") != std::string::npos) {
      hint =
          "this looks like a piece of an expression: write the expression on its own line, in "
          "single quotes or with >-";
    }
    findings_.Error("SS2001", entry.key_position,
                    fmt::format("unknown key {} {}", entry.key, where), hint);
    return nearest;
  }

  /// False: the finding is there, the entry goes.
  bool Check(YamlNode& node, const Field& field, const Position& key_position) {
    where_ = node.null() ? key_position : node.position;
    switch (field.type) {
      case FieldType::kSection:
        if (!Expect(node, YamlNode::Kind::kMap, field)) return false;
        CheckSection(node, field.path);
        return true;
      case FieldType::kNamed:
        return CheckNamed(node, field);
      case FieldType::kList:
        return CheckList(node, field, WithItem(field.path));
      case FieldType::kSteps:
        return CheckList(node, field, std::string(kStepPath));
      case FieldType::kNames:
        if (!node.list()) return CheckText(node, field);
        return CheckTextList(node, field);
      case FieldType::kTextList:
        return Expect(node, YamlNode::Kind::kList, field) && CheckTextList(node, field);
      case FieldType::kExpression:
        return CheckExpression(node, FieldName(field));
      case FieldType::kExpressionMap:
        return Expect(node, YamlNode::Kind::kMap, field) && CheckExpressions(node, field);
      case FieldType::kExpressionOrMap:
        return node.map() ? CheckExpressions(node, field) : CheckExpression(node, FieldName(field));
      case FieldType::kFormat:
        return CheckFormat(node, field);
      case FieldType::kChoiceOrSection:
        if (!node.map()) return CheckText(node, field) && CheckScalar(node, field);
        CheckSection(node, field.path);
        return true;
      case FieldType::kFieldTypes:
        return CheckFieldTypes(node, field);
      case FieldType::kProperties:
        return CheckProperties(node, field);
      case FieldType::kConstants:
        return Expect(node, YamlNode::Kind::kMap, field) && CheckNames(node) && CheckAny(node);
      case FieldType::kAny:
        return CheckAny(node);
      default:
        return CheckText(node, field) && CheckScalar(node, field);
    }
  }

  bool Expect(const YamlNode& node, YamlNode::Kind kind, const Field& field) {
    if (node.kind == kind) return true;
    const std::string_view wanted = kind == YamlNode::Kind::kMap    ? "a map"
                                    : kind == YamlNode::Kind::kList ? "a list"
                                                                    : "a single value";
    std::string hint;
    if (kind == YamlNode::Kind::kList && node.map() && !node.entries.empty() &&
        node.entries.front().key.starts_with('-')) {
      hint =
          fmt::format("a dash needs a blank behind it: - {}", node.entries.front().key.substr(1));
    }
    if (kind == YamlNode::Kind::kList && node.scalar()) {
      hint = fmt::format("write a list: [ {} ]", node.text);
    }
    findings_.Error("SS2002", where_,
                    fmt::format("{} is {}, not {}", FieldName(field), wanted, Describe(node)),
                    std::move(hint));
    return false;
  }

  /// `allowed`: a name that may be there too.
  bool CheckNames(YamlNode& node, std::string_view allowed = "") {
    Keep(node, [&](const YamlEntry& entry) {
      if (!allowed.empty() && entry.key == allowed) return true;
      if (!entry.key.empty() && std::all_of(entry.key.begin(), entry.key.end(), IsNameCharacter)) {
        return true;
      }
      findings_.Error(
          "SS3005", entry.key_position,
          fmt::format("the name '{}' is not made of letters, digits, _ and -", entry.key));
      return false;
    });
    return true;
  }

  bool CheckNamed(YamlNode& node, const Field& field) {
    if (!Expect(node, YamlNode::Kind::kMap, field)) return false;
    if (field.required && node.entries.empty() && !node.damaged) {
      findings_.Error("SS2004", where_, fmt::format("{} is empty", FieldName(field)),
                      fmt::format("add an entry: {}: {{ <name>: ... }}", FieldName(field)));
    }
    CheckNames(node, field.path == "tests[].expect" ? kDeadLetterStream : "");
    const Field* child = FindField(WithName(field.path, "<name>"));
    CHECK(child != nullptr) << field.path;
    Keep(node, [&](YamlEntry& entry) { return Check(entry.value, *child, entry.key_position); });
    return true;
  }

  bool CheckList(YamlNode& node, const Field& field, const std::string& item_path) {
    if (!Expect(node, YamlNode::Kind::kList, field)) return false;
    const Field* child = FindField(item_path);
    CHECK(child != nullptr) << item_path;
    std::vector<YamlNode> kept;
    for (YamlNode& item : node.items) {
      if (Check(item, *child, item.position)) {
        kept.push_back(std::move(item));
      } else {
        node.damaged = true;
      }
    }
    node.items = std::move(kept);
    return true;
  }

  bool Resolve(YamlNode& node) {
    if (node.text.find('$') == std::string::npos) return true;
    const BesideFile beside(files_.name(node.position.file), surroundings_);
    Result<ResolvedText> resolved = ResolveReferences(node.text, beside);
    if (!resolved.ok()) {
      const bool not_set = resolved.status().message().ends_with("is not set");
      findings_.Error("SS1010", PositionInScalar(files_, node, node.text.find("${")),
                      resolved.status().message(),
                      not_set ? "set it, or give a default: ${env:NAME:-default}" : "");
      return false;
    }
    node.text = std::move(resolved->text);
    node.reference = resolved->reference;
    node.from_file = resolved->from_file;
    return true;
  }

  bool CheckText(YamlNode& node, const Field& field) {
    if (!Expect(node, YamlNode::Kind::kScalar, field)) return false;
    if (!node.tag.empty()) {
      findings_.Error("SS1008", node.position,
                      fmt::format("the tag {} is not allowed here", node.tag),
                      "quote the text if it begins with an exclamation mark");
      return false;
    }
    return Resolve(node);
  }

  bool CheckTextList(YamlNode& node, const Field& field) {
    bool good = true;
    for (YamlNode& item : node.items) {
      where_ = item.position;
      good = CheckText(item, field) && good;
    }
    if (good && node.items.empty()) {
      findings_.Error("SS2003", node.position, fmt::format("{} is empty", FieldName(field)));
      return false;
    }
    return good;
  }

  bool CheckExpression(YamlNode& node, std::string_view name) {
    if (node.null() && node.anchored) {
      findings_.Error("SS2007", node.position,
                      fmt::format("{} begins with &, which YAML takes for an anchor", name),
                      "put it in single quotes");
      return false;
    }
    if (node.null()) {
      findings_.Error("SS2006", where_, fmt::format("{} has no expression", name),
                      "the constant null is written 'null', in quotes");
      return false;
    }
    if (!node.scalar()) {
      findings_.Error("SS2002", node.position,
                      fmt::format("{} is an expression, not {}", name, Describe(node)),
                      node.map() && node.entries.size() > 0 && !node.entries[0].key.empty()
                          ? fmt::format("an object is an expression, too, in single quotes: "
                                        "'{{\"{}\": ...}}'",
                                        node.entries[0].key)
                          : "put an expression that begins with a bracket in single quotes");
      return false;
    }
    if (!node.tag.empty()) {
      findings_.Error("SS2007", node.position,
                      fmt::format("{} begins with !, which YAML takes for a tag", name),
                      fmt::format("put it in single quotes: '{}{}{}'", node.tag,
                                  node.text.empty() ? "" : " ", node.text));
      return false;
    }
    if (node.text.empty()) {
      findings_.Error("SS2006", node.position, fmt::format("{} has no expression", name),
                      "the empty text is written '\"\"'");
      return false;
    }
    if (!node.quoted && LooksLikeDate(node.text)) {
      findings_.Warning("SS2008", node.position,
                        fmt::format("{} is an expression: {} is a subtraction", name, node.text),
                        fmt::format("write '\"{}\"' or 'timestamp(\"...\")'", node.text));
    }
    if (node.text.find("${env:") != std::string::npos ||
        node.text.find("${file:") != std::string::npos) {
      findings_.Error("SS2009", node.position, "references are not resolved in expressions",
                      "set application.vars and read it as vars.<name>");
      return false;
    }
    return true;
  }

  bool CheckExpressions(YamlNode& node, const Field& field) {
    if (node.entries.empty()) {
      findings_.Error("SS2003", node.position, fmt::format("{} is empty", FieldName(field)));
      return false;
    }
    bool good = true;
    for (YamlEntry& entry : node.entries) {
      where_ = entry.value.null() ? entry.key_position : entry.value.position;
      if (entry.key.find_first_of("()\"'") != std::string::npos) {
        findings_.Error("SS2003", entry.key_position,
                        fmt::format("'{}' is no name of a field", entry.key),
                        "an expression with a comma does not fit between { }: write it on its own "
                        "line");
        good = false;
        continue;
      }
      good = CheckExpression(entry.value, entry.key) && good;
    }
    return good;
  }

  bool CheckFormat(YamlNode& node, const Field& field) {
    if (node.map()) {
      CheckSection(node, field.path);
      return node.Find("format") != nullptr;
    }
    const Field* format = FindField(WithName(field.path, "format"));
    CHECK(format != nullptr) << field.path;
    return CheckText(node, field) && CheckScalar(node, *format);
  }

  bool CheckFieldTypes(YamlNode& node, const Field& field) {
    if (!Expect(node, YamlNode::Kind::kMap, field)) return false;
    Keep(node, [&](YamlEntry& entry) {
      where_ = entry.value.null() ? entry.key_position : entry.value.position;
      if (!CheckText(entry.value, field)) return false;
      if (const auto path = serde::ParseFieldPath(entry.key); !path.ok()) {
        findings_.Error("SS2003", entry.key_position, path.status().message());
        return false;
      }
      const auto type = serde::ParseFieldType(entry.value.text);
      if (type.ok()) return true;
      std::vector<std::string> names(serde::FieldTypeNames().begin(),
                                     serde::FieldTypeNames().end());
      NotOneOf(entry.value, entry.key, names);
      return false;
    });
    return true;
  }

  bool CheckProperties(YamlNode& node, const Field& field) {
    if (!Expect(node, YamlNode::Kind::kMap, field)) return false;
    Keep(node, [&](YamlEntry& entry) {
      if (const Field* child = FindField(WithName(field.path, entry.key))) {
        return Check(entry.value, *child, entry.key_position);
      }
      where_ = entry.value.null() ? entry.key_position : entry.value.position;
      if (entry.value.scalar()) return CheckText(entry.value, field);
      std::string hint;
      if (entry.value.map() && !entry.value.entries.empty()) {
        hint = fmt::format("names of properties have dots: {}.{}: ...", entry.key,
                           entry.value.entries.front().key);
      }
      findings_.Error("SS2002", where_,
                      fmt::format("{} is a single value, not {}", entry.key, Describe(entry.value)),
                      std::move(hint));
      return false;
    });
    return true;
  }

  bool CheckAny(YamlNode& node) {
    bool good = true;
    if (node.scalar()) return Resolve(node);
    for (YamlNode& item : node.items) good = CheckAny(item) && good;
    for (YamlEntry& entry : node.entries) good = CheckAny(entry.value) && good;
    return good;
  }

  void NotOneOf(const YamlNode& node, std::string_view name,
                const std::vector<std::string>& choices) {
    std::string nearest = ForeignName(node.text, choices);
    if (nearest.empty()) nearest = expression::NearestName(node.text, choices);
    std::string hint = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest);
    findings_.Error(
        "SS2003", node.position,
        fmt::format("{} is one of {}, not {}", name, fmt::join(choices, ", "), Describe(node)),
        std::move(hint));
  }

  bool NotA(const YamlNode& node, const Field& field, std::string_view what,
            std::string hint = "") {
    findings_.Error("SS2003", node.position,
                    fmt::format("{} is {}, not {}", FieldName(field), what, Describe(node)),
                    std::move(hint));
    return false;
  }

  bool InBounds(const YamlNode& node, const Field& field, int64_t value) {
    if (field.max == 0 || (value >= field.min && value <= field.max)) return true;
    if (field.unit == "duration") {
      return NotA(node, field, fmt::format("from {}ms to {}s", field.min, field.max / 1000));
    }
    return NotA(node, field, fmt::format("from {} to {}", field.min, field.max));
  }

  bool CheckScalar(YamlNode& node, const Field& field) {
    switch (field.type) {
      case FieldType::kName:
        if (!node.text.empty() &&
            std::all_of(node.text.begin(), node.text.end(), IsNameCharacter)) {
          return true;
        }
        findings_.Error("SS3005", node.position,
                        fmt::format("{} {} is not made of letters, digits, _ and -",
                                    FieldName(field), Describe(node)));
        return false;
      case FieldType::kTopic: {
        const bool good = !node.text.empty() && node.text.size() <= 249 && node.text != "." &&
                          node.text != ".." &&
                          std::all_of(node.text.begin(), node.text.end(),
                                      [](char c) { return IsNameCharacter(c) || c == '.'; });
        if (good) return true;
        findings_.Error("SS3005", node.position, fmt::format("{} is no topic name", Describe(node)),
                        "letters, digits, . _ and -, at most 249");
        return false;
      }
      case FieldType::kInteger: {
        const auto value = ParseInteger(node.text);
        if (!value) return NotA(node, field, "an integer");
        return InBounds(node, field, *value);
      }
      case FieldType::kWorkers: {
        if (node.text == "auto") return true;
        const auto value = ParseInteger(node.text);
        if (!value) return NotA(node, field, "auto or an integer");
        return InBounds(node, field, *value);
      }
      case FieldType::kBool:
      case FieldType::kOtherwise:
        if (node.text == "true" && (!node.quoted || node.reference)) return true;
        if (field.type == FieldType::kOtherwise) return NotA(node, field, "true");
        if (node.text == "false" && (!node.quoted || node.reference)) return true;
        return NotA(node, field, "true or false");
      case FieldType::kDuration: {
        const auto value = ParseDuration(node.text);
        if (!value) {
          return NotA(node, field, "a duration such as 250ms, 5s or 1m30s",
                      ParseInteger(node.text)
                          ? fmt::format("add the unit: {0}ms, {0}s or {0}m", node.text)
                          : "whole numbers with d h m s ms, the larger unit first, without blanks");
        }
        return InBounds(node, field, value->count());
      }
      case FieldType::kCalendar: {
        const auto span = ParseCalendarSpan(node.text);
        if (span && (span->months > 0 || span->duration.count() > 0)) return true;
        return NotA(node, field, "a duration such as 5s or 1d, or whole months such as 1mo or 1y");
      }
      case FieldType::kCountOrDuration: {
        const auto count = ParseInteger(node.text);
        const auto duration = ParseDuration(node.text);
        if ((count && *count > 0) || (duration && duration->count() > 0)) return true;
        return NotA(node, field, "a duration such as 10s, or of count windows a number");
      }
      case FieldType::kSize: {
        const auto value = ParseSize(node.text);
        if (!value) {
          return NotA(node, field, "a size such as 64MiB",
                      "units are KiB MiB GiB TiB, and KB MB GB TB by thousands");
        }
        return InBounds(node, field, *value);
      }
      case FieldType::kChoice:
      case FieldType::kChoiceOrSection:
      case FieldType::kFormat: {
        const std::vector<std::string> choices = Choices(field);
        if (std::find(choices.begin(), choices.end(), node.text) != choices.end()) return true;
        NotOneOf(node, FieldName(field), choices);
        return false;
      }
      case FieldType::kText:
      case FieldType::kKeepText:
        if (!node.text.empty()) return true;
        return NotA(node, field, "a text");
      case FieldType::kFileText:
        return TakeFile(node);
      default:
        return true;
    }
  }

  /// The file that `node` names takes its place, text and position.
  bool TakeFile(YamlNode& node) {
    const std::string file = files_.name(node.position.file);
    Result<std::string> text = BesideFile(file, surroundings_).ReadFile(node.text);
    if (!text.ok()) {
      findings_.Error("SS1011", node.position, text.status().message());
      return false;
    }
    const std::filesystem::path path = std::filesystem::path(file).parent_path() / node.text;
    node.text = *text;
    node.quoted = true;
    node.position = {files_.Add(path.string(), *std::move(text)), 1, 1};
    return true;
  }

  const Surroundings& surroundings_;
  SourceFiles& files_;
  Findings& findings_;
  Position where_;
  std::vector<std::pair<std::string, Position>> planned_;
};

}  // namespace

bool CheckFields(YamlNode& root, const Surroundings& surroundings, SourceFiles& files,
                 Findings& findings) {
  Checker checker(surroundings, files, findings);
  checker.CheckSection(root, "");
  return checker.ReportPlannedWords();
}

}  // namespace sidestream::topology
