// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Values as the raw numbers and bytes of logical types; the rules stand in encoder.h.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

/// "timestamp-micros", else as Describe.
std::string DescribeLogical(const Node& type);

/// Whether the kind of `value` may stand for this date or time. Requires IsTime.
bool TakesTime(LogicalType logical, const Value& value);

/// Empty when it is out of range or a text that is no time. Requires TakesTime.
std::optional<int64_t> RawTime(LogicalType logical, const Value& value);

/// The bytes of a decimal, uuid or duration; of a fixed, all of them. Fails with kBadRecord.
Result<std::string> LogicalBytes(const Node& type, const Value& value);

}  // namespace sidestream::serde::avro
