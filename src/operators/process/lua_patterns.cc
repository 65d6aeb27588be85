// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_patterns.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <lua.hpp>
#include <string>
#include <string_view>

#include "operators/process/lua_machine.h"

namespace sidestream::operators {
namespace {

constexpr int kCapturesMax = 32;
// Of calls of the matcher inside of each other, as in Lua.
constexpr int kDepthMax = 200;
constexpr uint64_t kStepsPerCharge = 1024;
constexpr char kEscape = '%';

std::string_view TextAt(lua_State* state, int index) {
  size_t size = 0;
  const char* const text = luaL_checklstring(state, index, &size);
  return {text, size};
}

bool InClass(char character, char name) {
  const int c = static_cast<unsigned char>(character);
  bool in = false;
  switch (std::tolower(static_cast<unsigned char>(name))) {
    case 'a':
      in = std::isalpha(c) != 0;
      break;
    case 'c':
      in = std::iscntrl(c) != 0;
      break;
    case 'd':
      in = std::isdigit(c) != 0;
      break;
    case 'g':
      in = std::isgraph(c) != 0;
      break;
    case 'l':
      in = std::islower(c) != 0;
      break;
    case 'p':
      in = std::ispunct(c) != 0;
      break;
    case 's':
      in = std::isspace(c) != 0;
      break;
    case 'u':
      in = std::isupper(c) != 0;
      break;
    case 'w':
      in = std::isalnum(c) != 0;
      break;
    case 'x':
      in = std::isxdigit(c) != 0;
      break;
    default:
      return name == character;
  }
  return std::isupper(static_cast<unsigned char>(name)) != 0 ? !in : in;
}

/// One pattern over one text. Pointers are into both; null: no match.
class Matcher {
 public:
  Matcher(lua_State* state, std::string_view text, std::string_view pattern)
      : state_(state),
        begin_(text.data()),
        end_(text.data() + text.size()),
        pattern_end_(pattern.data() + pattern.size()) {}

  const char* MatchAt(const char* at, const char* pattern) {
    level_ = 0;
    depth_ = 0;
    return Match(at, pattern);
  }

  /// Captures of the match from `from` to `to`; the whole match when there is none and `whole`.
  int PushCaptures(const char* from, const char* to, bool whole) {
    const int count = level_ == 0 && whole ? 1 : level_;
    luaL_checkstack(state_, count, "a pattern has too many captures");
    for (int i = 0; i < count; ++i) PushCapture(i, from, to);
    return count;
  }

  void PushCapture(int index, const char* from, const char* to) {
    if (index >= level_) {
      if (index != 0) luaL_error(state_, "there is no capture %%%d", index + 1);
      lua_pushlstring(state_, from, static_cast<size_t>(to - from));
      return;
    }
    const Capture& capture = captures_[static_cast<size_t>(index)];
    if (capture.size == kUnfinished) luaL_error(state_, "a capture is not finished");
    if (capture.size == kPosition) {
      lua_pushinteger(state_, capture.start - begin_ + 1);
    } else {
      lua_pushlstring(state_, capture.start, static_cast<size_t>(capture.size));
    }
  }

  /// What the steps since the last charge owe.
  void Settle() {
    LuaMachine::Of(state_).Charge(state_, steps_);
    steps_ = 0;
  }

 private:
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
  const char* ClassEnd(const char* pattern) {
    const char first = *pattern++;
    if (first == kEscape) {
      if (pattern == pattern_end_) luaL_error(state_, "a pattern ends with %%");
      return pattern + 1;
    }
    if (first != '[') return pattern;
    if (pattern != pattern_end_ && *pattern == '^') ++pattern;
    // A bracket that comes first is one of the set.
    do {
      if (pattern == pattern_end_) luaL_error(state_, "a pattern lacks a ]");
      if (*pattern++ == kEscape) {
        if (pattern == pattern_end_) luaL_error(state_, "a pattern lacks a ]");
        ++pattern;
      }
    } while (pattern == pattern_end_ || *pattern != ']');
    return pattern + 1;
  }

