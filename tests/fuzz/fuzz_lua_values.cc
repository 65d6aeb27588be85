// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an encoded Value, or else as the text of a script: a value that goes into Lua and
// back is one that does so unchanged from then on, and no text harms the process.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "operators/process/lua_library.h"
#include "operators/process/lua_machine.h"
#include "operators/process/lua_values.h"
#include "operators/process/script_text.h"
#include "serde/value_codec.h"

using namespace sidestream;
using namespace sidestream::operators;
using serde::Value;

namespace {

LuaMachine& Machine() {
  static const std::unique_ptr<LuaMachine> machine = [] {
    auto made = *LuaMachine::Create({});
    CHECK(made->Run([](lua_State* state) { PushLibrary(state); }).ok());
    return made;
  }();
  return *machine;
}

/// What comes back, encoded; empty: it cannot go this way (text that is too deep, a uint key).
std::string ThroughLua(const Value& value) {
  Arena arena;
  Result<Value> back = Value();
  const Status status = Machine().Run([&](lua_State* state) {
    PushValue(state, value, arena);
    back = ToValue(state, -1, arena);
  });
  std::string bytes;
  if (!status.ok() || !back.ok()) return bytes;
  CHECK(serde::EncodeValue(*back, bytes).ok());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const Result<Value> value = serde::DecodeValue(bytes, arena);
  if (!value.ok()) {
    (void)LuaScripts()->Check(bytes);
    return 0;
  }
  const std::string first = ThroughLua(*value);
  if (first.empty()) return 0;
  const Result<Value> again = serde::DecodeValue(first, arena);
  CHECK(again.ok());
  CHECK(ThroughLua(*again) == first) << serde::DebugString(*value);
  return 0;
}
