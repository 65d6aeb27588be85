// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The operators of CEL over values: arithmetic with checked integers, comparison across
// numeric kinds, concatenation, membership, arithmetic of time.
//
// Promotion: int with double computes in double (topology-language L7). uint mixes with
// nothing; int() and double() convert it. int with decimal computes in decimal; a decimal and a
// double do not even compare.
//
// Threading: free functions without state.

#pragma once

#include <compare>
#include <optional>
#include <string_view>

#include "expression/ast.h"
#include "expression/evaluation.h"

namespace sidestream::expression {

/// Behind the message where the two meet: the double has lost digits already.
inline constexpr std::string_view kNoDoubleWithDecimal =
    ": a double is not exact; write decimal(\"...\"), or give the field the type decimal";

/// `left op right`, for all operators. False leaves an error that names both kinds.
[[nodiscard]] bool ApplyBinary(BinaryOperator op, const serde::Value& left,
                               const serde::Value& right, Evaluation& evaluation,
                               serde::Value& out);

[[nodiscard]] bool ApplyUnary(UnaryOperator op, const serde::Value& operand, Evaluation& evaluation,
                              serde::Value& out);

/// The order of two values by CEL's `<`; empty when the kinds have none. Numbers compare
/// by their mathematical value; NaN is unordered.
std::optional<std::partial_ordering> Compare(const serde::Value& left, const serde::Value& right);

/// The value under `key`, or kMissing. Numeric keys are found by value. Requires kMap.
serde::Value FindKey(const serde::Value& map, const serde::Value& key);

/// Whether a value of this kind may be a key of a map.
bool IsKeyKind(serde::Value::Kind kind);

}  // namespace sidestream::expression
