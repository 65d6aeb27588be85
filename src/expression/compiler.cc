// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/compiler.h"

#include <algorithm>
#include <array>
#include <limits>

#include "expression/function.h"
#include "expression/nodes.h"
#include "expression/text.h"

namespace sidestream::expression {
namespace {

using serde::Value;

constexpr std::string_view kTypeNames[] = {"bool",
                                           "int",
                                           "uint",
                                           "double",
                                           "string",
                                           "bytes",
                                           "list",
                                           "map",
                                           "null_type",
                                           "type",
                                           "optional_type",
                                           "google.protobuf.Timestamp",
                                           "google.protobuf.Duration"};

std::string Join(std::span<const std::string> names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ".") + name;
  return joined;
}

// Only pure functions are folded, and none of them asks.
class NoEnvironment final : public Environment {
 public:
  serde::Nanos Now() override { return {}; }
  uint64_t RandomBits() override { return 0; }
};

class CompiledProgram final : public Program {
 public:
  CompiledProgram(std::shared_ptr<Arena> arena, NodePtr root, size_t locals)
      : arena_(std::move(arena)), root_(std::move(root)), locals_(locals) {}

  Result<Value> Evaluate(std::span<const Value> slots, Environment& environment,
                         Arena& arena) const override {
    std::array<Value, 4> few;
    const std::span<Value> locals =
        locals_ <= few.size() ? std::span<Value>(few) : arena.NewArray<Value>(locals_);
    Evaluation evaluation(slots, locals, environment, arena);
    Value out;
    if (root_->Evaluate(evaluation, out)) return out;
    return Status::BadRecord(evaluation.TakeError());
  }

  std::optional<Value> constant() const override {
    const Value* value = root_->constant();
    return value == nullptr ? std::nullopt : std::optional<Value>(*value);
  }

 private:
  std::shared_ptr<Arena> arena_;
  NodePtr root_;
  size_t locals_;
};

constexpr int kNoLocal = std::numeric_limits<int>::max();

// A node and what stands against computing it now.
struct Compiled {
  NodePtr node;
  bool foldable = false;        // no slot, no impure call, no constant that fails
  int lowest_local = kNoLocal;  // of the variables it reads
};

class Compiler {
 public:
  Compiler(Arena& arena, Scope& scope, std::vector<CompileError>& errors)
      : arena_(arena), scope_(scope), errors_(errors) {}

  // `strict`: evaluated in every run that gets an outcome at all, so that a constant
  // that fails is a mistake of the text.
  Compiled Compile(const Expr& expr, bool strict) {
    const bool outer = std::exchange(strict_, strict);
    Compiled compiled = std::visit([&](const auto& n) { return Visit(n, expr); }, expr.node);
    strict_ = outer;
    return Fold(std::move(compiled), expr, strict);
  }

  size_t max_locals() const { return max_locals_; }

 private:
  Compiled Error(SourcePosition position, std::string message, std::string suggestion = "") {
    errors_.push_back({position, std::move(message), std::move(suggestion)});
    return {MakeConstant(Value::Null()), false, kNoLocal};
  }

  Compiled Fold(Compiled compiled, const Expr& expr, bool strict) {
    if (!compiled.foldable || compiled.lowest_local != kNoLocal || compiled.node->constant())
      return compiled;
    NoEnvironment environment;
    std::vector<Value> locals(max_locals_);
    Evaluation evaluation({}, locals, environment, arena_);
    Value value;
    if (compiled.node->Evaluate(evaluation, value)) {
      compiled.node = MakeConstant(value);
      return compiled;
    }
    // Folding what holds it would only fail again.
    compiled.foldable = false;
    if (strict) return Error(expr.position, evaluation.TakeError());
    return compiled;
  }

  // A child; its obstacles to folding become those of `parent`.
  NodePtr Child(const Expr& expr, bool strict, Compiled& parent) {
    Compiled child = Compile(expr, strict);
    parent.foldable = parent.foldable && child.foldable;
    parent.lowest_local = std::min(parent.lowest_local, child.lowest_local);
    return std::move(child.node);
  }
  static Compiled Whole() { return {nullptr, true, kNoLocal}; }

  int FindLocal(const std::string& name) const {
    for (size_t i = locals_.size(); i > 0; --i) {
      if (locals_[i - 1] == name) return static_cast<int>(i - 1);
    }
    return -1;
  }
  bool IsLocal(const Expr& expr) const {
    const Expr* at = &expr;
    while (const auto* select = std::get_if<Select>(&at->node)) at = select->operand.get();
    const auto* ident = std::get_if<Ident>(&at->node);
    return ident != nullptr && !ident->absolute && FindLocal(ident->name) >= 0;
  }

  Compiled Visit(const Literal& n, const Expr&) { return {MakeConstant(n.value), true, kNoLocal}; }

  Compiled Visit(const SlotReference& n, const Expr&) {
    return {MakeSlot(n.slot, n.text), false, kNoLocal};
  }

