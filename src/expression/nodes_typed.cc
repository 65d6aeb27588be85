// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Operators whose operands are expected to be of one kind: int, double, string or bool. They look
// at the kinds once and compute in place; a value of another kind (null, or where nothing was
// known) takes the way of every other operator, so that the meaning is the same.

#include <functional>
#include <type_traits>

#include "expression/nodes.h"
#include "expression/operators.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

struct OfInt {
  static constexpr Kind kKind = Kind::kInt;
  static int64_t Get(const Value& value) { return value.int_value(); }
};
struct OfDouble {
  static constexpr Kind kKind = Kind::kDouble;
  static double Get(const Value& value) { return value.double_value(); }
};
struct OfString {
  static constexpr Kind kKind = Kind::kString;
  static std::string_view Get(const Value& value) { return value.string_value(); }
};
struct OfBool {
  static constexpr Kind kKind = Kind::kBool;
  static bool Get(const Value& value) { return value.bool_value(); }
};

// Short texts are no work that counts.
template <typename Of>
bool IsShort(const Value& left, const Value& right) {
  if constexpr (std::is_same_v<Of, OfString>) {
    return left.string_value().size() < Evaluation::kBytesPerStep ||
           right.string_value().size() < Evaluation::kBytesPerStep;
  }
  return true;
}

// What two values compare to; false: not in place.
template <typename Of, typename Compare>
bool CompareInPlace(const Value& left, const Value& right, bool& result) {
  if (left.kind() != Of::kKind || right.kind() != Of::kKind || !IsShort<Of>(left, right))
    return false;
  result = Compare()(Of::Get(left), Of::Get(right));
  return true;
}

// What an operator is applied to. A slot and a constant are looked at where they lie, without a
// call.
class Operand {
 public:
  explicit Operand(NodePtr node)
      : node_(std::move(node)), constant_(node_->constant()), slot_(node_->passed_slot()) {}

  // Null: it failed. `made` is where a value that is computed lies.
  const Value* Get(Evaluation& evaluation, Value& made) const {
    if (constant_ != nullptr) return constant_;
    // A missing field has its message there.
    if (slot_ >= 0 && !evaluation.slot(slot_).missing()) return &evaluation.slot(slot_);
    return node_->Evaluate(evaluation, made) ? &made : nullptr;
  }

 private:
  NodePtr node_;
  const Value* constant_;
  int32_t slot_;
};

template <typename Of, typename Compare>
class CompareNode final : public Node {
 public:
  CompareNode(BinaryOperator op, NodePtr left, NodePtr right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    bool result = false;
    if (!Test(evaluation, {}, result)) return false;
    out = Value::Bool(result);
    return true;
  }
  bool Test(Evaluation& evaluation, std::string_view, bool& result) const override {
    Value made_left;
    const Value* const left = left_.Get(evaluation, made_left);
    if (left == nullptr) return false;
    Value made_right;
    const Value* const right = right_.Get(evaluation, made_right);
    if (right == nullptr) return false;
    if (CompareInPlace<Of, Compare>(*left, *right, result)) return true;
    Value out;
    if (!ApplyBinary(op_, *left, *right, evaluation, out)) return false;
    result = out.bool_value();  // comparisons give nothing else
    return true;
  }

 private:
  BinaryOperator op_;
  Operand left_;
  Operand right_;
};

struct Add {
  static bool Run(int64_t a, int64_t b, int64_t& out) {
    return !__builtin_add_overflow(a, b, &out);
  }
  static bool Run(double a, double b, double& out) {
    out = a + b;
    return true;
  }
};
struct Subtract {
  static bool Run(int64_t a, int64_t b, int64_t& out) {
    return !__builtin_sub_overflow(a, b, &out);
  }
  static bool Run(double a, double b, double& out) {
    out = a - b;
    return true;
  }
};
struct Multiply {
  static bool Run(int64_t a, int64_t b, int64_t& out) {
    return !__builtin_mul_overflow(a, b, &out);
  }
  static bool Run(double a, double b, double& out) {
    out = a * b;
    return true;
  }
};

