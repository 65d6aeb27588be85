// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A plan as text: for `validate`, logs and golden tests.
//
// Threading: free function.

#pragma once

#include <string>

#include "topology/plan.h"

namespace sidestream::topology {

/// "value.user.id", "vars.limit = 5": what a slot holds.
std::string SlotText(const Slot& slot);

/// "json { id: int }", "computed".
std::string EncodingText(const Encoding& encoding);

/// Stable: the same plan gives the same text; programs are not shown, their slots are.
std::string ToText(const Plan& plan);

}  // namespace sidestream::topology
