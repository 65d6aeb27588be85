// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_patterns.h"

#include <algorithm>
#include <cstring>
#include <lua.hpp>
#include <string>
#include <string_view>

#include "operators/process/lua_machine.h"
#include "operators/process/lua_matcher.h"

namespace sidestream::operators {
namespace {

constexpr char kEscape = LuaMatcher::kEscape;

std::string_view TextAt(lua_State* state, int index) {
  size_t size = 0;
  const char* const text = luaL_checklstring(state, index, &size);
  return {text, size};
}

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
  LuaMatcher matcher(state, text, pattern);
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
  LuaMatcher matcher(state, text, pattern);
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
void AppendReplacement(lua_State* state, LuaMatcher& matcher, const char* from, const char* to,
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
  LuaMatcher matcher(state, text, pattern);
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
