// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Times as a pattern of strftime writes them: "%Y-%m-%d %H:%M". What time.parse and time.format
// stand on; docs/reference/expressions.md lists the conversions.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expression/time_arithmetic.h"

namespace sidestream::expression {

/// The time that `text` names in `zone`, whole text and pattern. What the pattern leaves out is
/// that of 1970-01-01T00:00:00. An hour that the clock skipped is an hour later, one that it had
/// twice is the first. Empty with the reason in `error`.
std::optional<Nanos> ParseTime(std::string_view text, std::string_view pattern,
                               std::string_view zone, std::string& error);

/// Empty with the reason in `error`. Requires a time of the years 1 to 9999.
std::optional<std::string> FormatTime(Nanos time, std::string_view pattern, std::string_view zone,
                                      std::string& error);

}  // namespace sidestream::expression
