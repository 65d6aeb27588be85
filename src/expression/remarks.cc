// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/remarks.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/check.h"
#include "expression/ast.h"
#include "expression/checker.h"
#include "expression/function_table.h"
#include "expression/parser.h"

namespace sidestream::expression {
namespace {

using serde::Value;

/// A scope with the variables of the macros around.
class LocalScope final : public Scope {
 public:
  LocalScope(const Scope& outer, std::vector<std::pair<std::string, Type>> locals)
      : outer_(outer), locals_(std::move(locals)) {}
  bool HasVariable(std::string_view name) const override {
    return Find(name) != nullptr || outer_.HasVariable(name);
  }
  std::vector<std::string> VariableNames() const override { return outer_.VariableNames(); }
  Type VariableType(std::string_view name) const override {
    const Type* local = Find(name);
    return local == nullptr ? outer_.VariableType(name) : *local;
  }
  std::string_view container() const override { return outer_.container(); }
  const serde::MessageTypes* message_types() const override { return outer_.message_types(); }
  int32_t Slot(std::string_view /*variable*/, std::span<const std::string> /*path*/) override {
    CHECK(false) << "types need no slots";
    return -1;
  }

 private:
  const Type* Find(std::string_view name) const {
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->first == name) return &local->second;
    }
    return nullptr;
  }
  const Scope& outer_;
  std::vector<std::pair<std::string, Type>> locals_;
};

const Value* LiteralOf(const Expr& expr) {
  const auto* literal = std::get_if<Literal>(&expr.node);
  return literal == nullptr ? nullptr : &literal->value;
}

bool IsZero(const Expr& expr) {
  const Value* value = LiteralOf(expr);
  if (value == nullptr) return false;
  return (value->kind() == Value::Kind::kInt && value->int_value() == 0) ||
         (value->kind() == Value::Kind::kUint && value->uint_value() == 0);
}

bool IsSize(const Expr& expr) {
  const auto* call = std::get_if<Call>(&expr.node);
  return call != nullptr && call->function == "size";
}

/// What lowerAscii() and upperAscii() can never give.
bool NeverGives(const Expr& call_expr, const Expr& literal_expr) {
  const auto* call = std::get_if<Call>(&call_expr.node);
  const Value* value = LiteralOf(literal_expr);
  if (call == nullptr || value == nullptr || value->kind() != Value::Kind::kString) return false;
  const std::string_view text = value->string_value();
  const auto has = [&](char first, char last) {
    return std::any_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
  };
  return (call->function == "lowerAscii" && has('A', 'Z')) ||
         (call->function == "upperAscii" && has('a', 'z'));
}

/// The number of an int literal; -1: it is none.
int64_t NumberOf(const Expr& expr) {
  const Value* value = LiteralOf(expr);
  return value != nullptr && value->kind() == Value::Kind::kInt ? value->int_value() : -1;
}

std::string TwoDigits(int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

/// "2026-01-01" for `2026 - 1 - 1`; empty: no date.
std::string DateOf(const Binary& n) {
  const auto* months = std::get_if<Binary>(&n.left->node);
  if (months == nullptr || months->op != BinaryOperator::kSubtract) return "";
  const int64_t year = NumberOf(*months->left);
  const int64_t month = NumberOf(*months->right);
  const int64_t day = NumberOf(*n.right);
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) return "";
  return std::to_string(year) + "-" + TwoDigits(month) + "-" + TwoDigits(day);
}

std::string AlwaysText(bool outcome) { return outcome ? "always true" : "always false"; }

class Reader {
 public:
  explicit Reader(const Scope& scope) : scope_(scope) {}

  void Walk(const Expr& expr) {
    std::visit([&](const auto& n) { Visit(n, expr); }, expr.node);
  }
  std::vector<Remark> Take() { return std::move(remarks_); }

 private:
  void Add(Remark::Kind kind, SourcePosition position, std::string message,
           std::string suggestion = "") {
    remarks_.push_back({kind, position, std::move(message), std::move(suggestion)});
  }

  /// Empty where the part has an error, or a function that is no part of the library.
  std::optional<Type> TypeOf(const Expr& expr) const {
    std::vector<CompileError> errors;
    Type type = CheckTree(expr, LocalScope(scope_, locals_), FunctionTable::Standard(), errors);
    if (!errors.empty()) return std::nullopt;
    return type;
  }

