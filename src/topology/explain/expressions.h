// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Every expression of a plan with what is known of it.
//
// Threading: values and a pure function.

#pragma once

#include <string>
#include <vector>

#include "topology/plan.h"

namespace sidestream::topology::explain {

struct ExplainedExpression {
  std::string node;      // "orders.filter_1"; of an input: the stream's name
  std::string role;      // "condition", "field total", "group_by"
  std::string text;      // as written; of an aggregate's argument: the canonical call
  std::string type;      // "double"; dyn where it is known per record only
  std::string location;  // "orders.yaml:31"
  /// Of one evaluation, estimated.
  expression::Cost cost;
};

/// In the plan's order.
std::vector<ExplainedExpression> ListExpressions(const Plan& plan);

}  // namespace sidestream::topology::explain