  Compiled Visit(const Ident& n, const Expr& expr) {
    if (!n.absolute) {
      if (const int local = FindLocal(n.name); local >= 0) return {MakeLocal(local), true, local};
    }
    return Chain(expr);
  }

  Compiled Visit(const Select& n, const Expr& expr) {
    const bool strict = strict_;
    if (!n.optional && !IsLocal(expr) && !PlainChain(expr).empty()) return Chain(expr);
    Compiled made = Whole();
    NodePtr operand = Child(*n.operand, strict, made);
    made.node = MakeSelect(std::move(operand), arena_.Copy(n.field), n.optional, ToText(expr));
    return made;
  }

  // "a.b.c": the longest prefix that is a variable, the rest is the path of its slot.
  Compiled Chain(const Expr& expr) {
    const std::vector<std::string> names = PlainChain(expr);
    const std::string text = Join(names);
    const std::span<const std::string> all(names);
    for (size_t length = names.size(); length > 0; --length) {
      const std::string variable = Join(all.first(length));
      if (scope_.HasVariable(variable)) {
        return {MakeSlot(scope_.Slot(variable, all.subspan(length)), text), false, kNoLocal};
      }
    }
    const auto* type = std::find(std::begin(kTypeNames), std::end(kTypeNames), text);
    if (type != std::end(kTypeNames)) return {MakeConstant(Value::Type(*type)), true, kNoLocal};
    const Expr* first = &expr;
    while (const auto* select = std::get_if<Select>(&first->node)) first = select->operand.get();
    const std::string& name = names.front();
    if (!FindFunctions(name, false).empty()) {
      return Error(first->position,
                   "'" + name + "' is a function, not a variable: write " + name + "(…)");
    }
    std::vector<std::string> known = scope_.VariableNames();
    known.insert(known.end(), locals_.begin(), locals_.end());
    std::string message = "unknown variable: " + name;
    if (!known.empty()) {
      message += " (known are ";
      for (size_t i = 0; i < known.size(); ++i) message += (i > 0 ? ", " : "") + known[i];
      message += ")";
    }
    return Error(first->position, std::move(message), NearestName(name, known));
  }

  Compiled Visit(const Has& n, const Expr&) {
    Compiled made = Whole();
    NodePtr operand = Child(*n.operand, strict_, made);
    made.node = MakeHas(std::move(operand), arena_.Copy(n.field));
    return made;
  }

  Compiled Visit(const Index& n, const Expr& expr) {
    const bool strict = strict_;
    Compiled made = Whole();
    NodePtr operand = Child(*n.operand, strict, made);
    NodePtr index = Child(*n.index, strict && !n.optional, made);
    made.node = MakeIndex(std::move(operand), std::move(index), n.optional, ToText(expr));
    return made;
  }

  Compiled Visit(const Unary& n, const Expr&) {
    Compiled made = Whole();
    NodePtr operand = Child(*n.operand, strict_, made);
    made.node = MakeUnary(n.op, std::move(operand));
    return made;
  }

  Compiled Visit(const Binary& n, const Expr&) {
    const bool strict = strict_;
    Compiled made = Whole();
    NodePtr left = Child(*n.left, strict, made);
    NodePtr right = Child(*n.right, strict, made);
    made.node = MakeBinary(n.op, std::move(left), std::move(right));
    return made;
  }

  Compiled Visit(const Logic& n, const Expr&) {
    Compiled made = Whole();
    std::vector<NodePtr> operands;
    for (const ExprPtr& operand : n.operands) operands.push_back(Child(*operand, false, made));
    made.node = MakeLogic(n.conjunction, std::move(operands));
    return made;
  }

  Compiled Visit(const Conditional& n, const Expr&) {
    Compiled made = Whole();
    NodePtr condition = Child(*n.condition, strict_, made);
    NodePtr then = Child(*n.then, false, made);
    NodePtr otherwise = Child(*n.otherwise, false, made);
    made.node = MakeConditional(std::move(condition), std::move(then), std::move(otherwise));
    return made;
  }

  Compiled Visit(const ListLiteral& n, const Expr&) {
    const bool strict = strict_;
    Compiled made = Whole();
    std::vector<ListElementNode> elements;
    for (const ListLiteral::Element& element : n.elements) {
      elements.push_back({Child(*element.value, strict, made), element.optional});
    }
    made.node = MakeList(std::move(elements));
    return made;
  }

  Compiled Visit(const MapLiteral& n, const Expr&) {
    const bool strict = strict_;
    Compiled made = Whole();
    std::vector<MapEntryNode> entries;
    for (const MapLiteral::Entry& entry : n.entries) {
      NodePtr key = Child(*entry.key, strict, made);
      NodePtr value = Child(*entry.value, strict, made);
      entries.push_back({std::move(key), std::move(value), entry.optional});
    }
    made.node = MakeMap(std::move(entries));
    return made;
  }