  void Visit(const Literal&, const Expr&) {}
  void Visit(const Ident&, const Expr&) {}
  void Visit(const SlotReference&, const Expr&) {}
  void Visit(const Select& n, const Expr&) { Walk(*n.operand); }
  void Visit(const Has& n, const Expr&) { Walk(*n.operand); }
  void Visit(const Unary& n, const Expr&) { Walk(*n.operand); }
  void Visit(const Index& n, const Expr&) {
    Walk(*n.operand);
    Walk(*n.index);
  }
  void Visit(const Conditional& n, const Expr&) {
    Walk(*n.condition);
    Walk(*n.then);
    Walk(*n.otherwise);
  }
  void Visit(const ListLiteral& n, const Expr&) {
    for (const ListLiteral::Element& element : n.elements) Walk(*element.value);
  }
  void Visit(const MapLiteral& n, const Expr&) {
    for (const MapLiteral::Entry& entry : n.entries) {
      Walk(*entry.key);
      Walk(*entry.value);
    }
  }

  void Visit(const MessageLiteral& n, const Expr&) {
    for (const MessageLiteral::Field& field : n.fields) Walk(*field.value);
  }

  void Visit(const Call& n, const Expr& expr) {
    if (n.receiver) Walk(*n.receiver);
    if (!n.receiver) {
      for (const auto* entry : FunctionTable::Standard().Find(n.function, false)) {
        if (entry->function == nullptr || entry->function->pure) continue;
        Add(Remark::Kind::kImpure, expr.position,
            n.function + "() gives another result each time it is called");
        break;
      }
    }
    for (const ExprPtr& argument : n.arguments) Walk(*argument);
  }

  void Visit(const Comprehension& n, const Expr&) {
    Walk(*n.range);
    const std::optional<Type> range = TypeOf(*n.range);
    const size_t before = locals_.size();
    for (size_t i = 0; i < n.variables.size(); ++i) {
      // Of the last variable the type is known where the range has one.
      Type type;
      if (range && i + 1 == n.variables.size()) {
        if (n.macro == Macro::kBind) type = *range;
        if (n.macro != Macro::kBind && range->Is(TypeKind::kList)) type = range->parameters[0];
      }
      locals_.emplace_back(n.variables[i], std::move(type));
    }
    if (n.filter) Walk(*n.filter);
    Walk(*n.body);
    locals_.resize(before);
  }

  void Visit(const Logic& n, const Expr&) {
    for (const ExprPtr& operand : n.operands) Walk(*operand);
    CheckContradiction(n);
  }

  /// `x == "a" && x == "b"`, `x != "a" || x != "b"`.
  void CheckContradiction(const Logic& n) {
    const BinaryOperator wanted =
        n.conjunction ? BinaryOperator::kEqual : BinaryOperator::kNotEqual;
    std::vector<std::pair<std::string, std::string>> seen;
    for (const ExprPtr& operand : n.operands) {
      const auto* binary = std::get_if<Binary>(&operand->node);
      if (binary == nullptr || binary->op != wanted) continue;
      const bool right = LiteralOf(*binary->right) != nullptr;
      if (right == (LiteralOf(*binary->left) != nullptr)) continue;
      const std::string what = ToText(right ? *binary->left : *binary->right);
      const std::string with = ToText(right ? *binary->right : *binary->left);
      const auto other = std::find_if(seen.begin(), seen.end(), [&](const auto& entry) {
        return entry.first == what && entry.second != with;
      });
      if (other != seen.end()) {
        Add(Remark::Kind::kOneOutcome, operand->position,
            "this is " + AlwaysText(!n.conjunction) + ": " + what + " is never both " +
                other->second + " and " + with,
            n.conjunction ? "write || , or in [...]" : "write && , or !(... in [...])");
        return;
      }
      seen.emplace_back(what, with);
    }
  }

  void Visit(const Binary& n, const Expr& expr) {
    Walk(*n.left);
    switch (n.op) {
      case BinaryOperator::kEqual:
      case BinaryOperator::kNotEqual:
        if (!CheckOutcome(n, expr)) CheckFloat(n, expr);
        break;
      case BinaryOperator::kLess:
      case BinaryOperator::kLessEqual:
      case BinaryOperator::kGreater:
      case BinaryOperator::kGreaterEqual:
        CheckOutcome(n, expr);
        break;
      case BinaryOperator::kDivide:
        CheckDivision(n, expr);
        break;
      case BinaryOperator::kSubtract:
        CheckDate(n, expr);
        break;
      default:
        break;
    }
    Walk(*n.right);
  }

