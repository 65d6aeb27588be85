// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// string.find, match, gmatch and gsub with Lua's patterns, written anew: those of Lua's own library
// go back and forth over a text for as long as a pattern asks for, where no instruction is counted.
// Here each step of the matcher is charged. What they match is what Lua's match.
//
// Threading: confined to the thread of the Lua state.

#pragma once

struct lua_State;

namespace sidestream::operators {

/// Sets the four functions of the table on top of the stack. Raises.
void SetPatternFunctions(lua_State* state);

}  // namespace sidestream::operators
