// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <lua.hpp>
#include <utility>

#include "operators/process/lua_library.h"
#include "operators/process/lua_values.h"
#include "operators/process/script_text.h"

namespace sidestream::operators {

using serde::Value;

namespace {

// Their addresses name entries of the registry.
char kProcess;
char kTimer;
char kContext;

}  // namespace

/// The functions behind `ctx`. Each has the script as its first upvalue, those of a store its place
/// as the second.
class ScriptContext {
 public:
  /// Pushes ctx.
  static void Push(lua_State* state, Script& script) {
    static constexpr luaL_Reg kFunctions[] = {{"emit", Emit},
                                              {"timer", EventTimer},
                                              {"wall_timer", WallTimer},
                                              {"cancel", Cancel},
                                              {nullptr, nullptr}};
    lua_newtable(state);
    lua_createtable(state, 0, 3);
    lua_newtable(state);
    lua_pushlightuserdata(state, &script);
    luaL_setfuncs(state, kFunctions, 1);
    PushStores(state, script);
    lua_setfield(state, -2, "store");
    lua_pushlightuserdata(state, &script);
    lua_insert(state, -2);
    lua_pushcclosure(state, Field, 2);
    lua_setfield(state, -2, "__index");
    ReadOnly(state);
  }

 private:
  static Script& Self(lua_State* state) {
    return *static_cast<Script*>(lua_touserdata(state, lua_upvalueindex(1)));
  }
  static ScriptHost& Host(lua_State* state) {
    ScriptHost* const host = Self(state).host_;
    if (host == nullptr) luaL_error(state, "ctx is of no use outside of a call");
    return *host;
  }
  static size_t StoreIndex(lua_State* state) {
    return static_cast<size_t>(lua_tointeger(state, lua_upvalueindex(2)));
  }

  /// Takes the metatable on top of the stack, makes it refuse everything else, and sets it of the
  /// table below.
  static void ReadOnly(lua_State* state) {
    lua_pushcfunction(state, RefuseWrite);
    lua_setfield(state, -2, "__newindex");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
  }
  static int RefuseWrite(lua_State* state) { return luaL_error(state, "ctx is only read"); }

  /// A value of the script. Raises when it is none.
  static Value Take(lua_State* state, int index, Arena& arena) {
    const size_t before = arena.reserved_bytes();
    const Result<Value> value = ToValue(state, index, arena);
    LuaMachine& machine = LuaMachine::Of(state);
    if (!value.ok()) machine.Fail(state, value.status());
    machine.ChargeBytes(state, arena.reserved_bytes() - before);
    return *value;
  }
  static void Check(lua_State* state, const Status& status) {
    if (!status.ok()) LuaMachine::Of(state).Fail(state, status);
  }
  /// ctx.store.x:get() has one argument more than ctx.store.x.get().
  static void ExpectArguments(lua_State* state, int least, int most, const char* call) {
    const int count = lua_gettop(state);
    if (count >= least && count <= most) return;
    luaL_error(state, "%s: this call has %d arguments; functions of ctx are called with a dot",
               call, count);
  }
  /// After a write: what it makes us hold until the call is over.
  static int Wrote(lua_State* state, const Status& status) {
    Check(state, status);
    Script& self = Self(state);
    const size_t bytes = self.host_->written_bytes();
    LuaMachine::Of(state).ChargeBytes(state, bytes - std::exchange(self.written_bytes_, bytes));
    return 0;
  }
  static Arena& Scratch(lua_State* state) {
    Arena& arena = LuaMachine::Of(state).scratch();
    arena.Reset();
    return arena;
  }

