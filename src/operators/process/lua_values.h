// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Values in Lua and back. Internal to operators/process.
//
//   Value                        Lua
//   null                         nil at the top, `null` inside of a list or map
//   bool, int, double, string    boolean, integer, float, string; a uint that fits is an integer
//   list                         a table that list() made, or with the keys 1 to n and no others
//   map, message                 any other table with text keys; maps with other keys stay maps
//   bytes timestamp duration     userdata that compare and have a text; bytes("..."),
//   decimal("1.5"), decimal, large uint, net.*   time.from_ms(ms) make some of them optional what
//   is in it; none is a field that is not there
//
// A value that goes through a script unchanged is equal to what it was, save for optionals, types
// of messages and the order of a map's fields: Lua has none, so they come out sorted.
//
// Threading: confined to the thread of the Lua state.

#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "serde/value.h"

struct lua_State;

namespace sidestream::operators {

/// Makes the types known to `state` and sets the fields null, list, bytes, decimal and time of the
/// table on top of its stack. Raises.
void OpenValues(lua_State* state);

/// Pushes `value`; at the top of a value null and what is not there are nil. Raises; what it needs
/// beside Lua's memory it takes from `arena`.
void PushValue(lua_State* state, const serde::Value& value, Arena& arena);

/// Pushes the null that stands inside of lists and maps.
void PushNull(lua_State* state);

/// The value at `index`. Its memory is all in `arena`. kBadRecord: a function, a table that is
/// neither list nor map, text that is not UTF-8, too deep. Raises nothing and leaves the stack as
/// it is.
Result<serde::Value> ToValue(lua_State* state, int index, Arena& arena);

/// "a table", "an integer": of the value at `index`, for messages.
const char* LuaKindName(lua_State* state, int index);

}  // namespace sidestream::operators
