// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What type variables stand for, found out while the checker goes through one expression:
// unification as CEL's language definition has it, widened by dyn and null.
//
// Invariant: a variable that is bound never stands, through others, for a type that holds
// the variable itself.
//
// Threading: confined to one thread.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "expression/type.h"

namespace sidestream::expression {

class TypeInference {
 public:
  /// kMaybe: only a record can tell, because a dyn or a null is in the way.
  enum class Fit { kNo, kMaybe, kYes };

  /// A variable that stands for nothing yet.
  Type Fresh();

  /// Whether `given` can stand where `wanted` is asked for. Binds variables of both; those
  /// of a kNo are free again. `any_number`: int, uint and double fit each other, as in `==`.
  Fit Assign(const Type& wanted, const Type& given, bool any_number = false);

  /// The type of values of which some are `a` and some `b`: dyn where they do not fit.
  Type Join(const Type& a, const Type& b);

  struct Choice {
    Type result;
    bool fits = false;
  };
  /// What a call with these arguments gives: of the overload that fits, or dyn when the
  /// arguments may fit several that differ.
  Choice Resolve(std::span<const Overload> overloads, std::span<const Type> arguments,
                 bool any_number = false);

  /// `type` with its variables replaced by what they stand for.
  Type Known(const Type& type) const;
  /// As Known; a variable that stands for nothing is dyn.
  Type Final(const Type& type) const;

 private:
  Fit Unify(const Type& wanted, const Type& given, bool any_number);
  Fit UnifyParameters(const Type& wanted, const Type& given, bool any_number);
  /// Behind variables; `type` itself when it is none or stands for nothing.
  const Type& Behind(const Type& type) const;
  /// The variable behind a chain of variables. Requires a variable.
  int LastVariable(const Type& type) const;
  bool Bind(int variable, const Type& type);
  bool Holds(const Type& type, int variable) const;
  Type MoreGeneral(const Type& a, const Type& b) const;
  Fit Fits(const Overload& overload, std::span<const Type> arguments, bool any_number,
           Type& result);
  Type Instance(const Type& type, std::vector<std::optional<Type>>& instances);
  void Undo(size_t trail);

  std::vector<std::optional<Type>> bound_;                  // by variable
  std::vector<std::pair<int, std::optional<Type>>> trail_;  // what bound_ held before
};

}  // namespace sidestream::expression