  /// Upvalues: the script, the table of functions.
  static int Field(lua_State* state) {
    lua_settop(state, 2);
    lua_pushvalue(state, 2);
    if (lua_rawget(state, lua_upvalueindex(2)) != LUA_TNIL) return 1;
    const std::string_view name = lua_type(state, 2) == LUA_TSTRING ? lua_tostring(state, 2) : "";
    if (name == "timestamp") {
      lua_pushinteger(state, Host(state).timestamp().value());
    } else if (name == "wall_time") {
      lua_pushinteger(state, Host(state).wall_time().value());
    } else if (name == "watermark") {
      const std::optional<Timestamp> watermark = Host(state).watermark();
      if (watermark) {
        lua_pushinteger(state, watermark->value());
      } else {
        lua_pushnil(state);
      }
    } else if (name == "headers") {
      PushHeaders(state);
    } else {
      return luaL_error(state,
                        "ctx has no %s; it has emit, timer, wall_timer, cancel, store, timestamp, "
                        "wall_time, watermark, headers",
                        luaL_tolstring(state, 2, nullptr));
    }
    return 1;
  }

  static void PushHeaders(lua_State* state) {
    lua_newtable(state);
    for (const Header& header : Host(state).headers()) {
      lua_pushlstring(state, header.name.data(), header.name.size());
      if (header.value) {
        lua_pushlstring(state, header.value->data(), header.value->size());
      } else {
        lua_pushnil(state);
      }
      lua_rawset(state, -3);
    }
  }

  // Emission.

  static int Emit(lua_State* state) {
    ExpectArguments(state, 1, 2, "ctx.emit(value [, options])");
    ScriptHost& host = Host(state);
    Emission emission;
    emission.value = Take(state, 1, host.arena());
    if (!lua_isnoneornil(state, 2)) {
      luaL_checktype(state, 2, LUA_TTABLE);
      CheckOptions(state);
      TakeKey(state, host, emission);
      TakeHeaders(state, host, emission);
      TakeOutput(state, emission);
    }
    // What a script emits waits until the call has succeeded.
    LuaMachine::Of(state).ChargeBytes(state, sizeof(Emission));
    Check(state, host.Emit(emission));
    return 0;
  }

  static void CheckOptions(lua_State* state) {
    lua_pushnil(state);
    while (lua_next(state, 2) != 0) {
      lua_pop(state, 1);
      const std::string_view name =
          lua_type(state, -1) == LUA_TSTRING ? lua_tostring(state, -1) : "";
      if (name == "key" || name == "headers" || name == "to") continue;
      luaL_error(state, "ctx.emit has the options key, headers and to, not %s",
                 luaL_tolstring(state, -1, nullptr));
    }
  }

  static void TakeKey(lua_State* state, ScriptHost& host, Emission& emission) {
    lua_settop(state, 2);
    if (lua_getfield(state, 2, "key") == LUA_TNIL) return;
    emission.key = Take(state, -1, host.arena());
  }

  static void TakeHeaders(lua_State* state, ScriptHost& host, Emission& emission) {
    lua_settop(state, 2);
    if (lua_getfield(state, 2, "headers") == LUA_TNIL) return;
    if (lua_type(state, -1) != LUA_TTABLE) luaL_error(state, "headers are a table of texts");
    const Value map = Take(state, -1, host.arena());
    if (map.kind() != Value::Kind::kMap) luaL_error(state, "headers are a table of texts");
    const std::span<Header> headers = host.arena().NewArray<Header>(map.map().size());
    size_t count = 0;
    for (const serde::MapEntry& entry : map.map()) {
      const auto kind = entry.value.kind();
      if (kind != Value::Kind::kString && kind != Value::Kind::kBytes) {
        luaL_error(state, "a header is a text or bytes");
      }
      headers[count++] = {entry.key.string_value(), entry.value.string_value()};
    }
    emission.headers = headers;
  }