  /// `set` is at the opening bracket, `last` at the closing one.
  static bool InSet(char character, const char* set, const char* last) {
    bool outcome = true;
    if (*++set == '^') {
      outcome = false;
      ++set;
    }
    for (; set < last; ++set) {
      if (*set == kEscape) {
        if (InClass(character, *++set)) return outcome;
      } else if (set + 2 < last && set[1] == '-') {
        const auto c = static_cast<unsigned char>(character);
        if (static_cast<unsigned char>(set[0]) <= c && c <= static_cast<unsigned char>(set[2])) {
          return outcome;
        }
        set += 2;
      } else if (*set == character) {
        return outcome;
      }
    }
    return !outcome;
  }

  bool Single(const char* at, const char* pattern, const char* class_end) {
    Step();
    if (at >= end_) return false;
    switch (*pattern) {
      case '.':
        return true;
      case kEscape:
        return InClass(*at, pattern[1]);
      case '[':
        return InSet(*at, pattern, class_end - 1);
      default:
        return *pattern == *at;
    }
  }

  const char* Match(const char* at, const char* pattern) {
    if (++depth_ > kDepthMax) luaL_error(state_, "the pattern is too complex");
    const char* const found = MatchHere(at, pattern);
    --depth_;
    return found;
  }

  const char* MatchHere(const char* at, const char* pattern) {
    while (at != nullptr && pattern != pattern_end_) {
      Step();
      switch (*pattern) {
        case '(':
          if (pattern + 1 != pattern_end_ && pattern[1] == ')') {
            return Begin(at, pattern + 2, kPosition);
          }
          return Begin(at, pattern + 1, kUnfinished);
        case ')':
          return End(at, pattern + 1);
        case '$':
          if (pattern + 1 == pattern_end_) return at == end_ ? at : nullptr;
          break;
        case kEscape:
          if (pattern + 1 == pattern_end_) break;
          if (pattern[1] == 'b') {
            at = Balanced(at, pattern + 2);
            pattern += 4;
            continue;
          }
          if (pattern[1] == 'f') {
            pattern += 2;
            if (pattern == pattern_end_ || *pattern != '[') {
              luaL_error(state_, "a pattern lacks a [ behind %%f");
            }
            const char* const set_end = ClassEnd(pattern);
            const char before = at == begin_ ? '\0' : at[-1];
            const char here = at == end_ ? '\0' : *at;
            if (InSet(before, pattern, set_end - 1) || !InSet(here, pattern, set_end - 1)) {
              return nullptr;
            }
            pattern = set_end;
            continue;
          }
          if (std::isdigit(static_cast<unsigned char>(pattern[1])) != 0) {
            at = Again(at, pattern[1]);
            pattern += 2;
            continue;
          }
          break;
        default:
          break;
      }
      const char* const class_end = ClassEnd(pattern);
      const char how_often = class_end == pattern_end_ ? '\0' : *class_end;
      switch (how_often) {
        case '?':
          if (Single(at, pattern, class_end)) {
            if (const char* const found = Match(at + 1, class_end + 1)) return found;
          }
          pattern = class_end + 1;
          continue;
        case '+':
          return Single(at, pattern, class_end) ? Most(at + 1, pattern, class_end) : nullptr;
        case '*':
          return Most(at, pattern, class_end);
        case '-':
          return Least(at, pattern, class_end);
        default:
          if (!Single(at, pattern, class_end)) return nullptr;
          ++at;
          pattern = class_end;
      }
    }
    return at;
  }

  const char* Most(const char* at, const char* pattern, const char* class_end) {
    ptrdiff_t count = 0;
    while (Single(at + count, pattern, class_end)) ++count;
    for (; count >= 0; --count) {
      if (const char* const found = Match(at + count, class_end + 1)) return found;
    }
    return nullptr;
  }

  const char* Least(const char* at, const char* pattern, const char* class_end) {
    while (true) {
      if (const char* const found = Match(at, class_end + 1)) return found;
      if (!Single(at, pattern, class_end)) return nullptr;
      ++at;
    }
  }

  const char* Begin(const char* at, const char* pattern, ptrdiff_t size) {
    if (level_ >= kCapturesMax) luaL_error(state_, "a pattern has too many captures");
    captures_[static_cast<size_t>(level_)] = {at, size};
    ++level_;
    const char* const found = Match(at, pattern);
    if (found == nullptr) --level_;
    return found;
  }

  const char* End(const char* at, const char* pattern) {
    int open = level_ - 1;
    while (open >= 0 && captures_[static_cast<size_t>(open)].size != kUnfinished) --open;
    if (open < 0) luaL_error(state_, "a pattern has a ) too many");
    Capture& capture = captures_[static_cast<size_t>(open)];
    capture.size = at - capture.start;
    const char* const found = Match(at, pattern);
    if (found == nullptr) capture.size = kUnfinished;
    return found;
  }

