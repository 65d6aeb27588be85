// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What scripts/test.sh tells the tests on a broker through the environment: addresses of servers,
// the program to run.
//
// Threading: pure functions.

#pragma once

#include <cstdlib>
#include <string>

#include "base/check.h"

namespace sidestream::integration {

/// Ends the process when it is not set: a test that runs on nothing proves nothing.
inline std::string WantedVariable(const char* name) {
  const char* text = std::getenv(name);
  CHECK(text != nullptr && *text != '\0') << name << " is not set: scripts/test.sh broker";
  return text;
}

}  // namespace sidestream::integration
