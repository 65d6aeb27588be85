// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_library.h"

#include <algorithm>
#include <array>
#include <lua.hpp>
#include <string_view>
#include <vector>

#include "operators/process/lua_machine.h"
#include "operators/process/lua_patterns.h"
#include "operators/process/lua_values.h"

namespace sidestream::operators {
namespace {

// Bytes that C code looks at or moves in the time of one instruction.
constexpr size_t kBytesPerInstruction = 16;

struct Refused {
  std::string_view name;
  const char* reason;
};

constexpr const char* kOutside = "a script reaches nothing outside of its state";
constexpr const char* kUnordered = "its order differs from run to run; use pairs";
constexpr const char* kRandom = "the same record must give the same results in every run";
constexpr const char* kUncounted = "its work cannot be counted";

constexpr auto kRefusedGlobals = std::to_array<Refused>({
    {"io", kOutside},
    {"os", "use ctx.timestamp, or ctx.wall_time"},
    {"require", "a script is one text"},
    {"package", "a script is one text"},
    {"load", "a script is one text"},
    {"loadfile", "a script is one text"},
    {"loadstring", "a script is one text"},
    {"dofile", "a script is one text"},
    {"debug", kOutside},
    {"coroutine", kUncounted},
    {"collectgarbage", kOutside},
    {"print", "emit what is to be seen, or add a peek step"},
    {"next", kUnordered},
    {"rawset", "assign to the field"},
    {"xpcall", "use pcall"},
});
constexpr auto kRefusedMath = std::to_array<Refused>({
    {"random", kRandom},
    {"randomseed", kRandom},
});
constexpr auto kRefusedString = std::to_array<Refused>({
    {"dump", kOutside},
});
constexpr auto kRefusedTable = std::to_array<Refused>({
    {"move", kUncounted},
});
constexpr std::array<Refused, 0> kRefusedNothing = {};

/// Upvalues: the list of refused names, its size.
int UnknownName(lua_State* state) {
  const auto* const refused =
      static_cast<const Refused*>(lua_touserdata(state, lua_upvalueindex(1)));
  const auto count = static_cast<size_t>(lua_tointeger(state, lua_upvalueindex(2)));
  if (lua_type(state, 2) == LUA_TSTRING) {
    const std::string_view name = lua_tostring(state, 2);
    for (size_t i = 0; i < count; ++i) {
      if (refused[i].name != name) continue;
      return luaL_error(state, "%s is not for scripts: %s", refused[i].name.data(),
                        refused[i].reason);
    }
  }
  lua_pushnil(state);
  return 1;
}

int RefuseWrite(lua_State* state) { return luaL_error(state, "this table is only read"); }

/// Upvalue: the table behind the globals.
int WriteGlobal(lua_State* state) {
  if (LuaMachine::Of(state).frozen()) {
    return luaL_error(state,
                      "a global is set while the script loads only: what lives from record to "
                      "record belongs into a store, the rest is local");
  }
  lua_settop(state, 3);
  lua_rawset(state, lua_upvalueindex(1));
  return 0;
}

/// Gives the table on top of the stack a last resort for names that it does not have.
template <size_t N>
void SetRefused(lua_State* state, const std::array<Refused, N>& refused) {
  lua_createtable(state, 0, 1);
  lua_pushlightuserdata(state, const_cast<Refused*>(refused.data()));
  lua_pushinteger(state, static_cast<lua_Integer>(N));
  lua_pushcclosure(state, UnknownName, 2);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, -2);
}

/// Replaces the table on top of the stack by an empty one that reads from it.
void Protect(lua_State* state, lua_CFunction write) {
  lua_newtable(state);
  lua_createtable(state, 0, 3);
  lua_pushvalue(state, -3);
  lua_setfield(state, -2, "__index");
  lua_pushvalue(state, -3);
  lua_pushcclosure(state, write, 1);
  lua_setfield(state, -2, "__newindex");
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
  lua_remove(state, -2);
}

/// Upvalue: a function of Lua's library, which has none itself. Its texts are charged.
int Charged(lua_State* state) {
  size_t bytes = 0;
  const int count = lua_gettop(state);
  for (int i = 1; i <= count; ++i) {
    if (lua_type(state, i) == LUA_TSTRING) bytes += lua_rawlen(state, i);
  }
  LuaMachine::Of(state).Charge(state, bytes / kBytesPerInstruction);
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

/// As Charged, for functions over a list: its length is what it is, not what a metamethod says.
int ChargedList(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  if (luaL_getmetafield(state, 1, "__len") != LUA_TNIL) {
    return luaL_error(state, "functions of table take no table with __len");
  }
  LuaMachine::Of(state).Charge(state, static_cast<uint64_t>(lua_rawlen(state, 1)));
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

/// Functions `names` of the library table on top of the stack, behind `wrapper`, in a new table
/// that is pushed.
void PushWrapped(lua_State* state, lua_CFunction wrapper,
                 std::initializer_list<const char*> names) {
  lua_createtable(state, 0, static_cast<int>(names.size()));
  for (const char* const name : names) {
    lua_getfield(state, -2, name);
    lua_pushcclosure(state, wrapper, 1);
    lua_setfield(state, -2, name);
  }
}

int SetMetatable(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  if (lua_type(state, 2) == LUA_TTABLE) {
    // Finalizers run where no instruction is counted.
    lua_pushliteral(state, "__gc");
    if (lua_rawget(state, 2) != LUA_TNIL) return luaL_error(state, "a metatable may have no __gc");
    lua_pop(state, 1);
  }
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

/// What has no text of its own: its text would be its address.
bool HasAddressForText(lua_State* state, int index) {
  const int type = lua_type(state, index);
  if (type != LUA_TTABLE && type != LUA_TFUNCTION) return false;
  if (luaL_getmetafield(state, index, "__tostring") == LUA_TNIL) return true;
  lua_pop(state, 1);
  return false;
}

int ToText(lua_State* state) {
  luaL_checkany(state, 1);
  if (HasAddressForText(state, 1)) {
    lua_pushstring(state, luaL_typename(state, 1));
  } else {
    luaL_tolstring(state, 1, nullptr);
  }
  return 1;
}

/// Upvalue: string.format.
int Format(lua_State* state) {
  size_t size = 0;
  const char* const format = luaL_checklstring(state, 1, &size);
  for (size_t i = 0; i + 1 < size; ++i) {
    if (format[i] != '%') continue;
    ++i;
    while (i + 1 < size &&
           std::string_view("-+ #0123456789.").find(format[i]) != std::string_view::npos)
      ++i;
    if (format[i] == 'p')
      return luaL_error(state, "%%p is not for scripts: an address differs from run to run");
  }
  const int count = lua_gettop(state);
  for (int i = 2; i <= count; ++i) {
    if (!HasAddressForText(state, i)) continue;
    lua_pushstring(state, luaL_typename(state, i));
    lua_replace(state, i);
  }
  return Charged(state);
}

/// Upvalue: string.rep, which repeats nothing for as long as it is told.
int Repeat(lua_State* state) {
  const auto text = static_cast<lua_Integer>(lua_rawlen(state, 1));
  const lua_Integer times = luaL_checkinteger(state, 2);
  const auto between =
      lua_type(state, 3) == LUA_TSTRING ? static_cast<lua_Integer>(lua_rawlen(state, 3)) : 0;
  lua_Integer bytes = 0;
  if (lua_type(state, 1) == LUA_TSTRING && times > 0) {
    if (__builtin_mul_overflow(times, text + between + 1, &bytes))
      return luaL_error(state, "the text is too long");
    LuaMachine::Of(state).Charge(state, static_cast<uint64_t>(bytes) / kBytesPerInstruction);
  }
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

// pairs: in the order of the keys.

struct Key {
  int type;
  bool integer;
  lua_Integer whole;
  lua_Number number;
  std::string_view text;
};

bool Before(const Key& a, const Key& b) {
  if (a.type != b.type) return a.type < b.type;
  if (a.type == LUA_TSTRING) return a.text < b.text;
  if (a.integer && b.integer) return a.whole < b.whole;
  if (a.number != b.number) return a.number < b.number;
  // An integer beside the float that it rounds to.
  return a.whole < b.whole;
}

void CollectKeys(lua_State* state, std::vector<Key>& keys) {
  lua_pushnil(state);
  while (lua_next(state, 1) != 0) {
    lua_pop(state, 1);
    Key key{lua_type(state, -1), lua_isinteger(state, -1) != 0, 0, 0, {}};
    if (key.type == LUA_TSTRING) {
      size_t size = 0;
      const char* const text = lua_tolstring(state, -1, &size);
      key.text = {text, size};
    } else if (key.type == LUA_TNUMBER) {
      key.whole = lua_tointeger(state, -1);
      key.number = lua_tonumber(state, -1);
    } else if (key.type == LUA_TBOOLEAN) {
      key.whole = lua_toboolean(state, -1);
    } else {
      luaL_error(state, "pairs goes over keys that are texts, numbers or booleans, not %s",
                 LuaKindName(state, -1));
    }
    keys.push_back(key);
  }
}

/// Upvalues: the keys, the index of the last one.
int NextPair(lua_State* state) {
  lua_Integer index = lua_tointeger(state, lua_upvalueindex(2));
  while (true) {
    ++index;
    if (lua_rawgeti(state, lua_upvalueindex(1), index) == LUA_TNIL) return 1;
    lua_pushvalue(state, -1);
    // What went away since pairs was called is left out.
    if (lua_rawget(state, 1) != LUA_TNIL) break;
    lua_pop(state, 2);
  }
  lua_pushinteger(state, index);
  lua_replace(state, lua_upvalueindex(2));
  return 2;
}

int Pairs(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 1);
  std::vector<Key> keys;
  CollectKeys(state, keys);
  LuaMachine::Of(state).Charge(state, 4 * keys.size());
  std::sort(keys.begin(), keys.end(), Before);
  lua_createtable(state, static_cast<int>(keys.size()), 0);
  for (size_t i = 0; i < keys.size(); ++i) {
    const Key& key = keys[i];
    if (key.type == LUA_TSTRING) {
      lua_pushlstring(state, key.text.data(), key.text.size());
    } else if (key.type == LUA_TBOOLEAN) {
      lua_pushboolean(state, static_cast<int>(key.whole));
    } else if (key.integer) {
      lua_pushinteger(state, key.whole);
    } else {
      lua_pushnumber(state, key.number);
    }
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, NextPair, 2);
  lua_pushvalue(state, 1);
  return 2;
}

/// Sets `name` of the table on top to the function of the library below it, behind `wrapper`.
void Wrap(lua_State* state, const char* name, lua_CFunction wrapper) {
  lua_getfield(state, -2, name);
  lua_pushcclosure(state, wrapper, 1);
  lua_setfield(state, -2, name);
}

/// Pushes what is left of `string`; the methods of texts are those.
void PushString(lua_State* state) {
  luaL_requiref(state, "string", luaopen_string, 0);
  PushWrapped(
      state, Charged,
      {"byte", "char", "len", "lower", "upper", "reverse", "sub", "pack", "packsize", "unpack"});
  Wrap(state, "format", Format);
  Wrap(state, "rep", Repeat);
  SetPatternFunctions(state);
  lua_remove(state, -2);
  SetRefused(state, kRefusedString);
  lua_pushliteral(state, "");
  lua_createtable(state, 0, 2);
  lua_pushvalue(state, -3);
  lua_setfield(state, -2, "__index");
  lua_pushboolean(state, 0);
  lua_setfield(state, -2, "__metatable");
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
  Protect(state, RefuseWrite);
}

void PushTable(lua_State* state) {
  luaL_requiref(state, "table", luaopen_table, 0);
  PushWrapped(state, ChargedList, {"concat", "insert", "remove", "sort", "unpack"});
  lua_getfield(state, -2, "pack");
  lua_setfield(state, -2, "pack");
  lua_remove(state, -2);
  SetRefused(state, kRefusedTable);
  Protect(state, RefuseWrite);
}

void PushMath(lua_State* state) {
  luaL_requiref(state, "math", luaopen_math, 0);
  for (const Refused& refused : kRefusedMath) {
    lua_pushnil(state);
    lua_setfield(state, -2, refused.name.data());
  }
  SetRefused(state, kRefusedMath);
  Protect(state, RefuseWrite);
}

void PushUtf8(lua_State* state) {
  luaL_requiref(state, "utf8", luaopen_utf8, 0);
  PushWrapped(state, Charged, {"char", "codepoint", "codes", "len", "offset"});
  lua_getfield(state, -2, "charpattern");
  lua_setfield(state, -2, "charpattern");
  lua_remove(state, -2);
  SetRefused(state, kRefusedNothing);
  Protect(state, RefuseWrite);
}

}  // namespace

void PushLibrary(lua_State* state) {
  lua_newtable(state);
  luaL_requiref(state, "_G", luaopen_base, 0);
  for (const char* const name : {"assert", "error", "getmetatable", "ipairs", "pcall", "rawequal",
                                 "rawget", "rawlen", "select", "tonumber", "type", "_VERSION"}) {
    lua_getfield(state, -1, name);
    lua_setfield(state, -3, name);
  }
  lua_getfield(state, -1, "setmetatable");
  lua_pushcclosure(state, SetMetatable, 1);
  lua_setfield(state, -3, "setmetatable");
  lua_pop(state, 1);
  static constexpr luaL_Reg kOwn[] = {{"pairs", Pairs}, {"tostring", ToText}, {nullptr, nullptr}};
  luaL_setfuncs(state, kOwn, 0);
  OpenValues(state);
  lua_getfield(state, -1, "time");
  Protect(state, RefuseWrite);
  lua_setfield(state, -2, "time");
  PushString(state);
  lua_setfield(state, -2, "string");
  PushTable(state);
  lua_setfield(state, -2, "table");
  PushMath(state);
  lua_setfield(state, -2, "math");
  PushUtf8(state);
  lua_setfield(state, -2, "utf8");
  SetRefused(state, kRefusedGlobals);
  Protect(state, WriteGlobal);
}

}  // namespace sidestream::operators
