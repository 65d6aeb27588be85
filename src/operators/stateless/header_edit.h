// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The `headers` step: first what is unset goes, then each name that is set replaces all headers
// of that name and comes last. Internal to operators.
//
// Threading: free functions over the caller's arena.

#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/header.h"
#include "base/status.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// `values` belong to `node.set`: a string stands as UTF-8, bytes as they are, null as a header
/// without value; kMissing (optional.none()) sets nothing. Fails with kBadRecord for other kinds.
Result<std::span<const Header>> EditHeaders(std::span<const Header> headers,
                                            const topology::HeadersNode& node,
                                            std::span<const serde::Value> values, Arena& arena);

}  // namespace sidestream::operators
