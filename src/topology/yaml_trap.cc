// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A scanner that knows just enough of YAML to see where a quote or a bracket was opened, and what
// stands in a place where it means something else than its author thought.

#include "topology/yaml_trap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

namespace sidestream::topology {
namespace {

constexpr size_t kQuotedBytes = 70;
constexpr auto npos = std::string_view::npos;

std::string_view LineAt(std::string_view text, size_t offset) {
  const size_t start = offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
  return text.substr(start, std::min(text.find('\n', start), text.size()) - start);
}

size_t LineStart(std::string_view text, size_t offset) {
  return offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1;
}

std::string_view Stripped(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r");
  return end == npos ? std::string_view() : text.substr(0, end + 1);
}

/// What to write in place of `expression`.
std::string QuoteHint(std::string_view expression) {
  expression = Stripped(expression);
  if (expression.find('\'') != npos || expression.size() > kQuotedBytes) {
    return "write the whole text on a line of its own behind >-";
  }
  return fmt::format("put the whole text in single quotes: '{}'", expression);
}

/// Behind the closing quote; npos: there is none.
size_t EndOfQuoted(std::string_view text, size_t start) {
  const char quote = text[start];
  for (size_t at = start + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return at + 1;
      ++at;
    }
  }
  return npos;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// The first trap of the text.
  std::optional<YamlTrap> Scan() {
    while (at_ < text_.size() && !trap_) ScanLine();
    if (!trap_ && !open_.empty()) NotClosed(open_.front());
    return std::move(trap_);
  }

 private:
  void Found(FindingCode code, size_t offset, std::string message, std::string hint) {
    if (!trap_) trap_ = YamlTrap{code, offset, std::move(message), std::move(hint)};
  }

  void NotClosed(size_t bracket) {
    Found("SS1014", bracket, fmt::format("this {} is not closed", text_[bracket]),
          fmt::format("add the {} that belongs to it", text_[bracket] == '[' ? ']' : '}'));
  }

  std::string_view RestOfLine(size_t offset) const {
    return text_.substr(offset, std::min(text_.find('\n', offset), text_.size()) - offset);
  }
  bool BlankAt(size_t offset) const {
    return offset >= text_.size() || text_[offset] == ' ' || text_[offset] == '\n' ||
           text_[offset] == '\t' || text_[offset] == '\r';
  }

  void ScanLine() {
    const size_t start = at_;
    const std::string_view line = RestOfLine(start);
    const size_t first = line.find_first_not_of(" \r");
    const size_t next = start + line.size() + 1;
    if (first == npos || line[first] == '#') {
      at_ = next;
      return;
    }
    if (literal_ && first > literal_indent_) {
      at_ = next;
      return;
    }
    literal_ = false;
    if (!open_.empty() && LooksLikeKey(line.substr(first)) && first <= IndentOf(open_.front())) {
      NotClosed(open_.front());
      return;
    }
    at_ = start + first;
    fresh_ = true;
    value_ = false;
    plain_ = npos;
    while (at_ < next && at_ < text_.size() && !trap_ && text_[at_] != '\n') {
      ScanOne(start, first);
    }
    // A quoted text may have gone on over lines.
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
  }

