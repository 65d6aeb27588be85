// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where topologies are found: files, whole directories, and blocks of YAML in Markdown. Each one
// found so is an application of its own; files that belong together are given with -f.
//
// Threading: free functions.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "topology/loader.h"
#include "topology/scalars.h"

namespace sidestream::app {

/// Paths of the regular files below a directory, sorted; hidden ones are left out.
using FileLister = std::function<Result<std::vector<std::string>>(const std::string&)>;
Result<std::vector<std::string>> FilesBelow(const std::string& directory);

/// Whether a line of its own says `version: 1`: what tells a topology from other YAML.
bool SaysVersion(std::string_view text);

/// The ```yaml blocks of a Markdown text that are topologies. Each comes as the whole text with
/// all other lines empty, so that lines and columns are those of the Markdown file.
std::vector<std::string> TopologiesInMarkdown(std::string_view text);

/// The topologies that `path` leads to: a file, a Markdown file, or a directory ("dir" or
/// "dir/..."), of which .yaml, .yml and .md files are taken that hold topologies. Fails with
/// kInvalidConfig where something cannot be read.
Result<std::vector<topology::NamedText>> TopologiesAt(const std::string& path,
                                                      const topology::Surroundings& surroundings,
                                                      const FileLister& list_files);

}  // namespace sidestream::app
