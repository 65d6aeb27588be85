// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// New objects from old ones: `map` with fields, `set`, `unset`. Internal to operators.
//
// What is not touched is shared with the old object; entries keep their places, and a new
// field comes last. kMissing as a field's value is optional.none(): the field is left out.
//
// Threading: free functions over the caller's arena.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// An object of `fields`, whose paths have one element, in their order.
serde::Value NewObject(std::span<const topology::FieldExpression> fields,
                       std::span<const serde::Value> values, Arena& arena);

/// `object` with `values` at the paths of `fields`; objects on the way are made where there
/// is nothing or null. Fails with kBadRecord when something else is in the way.
Result<serde::Value> SetFields(const serde::Value& object,
                               std::span<const topology::FieldExpression> fields,
                               std::span<const serde::Value> values, Arena& arena);

/// `object` without what is at `paths`. Null stays null: there is nothing to take away.
/// Fails with kBadRecord when it is no object.
Result<serde::Value> UnsetFields(const serde::Value& object,
                                 std::span<const std::vector<std::string>> paths, Arena& arena);

}  // namespace sidestream::operators
