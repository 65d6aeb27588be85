// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Values of the conformance suites: read from protobuf's JSON mapping, and compared more
// strictly than CEL's == does.
//
// Threading: free functions.

#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "base/arena.h"
#include "serde/value.h"

namespace sidestream::expression {

/// Empty for a value that only protobuf has.
std::optional<serde::Value> ReadValue(const nlohmann::json& v, Arena& arena);

/// Kinds must agree, NaN is NaN, zero has a sign; maps in any order.
bool Same(const serde::Value& a, const serde::Value& b);

}  // namespace sidestream::expression
