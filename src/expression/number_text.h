// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Texts of numbers and times as string() and format() write them.
//
// Threading: free functions without state.

#pragma once

#include <string>

#include "serde/value.h"

namespace sidestream::expression {

/// The shortest digits that give the same double back; "NaN", "Infinity", "-Infinity".
std::string DoubleText(double value);
/// RFC 3339 in UTC, as many digits of fraction as needed. Requires years 1 to 9999.
std::string TimestampText(serde::Nanos timestamp);
/// Seconds with 's', as many digits of fraction as needed.
std::string DurationText(serde::Nanos duration);

}  // namespace sidestream::expression
