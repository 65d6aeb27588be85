// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Asks the HTTP listener of a running instance: for commands that show what it is at.
//
// Threading: free function; blocks as long as it is told to.

#pragma once

#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace sidestream::http {

/// The body of `path` at `address`, "host:port". Fails with kUnavailable when nobody answers, or
/// not with 200; the message says what came instead.
Result<std::string> Get(const std::string& address, const std::string& path, Milliseconds timeout);

}  // namespace sidestream::http
