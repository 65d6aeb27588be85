// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Aggregate functions over a list of records, as a person would compute them.
//
// Threading: pure functions.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/property/windows/scenario.h"

namespace sidestream::testing {

/// Records of one result, by time, then arrival.
using Content = std::vector<const Fact*>;

struct NaiveFunction {
  const char* name;
  const char* call;
  /// The result as JSON.
  std::string (*compute)(const Content& content);
};

/// The name of the function that lists every `n`.
inline constexpr std::string_view kAllOfThem = "all";

std::span<const NaiveFunction> NaiveFunctions();

}  // namespace sidestream::testing
