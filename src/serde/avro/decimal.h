// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Avro decimals as text: an unscaled two's complement number with its most significant
// byte first, and "-12.340" with as many digits behind the point as the scale says.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"

namespace sidestream::serde::avro {

/// The text lies in `arena`. No bytes are 0. Empty when the number has more bytes than
/// `precision` digits can need. Requires 0 <= scale <= precision <= kMaxDecimalPrecision.
std::optional<std::string_view> DecimalText(std::string_view bytes, int precision, int scale,
                                            Arena& arena);

/// The shortest bytes for a text of a sign, digits and at most one point. Empty when it is no
/// such text, has more than `precision` digits, or digits other than 0 behind the scale:
/// nothing is rounded.
std::optional<std::string> DecimalBytes(std::string_view text, int precision, int scale);

}  // namespace sidestream::serde::avro
