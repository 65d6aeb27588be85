// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of Avro decimals: an unscaled two's complement number with its most significant
// byte first.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "serde/decimal.h"

namespace sidestream::serde::avro {

/// No bytes are 0. Empty when the number has more bytes than `precision` digits can need, or
/// more digits or places than a Decimal has. Requires
/// 0 <= scale <= precision <= kMaxDecimalPrecision.
std::optional<Decimal> ReadDecimal(std::string_view bytes, int precision, int scale);

/// The shortest bytes for a text of a sign, digits and at most one point. Empty when it is no
/// such text, has more than `precision` digits, or digits other than 0 behind the scale:
/// nothing is rounded.
std::optional<std::string> DecimalBytes(std::string_view text, int precision, int scale);

}  // namespace sidestream::serde::avro
