// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/compiler.h"

#include <algorithm>
#include <limits>

#include "expression/checker.h"
#include "expression/cost.h"
#include "expression/names.h"
#include "expression/nodes.h"

namespace sidestream::expression {
namespace {

using serde::Value;

// Only pure functions are folded, and none of them asks.
class NoEnvironment final : public Environment {
 public:
  serde::Nanos Now() override { return {}; }
  uint64_t RandomBits() override { return 0; }
};

constexpr std::string_view kNeedsBool = "the condition must be bool";
constexpr std::string_view kNone =
    "the result is optional.none(): give it a value with orValue()";

class CompiledProgram final : public Program {
 public:
  CompiledProgram(std::shared_ptr<Arena> arena, NodePtr root, size_t locals, Type type, Cost cost,
                  std::vector<int32_t> slots)
      : arena_(std::move(arena)),
        root_(std::move(root)),
        locals_(locals),
        type_(std::move(type)),
        cost_(cost),
        slots_(std::move(slots)) {}

  Result<Value> Evaluate(std::span<const Value> slots, Environment& environment,
                         Arena& arena) const override {
    return Run<Value>(slots, environment, arena, [&](Evaluation& evaluation, Value& result) {
      return root_->Evaluate(evaluation, result);
    });
  }

  Result<bool> Test(std::span<const Value> slots, Environment& environment,
                    Arena& arena) const override {
    return Run<bool>(slots, environment, arena, [&](Evaluation& evaluation, bool& result) {
      if (type_.kind == TypeKind::kBool) return root_->Test(evaluation, kNeedsBool, result);
      Value value;
      if (!root_->Evaluate(evaluation, value)) return false;
      value = Unwrap(value);
      result = value.kind() == Value::Kind::kBool && value.bool_value();
      if (value.missing()) return evaluation.Fail(std::string(kNone));
      return value.kind() == Value::Kind::kBool || NeedsOther(evaluation, kNeedsBool, value);
    });
  }

  std::optional<Value> constant() const override {
    const Value* value = root_->constant();
    return value == nullptr ? std::nullopt : std::optional<Value>(*value);
  }
  const Type& type() const override { return type_; }
  std::span<const int32_t> slots() const override { return slots_; }
  std::optional<int32_t> passed_slot() const override {
    const int32_t slot = root_->passed_slot();
    return slot < 0 ? std::nullopt : std::optional<int32_t>(slot);
  }
  Cost cost() const override { return root_->constant() == nullptr ? cost_ : Cost{}; }

 private:
  template <typename T, typename Body>
  Result<T> Run(std::span<const Value> slots, Environment& environment, Arena& arena,
                const Body& body) const {
    const std::span<Value> locals =
        locals_ == 0 ? std::span<Value>() : arena.NewArray<Value>(locals_);
    Evaluation evaluation(slots, locals, environment, arena);
    T result{};
    if (body(evaluation, result)) return result;
    return Status::BadRecord(evaluation.TakeError());
  }

  std::shared_ptr<Arena> arena_;
  NodePtr root_;
  size_t locals_;
  Type type_;
  Cost cost_;
  std::vector<int32_t> slots_;
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
  Compiler(Arena& arena, Scope& scope, const ExprKinds& kinds, std::vector<CompileError>& errors)
      : arena_(arena), scope_(scope), kinds_(kinds), errors_(errors) {}

  // `strict`: evaluated in every run that gets an outcome at all, so that a constant
  // that fails is a mistake of the text.
  Compiled Compile(const Expr& expr, bool strict) {
    const bool outer = std::exchange(strict_, strict);
    Compiled compiled = std::visit([&](const auto& n) { return Visit(n, expr); }, expr.node);
    strict_ = outer;
    return Fold(std::move(compiled), expr, strict);
  }

  size_t max_locals() const { return max_locals_; }
  /// Ascending, each once.
  std::vector<int32_t> TakeSlots() {
    std::ranges::sort(slots_);
    slots_.erase(std::unique(slots_.begin(), slots_.end()), slots_.end());
    return std::move(slots_);
  }

 private:
  NodePtr Slot(int32_t slot, const std::string& text) {
    slots_.push_back(slot);
    return MakeSlot(slot, text);
  }

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
    const Ident* ident = LocalCandidate(expr);
    return ident != nullptr && FindLocal(ident->name) >= 0;
  }

  // Of what has no meaning: reached in a tree that was not checked only.
  static Compiled Unresolved(std::string message) {
    return {MakeFailure(std::move(message)), false, kNoLocal};
  }

  Compiled Visit(const Literal& n, const Expr&) { return {MakeConstant(n.value), true, kNoLocal}; }

