// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where two values differ, field by field.
//
// Threading: free functions.

#pragma once

#include <string>
#include <vector>

#include "harness/test_result.h"
#include "serde/value.h"

namespace sidestream::harness {

/// Which parts of `expected` and `actual` are compared.
enum class Fields { kAll, kNamed };

/// Appends every difference below `path`. Numbers compare by value.
void AppendDifferences(const std::string& path, const serde::Value& expected,
                       const serde::Value& actual, Fields fields, std::vector<Difference>& out);

/// A value of a test as JSON.
std::string JsonOf(const serde::Value& value);

}  // namespace sidestream::harness
