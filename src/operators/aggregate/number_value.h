// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Values that are numbers, for functions that compute in doubles. Internal to operators/aggregate.
//
// Threading: free functions.

#pragma once

#include "base/status.h"
#include "serde/value.h"

namespace sidestream::operators {

/// int, uint, double or decimal.
bool IsNumber(const serde::Value& value);

/// Ok, or kBadRecord for a value that is none.
Status RequireNumber(const serde::Value& value);

/// The nearest double. Requires IsNumber(number).
double AsDouble(const serde::Value& number);

}  // namespace sidestream::operators
