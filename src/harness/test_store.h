// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a store holds in the end, beside what `expect_store` says.
//
// Threading: free functions.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "harness/embedded_application.h"
#include "harness/test_result.h"
#include "serde/value.h"

namespace sidestream::harness {

/// Why the store of `step` does not hold what `expected` (a map of keys, as text, to results)
/// says; keys that it does not name are not looked at. Errors: a row that cannot be read.
Result<std::vector<TestFailure>> CompareStore(const std::string& step, const serde::Value& expected,
                                              const std::string& location,
                                              EmbeddedApplication& application);

}  // namespace sidestream::harness
