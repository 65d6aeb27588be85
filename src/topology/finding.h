// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Findings: everything that is wrong or doubtful in a topology file, each with a stable
// code, a position, an excerpt with a caret and a suggestion. All are reported in one go.
//
// Codes are for scripts and documentation; finding_codes.h declares them all.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/finding_codes.h"

namespace sidestream::topology {

/// A place in one of the loaded files. Line and column are 1-based; column counts bytes.
struct Position {
  int32_t file = -1;  // index in SourceFiles; -1: no place
  int32_t line = 0;
  int32_t column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// The texts that findings quote.
class SourceFiles {
 public:
  /// Returns the index of the file.
  int32_t Add(std::string name, std::string text);
  const std::string& name(int32_t file) const { return files_[static_cast<size_t>(file)].name; }
  const std::string& text(int32_t file) const { return files_[static_cast<size_t>(file)].text; }
  /// Line without its end; empty when there is none.
  std::string_view Line(const Position& position) const;
  /// Offset of the position in the text, at most its size.
  size_t Offset(const Position& position) const;
  Position PositionAt(int32_t file, size_t offset) const;
  /// "orders.yaml:31"; empty without a place.
  std::string Location(const Position& position) const;

 private:
  struct File {
    std::string name;
    std::string text;
    std::vector<size_t> line_starts;
  };
  std::vector<File> files_;
};

struct Finding {
  std::string code;
  Severity severity = Severity::kError;
  std::string file;    // empty: about the whole application
  int32_t line = 0;    // 1-based
  int32_t column = 0;  // 1-based, in characters
  std::string message;
  std::string excerpt;     // the line, and below it a caret; empty without a place
  std::string suggestion;  // may be empty
};

/// Collects findings. Keeps at most kLimit; says how many more there were.
class Findings {
 public:
  static constexpr size_t kLimit = 200;

  /// `files` is borrowed and must outlive the collector.
  explicit Findings(const SourceFiles& files) : files_(&files) {}

  void Error(FindingCode code, const Position& position, std::string message,
             std::string suggestion = "");
  void Warning(FindingCode code, const Position& position, std::string message,
               std::string suggestion = "");
  bool has_errors() const { return errors_ > 0; }
  /// By file and position; equal ones once.
  std::vector<Finding> Take();

 private:
  void Add(Severity severity, FindingCode code, const Position& position, std::string message,
           std::string suggestion);

  struct Entry {
    Position position;
    Finding finding;
  };
  const SourceFiles* files_;
  std::vector<Entry> entries_;
  size_t errors_ = 0;
  size_t dropped_ = 0;
};

/// Whether any of them is an error.
bool HasErrors(const std::vector<Finding>& findings);

/// The findings as text for people, one after the other. `color`: with the escapes of a terminal.
std::string Render(const std::vector<Finding>& findings, bool color = false);

}  // namespace sidestream::topology
