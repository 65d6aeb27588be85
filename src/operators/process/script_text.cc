// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/script_text.h"

#include <algorithm>
#include <charconv>
#include <lua.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "operators/process/script.h"

namespace sidestream::operators {
namespace {

constexpr std::string_view kName = "script";

/// Byte of `line` at which the text stands that a message names: "... near 'then'".
int ColumnOf(std::string_view line, std::string_view message) {
  const size_t first = std::min(line.find_first_not_of(" \t"), line.size());
  const size_t near = message.rfind(" near '");
  if (near == std::string_view::npos) return static_cast<int>(first) + 1;
  std::string_view token = message.substr(near + 7);
  token.remove_suffix(token.ends_with('\'') ? 1 : 0);
  const size_t found = line.rfind(token);
  return static_cast<int>(found == std::string_view::npos ? first : found) + 1;
}

std::string_view LineOf(std::string_view text, int number) {
  for (; number > 1; --number) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

/// Of a message that begins with "script:12: ".
topology::ScriptError Located(std::string_view text, std::string_view message) {
  topology::ScriptError error;
  if (message.starts_with(kName) && message.substr(kName.size()).starts_with(':')) {
    const std::string_view rest = message.substr(kName.size() + 1);
    const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), error.line);
    const auto digits = static_cast<size_t>(parsed.ptr - rest.data());
    if (parsed.ec == std::errc() && rest.substr(digits).starts_with(": ")) {
      message = rest.substr(digits + 2);
    }
  }
  error.column = ColumnOf(LineOf(text, error.line), message);
  error.message = message;
  return error;
}

class LuaScriptChecker final : public topology::ScriptChecker {
 public:
  std::optional<topology::ScriptError> Check(std::string_view text) const override {
    topology::ProcessNode node;
    node.script = {std::string(text), std::string(kName), 1};
    const Result<std::unique_ptr<Script>> script = Script::Load(node);
    if (script.ok()) return std::nullopt;
    return Located(text, script.status().message());
  }
};

}  // namespace

void CompileScript(lua_State* state, const topology::ScriptText& script) {
  // Lua counts the lines of what it is given.
  std::string text(static_cast<size_t>(std::max(script.line, 1) - 1), '\n');
  text += script.text;
  const std::string name = "=" + script.name;
  if (luaL_loadbufferx(state, text.data(), text.size(), name.c_str(), "t") != LUA_OK) {
    lua_error(state);
  }
}

const topology::ScriptChecker* LuaScripts() {
  static const LuaScriptChecker checker;
  return &checker;
}

}  // namespace sidestream::operators
