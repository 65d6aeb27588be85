// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/tree_checker.h"

#include "expression/names.h"
#include "expression/operator_overloads.h"
#include "expression/operators.h"
#include "expression/text.h"

namespace sidestream::expression {

Type TreeChecker::Check(const Expr& expr) {
  Type type = std::visit([&](const auto& n) { return Visit(n, expr); }, expr.node);
  checked_.emplace_back(&expr, type);
  return type;
}

// An error is reported once: what holds it sees a dyn.
Type TreeChecker::Error(SourcePosition position, std::string message, std::string suggestion) {
  errors_.push_back({position, std::move(message), std::move(suggestion)});
  return Type();
}

const Type* TreeChecker::FindLocal(const Expr& expr) const {
  const Ident* ident = LocalCandidate(expr);
  if (ident == nullptr) return nullptr;
  for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
    if (local->first == ident->name) return &local->second;
  }
  return nullptr;
}

Type TreeChecker::Visit(const Ident&, const Expr& expr) {
  if (const Type* local = FindLocal(expr)) return *local;
  return Chain(expr);
}

Type TreeChecker::Visit(const Select& n, const Expr& expr) {
  if (!n.optional && FindLocal(expr) == nullptr && !PlainChain(expr).empty()) return Chain(expr);
  return SelectFrom(Check(*n.operand), n.field, n.optional, expr.position);
}

Type TreeChecker::Chain(const Expr& expr) {
  const std::vector<std::string> names = PlainChain(expr);
  const Expr& first = FirstOf(expr);
  const NameMeaning meaning = ResolveName(scope_, names, std::get<Ident>(first.node).absolute);
  if (meaning.kind == NameMeaning::Kind::kType) return Type::Of(TypeKind::kType);
  if (meaning.kind == NameMeaning::Kind::kConstant) return TypeOfKind(meaning.constant.kind());
  if (meaning.kind == NameMeaning::Kind::kUnknown) return UnknownName(names.front(), first);
  Type type = scope_.VariableType(meaning.name);
  // The scope says so itself, when it is asked for the slot.
  const bool has_fields = HasNoType(type) || type.Is(TypeKind::kMap) ||
                          type.Is(TypeKind::kObject) || MessageOf(type) != nullptr;
  if (names.size() > meaning.length && !has_fields) return Type();
  for (size_t i = meaning.length; i < names.size(); ++i) {
    type = SelectFrom(type, names[i], false, expr.position);
  }
  return type;
}

Type TreeChecker::UnknownName(const std::string& name, const Expr& expr) {
  if (!functions_.Find(name, false).empty()) {
    return Error(expr.position,
                 "'" + name + "' is a function, not a variable: write " + name + "(…)");
  }
  std::vector<std::string> known = scope_.VariableNames();
  for (const auto& [local, type] : locals_) known.push_back(local);
  std::string message = "unknown variable: " + name;
  if (!known.empty()) {
    message += " (known are ";
    for (size_t i = 0; i < known.size(); ++i) message += (i > 0 ? ", " : "") + known[i];
    message += ")";
  }
  return Error(expr.position, std::move(message), NearestName(name, known));
}

Type TreeChecker::SelectFrom(const Type& operand, const std::string& field, bool optional,
                             SourcePosition position) {
  const Type from = types_.Known(operand);
  if (from.Is(TypeKind::kOptional))
    return Type::Optional(SelectFrom(from.parameters[0], field, false, position));
  Type found;
  if (from.Is(TypeKind::kMap)) {
    found = from.parameters[1];
  } else if (from.Is(TypeKind::kObject)) {
    if (const Type* known = from.Field(field)) {
      found = *known;
    } else if (from.closed) {
      return Error(position, "there is no field " + field, NearestName(field, from.fields));
    }
  } else if (const serde::MessageType* message = MessageOf(from)) {
    found = MessageField(*message, field, position);
  } else if (!HasNoType(from)) {
    return Error(position, "there is no field " + field + " in a value of type " + Text(from));
  }
  return optional ? Type::Optional(found) : found;
}
bool TreeChecker::HasNoType(const Type& type) {
  return type.dyn() || type.Is(TypeKind::kNull) || type.Is(TypeKind::kVariable);
}

Type TreeChecker::Visit(const Has& n, const Expr& expr) {
  SelectFrom(Check(*n.operand), n.field, false, expr.position);
  return Type::Of(TypeKind::kBool);
}

Type TreeChecker::Visit(const Index& n, const Expr& expr) {
  const Type operand = types_.Known(Check(*n.operand));
  const Type index = Check(*n.index);
  return IndexInto(operand, index, n, expr);
}

