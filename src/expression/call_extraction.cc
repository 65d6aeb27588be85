// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/call_extraction.h"

#include <algorithm>

#include "expression/ast.h"
#include "expression/compiler.h"
#include "expression/parser.h"
#include "expression/type_inference.h"

namespace sidestream::expression {
namespace {

constexpr std::string_view kWhere = "where";

// Calls `visit` with every direct child of `expr`.
template <typename Visit>
class ChildVisitor {
 public:
  explicit ChildVisitor(Visit visit) : visit_(visit) {}
  void operator()(Literal&) {}
  void operator()(Ident&) {}
  void operator()(SlotReference&) {}
  void operator()(Select& n) { visit_(*n.operand); }
  void operator()(Has& n) { visit_(*n.operand); }
  void operator()(Unary& n) { visit_(*n.operand); }
  void operator()(Index& n) {
    visit_(*n.operand);
    visit_(*n.index);
  }
  void operator()(Call& n) {
    if (n.receiver) visit_(*n.receiver);
    for (ExprPtr& argument : n.arguments) visit_(*argument);
  }
  void operator()(Binary& n) {
    visit_(*n.left);
    visit_(*n.right);
  }
  void operator()(Logic& n) {
    for (ExprPtr& operand : n.operands) visit_(*operand);
  }
  void operator()(Conditional& n) {
    visit_(*n.condition);
    visit_(*n.then);
    visit_(*n.otherwise);
  }
  void operator()(ListLiteral& n) {
    for (ListLiteral::Element& element : n.elements) visit_(*element.value);
  }
  void operator()(MapLiteral& n) {
    for (MapLiteral::Entry& entry : n.entries) {
      visit_(*entry.key);
      visit_(*entry.value);
    }
  }
  void operator()(MessageLiteral& n) {
    for (MessageLiteral::Field& field : n.fields) visit_(*field.value);
  }
  void operator()(Comprehension& n) {
    visit_(*n.range);
    if (n.filter) visit_(*n.filter);
    visit_(*n.body);
  }