  const char* Balanced(const char* at, const char* pair) {
    if (pattern_end_ - pair < 2) luaL_error(state_, "a pattern lacks two characters behind %%b");
    if (at >= end_ || *at != pair[0]) return nullptr;
    int open = 1;
    while (++at < end_) {
      Step();
      if (*at == pair[1]) {
        if (--open == 0) return at + 1;
      } else if (*at == pair[0]) {
        ++open;
      }
    }
    return nullptr;
  }

  /// What a capture holds, once more.
  const char* Again(const char* at, char digit) {
    const int index = digit - '1';
    if (index < 0 || index >= level_ || captures_[static_cast<size_t>(index)].size < 0) {
      luaL_error(state_, "there is no capture %%%d", index + 1);
    }
    const Capture& capture = captures_[static_cast<size_t>(index)];
    steps_ += static_cast<uint64_t>(capture.size) / 16;
    if (end_ - at < capture.size) return nullptr;
    return std::equal(capture.start, capture.start + capture.size, at) ? at + capture.size
                                                                       : nullptr;
  }

  lua_State* const state_;
  const char* const begin_;
  const char* const end_;
  const char* const pattern_end_;
  std::array<Capture, kCapturesMax> captures_;
  int level_ = 0;
  int depth_ = 0;
  uint64_t steps_ = 0;
};

/// Byte at which a search begins; beyond the end: nowhere.
size_t StartOf(lua_State* state, int index, size_t size) {
  const lua_Integer at = luaL_optinteger(state, index, 1);
  if (at > 0) return static_cast<size_t>(at) - 1;
  if (at == 0 || -at > static_cast<lua_Integer>(size)) return 0;
  return size - static_cast<size_t>(-at);
}

int PushPlace(lua_State* state, size_t start, size_t size) {
  lua_pushinteger(state, static_cast<lua_Integer>(start) + 1);
  lua_pushinteger(state, static_cast<lua_Integer>(start + size));
  return 2;
}

int FindPlain(lua_State* state, std::string_view text, std::string_view wanted, size_t start) {
  LuaMachine::Of(state).Charge(state, (text.size() - start + wanted.size()) / 16);
  const void* const found =
      memmem(text.data() + start, text.size() - start, wanted.data(), wanted.size());
  if (found == nullptr) {
    lua_pushnil(state);
    return 1;
  }
  return PushPlace(state, static_cast<size_t>(static_cast<const char*>(found) - text.data()),
                   wanted.size());
}

int Search(lua_State* state, bool find) {
  const std::string_view text = TextAt(state, 1);
  const std::string_view pattern = TextAt(state, 2);
  const size_t start = StartOf(state, 3, text.size());
  if (start > text.size()) {
    lua_pushnil(state);
    return 1;
  }
  if (find && (lua_toboolean(state, 4) != 0 ||
               pattern.find_first_of("^$*+?.([%-") == std::string_view::npos)) {
    return FindPlain(state, text, pattern, start);
  }
  const bool anchored = pattern.starts_with('^');
  const char* const first = pattern.data() + (anchored ? 1 : 0);
  Matcher matcher(state, text, pattern);
  for (size_t at = start; at <= text.size(); ++at) {
    const char* const from = text.data() + at;
    if (const char* const to = matcher.MatchAt(from, first)) {
      matcher.Settle();
      if (!find) return matcher.PushCaptures(from, to, true);
      return PushPlace(state, at, static_cast<size_t>(to - from)) +
             matcher.PushCaptures(from, to, false);
    }
    if (anchored) break;
  }
  matcher.Settle();
  lua_pushnil(state);
  return 1;
}

int Find(lua_State* state) { return Search(state, true); }
int MatchFirst(lua_State* state) { return Search(state, false); }

/// Upvalues: text, pattern, where to go on, end of the last match (-1: none).
int NextMatch(lua_State* state) {
  const std::string_view text = TextAt(state, lua_upvalueindex(1));
  const std::string_view pattern = TextAt(state, lua_upvalueindex(2));
  auto at = static_cast<size_t>(lua_tointeger(state, lua_upvalueindex(3)));
  const lua_Integer last = lua_tointeger(state, lua_upvalueindex(4));
  Matcher matcher(state, text, pattern);
  for (; at <= text.size(); ++at) {
    const char* const from = text.data() + at;
    const char* const to = matcher.MatchAt(from, pattern.data());
    // Nothing matches twice at the end of a match.
    if (to == nullptr || to - text.data() == last) continue;
    matcher.Settle();
    lua_pushinteger(state, to - text.data());
    lua_copy(state, -1, lua_upvalueindex(3));
    lua_replace(state, lua_upvalueindex(4));
    return matcher.PushCaptures(from, to, true);
  }
  matcher.Settle();
  return 0;
}

int MatchAll(lua_State* state) {
  const std::string_view text = TextAt(state, 1);
  TextAt(state, 2);
  const size_t start = std::min(StartOf(state, 3, text.size()), text.size() + 1);
  lua_settop(state, 2);
  lua_pushinteger(state, static_cast<lua_Integer>(start));
  lua_pushinteger(state, -1);
  lua_pushcclosure(state, NextMatch, 4);
  return 1;
}

/// Appends what takes the place of a match; argument 3 says what.
void AppendReplacement(lua_State* state, Matcher& matcher, const char* from, const char* to,
                       std::string& out) {
  switch (lua_type(state, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(state, 3);
      lua_call(state, matcher.PushCaptures(from, to, true), 1);
      break;
    case LUA_TTABLE:
      matcher.PushCapture(0, from, to);
      lua_gettable(state, 3);
      break;
    default: {
      const std::string_view replacement = TextAt(state, 3);
      for (size_t i = 0; i < replacement.size(); ++i) {
        if (replacement[i] != kEscape) {
          out += replacement[i];
          continue;
        }
        const char what = ++i < replacement.size() ? replacement[i] : '\0';
        if (what == kEscape) {
          out += kEscape;
        } else if (what == '0') {
          out.append(from, to);
        } else if (what >= '1' && what <= '9') {
          matcher.PushCapture(what - '1', from, to);
          // A position is a number.
          size_t size = 0;
          const char* const text = lua_tolstring(state, -1, &size);
          out.append(text, size);
          lua_pop(state, 1);
        } else {
          luaL_error(state, "a replacement has a %% that is followed by no digit");
        }
      }
      return;
    }
  }
  if (lua_toboolean(state, -1) == 0) {
    out.append(from, to);
  } else if (lua_isstring(state, -1) != 0) {
    size_t size = 0;
    const char* const text = lua_tolstring(state, -1, &size);
    out.append(text, size);
  } else {
    luaL_error(state, "a replacement is a %s, not a text", luaL_typename(state, -1));
  }
  lua_pop(state, 1);
}

int ReplaceAll(lua_State* state) {
  const std::string_view text = TextAt(state, 1);
  const std::string_view pattern = TextAt(state, 2);
  const int kind = lua_type(state, 3);
  luaL_argexpected(
      state,
      kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION || kind == LUA_TTABLE, 3,
      "string/function/table");
  const lua_Integer most = luaL_optinteger(state, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool anchored = pattern.starts_with('^');
  const char* const first = pattern.data() + (anchored ? 1 : 0);
  const char* const end = text.data() + text.size();
  Matcher matcher(state, text, pattern);
  const char* at = text.data();
  const char* last = nullptr;
  lua_Integer count = 0;
  std::string out;
  size_t charged = 0;
  while (count < most) {
    const char* const to = matcher.MatchAt(at, first);
    if (to != nullptr && to != last) {
      ++count;
      AppendReplacement(state, matcher, at, to, out);
      LuaMachine::Of(state).ChargeBytes(state, out.size() - charged);
      charged = out.size();
      at = last = to;
    } else if (at < end) {
      out += *at++;
    } else {
      break;
    }
    if (anchored) break;
  }
  matcher.Settle();
  if (at < end) out.append(at, end);
  lua_pushlstring(state, out.data(), out.size());
  lua_pushinteger(state, count);
  return 2;
}

}  // namespace

void SetPatternFunctions(lua_State* state) {
  static constexpr luaL_Reg kFunctions[] = {{"find", Find},
                                            {"match", MatchFirst},
                                            {"gmatch", MatchAll},
                                            {"gsub", ReplaceAll},
                                            {nullptr, nullptr}};
  luaL_setfuncs(state, kFunctions, 0);
}

}  // namespace sidestream::operators
