// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_matcher.h"

#include <algorithm>
#include <cctype>
#include <lua.hpp>

#include "operators/process/lua_machine.h"

namespace sidestream::operators {
namespace {

// Of calls of the matcher inside of each other, as in Lua.
constexpr int kDepthMax = 200;

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

}  // namespace

const char* LuaMatcher::MatchAt(const char* at, const char* pattern) {
  level_ = 0;
  depth_ = 0;
  return Match(at, pattern);
}

int LuaMatcher::PushCaptures(const char* from, const char* to, bool whole) {
  const int count = level_ == 0 && whole ? 1 : level_;
  luaL_checkstack(state_, count, "a pattern has too many captures");
  for (int i = 0; i < count; ++i) PushCapture(i, from, to);
  return count;
}

void LuaMatcher::PushCapture(int index, const char* from, const char* to) {
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

void LuaMatcher::Settle() {
  LuaMachine::Of(state_).Charge(state_, steps_);
  steps_ = 0;
}

const char* LuaMatcher::ClassEnd(const char* pattern) {
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

bool LuaMatcher::InSet(char character, const char* set, const char* last) {
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

bool LuaMatcher::Single(const char* at, const char* pattern, const char* class_end) {
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

const char* LuaMatcher::Match(const char* at, const char* pattern) {
  if (++depth_ > kDepthMax) luaL_error(state_, "the pattern is too complex");
  const char* const found = MatchHere(at, pattern);
  --depth_;
  return found;
}

const char* LuaMatcher::MatchHere(const char* at, const char* pattern) {
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

const char* LuaMatcher::Most(const char* at, const char* pattern, const char* class_end) {
  ptrdiff_t count = 0;
  while (Single(at + count, pattern, class_end)) ++count;
  for (; count >= 0; --count) {
    if (const char* const found = Match(at + count, class_end + 1)) return found;
  }
  return nullptr;
}

const char* LuaMatcher::Least(const char* at, const char* pattern, const char* class_end) {
  while (true) {
    if (const char* const found = Match(at, class_end + 1)) return found;
    if (!Single(at, pattern, class_end)) return nullptr;
    ++at;
  }
}

const char* LuaMatcher::Begin(const char* at, const char* pattern, ptrdiff_t size) {
  if (level_ >= kCapturesMax) luaL_error(state_, "a pattern has too many captures");
  captures_[static_cast<size_t>(level_)] = {at, size};
  ++level_;
  const char* const found = Match(at, pattern);
  if (found == nullptr) --level_;
  return found;
}

const char* LuaMatcher::End(const char* at, const char* pattern) {
  int open = level_ - 1;
  while (open >= 0 && captures_[static_cast<size_t>(open)].size != kUnfinished) --open;
  if (open < 0) luaL_error(state_, "a pattern has a ) too many");
  Capture& capture = captures_[static_cast<size_t>(open)];
  capture.size = at - capture.start;
  const char* const found = Match(at, pattern);
  if (found == nullptr) capture.size = kUnfinished;
  return found;
}

const char* LuaMatcher::Balanced(const char* at, const char* pair) {
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

const char* LuaMatcher::Again(const char* at, char digit) {
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

}  // namespace sidestream::operators