 private:
  Visit visit_;
};

template <typename Visit>
void ForEachChild(Expr& expr, Visit visit) {
  std::visit(ChildVisitor<Visit>(visit), expr.node);
}

}  // namespace

CallExtractor::CallExtractor(std::vector<AggregateFunction> functions, Scope& result_scope,
                             Scope& record_scope)
    : functions_(std::move(functions)), result_scope_(result_scope), record_scope_(record_scope) {}

const AggregateFunction* CallExtractor::FunctionOf(const Expr& expr) const {
  const auto* call = std::get_if<Call>(&expr.node);
  if (call == nullptr || call->receiver) return nullptr;
  const auto found = std::ranges::find(functions_, call->function, &AggregateFunction::name);
  return found == functions_.end() ? nullptr : &*found;
}

bool CallExtractor::IsFiltered(const Expr& expr) const {
  const auto* call = std::get_if<Call>(&expr.node);
  return call != nullptr && call->receiver && call->function == kWhere &&
         IsAggregate(*call->receiver);
}

void CallExtractor::RefuseNested(Expr& expr, std::vector<CompileError>& errors) const {
  if (IsAggregate(expr)) {
    errors.push_back({expr.position,
                      std::get<Call>(expr.node).function +
                          "() inside of an aggregate: its arguments see one record",
                      ""});
    return;
  }
  ForEachChild(expr, [&](Expr& child) { RefuseNested(child, errors); });
}

// Its arguments see the record, so that there the name would silently mean another thing.
void CallExtractor::RefuseHidden(Expr& expr, std::vector<CompileError>& errors) const {
  const auto* ident = std::get_if<Ident>(&expr.node);
  if (ident != nullptr && !ident->absolute &&
      std::find(macro_variables_.begin(), macro_variables_.end(), ident->name) !=
          macro_variables_.end()) {
    errors.push_back({expr.position,
                      "an aggregate cannot see '" + ident->name + "' of the macro around it", ""});
  }
  ForEachChild(expr, [&](Expr& child) { RefuseHidden(child, errors); });
}

void CallExtractor::CheckArguments(const AggregateFunction& function, SourcePosition position,
                                   AggregateCall& call, std::vector<CompileError>& errors) {
  std::vector<Type> types;
  for (const auto& argument : call.arguments) {
    const Type& type = argument->type();
    // An optional with a value stands for its value.
    types.push_back(type.Is(TypeKind::kOptional) ? type.parameters[0] : type);
  }
  const auto takes = [&](const Overload& overload) { return overload.Takes(types.size()); };
  if (std::ranges::none_of(function.overloads, takes)) {
    const size_t written = types.size();
    errors.push_back({position,
                      function.name + "() does not take " + std::to_string(written) +
                          (written == 1 ? " argument" : " arguments"),
                      "write " + function.usage});
    return;
  }
  TypeInference inference;
  const TypeInference::Choice choice = inference.Resolve(function.overloads, types);
  if (choice.fits) {
    call.type = inference.Final(choice.result);
    return;
  }
  std::string message = "no such function: " + CallText(function.name, false, types) + "; there is ";
  for (const Overload& overload : function.overloads) {
    if (&overload != &function.overloads.front()) message += ", ";
    message += CallText(function.name, false, overload.parameters);
  }
  errors.push_back({position, std::move(message), ""});
}

void CallExtractor::TakeCall(Expr& expr, const std::shared_ptr<Arena>& arena,
                             std::vector<CompileError>& errors) {
  const size_t before = errors.size();
  AggregateCall made;
  made.text = ToText(expr);
  RefuseHidden(expr, errors);
  const Expr* condition = nullptr;
  auto* call = &std::get<Call>(expr.node);
  if (IsFiltered(expr)) {
    if (call->arguments.size() != 1) {
      errors.push_back({expr.position, ".where() takes one condition", ""});
      return;
    }
    RefuseNested(*call->arguments[0], errors);
    condition = call->arguments[0].get();
    call = &std::get<Call>(call->receiver->node);
  }
  const AggregateFunction* function =
      FunctionOf(IsFiltered(expr) ? *std::get<Call>(expr.node).receiver : expr);
  made.function = call->function;
  for (const ExprPtr& argument : call->arguments) RefuseNested(*argument, errors);
  if (errors.size() > before) return;
  const auto known = std::find_if(calls_.begin(), calls_.end(), [&](const AggregateCall& other) {
    return other.text == made.text;
  });
  if (known != calls_.end()) {
    expr.node = SlotReference{known->slot, known->text, known->type};
    return;
  }
  for (const ExprPtr& argument : call->arguments) {
    made.arguments.push_back(CompileTree(*argument, arena, record_scope_, errors));
  }
  if (condition != nullptr) made.where = CompileTree(*condition, arena, record_scope_, errors);
  if (errors.size() > before) return;
  CheckArguments(*function, expr.position, made, errors);
  if (errors.size() > before) return;
  const std::string index = std::to_string(calls_.size());
  made.slot = result_scope_.Slot(kAggregateVariable, std::span<const std::string>(&index, 1));
  expr.node = SlotReference{made.slot, made.text, made.type};
  calls_.push_back(std::move(made));
}

void CallExtractor::Replace(Expr& expr, const std::shared_ptr<Arena>& arena,
                            std::vector<CompileError>& errors) {
  if (IsAggregate(expr) || IsFiltered(expr)) {
    const size_t before = errors.size();
    TakeCall(expr, arena, errors);
    // What was refused must not be looked up as a function too.
    if (errors.size() > before) expr.node = SlotReference{0, "", Type()};
    return;
  }
  auto* macro = std::get_if<Comprehension>(&expr.node);
  if (macro == nullptr) {
    ForEachChild(expr, [&](Expr& child) { Replace(child, arena, errors); });
    return;
  }
  Replace(*macro->range, arena, errors);
  const size_t outer = macro_variables_.size();
  macro_variables_.insert(macro_variables_.end(), macro->variables.begin(), macro->variables.end());
  if (macro->filter) Replace(*macro->filter, arena, errors);
  Replace(*macro->body, arena, errors);
  macro_variables_.resize(outer);
}

CompileResult CallExtractor::Extract(std::string_view text) {
  CompileResult result;
  const auto arena = std::make_shared<Arena>();
  const ExprPtr tree = Parse(text, *arena, result.errors);
  if (!tree) return result;
  Replace(*tree, arena, result.errors);
  result.program = CompileTree(*tree, arena, result_scope_, result.errors);
  if (!result.errors.empty()) result.program.reset();
  return result;
}

}  // namespace sidestream::expression
