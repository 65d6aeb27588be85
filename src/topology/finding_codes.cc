// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The table as a whole: its parts joined, and its two printed forms.

#include "topology/finding_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "topology/finding_rows.h"

namespace sidestream::topology {
namespace {

struct Family {
  std::string_view prefix;
  std::string_view title;
};

constexpr Family kFamilies[] = {{"SS1", "YAML and files"},
                                {"SS2", "Fields"},
                                {"SS3", "Names and references"},
                                {"SS4", "Expressions and types"},
                                {"SS5", "Topics, partitions, tasks"},
                                {"SS6", "What is doubtful"}};

std::string Indented(std::string_view text) {
  std::string indented;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    indented += fmt::format("    {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return indented;
}

std::string_view SeverityName(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::span<const FindingRule> FindingRules() {
  static const std::vector<FindingRule> rules = [] {
    std::vector<FindingRule> all;
    for (const auto part :
         {FileFindingRules(), FieldFindingRules(), MeaningFindingRules(), DoubtFindingRules()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rules;
}

const FindingRule* FindFindingRule(std::string_view code) {
  const auto same = [&](const FindingRule& rule) {
    return std::equal(rule.code.begin(), rule.code.end(), code.begin(), code.end(),
                      [](char a, char b) { return a == Upper(b); });
  };
  const auto rules = FindingRules();
  const auto found = std::find_if(rules.begin(), rules.end(), same);
  return found == rules.end() ? nullptr : &*found;
}

std::string FindingText(const FindingRule& rule) {
  return fmt::format("{} ({}): {}\n\n{}\n\nExample:\n\n{}\nRemedy: {}\n", rule.code,
                     SeverityName(rule.severity), rule.title, rule.explanation,
                     Indented(rule.example), rule.remedy);
}

std::string FindingReferencePage() {
  std::string page =
      "# Findings\n\n"
      "What `sidestream validate` and every other command that reads a topology file may have to "
      "say, by code.\n`sidestream docs CODE` prints the same. A code keeps its meaning for ever. "
      "An error keeps the application\nfrom starting; a warning does not, unless `validate "
      "--deny-warnings` asks for it. Examples leave out the rest\nof the file.\n\n"
      "This page is made from the table in `src/topology/finding_codes.h`; do not edit it.\n";
  for (const Family& family : kFamilies) {
    page += fmt::format("\n## {}xxx: {}\n", family.prefix, family.title);
    for (const FindingRule& rule : FindingRules()) {
      if (!rule.code.starts_with(family.prefix)) continue;
      const bool shell = rule.example.starts_with("$ ");
      page += fmt::format("\n### {}: {}\n\n{}{}\n\n```{}\n{}\n```\n\nRemedy: {}\n", rule.code,
                          rule.title, rule.severity == Severity::kWarning ? "Warning. " : "",
                          rule.explanation, shell ? "sh" : "yaml", rule.example, rule.remedy);
    }
  }
  return page;
}

}  // namespace sidestream::topology