  bool CheckOutcome(const Binary& n, const Expr& expr) {
    using enum BinaryOperator;
    if (LiteralOf(*n.left) != nullptr && LiteralOf(*n.right) != nullptr) {
      Add(Remark::Kind::kOneOutcome, expr.position,
          "this compares two constants: it has the same outcome for every record");
      return true;
    }
    const bool equal = n.op == kEqual || n.op == kLessEqual || n.op == kGreaterEqual;
    if (ToText(*n.left) == ToText(*n.right) && IsSteady(*n.left)) {
      Add(Remark::Kind::kOneOutcome, expr.position,
          "this compares a value with itself: it is " + AlwaysText(equal));
      return true;
    }
    if ((n.op == kEqual || n.op == kNotEqual) &&
        (NeverGives(*n.left, *n.right) || NeverGives(*n.right, *n.left))) {
      Add(Remark::Kind::kOneOutcome, expr.position,
          "this is " + AlwaysText(n.op == kNotEqual) +
              ": the constant has letters that the function never gives");
      return true;
    }
    return CheckBelowZero(n, expr);
  }

  /// Sizes and unsigned numbers are never below zero.
  bool CheckBelowZero(const Binary& n, const Expr& expr) {
    using enum BinaryOperator;
    const bool zero_right = IsZero(*n.right);
    if (!zero_right && !IsZero(*n.left)) return false;
    const Expr& number = zero_right ? *n.left : *n.right;
    const bool never = zero_right ? n.op == kLess : n.op == kGreater;
    const bool always = zero_right ? n.op == kGreaterEqual : n.op == kLessEqual;
    if (!never && !always) return false;
    const std::optional<Type> type = TypeOf(number);
    if (!IsSize(number) && !(type && type->Is(TypeKind::kUint))) return false;
    Add(Remark::Kind::kOneOutcome, expr.position,
        "this is " + AlwaysText(always) + ": " +
            (IsSize(number) ? "a size" : "an unsigned number") + " is never below zero");
    return true;
  }

  /// Whether two evaluations for one record give the same.
  static bool IsSteady(const Expr& expr) {
    NoRecordScope nothing;
    Reader reader(nothing);
    reader.Walk(expr);
    return std::none_of(reader.remarks_.begin(), reader.remarks_.end(),
                        [](const Remark& remark) { return remark.kind == Remark::Kind::kImpure; });
  }

  void CheckFloat(const Binary& n, const Expr& expr) {
    const Value* left = LiteralOf(*n.left);
    const Value* right = LiteralOf(*n.right);
    const Value* literal = left != nullptr ? left : right;
    bool doubtful = false;
    if (literal != nullptr) {
      doubtful = literal->kind() == Value::Kind::kDouble &&
                 literal->double_value() != std::trunc(literal->double_value());
    } else {
      const std::optional<Type> a = TypeOf(*n.left);
      const std::optional<Type> b = TypeOf(*n.right);
      doubtful = (a && a->Is(TypeKind::kDouble)) || (b && b->Is(TypeKind::kDouble));
    }
    if (!doubtful) return;
    Add(Remark::Kind::kFloatEquality, expr.position,
        "floating-point numbers that were computed are hardly ever equal: 0.1 + 0.2 is not 0.3",
        "compare with a tolerance, math.abs(a - b) < 0.001, or use decimal(...)");
  }

  void CheckDivision(const Binary& n, const Expr& expr) {
    const std::optional<Type> left = TypeOf(*n.left);
    const std::optional<Type> right = TypeOf(*n.right);
    if (!left || !right || (!left->dyn() && !right->dyn())) return;
    const auto may_cut = [](const Type& type) { return type.dyn() || type.Is(TypeKind::kInt); };
    if (!may_cut(*left) || !may_cut(*right)) return;
    Add(Remark::Kind::kUntypedDivision, expr.position,
        "where both numbers come without a fraction this is an integer division: 5 / 2 is 2, "
        "5.0 / 2 is 2.5",
        "write double(...) or int(...) around one side, or declare the field's type with fields:");
  }

  void CheckDate(const Binary& n, const Expr& expr) {
    const std::string date = DateOf(n);
    if (date.empty()) return;
    Add(Remark::Kind::kDate, StartOf(expr), date + " is a subtraction here",
        "write \"" + date + "\" in quotes, or timestamp(\"" + date + "T00:00:00Z\")");
  }

  class NoRecordScope final : public Scope {
   public:
    bool HasVariable(std::string_view /*name*/) const override { return false; }
    std::vector<std::string> VariableNames() const override { return {}; }
    int32_t Slot(std::string_view /*variable*/, std::span<const std::string> /*path*/) override {
      return -1;
    }
  };

  const Scope& scope_;
  std::vector<std::pair<std::string, Type>> locals_;
  std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> FindRemarks(std::string_view text, const Scope& scope) {
  Arena arena;
  std::vector<CompileError> errors;
  const ExprPtr tree = Parse(text, arena, errors);
  if (tree == nullptr || !errors.empty()) return {};
  Reader reader(scope);
  reader.Walk(*tree);
  return reader.Take();
}

}  // namespace sidestream::expression
