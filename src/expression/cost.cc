// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/cost.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "expression/function_table.h"
#include "expression/names.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

// Both bounds, of costs as of sizes. What does not fit stays at the largest number.
uint64_t Sum(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
uint64_t Product(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
Cost operator+(const Cost& a, const Cost& b) {
  return {Sum(a.least, b.least), Sum(a.most, b.most)};
}
Cost operator*(const Cost& a, const Cost& b) {
  return {Product(a.least, b.least), Product(a.most, b.most)};
}

constexpr Cost kOne{1, 1};
constexpr Cost kUnknownSize{0, kAssumedSize};

// Going through texts and lists of this size.
Cost Through(const Cost& size) { return {size.least / 10, size.most / 10}; }

// Either of the two happens.
Cost Either(const Cost& a, const Cost& b) {
  return {std::min(a.least, b.least), std::max(a.most, b.most)};
}

struct Estimate {
  Cost cost;
  Cost size;  // elements or characters of the result
};

class Estimator {
 public:
  Estimator(const Scope& scope, const ExprKinds& kinds) : scope_(scope), kinds_(kinds) {}

  Estimate Of(const Expr& expr) {
    return std::visit([&](const auto& n) { return Visit(n, expr); }, expr.node);
  }

 private:
  // Of a result of which only the kind may be known.
  Cost SizeOf(const Expr& expr, const Cost& otherwise = kUnknownSize) const {
    const auto found = kinds_.find(&expr);
    if (found == kinds_.end()) return otherwise;
    switch (found->second) {
      case Kind::kString:
      case Kind::kBytes:
      case Kind::kList:
      case Kind::kMap:
      case Kind::kOptional:
        return otherwise;
      default:
        return {};
    }
  }

  const Cost* FindLocal(const Expr& expr) const {
    const Ident* ident = LocalCandidate(expr);
    if (ident == nullptr) return nullptr;
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local) {
      if (local->first == ident->name) return &local->second;
    }
    return nullptr;
  }

  Estimate Visit(const Literal& n, const Expr&) {
    const bool text = n.value.kind() == Kind::kString || n.value.kind() == Kind::kBytes;
    const uint64_t size = text ? n.value.string_value().size() : 0;
    return {{}, {size, size}};
  }
  Estimate Visit(const SlotReference&, const Expr& expr) { return {kOne, SizeOf(expr)}; }
  Estimate Visit(const Ident&, const Expr& expr) {
    const Cost* local = FindLocal(expr);
    return {kOne, SizeOf(expr, local == nullptr ? kUnknownSize : *local)};
  }
  Estimate Visit(const Select& n, const Expr& expr) {
    // A chain from a variable of the record is one slot.
    if (!n.optional && FindLocal(expr) == nullptr && !PlainChain(expr).empty())
      return {kOne, SizeOf(expr)};
    return {Of(*n.operand).cost + kOne, SizeOf(expr)};
  }
  Estimate Visit(const Has& n, const Expr&) { return {Of(*n.operand).cost + kOne, {}}; }
  Estimate Visit(const Index& n, const Expr& expr) {
    return {Of(*n.operand).cost + Of(*n.index).cost + kOne, SizeOf(expr)};
  }
  Estimate Visit(const Unary& n, const Expr&) { return {Of(*n.operand).cost + kOne, {}}; }

  Estimate Visit(const Binary& n, const Expr& expr) {
    const Estimate left = Of(*n.left);
    const Estimate right = Of(*n.right);
    const Cost both = left.cost + right.cost + kOne;
    switch (n.op) {
      case BinaryOperator::kIn:
        return {both + Cost{0, Through(right.size).most}, {}};
      case BinaryOperator::kAdd: {
        const Cost size = SizeOf(expr, left.size + right.size);
        return {both + Through(size), size};
      }
      default:
        return {both + Cost{0, Through({0, std::min(left.size.most, right.size.most)}).most}, {}};
    }
  }

  Estimate Visit(const Logic& n, const Expr&) {
    Cost cost = Of(*n.operands.front()).cost;
    for (size_t i = 1; i < n.operands.size(); ++i)
      cost.most = Sum(cost.most, Of(*n.operands[i]).cost.most);
    return {cost + kOne, {}};
  }

  Estimate Visit(const Conditional& n, const Expr&) {
    const Estimate then = Of(*n.then);
    const Estimate otherwise = Of(*n.otherwise);
    return {Of(*n.condition).cost + kOne + Either(then.cost, otherwise.cost),
            Either(then.size, otherwise.size)};
  }

  Estimate Visit(const ListLiteral& n, const Expr&) {
    Estimate made{kOne, {}};
    for (const ListLiteral::Element& element : n.elements) {
      made.cost = made.cost + Of(*element.value).cost;
      made.size = made.size + Cost{element.optional ? 0U : 1U, 1};
    }
    return made;
  }

  Estimate Visit(const MapLiteral& n, const Expr&) {
    Estimate made{kOne, {}};
    for (const MapLiteral::Entry& entry : n.entries) {
      made.cost = made.cost + Of(*entry.key).cost + Of(*entry.value).cost;
      made.size = made.size + Cost{entry.optional ? 0U : 1U, 1};
    }
    return made;
  }

  Estimate Visit(const MessageLiteral& n, const Expr&) {
    Estimate made{kOne, {}};
    for (const MessageLiteral::Field& field : n.fields) {
      made.cost = made.cost + Of(*field.value).cost + kOne;
    }
    return made;
  }

  Estimate Visit(const Comprehension& n, const Expr& expr) {
    const Estimate range = Of(*n.range);
    const size_t outer = locals_.size();
    const bool bind = n.macro == Macro::kBind;
    for (const std::string& variable : n.variables) {
      locals_.emplace_back(variable, bind ? range.size : kUnknownSize);
    }
    const Estimate body = Of(*n.body);
    const Cost filter = n.filter ? Of(*n.filter).cost : Cost{};
    locals_.resize(outer);
    if (bind) return {range.cost + body.cost, body.size};
    if (n.macro == Macro::kOptMap || n.macro == Macro::kOptFlatMap)
      return {range.cost + kOne + Cost{0, body.cost.most}, body.size};
    Cost each = filter + body.cost + kOne;
    if (n.filter) each.least = Sum(filter.least, 1);
    Cost rounds = range.size;
    // One element may decide.
    if (n.macro == Macro::kAll || n.macro == Macro::kExists)
      rounds.least = std::min<uint64_t>(rounds.least, 1);
    const bool every = n.macro == Macro::kMap || n.macro == Macro::kTransformList ||
                       n.macro == Macro::kTransformMap || n.macro == Macro::kSortBy;
    Cost size = SizeOf(expr, range.size);
    if (!every || n.filter) size.least = 0;
    if (n.macro == Macro::kTransformMapEntry) size = SizeOf(expr, range.size * body.size);
    Cost cost = range.cost + kOne + rounds * each;
    // Sorting compares each with a few others.
    if (n.macro == Macro::kSortBy) cost = cost + Cost{0, Product(rounds.most, 10)};
    return {cost, size};
  }

  Estimate Visit(const Call& n, const Expr& expr) {
    const bool hidden = n.receiver && FindLocal(*n.receiver) != nullptr;
    const FunctionTable& functions = FunctionTable::Standard();
    const CallMeaning meaning = ResolveCall(n, scope_, functions, hidden);
    Estimate all{kOne, {}};
    const auto add = [&](const Expr& argument) {
      const Estimate estimate = Of(argument);
      all.cost = all.cost + estimate.cost;
      all.size = all.size + estimate.size;
    };
    if (meaning.receiver != nullptr) add(*meaning.receiver);
    for (const ExprPtr& argument : n.arguments) add(*argument);
    const auto found = functions.Find(meaning.function, meaning.receiver != nullptr);
    const Function* function = found.empty() ? nullptr : found.front()->function;
    const bool goes_through = function == nullptr || !function->counted;
    if (goes_through && meaning.function != "or" && meaning.function != "orValue")
      all.cost = all.cost + Cost{0, Through(all.size).most};
    all.size = SizeOf(expr, {0, std::max(kAssumedSize, all.size.most)});
    if (meaning.function == "lists.range") all.size = RangeSize(*n.arguments.front());
    all.cost.most = Sum(all.cost.most, Through(all.size).most);
    return all;
  }

  static Cost RangeSize(const Expr& argument) {
    const auto* literal = std::get_if<Literal>(&argument.node);
    if (literal == nullptr || literal->value.kind() != Kind::kInt || literal->value.int_value() < 0)
      return kUnknownSize;
    const auto size = static_cast<uint64_t>(literal->value.int_value());
    return {size, size};
  }

  const Scope& scope_;
  const ExprKinds& kinds_;
  std::vector<std::pair<std::string, Cost>> locals_;  // sizes, innermost last
};

}  // namespace

Cost EstimateCost(const Expr& tree, const Scope& scope, const ExprKinds& kinds) {
  return Estimator(scope, kinds).Of(tree).cost;
}

}  // namespace sidestream::expression