  static void TakeOutput(lua_State* state, Emission& emission) {
    lua_settop(state, 2);
    if (lua_getfield(state, 2, "to") == LUA_TNIL) return;
    const std::vector<std::string>& outputs = Self(state).node_.outputs;
    const std::string_view name = lua_type(state, -1) == LUA_TSTRING ? lua_tostring(state, -1) : "";
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] == name) emission.output = i;
    }
    if (emission.output != Emission::kMain) return;
    luaL_error(state, "there is no output %s; outputs: %s", luaL_tolstring(state, -1, nullptr),
               fmt::format("[{}]", fmt::join(outputs, ", ")).c_str());
  }

  // Timers.

  static std::string_view TimerName(lua_State* state) {
    size_t size = 0;
    luaL_checktype(state, 1, LUA_TSTRING);
    const char* const name = lua_tolstring(state, 1, &size);
    return {name, size};
  }

  static int SetTimer(lua_State* state, TimeDomain domain, const char* call) {
    ExpectArguments(state, 2, 2, call);
    if (!Self(state).has_timer_) {
      return luaL_error(state, "the script has no function timer(key, name, time, ctx)");
    }
    const std::string_view name = TimerName(state);
    // 1.5 s after something is a float without a fraction.
    const lua_Integer time = luaL_checkinteger(state, 2);
    return Wrote(state, Host(state).SetTimer(domain, name, Timestamp(time)));
  }
  static int EventTimer(lua_State* state) {
    return SetTimer(state, TimeDomain::kEvent, "ctx.timer(name, ms)");
  }
  static int WallTimer(lua_State* state) {
    return SetTimer(state, TimeDomain::kWall, "ctx.wall_timer(name, ms)");
  }
  static int Cancel(lua_State* state) {
    ExpectArguments(state, 1, 1, "ctx.cancel(name)");
    return Wrote(state, Host(state).CancelTimer(TimerName(state)));
  }

  // Stores.

  static int ValueGet(lua_State* state) {
    ExpectArguments(state, 0, 0, "get()");
    Scratch(state);
    return PushFound(state, Value());
  }
  static int ValuePut(lua_State* state) {
    ExpectArguments(state, 1, 1, "put(value)");
    Arena& arena = Scratch(state);
    if (lua_isnil(state, 1)) return luaL_error(state, "put(nil): use delete()");
    return Wrote(state, Host(state).Put(StoreIndex(state), Value(), Take(state, 1, arena)));
  }
  static int WholeDelete(lua_State* state) {
    ExpectArguments(state, 0, 0, "delete()");
    return Wrote(state, Host(state).Delete(StoreIndex(state), Value()));
  }
  static int ListAppend(lua_State* state) {
    ExpectArguments(state, 1, 1, "append(value)");
    if (lua_isnil(state, 1)) return luaL_error(state, "append(nil): null can be an element");
    return Wrote(state, Host(state).Append(StoreIndex(state), Take(state, 1, Scratch(state))));
  }
  static int ListAll(lua_State* state) {
    ExpectArguments(state, 0, 0, "all()");
    Arena& arena = Scratch(state);
    const ScriptHost::Pairs pairs = Entries(state, Value(), Value(), arena);
    const std::span<Value> items = arena.NewArray<Value>(pairs.size());
    for (size_t i = 0; i < pairs.size(); ++i) items[i] = pairs[i].second;
    PushValue(state, Value::List(items), arena);
    return 1;
  }
  static int MapGet(lua_State* state) {
    ExpectArguments(state, 1, 1, "get(key)");
    return PushFound(state, Take(state, 1, Scratch(state)));
  }
  static int MapPut(lua_State* state) {
    ExpectArguments(state, 2, 2, "put(key, value)");
    if (lua_isnil(state, 2)) return luaL_error(state, "put(key, nil): use delete(key)");
    Arena& arena = Scratch(state);
    const Value key = Take(state, 1, arena);
    return Wrote(state, Host(state).Put(StoreIndex(state), key, Take(state, 2, arena)));
  }
  static int MapDelete(lua_State* state) {
    ExpectArguments(state, 1, 1, "delete(key)");
    return Wrote(state, Host(state).Delete(StoreIndex(state), Take(state, 1, Scratch(state))));
  }

  /// An iterator over what is there now: for key, value in ctx.store.x.range("a", "b") do.
  static int MapRange(lua_State* state) {
    ExpectArguments(state, 0, 2, "range([from [, to]])");
    Arena& arena = Scratch(state);
    const Value from = lua_isnoneornil(state, 1) ? Value() : Take(state, 1, arena);
    const Value to = lua_isnoneornil(state, 2) ? Value() : Take(state, 2, arena);
    const ScriptHost::Pairs pairs = Entries(state, from, to, arena);
    lua_createtable(state, static_cast<int>(2 * pairs.size()), 0);
    lua_Integer index = 0;
    for (const auto& [key, value] : pairs) {
      PushElement(state, key, arena);
      lua_rawseti(state, -2, ++index);
      PushElement(state, value, arena);
      lua_rawseti(state, -2, ++index);
    }
    lua_pushinteger(state, 0);
    lua_pushcclosure(state, NextEntry, 2);
    return 1;
  }
  /// Upvalues: keys and values in turn, the index of the last one.
  static int NextEntry(lua_State* state) {
    const lua_Integer index = lua_tointeger(state, lua_upvalueindex(2));
    if (lua_rawgeti(state, lua_upvalueindex(1), index + 1) == LUA_TNIL) return 1;
    lua_rawgeti(state, lua_upvalueindex(1), index + 2);
    lua_pushinteger(state, index + 2);
    lua_replace(state, lua_upvalueindex(2));
    return 2;
  }

  static ScriptHost::Pairs Entries(lua_State* state, const Value& from, const Value& to,
                                   Arena& arena) {
    Result<ScriptHost::Pairs> pairs = Host(state).All(StoreIndex(state), from, to, arena);
    Check(state, pairs.status());
    LuaMachine::Of(state).Charge(state, 10 * pairs->size());
    return *std::move(pairs);
  }
  static int PushFound(lua_State* state, const Value& key) {
    Arena& arena = LuaMachine::Of(state).scratch();
    const Result<Value> value = Host(state).Get(StoreIndex(state), key, arena);
    Check(state, value.status());
    PushElement(state, *value, arena);
    return 1;
  }
  /// A null that was put is `null`; nil says that nothing is there.
  static void PushElement(lua_State* state, const Value& value, Arena& arena) {
    if (value.null()) {
      PushNull(state);
    } else {
      PushValue(state, value, arena);
    }
  }

  static int UnknownStore(lua_State* state) {
    std::vector<std::string> names;
    for (const topology::ProcessStore& store : Self(state).node_.stores)
      names.push_back(store.name);
    return luaL_error(state, "there is no store %s; stores: %s", luaL_tolstring(state, 2, nullptr),
                      fmt::format("[{}]", fmt::join(names, ", ")).c_str());
  }

  static void PushStores(lua_State* state, Script& script) {
    static constexpr luaL_Reg kValue[] = {
        {"get", ValueGet}, {"put", ValuePut}, {"delete", WholeDelete}, {nullptr, nullptr}};
    static constexpr luaL_Reg kList[] = {
        {"append", ListAppend}, {"all", ListAll}, {"delete", WholeDelete}, {nullptr, nullptr}};
    static constexpr luaL_Reg kMap[] = {{"get", MapGet},
                                        {"put", MapPut},
                                        {"delete", MapDelete},
                                        {"range", MapRange},
                                        {nullptr, nullptr}};
    lua_newtable(state);
    lua_createtable(state, 0, 3);
    lua_newtable(state);
    for (size_t i = 0; i < script.node_.stores.size(); ++i) {
      const topology::ProcessStore& store = script.node_.stores[i];
      const luaL_Reg* functions = kValue;
      if (store.kind == topology::ProcessStore::Kind::kList) functions = kList;
      if (store.kind == topology::ProcessStore::Kind::kMap) functions = kMap;
      lua_newtable(state);
      lua_createtable(state, 0, 3);
      lua_newtable(state);
      lua_pushlightuserdata(state, &script);
      lua_pushinteger(state, static_cast<lua_Integer>(i));
      luaL_setfuncs(state, functions, 2);
      lua_setfield(state, -2, "__index");
      ReadOnly(state);
      lua_setfield(state, -2, store.name.c_str());
    }
    lua_createtable(state, 0, 1);
    lua_pushlightuserdata(state, &script);
    lua_pushcclosure(state, UnknownStore, 1);
    lua_setfield(state, -2, "__index");
    lua_setmetatable(state, -2);
    lua_setfield(state, -2, "__index");
    ReadOnly(state);
  }
};