// By zero and by -1 have their place with the other operators.
struct Divide {
  static bool Run(int64_t a, int64_t b, int64_t& out) {
    if (b == 0 || b == -1) return false;
    out = a / b;
    return true;
  }
  static bool Run(double a, double b, double& out) {
    out = a / b;
    return true;
  }
};
struct Modulo {
  static bool Run(int64_t a, int64_t b, int64_t& out) {
    if (b == 0 || b == -1) return false;
    out = a % b;
    return true;
  }
};

template <typename Of, typename Operation>
class ArithmeticNode final : public Node {
 public:
  ArithmeticNode(BinaryOperator op, NodePtr left, NodePtr right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value made_left;
    const Value* const left = left_.Get(evaluation, made_left);
    if (left == nullptr) return false;
    Value made_right;
    const Value* const right = right_.Get(evaluation, made_right);
    if (right == nullptr) return false;
    if (left->kind() == Of::kKind && right->kind() == Of::kKind) {
      decltype(Of::Get(*left)) result{};
      // An overflow has its message below.
      if (Operation::Run(Of::Get(*left), Of::Get(*right), result)) {
        if constexpr (Of::kKind == Kind::kInt) {
          out = Value::Int(result);
        } else {
          out = Value::Double(result);
        }
        return true;
      }
    }
    return ApplyBinary(op_, *left, *right, evaluation, out);
  }

 private:
  BinaryOperator op_;
  Operand left_;
  Operand right_;
};

template <typename Of, typename Compare>
NodePtr MakeCompare(BinaryOperator op, NodePtr& left, NodePtr& right) {
  return std::make_unique<CompareNode<Of, Compare>>(op, std::move(left), std::move(right));
}

template <typename Of>
NodePtr MakeOf(BinaryOperator op, NodePtr& left, NodePtr& right) {
  constexpr bool kOrdered = !std::is_same_v<Of, OfBool>;
  constexpr bool kNumber = kOrdered && !std::is_same_v<Of, OfString>;
  if (op == BinaryOperator::kEqual) return MakeCompare<Of, std::equal_to<>>(op, left, right);
  if (op == BinaryOperator::kNotEqual) return MakeCompare<Of, std::not_equal_to<>>(op, left, right);
  if constexpr (kOrdered) {
    if (op == BinaryOperator::kLess) return MakeCompare<Of, std::less<>>(op, left, right);
    if (op == BinaryOperator::kLessEqual)
      return MakeCompare<Of, std::less_equal<>>(op, left, right);
    if (op == BinaryOperator::kGreater) return MakeCompare<Of, std::greater<>>(op, left, right);
    if (op == BinaryOperator::kGreaterEqual)
      return MakeCompare<Of, std::greater_equal<>>(op, left, right);
  }
  if constexpr (kNumber) {
    const auto make = [&]<typename Operation>(Operation) -> NodePtr {
      return std::make_unique<ArithmeticNode<Of, Operation>>(op, std::move(left), std::move(right));
    };
    if (op == BinaryOperator::kAdd) return make(Add());
    if (op == BinaryOperator::kSubtract) return make(Subtract());
    if (op == BinaryOperator::kMultiply) return make(Multiply());
    if (op == BinaryOperator::kDivide) return make(Divide());
    if constexpr (std::is_same_v<Of, OfInt>) {
      if (op == BinaryOperator::kModulo) return make(Modulo());
    }
  }
  return MakeBinary(op, std::move(left), std::move(right));
}

}  // namespace

NodePtr MakeTypedBinary(BinaryOperator op, Kind kind, NodePtr left, NodePtr right) {
  switch (kind) {
    case Kind::kInt:
      return MakeOf<OfInt>(op, left, right);
    case Kind::kDouble:
      return MakeOf<OfDouble>(op, left, right);
    case Kind::kString:
      return MakeOf<OfString>(op, left, right);
    case Kind::kBool:
      return MakeOf<OfBool>(op, left, right);
    default:
      return MakeBinary(op, std::move(left), std::move(right));
  }
}

}  // namespace sidestream::expression
