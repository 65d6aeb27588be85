// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An ApplicationChange in words, for people and for programs. `plan` and `run` have the same ones.
//
// Threading: free functions.

#pragma once

#include <string>

#include "app/application_change.h"
#include "base/status.h"

namespace sidestream::app {

std::string ChangeAsText(const ApplicationChange& change);
/// Persistent: scripts read it (docs/operations/changing.md).
std::string ChangeAsJson(const ApplicationChange& change);

/// What a start with this change may not do: kInvalidConfig, with the reasons. ok: it may go on.
Status RefuseChange(const ApplicationChange& change, bool may_lose_state);

}  // namespace sidestream::app
