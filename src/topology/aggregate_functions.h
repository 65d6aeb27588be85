// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The aggregate functions: what they take and give, and what people are told of them. The builder
// of steps and the language page read this one table.
//
// Threading: constants.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "topology/plan.h"

namespace sidestream::topology {

struct AggregateFunctionRow {
  /// What the second argument is, when it is a constant and does not see the record.
  enum class Constant : uint8_t { kNone, kLimit, kFraction };

  std::string_view name;
  AggregateFunction function;
  /// As it is written: "top(x, n, y, ...)".
  std::string_view usage;
  /// For the checker (expression::ParseSignature).
  std::string_view signature;
  Constant constant = Constant::kNone;
  /// First of the arguments that have to have an order; -1: none.
  int ordered_from = -1;
  /// For docs/language.md.
  std::string_view meaning;
};

/// Bounds of n.
inline constexpr int64_t kAggregateLimitMax = 10'000;

std::span<const AggregateFunctionRow> AggregateFunctions();

/// Null when there is none of that name.
const AggregateFunctionRow* FindAggregateFunction(std::string_view name);

}  // namespace sidestream::topology
