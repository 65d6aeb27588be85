// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LuaMatcher: the matcher behind lua_patterns.h. Each step of it is charged. Internal to
// operators/process.
//
// Threading: confined to the thread of the Lua state.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

struct lua_State;

namespace sidestream::operators {

/// One pattern over one text. Pointers are into both; null: no match. Raises what is wrong with the
/// pattern, and that the budget is spent.
class LuaMatcher {
 public:
  static constexpr char kEscape = '%';

  LuaMatcher(lua_State* state, std::string_view text, std::string_view pattern)
      : state_(state),
        begin_(text.data()),
        end_(text.data() + text.size()),
        pattern_end_(pattern.data() + pattern.size()) {}

  /// The end of the match that begins at `at`. `pattern` points into the pattern: behind its anchor.
  const char* MatchAt(const char* at, const char* pattern);

  /// Captures of the match from `from` to `to`; the whole match when there is none and `whole`.
  /// Returns how many.
  int PushCaptures(const char* from, const char* to, bool whole);
  /// One of them, from 0; the whole match when there is none.
  void PushCapture(int index, const char* from, const char* to);

  /// What the steps since the last charge owe.
  void Settle();

 private:
  static constexpr int kCapturesMax = 32;
  static constexpr uint64_t kStepsPerCharge = 1024;
  static constexpr ptrdiff_t kUnfinished = -1;
  static constexpr ptrdiff_t kPosition = -2;
  struct Capture {
    const char* start = nullptr;
    ptrdiff_t size = kUnfinished;
  };

  void Step() {
    if (++steps_ >= kStepsPerCharge) Settle();
  }

  /// Behind the single character class that begins at `pattern`.
  const char* ClassEnd(const char* pattern);

  /// `set` is at the opening bracket, `last` at the closing one.
  static bool InSet(char character, const char* set, const char* last);

  /// Whether the character at `at` is of the class from `pattern` to `class_end`.
  bool Single(const char* at, const char* pattern, const char* class_end);

  // The end of the match of the rest of the pattern.
  const char* Match(const char* at, const char* pattern);
  const char* MatchHere(const char* at, const char* pattern);
  const char* Most(const char* at, const char* pattern, const char* class_end);
  const char* Least(const char* at, const char* pattern, const char* class_end);
  const char* Begin(const char* at, const char* pattern, ptrdiff_t size);
  const char* End(const char* at, const char* pattern);

  /// Behind what begins with the first and ends with the second character of `pair`.
  const char* Balanced(const char* at, const char* pair);
  /// What a capture holds, once more.
  const char* Again(const char* at, char digit);

  lua_State* const state_;
  const char* const begin_;
  const char* const end_;
  const char* const pattern_end_;
  std::array<Capture, kCapturesMax> captures_;
  int level_ = 0;
  int depth_ = 0;
  uint64_t steps_ = 0;
};

}  // namespace sidestream::operators