  Compiled Visit(const SlotReference& n, const Expr&) {
    return {Slot(n.slot, n.text), false, kNoLocal};
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

  // A variable and the path of its slot, or a type.
  Compiled Chain(const Expr& expr) {
    const std::vector<std::string> names = PlainChain(expr);
    const std::string text = JoinNames(names);
    const NameMeaning meaning =
        ResolveName(scope_, names, std::get<Ident>(FirstOf(expr).node).absolute);
    switch (meaning.kind) {
      case NameMeaning::Kind::kVariable: {
        const auto path = std::span<const std::string>(names).subspan(meaning.length);
        return {Slot(scope_.Slot(meaning.name, path), text), false, kNoLocal};
      }
      case NameMeaning::Kind::kType:
        return {MakeConstant(Value::Type(arena_.Copy(meaning.name))), true, kNoLocal};
      case NameMeaning::Kind::kConstant:
        return {MakeConstant(meaning.constant), true, kNoLocal};
      case NameMeaning::Kind::kUnknown:
        break;
    }
    return Unresolved("unknown variable: " + names.front());
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
    const std::optional<Value::Kind> kind = KindOfOperands(*n.left, *n.right);
    made.node = kind ? MakeTypedBinary(n.op, *kind, std::move(left), std::move(right))
                     : MakeBinary(n.op, std::move(left), std::move(right));
    return made;
  }

  // What both are expected to be: of one that is not known, what the other is.
  std::optional<Value::Kind> KindOfOperands(const Expr& left, const Expr& right) const {
    const auto a = kinds_.find(&left);
    const auto b = kinds_.find(&right);
    if (a == kinds_.end() && b == kinds_.end()) return std::nullopt;
    if (a == kinds_.end()) return b->second;
    if (b == kinds_.end() || a->second == b->second) return a->second;
    return std::nullopt;
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

  Compiled Visit(const MessageLiteral& n, const Expr&) {
    const bool strict = strict_;
    const serde::MessageType* type = ResolveMessage(scope_, n.type, n.absolute);
    if (type == nullptr) return Unresolved("unknown message type: " + n.type);
    Compiled made = Whole();
    std::vector<MessageFieldNode> fields;
    for (const MessageLiteral::Field& field : n.fields) {
      const serde::MessageField* known = type->Find(field.name);
      if (known == nullptr)
        return Unresolved("message " + type->name + " has no field " + field.name);
      fields.push_back({known, Child(*field.value, strict, made), field.optional});
    }
    made.node = MakeMessage(*scope_.message_types(), *type, std::move(fields));
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

  Compiled Visit(const Call& n, const Expr&) {
    if (!n.receiver) return FunctionCall(n.function, nullptr, n);
    if (n.arguments.size() == 1 && (n.function == "or" || n.function == "orValue")) {
      const bool strict = strict_;
      Compiled made = Whole();
      NodePtr receiver = Child(*n.receiver, strict, made);
      NodePtr argument = Child(*n.arguments[0], false, made);
      made.node = MakeOptionalOr(std::move(receiver), std::move(argument), n.function == "orValue");
      return made;
    }
    const CallMeaning meaning =
        ResolveCall(n, scope_, FunctionTable::Standard(), IsLocal(*n.receiver));
    return FunctionCall(meaning.function, meaning.receiver, n);
  }

  Compiled FunctionCall(const std::string& name, const Expr* receiver, const Call& n) {
    const bool strict = strict_;
    std::vector<const Expr*> exprs;
    if (receiver != nullptr) exprs.push_back(receiver);
    for (const ExprPtr& argument : n.arguments) exprs.push_back(argument.get());
    Compiled made = Whole();
    std::vector<NodePtr> arguments;
    for (const Expr* argument : exprs) arguments.push_back(Child(*argument, strict, made));
    const Function* function = Choose(name, receiver != nullptr, exprs.size());
    if (function == nullptr) return Unresolved("unknown function: " + name + "()");
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

  static const Function* Choose(const std::string& name, bool member, size_t count) {
    for (const FunctionTable::Entry* entry : FunctionTable::Standard().Find(name, member)) {
      if (entry->Takes(count)) return entry->function;
    }
    return nullptr;
  }

  Arena& arena_;
  Scope& scope_;
  const ExprKinds& kinds_;
  std::vector<CompileError>& errors_;
  std::vector<std::string> locals_;
  size_t max_locals_ = 0;
  std::vector<int32_t> slots_;
  bool strict_ = true;
};

}  // namespace

std::unique_ptr<Program> CompileTree(const Expr& tree, std::shared_ptr<Arena> arena, Scope& scope,
                                     std::vector<CompileError>& errors, Checking checking) {
  const size_t before = errors.size();
  Type type;
  ExprKinds kinds;
  if (checking == Checking::kOn)
    type = CheckTree(tree, scope, FunctionTable::Standard(), errors, &kinds);
  if (errors.size() > before) return nullptr;
  Compiler compiler(*arena, scope, kinds, errors);
  Compiled compiled = compiler.Compile(tree, true);
  if (errors.size() > before) return nullptr;
  return std::make_unique<CompiledProgram>(std::move(arena), std::move(compiled.node),
                                           compiler.max_locals(), std::move(type),
                                           EstimateCost(tree, scope, kinds), compiler.TakeSlots());
}

}  // namespace sidestream::expression
