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
#include <span>
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

/// CEL's equality, its work counted. False: too much work.
[[nodiscard]] bool CountedEqual(const serde::Value& left, const serde::Value& right,
                                Evaluation& evaluation, bool& equal);

/// The order of two values by CEL's `<`; empty when the kinds have none. Numbers compare
/// by their mathematical value; NaN is unordered.
std::optional<std::partial_ordering> Compare(const serde::Value& left, const serde::Value& right);

/// The list of `items` in the order of `keys`, one for each; equal ones stay in their order.
/// Fails where the keys have no order. `name` is the function that asks, for the message.
[[nodiscard]] bool SortBy(Evaluation& evaluation, std::string_view name,
                          std::span<const serde::Value> items, std::span<const serde::Value> keys,
                          serde::Value& out);

/// `found` is the value under `key`, or kMissing. Numeric keys are found by value. False: too
/// much work. Requires kMap.
[[nodiscard]] bool FindKey(const serde::Value& map, const serde::Value& key, Evaluation& evaluation,
                           serde::Value& found);

/// Whether a value of this kind may be a key of a map.
bool IsKeyKind(serde::Value::Kind kind);

}  // namespace sidestream::expression
