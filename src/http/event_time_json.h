// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where event time stands, as JSON (docs/event-time.md). Times are epoch
// milliseconds; one that is not known is absent.
//
// Threading: pure functions.

#pragma once

#include <span>
#include <string>

#include "tasks/event_time_view.h"

namespace sidestream::http {

/// {"tasks":[…]} and a line end, in the order of the tasks' names.
std::string EventTimeJson(std::span<const tasks::TaskReport> tasks);

}  // namespace sidestream::http
