// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Offsets of time zones: "UTC", fixed ones ("+02:00", "02:00", "-09:30"), and the names
// of the system's tz database (TZDIR, else /usr/share/zoneinfo; RFC 8536).
//
// Threading: safe. A zone is read once and kept for the life of the process.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sidestream::expression {

/// Seconds east of UTC that `zone` has at `epoch_seconds`; empty when the zone is
/// unknown here.
std::optional<int64_t> ZoneOffsetSeconds(std::string_view zone, int64_t epoch_seconds);

}  // namespace sidestream::expression
