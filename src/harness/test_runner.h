// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs a case of `tests:` on the real tasks, with an in-process broker and a virtual clock.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::harness {

struct TestOptions {
  int32_t instances = 1;
  /// Kill and restart all instances after every commit; the expectations stay the same.
  bool crash_at_every_commit = false;
};

/// Why the case failed, a text per line; empty when it passed. A commit follows every record.
std::vector<std::string> RunTest(const topology::Model& model, const topology::SourceFiles& files,
                                 const topology::TestModel& test, const TestOptions& options);

}  // namespace sidestream::harness
