// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Boxes: userdata for values that Lua has no form for: bytes, timestamps, durations, decimals, large
// uints, types and addresses. They compare and have a text; decimals calculate. All userdata of a
// machine are boxes. Internal to operators/process.
//
// Threading: confined to the thread of the Lua state.

#pragma once

#include <cstring>
#include <string_view>

#include "base/arena.h"
#include "serde/value.h"

struct lua_State;

namespace sidestream::operators {

/// Makes the types known to `state` and sets the fields bytes, decimal and time of the table on top
/// of its stack. Raises.
void OpenBoxes(lua_State* state);

/// Pushes a box with a copy of `bytes`: what the value of the kind consists of. Raises.
void PushBox(lua_State* state, serde::Value::Kind kind, std::string_view bytes);

template <typename T>
void PushBoxOf(lua_State* state, serde::Value::Kind kind, const T& value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  PushBox(state, kind, {bytes, sizeof(T)});
}

bool IsBox(lua_State* state, int index);
/// The value of the box at `index`. Its memory is all in `arena`.
serde::Value BoxToValue(lua_State* state, int index, Arena& arena);

}  // namespace sidestream::operators
