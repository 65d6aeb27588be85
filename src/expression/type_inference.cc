// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/type_inference.h"

#include <algorithm>

namespace sidestream::expression {
namespace {

using Fit = TypeInference::Fit;

bool IsNumber(const Type& type) {
  return type.Is(TypeKind::kInt) || type.Is(TypeKind::kUint) || type.Is(TypeKind::kDouble) ||
         type.Is(TypeKind::kNumber);
}

// A decimal compares with whole numbers, and with no double.
bool IsDecimalAndWhole(const Type& a, const Type& b) {
  return a.Is(TypeKind::kDecimal) && (b.Is(TypeKind::kInt) || b.Is(TypeKind::kUint));
}

// An object is a map of which more is known.
Type AsMap(const Type& type) {
  return type.Is(TypeKind::kObject) ? Type::Map(Type::Of(TypeKind::kString), Type()) : type;
}

}  // namespace

Type TypeInference::Fresh() {
  Type variable = Type::Of(TypeKind::kVariable);
  variable.variable = static_cast<int>(bound_.size());
  bound_.emplace_back();
  return variable;
}

const Type& TypeInference::Behind(const Type& type) const {
  const Type* at = &type;
  while (at->Is(TypeKind::kVariable) && bound_[static_cast<size_t>(at->variable)]) {
    at = &*bound_[static_cast<size_t>(at->variable)];
  }
  return *at;
}

int TypeInference::LastVariable(const Type& type) const {
  int last = type.variable;
  while (true) {
    const std::optional<Type>& bound = bound_[static_cast<size_t>(last)];
    if (!bound || !bound->Is(TypeKind::kVariable)) return last;
    last = bound->variable;
  }
}

bool TypeInference::Holds(const Type& type, int variable) const {
  const Type& known = Behind(type);
  if (known.Is(TypeKind::kVariable)) return known.variable == variable;
  return std::any_of(known.parameters.begin(), known.parameters.end(),
                     [&](const Type& parameter) { return Holds(parameter, variable); });
}

bool TypeInference::Bind(int variable, const Type& type) {
  const Type& known = Behind(type);
  if (known.Is(TypeKind::kVariable) && known.variable == variable) return true;
  if (Holds(known, variable)) return false;
  std::optional<Type>& place = bound_[static_cast<size_t>(variable)];
  Type copy = known;
  trail_.emplace_back(variable, std::exchange(place, std::move(copy)));
  return true;
}

void TypeInference::Undo(size_t trail) {
  for (; trail_.size() > trail; trail_.pop_back()) {
    bound_[static_cast<size_t>(trail_.back().first)] = std::move(trail_.back().second);
  }
}

Fit TypeInference::Assign(const Type& wanted, const Type& given, bool any_number) {
  const size_t trail = trail_.size();
  const Fit fit = Unify(wanted, given, any_number);
  if (fit == Fit::kNo) Undo(trail);
  return fit;
}

Fit TypeInference::Unify(const Type& wanted, const Type& given, bool any_number) {
  if (wanted.Is(TypeKind::kVariable)) {
    const Type bound = Behind(wanted);
    if (bound.Is(TypeKind::kVariable)) {
      return Bind(bound.variable, given) ? Fit::kYes : Fit::kNo;
    }
    // A variable that met int and now dyn stands for dyn.
    const Fit fit = Unify(bound, given, any_number);
    if (fit == Fit::kNo) return fit;
    const Type general = MoreGeneral(bound, given);
    if (general != bound && !Bind(LastVariable(wanted), general)) return Fit::kNo;
    return fit;
  }
  const Type known = Behind(given);
  if (known.Is(TypeKind::kVariable)) return Bind(known.variable, wanted) ? Fit::kYes : Fit::kNo;
  if (wanted.dyn()) return Fit::kYes;
  if (known.dyn()) return Fit::kMaybe;
  if (wanted.Is(TypeKind::kNull) && known.Is(TypeKind::kNull)) return Fit::kYes;
  if (wanted.Is(TypeKind::kNull) || known.Is(TypeKind::kNull)) return Fit::kMaybe;
  if (known.Is(TypeKind::kNumber) && IsNumber(wanted)) return Fit::kMaybe;
  if ((any_number || wanted.Is(TypeKind::kNumber)) && IsNumber(wanted) && IsNumber(known))
    return Fit::kYes;
  if (any_number && (IsDecimalAndWhole(wanted, known) || IsDecimalAndWhole(known, wanted)))
    return Fit::kYes;
  if (wanted.Is(TypeKind::kObject) != known.Is(TypeKind::kObject))
    return UnifyParameters(AsMap(wanted), AsMap(known), any_number);
  if (wanted.Is(TypeKind::kObject)) return Fit::kYes;
  return UnifyParameters(wanted, known, any_number);
}

Fit TypeInference::UnifyParameters(const Type& wanted, const Type& given, bool any_number) {
  if (wanted.kind != given.kind || wanted.name != given.name ||
      wanted.parameters.size() != given.parameters.size()) {
    return Fit::kNo;
  }
  Fit worst = Fit::kYes;
  for (size_t i = 0; i < wanted.parameters.size(); ++i) {
    worst = std::min(worst, Unify(wanted.parameters[i], given.parameters[i], any_number));
    if (worst == Fit::kNo) return worst;
  }
  return worst;
}

Type TypeInference::MoreGeneral(const Type& a, const Type& b) const {
  const Type& left = Behind(a);
  const Type& right = Behind(b);
  if (left.dyn() || right.Is(TypeKind::kNull)) return left;
  if (right.dyn() || left.Is(TypeKind::kNull)) return right;
  if (left.kind != right.kind) return left.Is(TypeKind::kObject) ? right : left;
  // Two objects have in common that they are maps.
  if (left.Is(TypeKind::kObject)) return left == right ? left : AsMap(left);
  Type general = left;
  for (size_t i = 0; i < general.parameters.size() && i < right.parameters.size(); ++i) {
    general.parameters[i] = MoreGeneral(left.parameters[i], right.parameters[i]);
  }
  return general;
}

Type TypeInference::Join(const Type& a, const Type& b) {
  return Assign(a, b) == Fit::kNo ? Type() : MoreGeneral(a, b);
}

Type TypeInference::Instance(const Type& type, std::vector<std::optional<Type>>& instances) {
  if (type.Is(TypeKind::kVariable)) {
    const auto index = static_cast<size_t>(type.variable);
    if (instances.size() <= index) instances.resize(index + 1);
    if (!instances[index]) instances[index] = Fresh();
    return *instances[index];
  }
  Type instance = type;
  for (Type& parameter : instance.parameters) parameter = Instance(parameter, instances);
  return instance;
}

Fit TypeInference::Fits(const Overload& overload, std::span<const Type> arguments, bool any_number,
                        Type& result) {
  if (!overload.Takes(arguments.size())) return Fit::kNo;
  std::vector<std::optional<Type>> instances;
  Fit worst = Fit::kYes;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Type& parameter = overload.parameters[std::min(i, overload.parameters.size() - 1)];
    // An element of [] would take the type that the first overload asks for.
    const bool of_no_type = Behind(arguments[i]).Is(TypeKind::kVariable);
    if (of_no_type && !parameter.Is(TypeKind::kVariable)) worst = std::min(worst, Fit::kMaybe);
    worst = std::min(worst, Unify(Instance(parameter, instances), arguments[i], any_number));
    if (worst == Fit::kNo) return worst;
  }
  result = Known(Instance(overload.result, instances));
  return worst;
}