Script::Script(const topology::ProcessNode& node, std::unique_ptr<LuaMachine> machine)
    : node_(node), machine_(std::move(machine)) {}

Script::~Script() = default;

Result<std::unique_ptr<Script>> Script::Load(const topology::ProcessNode& node,
                                             const ScriptLimits& limits) {
  ASSIGN_OR_RETURN(std::unique_ptr<LuaMachine> machine, LuaMachine::Create(limits));
  std::unique_ptr<Script> script(new Script(node, std::move(machine)));
  const Status status = script->machine_->Run([&](lua_State* state) {
    CompileScript(state, node.script);
    PushLibrary(state);
    lua_pushvalue(state, -1);
    // Of a text that was compiled it is the only upvalue: its globals.
    lua_setupvalue(state, 1, 1);
    lua_pushvalue(state, 1);
    lua_call(state, 0, 0);
    if (lua_getfield(state, 2, "process") != LUA_TFUNCTION) {
      luaL_error(state, "the script has no function process(key, value, ctx)");
    }
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kProcess);
    const int timer = lua_getfield(state, 2, "timer");
    if (timer != LUA_TNIL && timer != LUA_TFUNCTION) {
      luaL_error(state, "timer is a %s, not a function", lua_typename(state, timer));
    }
    script->has_timer_ = timer == LUA_TFUNCTION;
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kTimer);
    ScriptContext::Push(state, *script);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kContext);
  });
  if (!status.ok()) return Status::InvalidConfig(status.message());
  script->machine_->Freeze();
  return script;
}

