// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The text of a script becomes a function; lines in messages are those of the file that it stands
// in. LuaScripts() is for operators/checked_plan.h.
//
// Threading: CompileScript is confined to the thread of the Lua state, LuaScripts() to none.

#pragma once

#include "topology/plan.h"
#include "topology/script_check.h"

struct lua_State;

namespace sidestream::operators {

/// Pushes the text as a function. Raises what the compiler says.
void CompileScript(lua_State* state, const topology::ScriptText& script);

/// Says what keeps a text from loading. Static.
const topology::ScriptChecker* LuaScripts();

}  // namespace sidestream::operators
