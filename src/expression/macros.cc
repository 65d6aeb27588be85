// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/macros.h"

#include <algorithm>

#include "expression/names.h"

namespace sidestream::expression {
namespace {

struct MacroForm {
  std::string_view name;
  Macro macro;
  size_t variables;
  bool filter;  // one more argument, a filter, before the body
};

// A name may have several forms; the count of arguments decides (none is ambiguous but
// map(x, f, e), which is no form with two variables in CEL either).
constexpr MacroForm kForms[] = {
    {"all", Macro::kAll, 1, false},
    {"all", Macro::kAll, 2, false},
    {"exists", Macro::kExists, 1, false},
    {"exists", Macro::kExists, 2, false},
    {"exists_one", Macro::kExistsOne, 1, false},
    {"exists_one", Macro::kExistsOne, 2, false},
    {"existsOne", Macro::kExistsOne, 1, false},
    {"existsOne", Macro::kExistsOne, 2, false},
    {"map", Macro::kMap, 1, false},
    {"map", Macro::kMap, 1, true},
    {"filter", Macro::kFilter, 1, false},
    {"sortBy", Macro::kSortBy, 1, false},
    {"transformList", Macro::kTransformList, 2, false},
    {"transformList", Macro::kTransformList, 2, true},
    {"transformMap", Macro::kTransformMap, 2, false},
    {"transformMap", Macro::kTransformMap, 2, true},
    {"transformMapEntry", Macro::kTransformMapEntry, 2, false},
    {"transformMapEntry", Macro::kTransformMapEntry, 2, true},
    {"optMap", Macro::kOptMap, 1, false},
    {"optFlatMap", Macro::kOptFlatMap, 1, false},
};

MacroOutcome ExpandHas(Call& call, decltype(Expr::node)& out, std::string& error) {
  auto* select = std::get_if<Select>(&call.arguments[0]->node);
  if (select == nullptr) {
    error = "has() takes a field, as in has(value.id)";
    return MacroOutcome::kMisused;
  }
  // has(a.?b) asks the same question as has(a.b).
  Has has{std::move(select->operand), std::move(select->field)};
  out = std::move(has);
  return MacroOutcome::kExpanded;
}

bool IsCel(const Call& call) {
  return PlainChain(*call.receiver) == std::vector<std::string>{"cel"};
}

// proto.getExt(x, a.b.c) is x.`a.b.c`.
MacroOutcome ExpandProto(Call& call, decltype(Expr::node)& out, std::string& error) {
  const bool has = call.function == "hasExt";
  if ((!has && call.function != "getExt") || call.arguments.size() != 2)
    return MacroOutcome::kNotAMacro;
  const std::vector<std::string> names = PlainChain(*call.arguments[1]);
  if (names.empty()) {
    error = "takes a message and the full name of an extension";
    return MacroOutcome::kMisused;
  }
  if (has) {
    out = Has{std::move(call.arguments[0]), JoinNames(names)};
  } else {
    out = Select{std::move(call.arguments[0]), JoinNames(names), false};
  }
  return MacroOutcome::kExpanded;
}

// Names that no text can write, made of whole numbers that are literals.
bool NumberedName(const Call& call, decltype(Expr::node)& out) {
  Ident ident{"@" + call.function};
  for (const ExprPtr& argument : call.arguments) {
    const auto* literal = std::get_if<Literal>(&argument->node);
    if (literal == nullptr || literal->value.kind() != serde::Value::Kind::kInt) return false;
    ident.name += "_" + std::to_string(literal->value.int_value());
  }
  out = std::move(ident);
  return true;
}

// cel.block([a, b], body) is cel.bind(@index_0, a, cel.bind(@index_1, b, body)).
bool ExpandBlock(Call& call, decltype(Expr::node)& out, int& height) {
  auto* list = std::get_if<ListLiteral>(&call.arguments[0]->node);
  if (list == nullptr || list->elements.empty()) return false;
  ExprPtr body = std::move(call.arguments[1]);
  for (size_t i = list->elements.size(); i > 0; --i) {
    ListLiteral::Element& element = list->elements[i - 1];
    if (element.optional) return false;
    Comprehension bind{Macro::kBind, "cel.bind", std::move(element.value), {}, nullptr, nullptr};
    bind.variables.push_back("@index_" + std::to_string(i - 1));
    height = std::max(bind.range->height, body->height);
    const SourcePosition position = bind.range->position;
    bind.body = std::move(body);
    if (i == 1) {
      out = std::move(bind);
      break;
    }
    body = std::make_unique<Expr>();
    body->position = position;
    body->height = height + 1;
    body->node = std::move(bind);
  }
  return true;
}

MacroOutcome ExpandCel(Call& call, decltype(Expr::node)& out, std::string& error, int& height) {
  const size_t count = call.arguments.size();
  if (call.function == "block" && count == 2) {
    if (ExpandBlock(call, out, height)) return MacroOutcome::kExpanded;
    error = "takes a list of expressions and what is computed from them";
    return MacroOutcome::kMisused;
  }
  if ((call.function == "index" && count == 1) || (call.function == "iterVar" && count == 2)) {
    if (NumberedName(call, out)) return MacroOutcome::kExpanded;
    error = "takes whole numbers";
    return MacroOutcome::kMisused;
  }
  return MacroOutcome::kNotAMacro;
}

bool TakeVariable(const Expr& expr, std::vector<std::string>& variables, std::string& error) {
  const auto* ident = std::get_if<Ident>(&expr.node);
  if (ident == nullptr || ident->name.find('.') != std::string::npos) {
    error = "a macro's variable is a plain name";
    return false;
  }
  if (!variables.empty() && variables.front() == ident->name) {
    error = "a macro's two variables need different names";
    return false;
  }
  variables.push_back(ident->name);
  return true;
}

}  // namespace

MacroOutcome ExpandMacro(Call& call, decltype(Expr::node)& out, std::string& error, int& height) {
  const size_t count = call.arguments.size();
  if (!call.receiver) {
    if (call.function != "has" || count != 1) return MacroOutcome::kNotAMacro;
    return ExpandHas(call, out, error);
  }
  if (PlainChain(*call.receiver) == std::vector<std::string>{"proto"}) {
    const MacroOutcome outcome = ExpandProto(call, out, error);
    if (outcome != MacroOutcome::kNotAMacro) return outcome;
  }
  Comprehension made;
  made.name = call.function;
  if (IsCel(call)) {
    const MacroOutcome outcome = ExpandCel(call, out, error, height);
    if (outcome != MacroOutcome::kNotAMacro) return outcome;
  }
  if (call.function == "bind" && count == 3 && IsCel(call)) {
    if (!TakeVariable(*call.arguments[0], made.variables, error)) return MacroOutcome::kMisused;
    made.macro = Macro::kBind;
    made.name = "cel.bind";
    made.range = std::move(call.arguments[1]);
    made.body = std::move(call.arguments[2]);
    out = std::move(made);
    return MacroOutcome::kExpanded;
  }
  for (const MacroForm& form : kForms) {
    if (form.name != call.function || count != form.variables + (form.filter ? 2 : 1)) continue;
    for (size_t i = 0; i < form.variables; ++i) {
      if (!TakeVariable(*call.arguments[i], made.variables, error)) return MacroOutcome::kMisused;
    }
    made.macro = form.macro;
    made.range = std::move(call.receiver);
    if (form.filter) made.filter = std::move(call.arguments[form.variables]);
    made.body = std::move(call.arguments.back());
    out = std::move(made);
    return MacroOutcome::kExpanded;
  }
  return MacroOutcome::kNotAMacro;
}

}  // namespace sidestream::expression