Status Script::Process(const Value& key, const Value& value, ScriptHost& host) {
  host_ = &host;
  written_bytes_ = 0;
  const Status status = machine_->Run([&](lua_State* state) {
    lua_rawgetp(state, LUA_REGISTRYINDEX, &kProcess);
    PushValue(state, key, host.arena());
    PushValue(state, value, host.arena());
    lua_rawgetp(state, LUA_REGISTRYINDEX, &kContext);
    lua_call(state, 3, 1);
    if (!lua_isnil(state, -1)) {
      luaL_error(state, "process returned %s: what is to go on is sent with ctx.emit(value)",
                 LuaKindName(state, -1));
    }
  });
  host_ = nullptr;
  return status;
}

Status Script::Timer(const Value& key, std::string_view name, Timestamp time, ScriptHost& host) {
  host_ = &host;
  written_bytes_ = 0;
  const Status status = machine_->Run([&](lua_State* state) {
    lua_rawgetp(state, LUA_REGISTRYINDEX, &kTimer);
    PushValue(state, key, host.arena());
    lua_pushlstring(state, name.data(), name.size());
    lua_pushinteger(state, time.value());
    lua_rawgetp(state, LUA_REGISTRYINDEX, &kContext);
    lua_call(state, 4, 1);
    if (!lua_isnil(state, -1)) {
      luaL_error(state, "timer returned %s: what is to go on is sent with ctx.emit(value)",
                 LuaKindName(state, -1));
    }
  });
  host_ = nullptr;
  return status;
}

}  // namespace sidestream::operators
