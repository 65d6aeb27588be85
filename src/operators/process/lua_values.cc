// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <lua.hpp>
#include <span>
#include <string_view>

#include "base/check.h"
#include "operators/process/lua_boxes.h"
#include "serde/decimal.h"
#include "serde/message.h"
#include "serde/reader.h"
#include "serde/utf8.h"

namespace sidestream::operators {
namespace {

using serde::MapEntry;
using serde::Value;
using Kind = serde::Value::Kind;

// Their addresses name entries of the registry, that of kNull is Lua's null.
char kNull;
char kListType;
char kMapType;

constexpr int kValuesMax = 1'000'000;

int NullText(lua_State* state) {
  lua_pushliteral(state, "null");
  return 1;
}

// Functions of scripts.

int MakeList(lua_State* state) {
  if (lua_isnoneornil(state, 1)) {
    lua_settop(state, 0);
    lua_newtable(state);
  } else {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_settop(state, 1);
  }
  lua_rawgetp(state, LUA_REGISTRYINDEX, &kListType);
  lua_setmetatable(state, 1);
  return 1;
}

/// A metatable that only marks a table.
void NewMark(lua_State* state, const char* name, const char* address) {
  lua_createtable(state, 0, 2);
  lua_pushstring(state, name);
  lua_setfield(state, -2, "__name");
  lua_pushstring(state, name);
  lua_setfield(state, -2, "__metatable");
  lua_rawsetp(state, LUA_REGISTRYINDEX, address);
}

// From values.

class Pusher {
 public:
  Pusher(lua_State* state, Arena& arena) : state_(state), arena_(arena) {}

  void Push(const Value& value) {
    luaL_checkstack(state_, 8, "a value is nested too deep");
    switch (value.kind()) {
      case Kind::kMissing:
        return lua_pushnil(state_);
      case Kind::kNull:
        return lua_pushlightuserdata(state_, &kNull);
      case Kind::kBool:
        return lua_pushboolean(state_, static_cast<int>(value.bool_value()));
      case Kind::kInt:
        return lua_pushinteger(state_, value.int_value());
      case Kind::kUint:
        return PushUint(value.uint_value());
      case Kind::kDouble:
        return lua_pushnumber(state_, value.double_value());
      case Kind::kString:
        return PushText(value.string_value());
      case Kind::kBytes:
      case Kind::kType:
      case Kind::kIp:
      case Kind::kCidr:
        return PushBox(state_, value.kind(), value.string_value());
      case Kind::kTimestamp:
      case Kind::kDuration:
        return PushBoxOf(state_, value.kind(), value.time_value());
      case Kind::kDecimal:
        return PushBoxOf(state_, value.kind(), value.decimal_value());
      case Kind::kList:
        return PushList(value.list());
      case Kind::kMap:
        return PushMap(value.map());
      case Kind::kMessage:
        return PushMap(serde::AsMap(value.message(), arena_).map());
      case Kind::kOptional:
        return Push(value.optional_value() == nullptr ? Value() : *value.optional_value());
      case Kind::kJson:
        break;
    }
    CHECK(false) << "a script is given text that nobody was to look into";
  }

 private:
  void PushText(std::string_view text) { lua_pushlstring(state_, text.data(), text.size()); }

  void PushUint(uint64_t number) {
    if (number <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      lua_pushinteger(state_, static_cast<lua_Integer>(number));
    } else {
      PushBoxOf(state_, Kind::kUint, number);
    }
  }

  void PushList(std::span<const Value> items) {
    lua_createtable(state_, static_cast<int>(items.size()), 0);
    lua_Integer count = 0;
    for (const Value& item : items) {
      Push(item);
      // A none leaves a hole where it stood.
      if (lua_isnil(state_, -1)) {
        lua_pop(state_, 1);
        lua_pushlightuserdata(state_, &kNull);
      }
      lua_rawseti(state_, -2, ++count);
    }
    lua_rawgetp(state_, LUA_REGISTRYINDEX, &kListType);
    lua_setmetatable(state_, -2);
  }

  void PushMap(std::span<const MapEntry> entries) {
    lua_createtable(state_, 0, static_cast<int>(entries.size()));
    bool texts_only = true;
    for (const MapEntry& entry : entries) {
      texts_only = texts_only && entry.key.kind() == Kind::kString;
      Push(entry.key);
      Push(entry.value);
      lua_rawset(state_, -3);
    }
    if (texts_only) return;
    lua_rawgetp(state_, LUA_REGISTRYINDEX, &kMapType);
    lua_setmetatable(state_, -2);
  }

  lua_State* const state_;
  Arena& arena_;
};

// To values.

bool KeyBefore(const MapEntry& a, const MapEntry& b) {
  if (a.key.kind() != b.key.kind()) return a.key.kind() < b.key.kind();
  const auto order = Value::Compare(a.key, b.key);
  return order && *order < 0;
}

class Taker {
 public:
  Taker(lua_State* state, Arena& arena) : state_(state), arena_(arena) {}

  Result<Value> Take(int index, int depth) {
    // A table may hold another one many times, and that one a third.
    if (++taken_ > kValuesMax) {
      return Status::BadRecord(fmt::format("a value consists of more than {} others", kValuesMax));
    }
    switch (lua_type(state_, index)) {
      case LUA_TNIL:
        return Value::Null();
      case LUA_TBOOLEAN:
        return Value::Bool(lua_toboolean(state_, index) != 0);
      case LUA_TNUMBER:
        if (lua_isinteger(state_, index) != 0) return Value::Int(lua_tointeger(state_, index));
        return Value::Double(lua_tonumber(state_, index));
      case LUA_TSTRING:
        return TakeText(index);
      case LUA_TLIGHTUSERDATA:
        return Value::Null();
      case LUA_TUSERDATA:
        return BoxToValue(state_, index, arena_);
      case LUA_TTABLE:
        if (depth >= serde::kMaxDepth || lua_checkstack(state_, 8) == 0) {
          return Status::BadRecord(
              fmt::format("a table is nested deeper than {}, or holds itself", serde::kMaxDepth));
        }
        return TakeTable(index, depth + 1);
      default:
        return Status::BadRecord(fmt::format("{} can be no value", LuaKindName(state_, index)));
    }
  }

