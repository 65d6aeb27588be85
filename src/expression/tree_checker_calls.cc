// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <span>

#include "expression/names.h"
#include "expression/text.h"
#include "expression/tree_checker.h"

namespace sidestream::expression {

Type TreeChecker::Visit(const Comprehension& n, const Expr& expr) {
  const Type range = types_.Known(Check(*n.range));
  const size_t outer = locals_.size();
  if (!EnterMacro(n, range)) {
    return Error(expr.position,
                 n.name + "() needs " + MacroRange(n.macro) + ", not " + Text(range));
  }
  if (n.filter) CheckCondition(*n.filter, n.name + "() needs a condition that is");
  Type result;
  if (n.macro == Macro::kAll || n.macro == Macro::kExists || n.macro == Macro::kExistsOne ||
      n.macro == Macro::kFilter) {
    CheckCondition(*n.body, n.name + "() needs a condition that is");
    result =
        n.macro == Macro::kFilter ? Type::List(locals_[outer].second) : Type::Of(TypeKind::kBool);
  } else {
    const Type body = Check(*n.body);
    result = MacroResult(n, body, locals_[outer].second);
  }
  locals_.resize(outer);
  return result;
}

std::string TreeChecker::MacroRange(Macro macro) {
  if (macro == Macro::kSortBy) return "a list";
  return macro == Macro::kOptMap || macro == Macro::kOptFlatMap ? "an optional" : "a list or a map";
}

// The macro's variables with their types; false: `range` is nothing to go through.
bool TreeChecker::EnterMacro(const Comprehension& n, const Type& range) {
  Type first;
  Type second;
  if (n.macro == Macro::kBind) {
    first = range;
  } else if (n.macro == Macro::kOptMap || n.macro == Macro::kOptFlatMap) {
    first = types_.Fresh();
    if (types_.Assign(Type::Optional(first), range) == TypeInference::Fit::kNo) return false;
  } else if (range.Is(TypeKind::kList)) {
    first = n.variables.size() == 2 ? Type::Of(TypeKind::kInt) : range.parameters[0];
    second = range.parameters[0];
  } else if (n.macro == Macro::kSortBy && !HasNoType(range)) {
    return false;
  } else if (range.Is(TypeKind::kMap)) {
    first = range.parameters[0];
    second = range.parameters[1];
  } else if (range.Is(TypeKind::kObject)) {
    first = Type::Of(TypeKind::kString);
  } else if (!HasNoType(range)) {
    return false;
  }
  locals_.emplace_back(n.variables[0], std::move(first));
  if (n.variables.size() == 2) locals_.emplace_back(n.variables[1], std::move(second));
  return true;
}

Type TreeChecker::MacroResult(const Comprehension& n, const Type& body, const Type& key) {
  switch (n.macro) {
    case Macro::kMap:
    case Macro::kTransformList:
      return Type::List(body);
    case Macro::kTransformMap:
      return Type::Map(key, body);
    case Macro::kTransformMapEntry: {
      const Type map = Type::Map(types_.Fresh(), types_.Fresh());
      if (types_.Assign(map, body) != TypeInference::Fit::kNo) return map;
      return Error(StartOf(*n.body), n.name + "() needs a map, not " + Text(body));
    }
    case Macro::kSortBy:
      return Type::List(key);
    case Macro::kOptMap:
      return Type::Optional(body);
    case Macro::kOptFlatMap: {
      const Type optional = Type::Optional(types_.Fresh());
      if (types_.Assign(optional, body) != TypeInference::Fit::kNo) return optional;
      return Error(StartOf(*n.body), n.name + "() needs an optional, not " + Text(body));
    }
    default:
      return body;
  }
}

Type TreeChecker::Visit(const Call& n, const Expr& expr) {
  const bool hidden = n.receiver && FindLocal(*n.receiver) != nullptr;
  const CallMeaning meaning = ResolveCall(n, scope_, functions_, hidden);
  std::vector<const Expr*> exprs;
  std::vector<Type> arguments;
  if (meaning.receiver != nullptr) exprs.push_back(meaning.receiver);
  for (const ExprPtr& argument : n.arguments) exprs.push_back(argument.get());
  for (const Expr* argument : exprs) arguments.push_back(Check(*argument));
  const bool member = meaning.receiver != nullptr;
  const auto found = functions_.Find(meaning.function, member);
  if (found.empty()) return UnknownFunction(meaning.function, member, expr.position);
  bool takes = false;
  for (const FunctionTable::Entry* entry : found) {
    const auto choice = types_.Resolve(entry->overloads, arguments);
    if (choice.fits) return choice.result;
    takes = takes || entry->Takes(arguments.size());
  }
  if (!takes) {
    const size_t written = n.arguments.size();
    return Error(expr.position, meaning.function + "() does not take " + std::to_string(written) +
                                    (written == 1 ? " argument" : " arguments"));
  }
  return NoOverload(found, member, exprs, arguments, expr.position);
}

Type TreeChecker::UnknownFunction(const std::string& name, bool member, SourcePosition position) {
  if (!functions_.Find(name, !member).empty()) {
    return Error(position, member ? name + "() is not called on a value: write " + name + "(x)"
                                  : name + "() is called on a value: write x." + name + "()");
  }
  return Error(position, "unknown function: " + name + "()",
               NearestName(name, functions_.Names(member)));
}

// At the argument that no overload takes, where it is one alone, else at the function.
Type TreeChecker::NoOverload(const std::vector<const FunctionTable::Entry*>& found, bool member,
                             const std::vector<const Expr*>& exprs,
                             const std::vector<Type>& arguments, SourcePosition position) {
  const std::string& name = found.front()->name;
  std::vector<Type> known;
  for (const Type& argument : arguments) known.push_back(types_.Final(argument));
  std::string message = "no such function: " + CallText(name, member, known) + "; there is ";
  size_t shown = 0;
  std::vector<size_t> wrong;
  for (const FunctionTable::Entry* entry : found) {
    for (const Overload& overload : entry->overloads) {
      if (!overload.Takes(arguments.size())) continue;
      if (shown < 4)
        message += (shown > 0 ? ", " : "") + CallText(name, member, overload.parameters);
      if (++shown == 1) wrong = WrongArguments(overload, arguments);
    }
  }
  if (shown > 4) message += " …";
  if (shown == 1 && wrong.size() == 1) position = StartOf(*exprs[wrong[0]]);
  return Error(position, std::move(message));
}

std::vector<size_t> TreeChecker::WrongArguments(const Overload& overload,
                                                const std::vector<Type>& arguments) {
  std::vector<size_t> wrong;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t at = std::min(i, overload.parameters.size() - 1);
    const Overload alone{{overload.parameters[at]}, false, Type()};
    if (!types_.Resolve(std::span(&alone, 1), std::span(&arguments[i], 1)).fits) wrong.push_back(i);
  }
  return wrong;
}

}  // namespace sidestream::expression
