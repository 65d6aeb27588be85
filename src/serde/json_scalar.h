// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers, literals and strings of JSON, from the text of one token.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.h"
#include "serde/value.h"

namespace sidestream::serde {

/// The value of a number: int, else uint, else double. Missing when `token` is not a JSON
/// number; null when it is beyond a double. A number too small for a double is 0.
Value ParseJsonNumber(std::string_view token);

/// Whether `token` is a JSON number, of any size.
bool IsJsonNumber(std::string_view token);

/// true, false and null; missing for all else.
Value ParseJsonLiteral(std::string_view token);

/// The text between the quotes of a string, in `arena` when it has escapes, else `raw`
/// itself. Requires UTF-8 without quotes and control characters outside of escapes.
/// Empty, and `bad_position` in `raw`, when an escape is wrong or a surrogate has no partner.
std::optional<std::string_view> UnescapeJsonString(std::string_view raw, Arena& arena,
                                                   size_t& bad_position);

}  // namespace sidestream::serde
