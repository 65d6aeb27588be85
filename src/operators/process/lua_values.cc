// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <lua.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "operators/process/lua_machine.h"
#include "serde/decimal.h"
#include "serde/json_text.h"
#include "serde/message.h"
#include "serde/reader.h"
#include "serde/utf8.h"

namespace sidestream::operators {
namespace {

using serde::Decimal;
using serde::MapEntry;
using serde::Nanos;
using serde::Value;
using Kind = serde::Value::Kind;

// Their addresses name entries of the registry, that of kNull is Lua's null.
char kNull;
char kListType;
char kMapType;
char kBoxTypes;  // a list: the metatable of each kind

constexpr int kValuesMax = 1'000'000;

/// What Lua has no form for: behind it lie `size` bytes. All userdata of a machine are boxes.
struct Box {
  Kind kind;
  uint32_t size;
};

Box BoxAt(lua_State* state, int index, std::string_view* bytes) {
  const char* const memory = static_cast<const char*>(lua_touserdata(state, index));
  Box box;
  std::memcpy(&box, memory, sizeof(box));
  *bytes = {memory + sizeof(box), box.size};
  return box;
}

template <typename T>
T Read(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return value;
}

void PushBox(lua_State* state, Kind kind, std::string_view bytes) {
  const Box box{kind, static_cast<uint32_t>(bytes.size())};
  char* const memory = static_cast<char*>(lua_newuserdatauv(state, sizeof(box) + bytes.size(), 0));
  std::memcpy(memory, &box, sizeof(box));
  if (!bytes.empty()) std::memcpy(memory + sizeof(box), bytes.data(), bytes.size());
  lua_rawgetp(state, LUA_REGISTRYINDEX, &kBoxTypes);
  lua_rawgeti(state, -1, static_cast<int>(kind));
  lua_setmetatable(state, -3);
  lua_pop(state, 1);
}

template <typename T>
void PushBoxOf(lua_State* state, Kind kind, const T& value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  PushBox(state, kind, {bytes, sizeof(T)});
}

bool IsBox(lua_State* state, int index) { return lua_type(state, index) == LUA_TUSERDATA; }

Value BoxToValue(lua_State* state, int index, Arena& arena) {
  std::string_view bytes;
  switch (BoxAt(state, index, &bytes).kind) {
    case Kind::kUint:
      return Value::Uint(Read<uint64_t>(bytes));
    case Kind::kTimestamp:
      return Value::TimestampOf(Read<Nanos>(bytes), arena);
    case Kind::kDuration:
      return Value::DurationOf(Read<Nanos>(bytes), arena);
    case Kind::kDecimal:
      return Value::DecimalOf(Read<Decimal>(bytes), arena);
    case Kind::kType:
      return Value::Type(arena.Copy(bytes));
    case Kind::kIp:
      return Value::Ip(arena.Copy(bytes));
    case Kind::kCidr:
      return Value::Cidr(arena.Copy(bytes));
    default:
      return Value::Bytes(arena.Copy(bytes));
  }
}

// Metamethods of boxes.

int BoxText(lua_State* state) {
  std::string_view bytes;
  const Box box = BoxAt(state, 1, &bytes);
  std::string text;
  switch (box.kind) {
    case Kind::kUint:
      text = std::to_string(Read<uint64_t>(bytes));
      break;
    case Kind::kTimestamp: {
      const Status status = serde::AppendTimestamp(Read<Nanos>(bytes), text);
      if (!status.ok()) LuaMachine::Of(state).Fail(state, status);
      break;
    }
    case Kind::kDuration:
      serde::AppendDuration(Read<Nanos>(bytes), text);
      break;
    case Kind::kDecimal:
      text = Read<Decimal>(bytes).ToText();
      break;
    default:
      text = bytes;
  }
  lua_pushlstring(state, text.data(), text.size());
  return 1;
}

int BoxLength(lua_State* state) {
  std::string_view bytes;
  if (BoxAt(state, 1, &bytes).kind != Kind::kBytes) {
    return luaL_error(state, "only bytes, texts and lists have a length");
  }
  lua_pushinteger(state, static_cast<lua_Integer>(bytes.size()));
  return 1;
}

/// Both operands of a comparison as values; numbers of Lua stand beside decimals and large uints.
std::optional<std::partial_ordering> Compared(lua_State* state) {
  Arena& arena = LuaMachine::Of(state).scratch();
  arena.Reset();
  const Result<Value> a = ToValue(state, 1, arena);
  const Result<Value> b = ToValue(state, 2, arena);
  if (!a.ok() || !b.ok()) return std::nullopt;
  return Value::Compare(*a, *b);
}

int BoxEqual(lua_State* state) {
  Arena& arena = LuaMachine::Of(state).scratch();
  arena.Reset();
  lua_pushboolean(state, static_cast<int>(Value::Equal(BoxToValue(state, 1, arena),
                                                       BoxToValue(state, 2, arena))));
  return 1;
}

std::partial_ordering OrderOf(lua_State* state) {
  const auto order = Compared(state);
  if (!order) {
    luaL_error(state, "%s and %s have no order", LuaKindName(state, 1), LuaKindName(state, 2));
  }
  return order.value_or(std::partial_ordering::unordered);
}

int BoxLess(lua_State* state) {
  lua_pushboolean(state, static_cast<int>(OrderOf(state) < 0));
  return 1;
}

int BoxLessOrEqual(lua_State* state) {
  lua_pushboolean(state, static_cast<int>(OrderOf(state) <= 0));
  return 1;
}

Decimal DecimalOperand(lua_State* state, int index) {
  if (lua_isinteger(state, index) != 0) {
    return Decimal::Of(static_cast<int64_t>(lua_tointeger(state, index)));
  }
  if (IsBox(state, index)) {
    std::string_view bytes;
    if (BoxAt(state, index, &bytes).kind == Kind::kDecimal) return Read<Decimal>(bytes);
  }
  luaL_error(state, "a decimal goes with decimals and integers only, not with %s",
             LuaKindName(state, index));
  return {};
}

int PushDecimal(lua_State* state, const std::optional<Decimal>& number) {
  if (!number) return luaL_error(state, "the result is beyond what a decimal holds");
  PushBoxOf(state, Kind::kDecimal, *number);
  return 1;
}

int DecimalAdd(lua_State* state) {
  return PushDecimal(state, Decimal::Add(DecimalOperand(state, 1), DecimalOperand(state, 2)));
}
int DecimalSubtract(lua_State* state) {
  return PushDecimal(state, Decimal::Subtract(DecimalOperand(state, 1), DecimalOperand(state, 2)));
}
int DecimalMultiply(lua_State* state) {
  return PushDecimal(state, Decimal::Multiply(DecimalOperand(state, 1), DecimalOperand(state, 2)));
}
int DecimalDivide(lua_State* state) {
  const Decimal divisor = DecimalOperand(state, 2);
  if (divisor.zero()) return luaL_error(state, "a decimal is divided by zero");
  return PushDecimal(state, Decimal::Divide(DecimalOperand(state, 1), divisor));
}
int DecimalNegate(lua_State* state) {
  return PushDecimal(state, DecimalOperand(state, 1).Negated());
}

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

int MakeBytes(lua_State* state) {
  if (IsBox(state, 1)) {
    std::string_view bytes;
    if (BoxAt(state, 1, &bytes).kind == Kind::kBytes) {
      lua_settop(state, 1);
      return 1;
    }
  }
  size_t size = 0;
  luaL_checktype(state, 1, LUA_TSTRING);
  const char* const bytes = lua_tolstring(state, 1, &size);
  PushBox(state, Kind::kBytes, {bytes, size});
  return 1;
}

int MakeDecimal(lua_State* state) {
  if (lua_type(state, 1) != LUA_TSTRING) {
    return PushDecimal(state, DecimalOperand(state, 1));
  }
  size_t size = 0;
  const char* const text = lua_tolstring(state, 1, &size);
  const std::optional<Decimal> number = Decimal::Parse({text, size});
  if (!number) return luaL_error(state, "'%s' is no decimal", text);
  return PushDecimal(state, number);
}

int TimeFromMillis(lua_State* state) {
  const lua_Integer millis = luaL_checkinteger(state, 1);
  Nanos time{millis / 1000, static_cast<int32_t>(millis % 1000) * 1'000'000};
  if (time.nanos < 0) time = {time.seconds - 1, time.nanos + 1'000'000'000};
  PushBoxOf(state, Kind::kTimestamp, time);
  return 1;
}

int TimeToMillis(lua_State* state) {
  std::string_view bytes;
  if (!IsBox(state, 1) || BoxAt(state, 1, &bytes).kind != Kind::kTimestamp) {
    return luaL_error(state, "time.to_ms takes a timestamp, not %s", LuaKindName(state, 1));
  }
  const auto time = Read<Nanos>(bytes);
  lua_pushinteger(state, time.seconds * 1000 + time.nanos / 1'000'000);
  return 1;
}

void NewBoxType(lua_State* state, Kind kind) {
  static constexpr luaL_Reg kMethods[] = {{"__tostring", BoxText}, {"__eq", BoxEqual},
                                          {"__lt", BoxLess},       {"__le", BoxLessOrEqual},
                                          {"__len", BoxLength},    {nullptr, nullptr}};
  static constexpr luaL_Reg kArithmetic[] = {{"__add", DecimalAdd},      {"__sub", DecimalSubtract},
                                             {"__mul", DecimalMultiply}, {"__div", DecimalDivide},
                                             {"__unm", DecimalNegate},   {nullptr, nullptr}};
  lua_newtable(state);
  luaL_setfuncs(state, kMethods, 0);
  if (kind == Kind::kDecimal) luaL_setfuncs(state, kArithmetic, 0);
  const std::string name(serde::KindName(kind));
  lua_pushstring(state, name.c_str());
  lua_setfield(state, -2, "__name");
  lua_pushstring(state, name.c_str());
  lua_setfield(state, -2, "__metatable");
  lua_rawseti(state, -2, static_cast<int>(kind));
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
  static constexpr Kind kBoxed[] = {Kind::kBytes, Kind::kTimestamp, Kind::kDuration, Kind::kDecimal,
                                    Kind::kUint,  Kind::kType,      Kind::kIp,       Kind::kCidr};
  lua_newtable(state);
  for (const Kind kind : kBoxed) NewBoxType(state, kind);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &kBoxTypes);
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

  static constexpr luaL_Reg kFunctions[] = {
      {"list", MakeList}, {"bytes", MakeBytes}, {"decimal", MakeDecimal}, {nullptr, nullptr}};
  luaL_setfuncs(state, kFunctions, 0);
  static constexpr luaL_Reg kTime[] = {
      {"from_ms", TimeFromMillis}, {"to_ms", TimeToMillis}, {nullptr, nullptr}};
  luaL_newlib(state, kTime);
  lua_setfield(state, -2, "time");
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
