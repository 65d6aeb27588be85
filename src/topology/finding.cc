// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Findings: positions, excerpts and their text.

#include "topology/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace sidestream::topology {
namespace {

constexpr size_t kExcerptBytes = 160;

size_t CountCharacters(std::string_view bytes) {
  return static_cast<size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string Excerpt(std::string_view line, size_t column) {
  // A long line is cut around the caret, so that the caret stays in sight.
  size_t start = 0;
  if (column > kExcerptBytes) start = column - kExcerptBytes / 2;
  while (start > 0 && start < line.size() &&
         (static_cast<unsigned char>(line[start]) & 0xC0U) == 0x80U) {
    --start;
  }
  std::string_view shown = line.substr(std::min(start, line.size()));
  if (shown.size() > kExcerptBytes) {
    size_t end = kExcerptBytes;
    while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U) --end;
    shown = shown.substr(0, end);
  }
  std::string text;
  for (const char c : shown) text += c == '\t' || static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  const size_t before = std::min(column - 1 - std::min(start, column - 1), shown.size());
  return fmt::format("{}\n{}^", text, std::string(CountCharacters(shown.substr(0, before)), ' '));
}

}  // namespace

int32_t SourceFiles::Add(std::string name, std::string text) {
  File file{std::move(name), std::move(text), {0}};
  for (size_t i = 0; i < file.text.size(); ++i) {
    if (file.text[i] == '\n') file.line_starts.push_back(i + 1);
  }
  files_.push_back(std::move(file));
  return static_cast<int32_t>(files_.size()) - 1;
}

size_t SourceFiles::Offset(const Position& position) const {
  const File& file = files_[static_cast<size_t>(position.file)];
  const auto line = static_cast<size_t>(std::max(position.line, 1)) - 1;
  if (line >= file.line_starts.size()) return file.text.size();
  const size_t column = static_cast<size_t>(std::max(position.column, 1)) - 1;
  return std::min(file.line_starts[line] + column, file.text.size());
}

Position SourceFiles::PositionAt(int32_t file, size_t offset) const {
  const auto& starts = files_[static_cast<size_t>(file)].line_starts;
  const auto next = std::upper_bound(starts.begin(), starts.end(), offset);
  const auto line = static_cast<size_t>(next - starts.begin()) - 1;
  return {file, static_cast<int32_t>(line) + 1, static_cast<int32_t>(offset - starts[line]) + 1};
}

std::string_view SourceFiles::Line(const Position& position) const {
  if (position.file < 0 || position.line < 1) return {};
  const File& file = files_[static_cast<size_t>(position.file)];
  const auto line = static_cast<size_t>(position.line) - 1;
  if (line >= file.line_starts.size()) return {};
  const size_t start = file.line_starts[line];
  std::string_view rest = std::string_view(file.text).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string SourceFiles::Location(const Position& position) const {
  if (position.file < 0) return "";
  return fmt::format("{}:{}", name(position.file), position.line);
}

void Findings::Error(FindingCode code, const Position& position, std::string message,
                     std::string suggestion) {
  Add(Severity::kError, code, position, std::move(message), std::move(suggestion));
}

void Findings::Warning(FindingCode code, const Position& position, std::string message,
                       std::string suggestion) {
  Add(Severity::kWarning, code, position, std::move(message), std::move(suggestion));
}

void Findings::Add(Severity severity, FindingCode code, const Position& position,
                   std::string message, std::string suggestion) {
  if (severity == Severity::kError) ++errors_;
  if (entries_.size() >= kLimit) {
    ++dropped_;
    return;
  }
  Finding finding{std::string(code.text()), severity, "", 0, 0, std::move(message), "",
                  std::move(suggestion)};
  if (position.file >= 0) {
    const std::string_view line = files_->Line(position);
    const size_t column =
        std::min(static_cast<size_t>(std::max(position.column, 1)), line.size() + 1);
    finding.file = files_->name(position.file);
    finding.line = std::max(position.line, 1);
    finding.column = static_cast<int32_t>(CountCharacters(line.substr(0, column - 1))) + 1;
    finding.excerpt = Excerpt(line, column);
  }
  entries_.push_back({position, std::move(finding)});
}

std::vector<Finding> Findings::Take() {
  const auto order = [](const Entry& e) {
    return std::tie(e.position.file, e.position.line, e.position.column, e.finding.code,
                    e.finding.message);
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return order(a) < order(b); });
  const auto same =
      std::unique(entries_.begin(), entries_.end(),
                  [&](const Entry& a, const Entry& b) { return order(a) == order(b); });
  entries_.erase(same, entries_.end());
  std::vector<Finding> findings;
  for (Entry& entry : entries_) findings.push_back(std::move(entry.finding));
  if (dropped_ > 0) {
    findings.push_back({std::string(FindingCode("SS1000").text()), Severity::kError, "", 0, 0,
                        fmt::format("{} more findings are not shown", dropped_), "", ""});
  }
  entries_.clear();
  dropped_ = 0;
  return findings;
}

bool HasErrors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == Severity::kError; });
}

std::string Render(const std::vector<Finding>& findings, bool color) {
  const auto painted = [&](std::string_view escape, std::string_view text) {
    return color ? fmt::format("\x1b[{}m{}\x1b[0m", escape, text) : std::string(text);
  };
  std::string text;
  for (const Finding& finding : findings) {
    const bool error = finding.severity == Severity::kError;
    const std::string_view strong = error ? "1;31" : "1;33";
    if (!finding.file.empty()) {
      text += fmt::format("{}:{}:{}: ", finding.file, finding.line, finding.column);
    }
    text += fmt::format(
        "{}: {}\n",
        painted(strong, fmt::format("{} {}", error ? "error" : "warning", finding.code)),
        finding.message);
    if (!finding.excerpt.empty()) {
      const size_t end = finding.excerpt.find('\n');
      text += fmt::format("    {}\n    {}\n", finding.excerpt.substr(0, end),
                          painted(strong, finding.excerpt.substr(end + 1)));
    }
    if (!finding.suggestion.empty()) {
      text += fmt::format("    {} {}\n", painted("36", "hint:"), finding.suggestion);
    }
  }
  return text;
}

}  // namespace sidestream::topology
