// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Avro's dates and times as CEL's: a date is the timestamp of its midnight in UTC, a time of
// day a duration since midnight, a timestamp a timestamp; a local timestamp is one as if its
// zone were UTC.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>

#include "base/arena.h"
#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

/// Whether `logical` counts days, or units since midnight or since the epoch.
bool IsTime(LogicalType logical);

/// Whether both count from the same place, perhaps in different units.
bool SameClock(LogicalType a, LogicalType b);

/// Requires IsTime.
Value TimeFromRaw(LogicalType logical, int64_t raw, Arena& arena);

/// What is finer than the unit is cut off, as Java's conversions do (towards the past).
/// Empty where the type cannot hold it: out of its range, a date that is not midnight, a
/// time of day outside of a day. Requires IsTime.
std::optional<int64_t> RawFromTime(LogicalType logical, Nanos time);

}  // namespace sidestream::serde::avro
