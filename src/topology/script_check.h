// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port to whoever knows the language of scripts (`process`): the plan keeps their text, and
// what is wrong with one is a finding like any other.
//
// Threading: implementations may be called from any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidestream::topology {

/// Where in the text, from 1; columns count bytes.
struct ScriptError {
  int line = 1;
  int column = 1;
  std::string message;
};

class ScriptChecker {
 public:
  virtual ~ScriptChecker() = default;
  /// What keeps `text` from loading; empty: it loads.
  virtual std::optional<ScriptError> Check(std::string_view text) const = 0;
};

}  // namespace sidestream::topology
