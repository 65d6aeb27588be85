// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/finding_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "topology/finding_codes.h"

namespace sidestream::app {
namespace {

using nlohmann::ordered_json;
using topology::Finding;
using topology::FindingRule;
using topology::Severity;

std::string_view SeverityName(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

/// A text of a file may hold any bytes; what is no UTF-8 is replaced.
std::string Dump(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// A path as a relative URI.
std::string UriOf(std::string_view path) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  std::string uri;
  for (const char c : path) {
    if (kPlain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

std::string WithHint(const Finding& finding) {
  return finding.suggestion.empty()
             ? finding.message
             : fmt::format("{}\nhint: {}", finding.message, finding.suggestion);
}

ordered_json RuleJson(const FindingRule& rule) {
  return {{"id", std::string(rule.code)},
          {"shortDescription", {{"text", std::string(rule.title)}}},
          {"fullDescription", {{"text", std::string(rule.explanation)}}},
          {"help", {{"text", topology::FindingText(rule)}}},
          {"defaultConfiguration", {{"level", std::string(SeverityName(rule.severity))}}}};
}

/// Values of properties of a workflow command; messages may hold commas and colons.
std::string GithubEscaped(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string FindingsAsJson(const std::vector<Finding>& findings) {
  ordered_json list = ordered_json::array();
  size_t errors = 0;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::kError) ++errors;
    ordered_json entry = {{"code", finding.code},
                          {"severity", std::string(SeverityName(finding.severity))}};
    if (!finding.file.empty()) {
      entry["file"] = finding.file;
      entry["line"] = finding.line;
      entry["column"] = finding.column;
    }
    entry["message"] = finding.message;
    if (!finding.suggestion.empty()) entry["suggestion"] = finding.suggestion;
    list.push_back(std::move(entry));
  }
  return Dump({{"errors", errors}, {"warnings", findings.size() - errors}, {"findings", list}});
}

std::string FindingsAsSarif(const std::vector<Finding>& findings,
                            std::string_view program_version) {
  ordered_json rules = ordered_json::array();
  for (const FindingRule& rule : topology::FindingRules()) rules.push_back(RuleJson(rule));
  ordered_json results = ordered_json::array();
  for (const Finding& finding : findings) {
    ordered_json result = {{"ruleId", finding.code}};
    if (const FindingRule* rule = topology::FindFindingRule(finding.code)) {
      result["ruleIndex"] = rule - topology::FindingRules().data();
    }
    result["level"] = std::string(SeverityName(finding.severity));
    result["message"] = {{"text", WithHint(finding)}};
    if (!finding.file.empty()) {
      result["locations"] = ordered_json::array(
          {{{"physicalLocation",
             {{"artifactLocation", {{"uri", UriOf(finding.file)}}},
              {"region", {{"startLine", finding.line}, {"startColumn", finding.column}}}}}}});
    }
    results.push_back(std::move(result));
  }
  const ordered_json driver = {
      {"name", "sidestream"}, {"version", std::string(program_version)}, {"rules", rules}};
  const ordered_json run = {
      {"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}};
  return Dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", ordered_json::array({run})}});
}

std::string FindingsAsGithub(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    std::string properties;
    if (!finding.file.empty()) {
      properties = fmt::format("file={},line={},col={},", GithubEscaped(finding.file, true),
                               finding.line, finding.column);
    }
    text += fmt::format("::{} {}title={}::{}\n", SeverityName(finding.severity), properties,
                        finding.code, GithubEscaped(WithHint(finding), false));
  }
  return text;
}

}  // namespace sidestream::app
