// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a script may name: the parts of Lua's library that neither reach outside nor differ from run
// to run, and our own values. Internal to operators/process.
//
// Left out, with a message that says why: io, os, require, load, debug, coroutine, print, next,
// rawset, xpcall, collectgarbage, math.random. Changed: pairs goes in the order of the keys; what
// has no text of its own has no address in its text either; a metatable may have no __gc; pattern
// functions and string.rep count what they do.
//
// The same record gives the same results in every run, so nothing of a call may outlive it but its
// state: once the script has loaded, its globals are only read.
//
// Threading: confined to the thread of the Lua state.

#pragma once

struct lua_State;

namespace sidestream::operators {

/// Pushes the table that a script has as its globals. Raises.
void PushLibrary(lua_State* state);

}  // namespace sidestream::operators