Type TreeChecker::IndexInto(const Type& from, const Type& index, const Index& n, const Expr& expr) {
  if (from.Is(TypeKind::kOptional))
    return Type::Optional(IndexInto(types_.Known(from.parameters[0]), index, n, expr));
  Type found;
  Type wanted = Type::Of(TypeKind::kNumber);
  if (from.Is(TypeKind::kList)) {
    found = from.parameters[0];
  } else if (from.Is(TypeKind::kMap)) {
    found = from.parameters[1];
    wanted = from.parameters[0];
  } else if (from.Is(TypeKind::kObject)) {
    wanted = Type::Of(TypeKind::kString);
  } else if (HasNoType(from)) {
    wanted = Type();
  } else {
    return Error(expr.position, "a value of type " + Text(from) + " has no elements");
  }
  if (types_.Assign(wanted, index, true) == TypeInference::Fit::kNo) {
    return Error(StartOf(*n.index),
                 "a value of type " + Text(from) + " is not indexed by a " + Text(index));
  }
  return n.optional ? Type::Optional(found) : found;
}

Type TreeChecker::Visit(const Unary& n, const Expr& expr) {
  const Type operand = Check(*n.operand);
  const auto choice = types_.Resolve(OverloadsOf(n.op), std::span<const Type>(&operand, 1));
  if (choice.fits) return choice.result;
  return Error(expr.position,
               n.op == UnaryOperator::kNot
                   ? "'!' needs a bool, not " + Text(operand)
                   : "'-' needs an int, a double or a decimal, not " + Text(operand));
}

Type TreeChecker::Visit(const Binary& n, const Expr& expr) {
  const Type operands[] = {Check(*n.left), Check(*n.right)};
  const auto choice = types_.Resolve(OverloadsOf(n.op), operands, IsComparison(n.op));
  if (choice.fits) return choice.result;
  std::string message = IsComparison(n.op) ? "cannot compare " : "cannot compute ";
  message += Text(operands[0]) + " " + std::string(OperatorText(n.op)) + " " + Text(operands[1]);
  const bool left_uint = types_.Known(operands[0]).Is(TypeKind::kUint);
  const bool right_uint = types_.Known(operands[1]).Is(TypeKind::kUint);
  const auto is = [&](TypeKind kind) {
    return types_.Known(operands[0]).Is(kind) || types_.Known(operands[1]).Is(kind);
  };
  if (is(TypeKind::kDecimal) && is(TypeKind::kDouble)) {
    message += kNoDoubleWithDecimal;
  } else if (left_uint != right_uint) {
    message += ": convert the uint with int() or double()";
  }
  return Error(expr.position, std::move(message));
}

// Reports `expr` where it can be no bool.
void TreeChecker::CheckCondition(const Expr& expr, const std::string& what) {
  const Type type = Check(expr);
  if (types_.Assign(Type::Of(TypeKind::kBool), type) != TypeInference::Fit::kNo) return;
  Error(StartOf(expr), what + " a bool, not " + Text(type));
}

Type TreeChecker::Visit(const Logic& n, const Expr&) {
  const std::string what = n.conjunction ? "'&&' needs" : "'||' needs";
  for (const ExprPtr& operand : n.operands) CheckCondition(*operand, what);
  return Type::Of(TypeKind::kBool);
}

Type TreeChecker::Visit(const Conditional& n, const Expr&) {
  CheckCondition(*n.condition, "the condition of '?' needs to be");
  const Type then = Check(*n.then);
  return types_.Join(then, Check(*n.otherwise));
}

Type TreeChecker::Unwrapped(const Expr& expr) {
  const Type type = Check(expr);
  const Type value = types_.Fresh();
  if (types_.Assign(Type::Optional(value), type) != TypeInference::Fit::kNo) return value;
  return Error(StartOf(expr), "an element marked '?' needs an optional, not " + Text(type));
}

Type TreeChecker::Visit(const ListLiteral& n, const Expr&) {
  Type element = types_.Fresh();
  bool first = true;
  for (const ListLiteral::Element& e : n.elements) {
    const Type type = e.optional ? Unwrapped(*e.value) : Check(*e.value);
    element = std::exchange(first, false) ? type : types_.Join(element, type);
  }
  return Type::List(std::move(element));
}

Type TreeChecker::Visit(const MapLiteral& n, const Expr&) {
  Type key = types_.Fresh();
  Type value = types_.Fresh();
  bool first = true;
  for (const MapLiteral::Entry& entry : n.entries) {
    const Type entry_key = CheckKey(*entry.key);
    const Type entry_value = entry.optional ? Unwrapped(*entry.value) : Check(*entry.value);
    key = first ? entry_key : types_.Join(key, entry_key);
    value = first ? entry_value : types_.Join(value, entry_value);
    first = false;
  }
  return Type::Map(std::move(key), std::move(value));
}

Type TreeChecker::CheckKey(const Expr& expr) {
  const Type type = Check(expr);
  const auto kind = KindOfType(types_.Final(type));
  if (!kind || IsKeyKind(*kind)) return type;
  return Error(StartOf(expr), "a key of a map is a string, int, uint or bool, not " + Text(type));
}

}  // namespace sidestream::expression