  static bool LooksLikeKey(std::string_view line) {
    size_t end = 0;
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) != 0 ||
                                 line[end] == '_' || line[end] == '.' || line[end] == '-')) {
      ++end;
    }
    return end > 0 && end < line.size() && line[end] == ':' &&
           (end + 1 == line.size() || line[end + 1] == ' ');
  }

  size_t IndentOf(size_t offset) const {
    const std::string_view line = LineAt(text_, offset);
    return std::min(line.find_first_not_of(' '), line.size());
  }

  void ScanOne(size_t line_start, size_t indent) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else if (c == '#' && (at_ == line_start || BlankAt(at_ - 1))) {
      at_ += RestOfLine(at_).size();
    } else if (fresh_) {
      ScanFresh(c, indent);
    } else {
      ScanPlain(c);
    }
  }

  /// Where a scalar or a collection may begin.
  void ScanFresh(char c, size_t indent) {
    if ((c == '-' || c == '?') && open_.empty() && BlankAt(at_ + 1)) {
      ++at_;
    } else if (c == '"' || c == '\'') {
      ScanQuoted();
    } else if (c == '[' || c == '{') {
      open_.push_back(at_++);
    } else if (c == ']' || c == '}') {
      Close(c);
    } else if (c == ',' && !open_.empty()) {
      ++at_;
    } else if ((c == '|' || c == '>') && open_.empty()) {
      literal_ = true;
      literal_indent_ = indent;
      at_ += RestOfLine(at_).size();
    } else if (c == '&' || c == '!' || c == '*') {
      while (!BlankAt(at_) && (open_.empty() || std::string_view(",]}").find(text_[at_]) == npos)) {
        ++at_;
      }
    } else if (c == '@' || c == '`' || (c == '%' && value_)) {
      Found("SS1016", at_, fmt::format("a text may not begin with {}", c),
            QuoteHint(RestOfLine(at_)));
    } else {
      fresh_ = false;
      plain_ = at_;
    }
  }

  void ScanPlain(char c) {
    if (c == ':' && (BlankAt(at_ + 1) ||
                     (!open_.empty() && std::string_view(",]}").find(text_[at_ + 1]) != npos))) {
      if (value_ && open_.empty()) {
        Found("SS1016", at_, "': ' separates a key from its value, also in the middle of a text",
              QuoteHint(RestOfLine(plain_)));
      }
      value_ = true;
      fresh_ = true;
      ++at_;
    } else if (!open_.empty() && (c == '[' || c == '{')) {
      Found(
          "SS1014", at_,
          fmt::format("a {} in a text that stands between brackets: YAML takes it for its own", c),
          "write the step in block style, each key on its own line, or put the text in quotes");
    } else if (!open_.empty() && c == ',') {
      fresh_ = true;
      ++at_;
    } else if (!open_.empty() && (c == ']' || c == '}')) {
      Close(c);
    } else {
      ++at_;
    }
  }

  void ScanQuoted() {
    const size_t start = at_;
    const size_t end = EndOfQuoted(text_, start);
    if (end == npos) {
      Found("SS1013", start, fmt::format("this {} is not closed", text_[start]),
            "add the closing quote; inside of single quotes a quote is written twice");
      return;
    }
    at_ = end;
    fresh_ = false;
    const size_t next = text_.find_first_not_of(" \r", end);
    if (next == npos || text_[next] == '\n' || text_[next] == '#') return;
    if (text_[next] == ':') {
      plain_ = start;
      return;
    }
    if (!open_.empty() && std::string_view(",]}").find(text_[next]) != npos) {
      fresh_ = true;
      return;
    }
    if (text_.substr(start, end - start).find('\n') != npos) {
      Found("SS1013", start,
            fmt::format("this {} is closed by the next one, lines below", text_[start]),
            "add the closing quote; inside of single quotes a quote is written twice");
      return;
    }
    Found("SS1016", start, "the text goes on behind its closing quote",
          QuoteHint(RestOfLine(start)));
  }

  void Close(char c) {
    if (open_.empty()) {
      Found("SS1014", at_, fmt::format("this {} closes nothing", c), "remove it");
      return;
    }
    const size_t opened = open_.back();
    if ((text_[opened] == '[') != (c == ']')) {
      NotClosed(opened);
      return;
    }
    open_.pop_back();
    ++at_;
    fresh_ = !open_.empty();
    if (!open_.empty()) return;
    const size_t next = text_.find_first_not_of(" \r", at_);
    if (next == npos || text_[next] == '\n' || text_[next] == '#' || text_[next] == ':') return;
    if (text_[next] == ']' || text_[next] == '}') {
      Found("SS1014", next, fmt::format("this {} closes nothing", text_[next]), "remove it");
      return;
    }
    Found("SS1016", opened, "the text goes on behind its closing bracket",
          QuoteHint(RestOfLine(opened)));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<size_t> open_;  // brackets
  bool fresh_ = true;         // a scalar may begin here
  bool value_ = false;        // behind the colon of a key, on this line
  size_t plain_ = npos;       // start of the plain text
  bool literal_ = false;      // inside of a block scalar
  size_t literal_indent_ = 0;
  std::optional<YamlTrap> trap_;
};