 private:
  Result<Value> TakeText(int index) {
    size_t size = 0;
    const char* const text = lua_tolstring(state_, index, &size);
    if (!serde::IsUtf8({text, size})) {
      return Status::BadRecord("a text is not UTF-8; make it bytes(...)");
    }
    return Value::String(arena_.Copy({text, size}));
  }

  bool HasMark(int index, const char* address) {
    if (lua_getmetatable(state_, index) == 0) return false;
    lua_rawgetp(state_, LUA_REGISTRYINDEX, address);
    const bool marked = lua_rawequal(state_, -1, -2) != 0;
    lua_pop(state_, 2);
    return marked;
  }

  size_t CountEntries(int index) {
    size_t count = 0;
    lua_pushnil(state_);
    while (lua_next(state_, index) != 0) {
      ++count;
      lua_pop(state_, 1);
    }
    return count;
  }

  Result<Value> TakeTable(int index, int depth) {
    index = lua_absindex(state_, index);
    const auto length = static_cast<size_t>(lua_rawlen(state_, index));
    const size_t entries = CountEntries(index);
    if (HasMark(index, &kMapType)) return TakeMap(index, entries, depth, true);
    const bool is_list = HasMark(index, &kListType);
    if (!is_list && length == 0) return TakeMap(index, entries, depth, false);
    if (entries != length) {
      return Status::BadRecord(
          is_list ? "a list has a hole, or a field beside its elements; null can be an element"
                  : "a table is neither a list (keys 1 to n) nor a map (text keys)");
    }
    const std::span<Value> items = arena_.NewArray<Value>(length);
    for (size_t i = 0; i < length; ++i) {
      lua_rawgeti(state_, index, static_cast<lua_Integer>(i) + 1);
      Result<Value> item = lua_isnil(state_, -1)
                               ? Status::BadRecord("a list has a hole; null can be an element")
                               : Take(-1, depth);
      lua_pop(state_, 1);
      if (!item.ok()) return item.status().WithContext(fmt::format("element {}", i + 1));
      items[i] = *item;
    }
    return Value::List(items);
  }

  Result<Value> TakeMap(int index, size_t size, int depth, bool any_key) {
    const std::span<MapEntry> entries = arena_.NewArray<MapEntry>(size);
    size_t count = 0;
    lua_pushnil(state_);
    while (lua_next(state_, index) != 0) {
      const int type = lua_type(state_, -2);
      const bool fits = type == LUA_TSTRING ||
                        (any_key && (type == LUA_TBOOLEAN || lua_isinteger(state_, -2) != 0));
      Result<Value> key =
          fits
              ? Take(-2, depth)
              : Status::BadRecord(fmt::format("{} is no name of a field", LuaKindName(state_, -2)));
      Result<Value> value = key.ok() ? Take(-1, depth) : key;
      if (!value.ok()) {
        lua_pop(state_, 2);
        if (!key.ok()) return key.status();
        return value.status().WithContext("field " + serde::DebugString(*key));
      }
      entries[count++] = {*key, *value};
      lua_pop(state_, 1);
    }
    std::sort(entries.begin(), entries.end(), KeyBefore);
    return Value::Map(entries);
  }

  lua_State* const state_;
  Arena& arena_;
  int taken_ = 0;
};

}  // namespace

void OpenValues(lua_State* state) {
  OpenBoxes(state);
  NewMark(state, "list", &kListType);
  NewMark(state, "map", &kMapType);

  lua_pushlightuserdata(state, &kNull);
  lua_createtable(state, 0, 3);
  lua_pushliteral(state, "null");
  lua_setfield(state, -2, "__name");
  lua_pushliteral(state, "null");
  lua_setfield(state, -2, "__metatable");
  lua_pushcfunction(state, NullText);
  lua_setfield(state, -2, "__tostring");
  lua_setmetatable(state, -2);
  lua_setfield(state, -2, "null");

  lua_pushcfunction(state, MakeList);
  lua_setfield(state, -2, "list");
}

void PushValue(lua_State* state, const Value& value, Arena& arena) {
  if (value.null()) {
    lua_pushnil(state);
  } else {
    Pusher(state, arena).Push(value);
  }
}

void PushNull(lua_State* state) { lua_pushlightuserdata(state, &kNull); }

Result<Value> ToValue(lua_State* state, int index, Arena& arena) {
  const int top = lua_gettop(state);
  Result<Value> value = Taker(state, arena).Take(lua_absindex(state, index), 0);
  lua_settop(state, top);
  return value;
}

const char* LuaKindName(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      return "nil";
    case LUA_TBOOLEAN:
      return "a boolean";
    case LUA_TNUMBER:
      return lua_isinteger(state, index) != 0 ? "an integer" : "a float";
    case LUA_TSTRING:
      return "a text";
    case LUA_TTABLE:
      return "a table";
    case LUA_TFUNCTION:
      return "a function";
    case LUA_TLIGHTUSERDATA:
      return "null";
    default:
      return "a value of its own type";
  }
}

}  // namespace sidestream::operators
