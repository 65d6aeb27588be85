// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The body of a probe's answer: {"status":"ok"|"failing","checks":[{"name","ok","reason"}]}.
//
// Threading: pure functions.

#pragma once

#include <span>
#include <string>

#include "http/health_view.h"

namespace sidestream::http {

/// Whether every check is fine; no check at all is fine.
bool AllOk(std::span<const HealthCheck> checks);

/// One line of JSON with a line end.
std::string HealthJson(std::span<const HealthCheck> checks);

}  // namespace sidestream::http
