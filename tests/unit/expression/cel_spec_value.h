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

/// Objects are taken from `message`, the same value as a cel.expr.Value. Empty for an object
/// without a message, and for an enum that is a type of its own.
std::optional<serde::Value> ReadValue(const nlohmann::json& v, const serde::Value& message,
                                      Arena& arena);

/// Kinds must agree, NaN is NaN, zero has a sign; maps in any order.
bool Same(const serde::Value& a, const serde::Value& b);

}  // namespace sidestream::expression