  Compiled Visit(const Comprehension& n, const Expr&) {
    const bool strict = strict_;
    Compiled made = Whole();
    ComprehensionParts parts;
    parts.macro = n.macro;
    parts.name = n.name;
    parts.two_variables = n.variables.size() == 2;
    parts.range = Child(*n.range, strict, made);
    parts.first_local = static_cast<int>(locals_.size());
    locals_.insert(locals_.end(), n.variables.begin(), n.variables.end());
    max_locals_ = std::max(max_locals_, locals_.size());
    Compiled inner = Whole();
    if (n.filter) parts.filter = Child(*n.filter, false, inner);
    parts.body = Child(*n.body, strict && n.macro == Macro::kBind, inner);
    locals_.resize(static_cast<size_t>(parts.first_local));
    made.foldable = made.foldable && inner.foldable;
    // Its own variables do not count for what is around.
    if (inner.lowest_local < parts.first_local)
      made.lowest_local = std::min(made.lowest_local, inner.lowest_local);
    made.node = MakeComprehension(std::move(parts));
    return made;
  }

  Compiled Visit(const Call& n, const Expr& expr) {
    if (!n.receiver) return FunctionCall(n.function, nullptr, n, expr);
    if (n.arguments.size() == 1 && (n.function == "or" || n.function == "orValue")) {
      const bool strict = strict_;
      Compiled made = Whole();
      NodePtr receiver = Child(*n.receiver, strict, made);
      NodePtr argument = Child(*n.arguments[0], false, made);
      made.node = MakeOptionalOr(std::move(receiver), std::move(argument), n.function == "orValue");
      return made;
    }
    const std::vector<std::string> chain = PlainChain(*n.receiver);
    if (!chain.empty() && !IsLocal(*n.receiver)) {
      const std::string space = Join(chain) + ".";
      if (!FindFunctions(space + n.function, false).empty() ||
          (!scope_.HasVariable(chain.front()) && IsNamespace(space))) {
        return FunctionCall(space + n.function, nullptr, n, expr);
      }
    }
    return FunctionCall(n.function, n.receiver.get(), n, expr);
  }

  static bool IsNamespace(const std::string& space) {
    const std::vector<std::string> names = FunctionNames(false);
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return name.starts_with(space); });
  }

  Compiled FunctionCall(const std::string& name, const Expr* receiver, const Call& n,
                        const Expr& expr) {
    const bool strict = strict_;
    std::vector<const Expr*> exprs;
    if (receiver != nullptr) exprs.push_back(receiver);
    for (const ExprPtr& argument : n.arguments) exprs.push_back(argument.get());
    Compiled made = Whole();
    std::vector<NodePtr> arguments;
    for (const Expr* argument : exprs) arguments.push_back(Child(*argument, strict, made));
    const Function* function = Choose(name, receiver != nullptr, exprs.size(), expr.position);
    if (function == nullptr) return {MakeConstant(Value::Null()), false, kNoLocal};
    std::unique_ptr<const Regex> regex;
    if (function->pattern >= 0) {
      const auto at = static_cast<size_t>(function->pattern);
      const Value* pattern = arguments[at]->constant();
      if (pattern != nullptr && pattern->kind() == Value::Kind::kString) {
        std::string error;
        regex = Regex::Compile(pattern->string_value(), error);
        if (!regex) return Error(exprs[at]->position, std::move(error));
      }
    }
    made.foldable = made.foldable && function->pure;
    made.node = MakeCall(*function, std::move(arguments), std::move(regex));
    return made;
  }

  // The function, or null with an error that says what fits.
  const Function* Choose(const std::string& name, bool member, size_t count,
                         SourcePosition position) {
    const std::vector<const Function*> found = FindFunctions(name, member);
    for (const Function* function : found) {
      if (function->Takes(count)) return function;
    }
    if (!found.empty()) {
      const size_t written = count - (member ? 1 : 0);
      Error(position, name + "() does not take " + std::to_string(written) +
                          (written == 1 ? " argument" : " arguments"));
      return nullptr;
    }
    if (!FindFunctions(name, !member).empty()) {
      Error(position, member ? name + "() is not called on a value: write " + name + "(x)"
                             : name + "() is called on a value: write x." + name + "()");
      return nullptr;
    }
    Error(position, "unknown function: " + name + "()", NearestName(name, FunctionNames(member)));
    return nullptr;
  }

  Arena& arena_;
  Scope& scope_;
  std::vector<CompileError>& errors_;
  std::vector<std::string> locals_;
  size_t max_locals_ = 0;
  bool strict_ = true;
};

}  // namespace

std::unique_ptr<Program> CompileTree(const Expr& tree, std::shared_ptr<Arena> arena, Scope& scope,
                                     std::vector<CompileError>& errors) {
  const size_t before = errors.size();
  Compiler compiler(*arena, scope, errors);
  Compiled compiled = compiler.Compile(tree, true);
  if (errors.size() > before) return nullptr;
  return std::make_unique<CompiledProgram>(std::move(arena), std::move(compiled.node),
                                           compiler.max_locals());
}

}  // namespace sidestream::expression
