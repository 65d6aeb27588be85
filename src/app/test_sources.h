// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the words of `test` to the topologies that it runs.
//
// Threading: free function.

#pragma once

#include <string>
#include <vector>

#include "app/command.h"
#include "base/status.h"

namespace sidestream::app {

/// The files that make one topology.
struct TestSource {
  std::vector<std::string> files;
  /// It was found in a folder: a file there may be without tests.
  bool found = false;
};

/// Without paths the files as they are; else each path with the files in front. A folder stands
/// for its *.yaml and *.yml, by name. Fails with kInvalidConfig: a folder cannot be read.
Result<std::vector<TestSource>> TestSourcesOf(const Arguments& arguments);

}  // namespace sidestream::app
