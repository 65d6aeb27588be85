// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a chain of names means ("a.b.c": a variable and fields, a variable with dots in its
// name, a type, or a value of an enum), and what a call calls. The checker and the compiler both
// ask here.
//
// Threading: free functions.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/ast.h"
#include "expression/function_table.h"
#include "expression/program.h"

namespace sidestream::expression {

struct NameMeaning {
  enum class Kind { kUnknown, kVariable, kType, kConstant };
  Kind kind = Kind::kUnknown;
  std::string name;       // of the variable or type, as its scope knows it
  size_t length = 0;      // how many names it takes; what follows are fields
  serde::Value constant;  // kConstant: an int, or null
};

/// The first name and whatever follows it, from the scope's container outwards; the longest
/// name that is known wins. `absolute`: from the root only.
NameMeaning ResolveName(const Scope& scope, std::span<const std::string> names, bool absolute);

/// The message type that a literal or a chain names, from the scope's container outwards.
const serde::MessageType* ResolveMessage(const Scope& scope, std::string_view name, bool absolute);

struct CallMeaning {
  std::string function;
  const Expr* receiver = nullptr;  // null for a global call
};

/// `hidden`: the receiver begins with a variable of a macro, so it is no namespace.
CallMeaning ResolveCall(const Call& call, const Scope& scope, const FunctionTable& functions,
                        bool hidden);

/// "a.b.c"
std::string JoinNames(std::span<const std::string> names);

/// Where a chain of selects begins.
const Expr& FirstOf(const Expr& chain);

/// Whether `expr` is a name, or a chain of plain selects from one, that may be a local
/// variable of a macro: `.name` cannot.
const Ident* LocalCandidate(const Expr& expr);

}  // namespace sidestream::expression