std::optional<YamlTrap> FindTab(std::string_view text, size_t error) {
  for (size_t start = 0; start <= error && start < text.size();) {
    const size_t first = text.find_first_not_of(' ', start);
    if (first != npos && text[first] == '\t' &&
        text.find_first_not_of(" \t\r", first) != text.find('\n', first)) {
      return YamlTrap{"SS1012", first, "a tab in the indentation", "indent with spaces"};
    }
    start = std::min(text.find('\n', start), text.size()) + 1;
  }
  return std::nullopt;
}

/// Where the key of a line begins, behind dashes.
size_t KeyColumn(std::string_view line) {
  size_t at = 0;
  while (at < line.size() &&
         (line[at] == ' ' || (line[at] == '-' && at + 1 < line.size() && line[at + 1] == ' '))) {
    ++at;
  }
  return at;
}

std::string_view KeyOf(std::string_view line) {
  const size_t start = KeyColumn(line);
  return line.substr(start, std::min(line.find_first_of(": ", start), line.size()) - start);
}

/// A line that stands in a column in which nothing stands above it.
std::optional<YamlTrap> FindIndentation(std::string_view text, size_t error) {
  const size_t start = LineStart(text, error);
  const std::string_view line = LineAt(text, error);
  const size_t column = line.find_first_not_of(' ');
  if (start == 0 || column == npos) return std::nullopt;
  std::string_view above;
  for (size_t end = start; end > 0;) {
    above = LineAt(text, end - 1);
    const size_t first = above.find_first_not_of(" \r");
    if (first != npos && above[first] != '#') break;
    end = LineStart(text, end - 1);
  }
  const std::string_view key = KeyOf(above);
  if (key.empty()) return std::nullopt;
  const size_t key_column = KeyColumn(above);
  // Where the parser went wrong further on, or the columns agree, it is something else.
  if (error - start > KeyColumn(line) + KeyOf(line).size() || column == key_column) {
    return std::nullopt;
  }
  return YamlTrap{
      "SS1015", start + column,
      fmt::format("{} stands in a column that fits no line above", KeyOf(line)),
      fmt::format("line it up with {}, which begins in column {}", key, key_column + 1)};
}

/// "from:orders": a text, not a key with its value.
std::optional<YamlTrap> FindGluedColon(std::string_view text, size_t error) {
  const size_t start = LineStart(text, error);
  if (start == 0) return std::nullopt;
  const std::string_view above = LineAt(text, start - 1);
  const size_t column = KeyColumn(above);
  const size_t colon = above.find(':', column);
  if (colon == npos || colon == column || colon + 1 >= above.size() || above[colon + 1] == ' ' ||
      above.find_first_of(" \"'[{", column) < colon) {
    return std::nullopt;
  }
  const size_t offset = LineStart(text, start - 1) + colon;
  return YamlTrap{"SS1016", offset, "a colon needs a blank behind it to make a key",
                  fmt::format("write {}: {}", above.substr(column, colon - column),
                              Stripped(above.substr(colon + 1)))};
}

}  // namespace

bool QuoteIsClosed(std::string_view text, size_t start) { return EndOfQuoted(text, start) != npos; }

std::optional<YamlTrap> FindYamlTrap(std::string_view text, size_t error) {
  error = std::min(error, text.size());
  if (auto tab = FindTab(text, error)) return tab;
  if (auto trap = Scanner(text).Scan(); trap && trap->offset <= error) return trap;
  if (auto glued = FindGluedColon(text, error)) return glued;
  return FindIndentation(text, error);
}

}  // namespace sidestream::topology
