// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The tree: search, merge of files, and where a byte of a scalar stood.

#include "topology/yaml_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidestream::topology {
namespace {

void MergeInto(YamlNode& target, YamlNode source, bool top, const SourceFiles& files,
               Findings& findings) {
  for (YamlEntry& entry : source.entries) {
    YamlEntry* existing = nullptr;
    for (YamlEntry& candidate : target.entries) {
      if (candidate.key == entry.key) existing = &candidate;
    }
    if (existing == nullptr) {
      target.entries.push_back(std::move(entry));
    } else if (existing->value.map() && entry.value.map()) {
      MergeInto(existing->value, std::move(entry.value), false, files, findings);
    } else if (top && entry.key == "tests" && existing->value.list() && entry.value.list()) {
      for (YamlNode& item : entry.value.items) existing->value.items.push_back(std::move(item));
    } else {
      findings.Error(
          "SS1005", entry.key_position,
          fmt::format("{} is already set in {}", entry.key, files.Location(existing->key_position)),
          "each value belongs to one file: remove one of the two");
    }
  }
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks text and source side by side: both have the same characters but for white space
// (folding), quotes and escapes.
class Aligner {
 public:
  Aligner(std::string_view source, size_t start) : source_(source), at_(start) {}

  /// Skips anchor and tag, and a block scalar's header or an opening quote.
  void EnterScalar() {
    while (at_ < source_.size() && (source_[at_] == '&' || source_[at_] == '!')) {
      while (at_ < source_.size() && !IsSpace(source_[at_])) ++at_;
      SkipSpace();
    }
    if (at_ >= source_.size()) return;
    const char first = source_[at_];
    if (first == '|' || first == '>') {
      while (at_ < source_.size() && source_[at_] != '\n') ++at_;
    } else if (first == '"' || first == '\'') {
      quote_ = first;
      ++at_;
    }
    SkipSpace();
  }

  /// Whether the next source character is `c` of the text; stands on it then.
  bool Find(char c) {
    SkipSpace();
    if (at_ >= source_.size()) return false;
    if (quote_ == '"' && source_[at_] == '\\' && at_ + 1 < source_.size()) {
      return source_[at_ + 1] == c || c == '\\';
    }
    return source_[at_] == c;
  }

  void Next(char c) {
    const bool pair = (quote_ == '"' && source_[at_] == '\\') || (quote_ == '\'' && c == '\'');
    at_ += pair ? 2 : 1;
  }

  size_t at() const { return at_; }

 private:
  void SkipSpace() {
    while (at_ < source_.size()) {
      if (IsSpace(source_[at_])) {
        ++at_;
      } else if (quote_ == '"' && source_[at_] == '\\' && at_ + 1 < source_.size() &&
                 (source_[at_ + 1] == 'n' || source_[at_ + 1] == 't' ||
                  IsSpace(source_[at_ + 1]))) {
        at_ += 2;
      } else {
        return;
      }
    }
  }

  std::string_view source_;
  size_t at_;
  char quote_ = 0;
};

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::string Describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "empty";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kScalar:
      break;
  }
  if (node.text.size() > 40) return fmt::format("'{}...'", node.text.substr(0, 37));
  return fmt::format("'{}'", node.text);
}

YamlNode MergeFiles(std::vector<YamlNode> roots, const SourceFiles& files, Findings& findings) {
  YamlNode merged;
  merged.kind = YamlNode::Kind::kMap;
  if (!roots.empty()) merged.position = roots.front().position;
  for (YamlNode& root : roots) MergeInto(merged, std::move(root), true, files, findings);
  return merged;
}

Position PositionInScalar(const SourceFiles& files, const YamlNode& scalar, size_t offset) {
  if (scalar.position.file < 0) return scalar.position;
  const std::string_view source = files.text(scalar.position.file);
  Aligner aligner(source, files.Offset(scalar.position));
  aligner.EnterScalar();
  size_t last = aligner.at();
  for (size_t i = 0; i < scalar.text.size() && i <= offset; ++i) {
    const char c = scalar.text[i];
    if (IsSpace(c)) continue;
    if (!aligner.Find(c)) return scalar.position;
    last = aligner.at();
    if (i == offset) return files.PositionAt(scalar.position.file, last);
    aligner.Next(c);
    last = aligner.at();
  }
  return files.PositionAt(scalar.position.file, std::min(last, source.size()));
}

}  // namespace sidestream::topology
