// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StepVisits: the names of the nodes and branches that a record came to. For the coverage of
// tests; production programs have none.
//
// Ownership: whoever runs the programs owns it and lends it to their factories.
//
// Threading: confined to the thread that runs the programs; a harness has one.

#pragma once

#include <set>
#include <string>

#include "topology/plan.h"

namespace sidestream::operators {

class StepVisits {
 public:
  void CameTo(const topology::Node& node) { names_.insert(node.name); }

  /// Branch `branch` of `node` took the record: "<pipeline>.<branch>", as others read it.
  void Took(const topology::Node& node, const std::string& branch) {
    names_.insert(node.name.substr(0, node.name.rfind('.') + 1) + branch);
  }

  bool Contains(const std::string& name) const { return names_.contains(name); }

 private:
  std::set<std::string> names_;
};

}  // namespace sidestream::operators
