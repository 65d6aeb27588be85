// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_boxes.h"

#include <cstdint>
#include <lua.hpp>
#include <optional>
#include <string>

#include "operators/process/lua_machine.h"
#include "operators/process/lua_values.h"
#include "serde/decimal.h"
#include "serde/json_text.h"

namespace sidestream::operators {
namespace {

using serde::Decimal;
using serde::Nanos;
using serde::Value;
using Kind = serde::Value::Kind;

// Its address names an entry of the registry: a list, the metatable of each kind.
char kBoxTypes;

/// Behind it lie `size` bytes.
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

// Metamethods.

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

// Functions of scripts.

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

}  // namespace

void OpenBoxes(lua_State* state) {
  static constexpr Kind kBoxed[] = {Kind::kBytes, Kind::kTimestamp, Kind::kDuration, Kind::kDecimal,
                                    Kind::kUint,  Kind::kType,      Kind::kIp,       Kind::kCidr};
  lua_newtable(state);
  for (const Kind kind : kBoxed) NewBoxType(state, kind);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &kBoxTypes);

  static constexpr luaL_Reg kFunctions[] = {
      {"bytes", MakeBytes}, {"decimal", MakeDecimal}, {nullptr, nullptr}};
  luaL_setfuncs(state, kFunctions, 0);
  static constexpr luaL_Reg kTime[] = {
      {"from_ms", TimeFromMillis}, {"to_ms", TimeToMillis}, {nullptr, nullptr}};
  luaL_newlib(state, kTime);
  lua_setfield(state, -2, "time");
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

}  // namespace sidestream::operators