TypeInference::Choice TypeInference::Resolve(std::span<const Overload> overloads,
                                             std::span<const Type> arguments, bool any_number) {
  std::vector<std::pair<const Overload*, Type>> maybe;
  for (const Overload& overload : overloads) {
    const size_t trail = trail_.size();
    Type result;
    const Fit fit = Fits(overload, arguments, any_number, result);
    if (fit == Fit::kYes) return {result, true};
    // What another overload would bind must not be seen by the next.
    if (fit == Fit::kMaybe) maybe.emplace_back(&overload, Final(result));
    Undo(trail);
  }
  if (maybe.empty()) return {Type(), false};
  if (maybe.size() == 1) {
    Type result;
    Fits(*maybe[0].first, arguments, any_number, result);
    return {result, true};
  }
  const bool same = std::all_of(maybe.begin(), maybe.end(),
                                [&](const auto& other) { return other.second == maybe[0].second; });
  return {same ? maybe[0].second : Type(), true};
}

Type TypeInference::Known(const Type& type) const {
  Type known = Behind(type);
  for (Type& parameter : known.parameters) parameter = Known(parameter);
  return known;
}

Type TypeInference::Final(const Type& type) const {
  Type known = Behind(type);
  if (known.Is(TypeKind::kVariable)) return Type();
  for (Type& parameter : known.parameters) parameter = Final(parameter);
  return known;
}

}  // namespace sidestream::expression
