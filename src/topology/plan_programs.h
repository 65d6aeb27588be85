// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// All expressions of an operation, for whoever asks what a plan reads. Internal to readers of a
// plan; nothing here runs per record.
//
// Threading: free function.

#pragma once

#include "topology/plan.h"

namespace sidestream::topology {

/// Calls `visit(const expression::Program&)` for each program that sees the slots of the
/// operation's own segment; not for an aggregate's results and the merge of a fold, which see
/// others.
template <typename Visit>
void ForEachProgram(const Operation& operation, Visit visit) {
  const auto visit_one = [&](const ProgramPtr& program) {
    if (program != nullptr) visit(*program);
  };
  std::visit(
      [&](const auto& o) {
        if constexpr (requires { o.calls; }) {
          for (const AggregateCall& call : o.calls) {
            for (const ProgramPtr& argument : call.arguments) visit_one(argument);
            if (call.fold != nullptr) visit_one(call.fold->init);
            if (call.fold != nullptr) visit_one(call.fold->step);
            visit_one(call.condition);
          }
        } else {
          if constexpr (requires { o.condition; }) visit_one(o.condition);
          if constexpr (requires { o.id; }) visit_one(o.id);
          if constexpr (requires { o.program; }) visit_one(o.program);
          if constexpr (requires { o.fields; }) {
            for (const FieldExpression& field : o.fields) visit_one(field.program);
          }
          if constexpr (requires { o.branches; }) {
            for (const BranchNode::Branch& branch : o.branches) visit_one(branch.when);
          }
          if constexpr (requires { o.header_slots; }) {
            for (const auto& [name, program] : o.set) visit_one(program);
          }
        }
      },
      operation);
}

}  // namespace sidestream::topology
