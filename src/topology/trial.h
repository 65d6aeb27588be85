// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One expression on one record, as a step would see it: for trying expressions out.
//
// Place in the flow: `sidestream eval` fills a Trial from its command line.
//
// Threading: a free function.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expression/program.h"
#include "topology/finding.h"

namespace sidestream::topology {

struct Trial {
  std::string expression;
  /// JSON texts; empty: null.
  std::optional<std::string> value;
  std::optional<std::string> key;
  /// JSON objects of texts, and of anything.
  std::optional<std::string> headers;
  std::optional<std::string> vars;
  /// Types of the value's fields, as in `fields: { ... }` without the braces: "id: int, at:
  /// timestamp".
  std::string fields;
};

struct TrialResult {
  /// The result as one line of JSON; empty when there is a finding.
  std::string json;
  std::string type;
  /// What is wrong with the expression or with what it was given.
  std::vector<Finding> findings;
};

/// `meta` is that of the first record of a topic "eval", written at `environment`'s time.
TrialResult TryExpression(const Trial& trial, expression::Environment& environment);

}  // namespace sidestream::topology
