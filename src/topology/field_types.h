// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the expressions of a step know of their variables: the types of formats, of `fields:`
// and of constants. Internal to this folder.
//
// Threading: free functions.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "expression/program.h"
#include "expression/type.h"
#include "serde/format.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::topology {

/// Of the values of a format: by its schema, its declared fields or what it always is; dyn where
/// none of them says it.
expression::Type TypeOfValues(const serde::FormatSpec& format);

/// Of the results of `program` but null; an optional stands for its value. dyn for a null
/// `program`: it has a finding.
expression::Type TypeOfResults(const expression::Program* program);

/// Of the object that `map`, `rekey` and aggregates make of `fields`: it has no others.
expression::Type TypeOfObject(std::span<const FieldExpression> fields);

/// `object` behind a step that sets `fields` of it, or takes the fields at `paths` out.
expression::Type TypeBehindSet(expression::Type object, std::span<const FieldExpression> fields);
expression::Type TypeBehindUnset(expression::Type object,
                                 std::span<const std::vector<std::string>> paths);

/// What holds for values of both.
expression::Type CommonType(const expression::Type& a, const expression::Type& b);

/// Of `vars`: an object of what is in it.
expression::Type TypeOfConstant(const serde::Value& value);

/// Of `meta`; with `op` where rows are changes.
expression::Type TypeOfOrigin(bool changes = false);

/// Of `window` in an aggregate's results.
expression::Type TypeOfWindow();

/// Name to bytes.
expression::Type TypeOfHeaders();

}  // namespace sidestream::topology
