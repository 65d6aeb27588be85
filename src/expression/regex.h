// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A compiled regular expression: linear in its input, which CEL demands.
//
// Threading: immutable; may be shared.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace sidestream::expression {

class Regex {
 public:
  /// Null when `pattern` is no regular expression; `error` says why.
  static std::unique_ptr<const Regex> Compile(std::string_view pattern, std::string& error);
  ~Regex();

  struct Match {
    size_t begin = 0;
    size_t end = 0;
    // The only group when the pattern has one and it took part, else the whole match.
    std::string_view captured;
    bool has_captured = true;  // false: the only group took no part
  };

  /// Whether the pattern occurs anywhere.
  bool Occurs(std::string_view text) const;
  /// The first match that begins at `from` or later.
  std::optional<Match> Find(std::string_view text, size_t from) const;
  int groups() const;
  /// Why `replacement` (with \0 to \9) does not fit the pattern, or empty.
  std::string CheckReplacement(std::string_view replacement) const;
  /// Appends `replacement` for the match at `from`; requires that it is checked.
  void AppendReplacement(std::string_view text, size_t from, std::string_view replacement,
                         std::string& out) const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> compiled);
  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace sidestream::expression
