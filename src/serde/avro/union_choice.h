// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which branch of a union a value is written as; the rules stand in encoder.h.
//
// A look at the value's kind and, for records, at the names and kinds of its entries: never
// deeper, so that nested unions cost no more than flat ones.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <optional>

#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

/// Empty when no branch can take the value. A branch that is chosen may still refuse it, with
/// a reason that says more than "no branch".
std::optional<size_t> ChooseBranch(const Node& union_type, const Value& value);

}  // namespace sidestream::serde::avro
