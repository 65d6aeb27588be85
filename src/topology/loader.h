// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From files to a model: the front door of this folder. All findings come in one go.
//
// Threading: free functions; nothing is kept between calls.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "topology/finding.h"
#include "topology/model.h"
#include "topology/scalars.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {

struct LoadedTopology {
  /// For positions in findings that BuildPlan adds later.
  SourceFiles files;
  /// All files as one, checked, with references resolved: what the model was read from.
  YamlNode root;
  Model model;
  /// Errors and warnings; with an error the model must not be used.
  std::vector<Finding> findings;
  bool ok() const { return !HasErrors(findings); }
};

/// Reads and merges the files; "-" is standard input.
LoadedTopology LoadTopology(std::span<const std::string> paths, const Surroundings& surroundings);

/// The same for texts that are there already.
struct NamedText {
  std::string name;
  std::string text;
};
LoadedTopology LoadTopologyTexts(std::vector<NamedText> texts, const Surroundings& surroundings);

}  // namespace sidestream::topology
