// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the expressions of a step know of their variables: the types of formats, of `fields:`
// and of constants. Internal to this folder.
//
// Threading: free functions.

#pragma once

#include "expression/type.h"
#include "serde/format.h"
#include "serde/value.h"
#include "topology/plan_draft.h"

namespace sidestream::topology {

/// Of the values of a format: by its schema or its declared fields; dyn where nothing is declared.
expression::Type TypeOfValues(const serde::FormatSpec& format);

/// Of a key or value: by its format and its declared fields; dyn where nothing is declared.
expression::Type TypeOfFlow(const Flow& flow);

/// Of `vars`: an object of what is in it.
expression::Type TypeOfConstant(const serde::Value& value);

/// Of `meta`; with `op` where rows are changes.
expression::Type TypeOfOrigin(bool changes = false);

/// Of `window` in an aggregate's results.
expression::Type TypeOfWindow();

/// Name to bytes.
expression::Type TypeOfHeaders();

}  // namespace sidestream::topology
