// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/operators.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <type_traits>
#include <vector>

#include "expression/time_arithmetic.h"
#include "serde/decimal.h"

namespace sidestream::expression {
namespace {

using serde::Decimal;
using serde::Value;
using Kind = Value::Kind;

// One number of both kinds: the pairs that arithmetic takes are few.
constexpr int Pair(Kind left, Kind right) {
  return static_cast<int>(left) * 32 + static_cast<int>(right);
}

bool MixesDoubleAndDecimal(const Value& left, const Value& right) {
  return (left.kind() == Kind::kDecimal && right.kind() == Kind::kDouble) ||
         (left.kind() == Kind::kDouble && right.kind() == Kind::kDecimal);
}

bool CannotCompare(BinaryOperator op, const Value& left, const Value& right,
                   Evaluation& evaluation) {
  std::string message = "cannot compare " + KindText(left) + " " + std::string(OperatorText(op)) +
                        " " + KindText(right);
  if (MixesDoubleAndDecimal(left, right)) message += kNoDoubleWithDecimal;
  return evaluation.Fail(std::move(message));
}

bool NoOverload(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation) {
  std::string message = "cannot compute " + KindText(left) + " " + std::string(OperatorText(op)) +
                        " " + KindText(right);
  if (MixesDoubleAndDecimal(left, right))
    return evaluation.Fail(message + std::string(kNoDoubleWithDecimal));
  const bool mixes_uint = (left.kind() == Kind::kUint) != (right.kind() == Kind::kUint);
  if (mixes_uint) message += ": convert the uint with int() or double()";
  if (left.null() || right.null()) message += ": test for null first, or set the step's on_error";
  return evaluation.Fail(std::move(message));
}

bool Overflow(BinaryOperator op, std::string_view kind, Evaluation& evaluation) {
  return evaluation.Fail(std::string(kind) + " overflow in '" + std::string(OperatorText(op)) +
                         "'");
}

template <typename Number>
bool Integers(BinaryOperator op, Number left, Number right, std::string_view kind,
              Evaluation& evaluation, Number& out) {
  bool overflow = false;
  switch (op) {
    case BinaryOperator::kAdd:
      overflow = __builtin_add_overflow(left, right, &out);
      break;
    case BinaryOperator::kSubtract:
      overflow = __builtin_sub_overflow(left, right, &out);
      break;
    case BinaryOperator::kMultiply:
      overflow = __builtin_mul_overflow(left, right, &out);
      break;
    default:
      if (right == 0) {
        return evaluation.Fail(op == BinaryOperator::kDivide ? "division by zero"
                                                             : "modulus by zero");
      }
      // The smallest int by -1 traps on the machine, also for the remainder.
      if constexpr (std::is_signed_v<Number>) {
        if (right == -1 && left == INT64_MIN) {
          overflow = true;
          break;
        }
      }
      out = op == BinaryOperator::kDivide ? left / right : left % right;
  }
  return overflow ? Overflow(op, kind, evaluation) : true;
}

bool Doubles(BinaryOperator op, double left, double right, Value& out) {
  switch (op) {
    case BinaryOperator::kAdd:
      out = Value::Double(left + right);
      return true;
    case BinaryOperator::kSubtract:
      out = Value::Double(left - right);
      return true;
    case BinaryOperator::kMultiply:
      out = Value::Double(left * right);
      return true;
    default:
      out = Value::Double(left / right);
      return true;
  }
}

Decimal AsDecimal(const Value& value) {
  return value.kind() == Kind::kInt ? Decimal::Of(value.int_value()) : value.decimal_value();
}

bool Decimals(BinaryOperator op, const Decimal& left, const Decimal& right, Evaluation& evaluation,
              Value& out) {
  std::optional<Decimal> result;
  switch (op) {
    case BinaryOperator::kAdd:
      result = Decimal::Add(left, right);
      break;
    case BinaryOperator::kSubtract:
      result = Decimal::Subtract(left, right);
      break;
    case BinaryOperator::kMultiply:
      result = Decimal::Multiply(left, right);
      break;
    default:
      if (right.zero()) return evaluation.Fail("division by zero");
      result = Decimal::Divide(left, right);
  }
  if (!result) {
    return evaluation.Fail("decimal overflow in '" + std::string(OperatorText(op)) +
                           "': the exact result has more than 38 digits");
  }
  out = Value::DecimalOf(*result, evaluation.arena());
  return true;
}

bool Concatenate(const Value& left, const Value& right, Evaluation& evaluation, Value& out) {
  if (left.kind() == Kind::kList) {
    std::span<Value> items;
    if (!evaluation.NewValues(left.list().size() + right.list().size(), items)) return false;
    std::copy(left.list().begin(), left.list().end(), items.begin());
    std::copy(right.list().begin(), right.list().end(),
              items.begin() + static_cast<ptrdiff_t>(left.list().size()));
    out = Value::List(items);
    return true;
  }
  const std::string_view a = left.string_value();
  const std::string_view b = right.string_value();
  std::span<char> text;
  if (!evaluation.NewText(a.size() + b.size(), text)) return false;
  std::copy(a.begin(), a.end(), text.begin());
  std::copy(b.begin(), b.end(), text.begin() + static_cast<ptrdiff_t>(a.size()));
  const std::string_view joined(text.data(), text.size());
  out = left.kind() == Kind::kString ? Value::String(joined) : Value::Bytes(joined);
  return true;
}

bool Times(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation,
           Value& out) {
  const bool add = op == BinaryOperator::kAdd;
  const Nanos a = left.time_value();
  const Nanos b = right.time_value();
  std::optional<Nanos> result;
  bool timestamp = true;
  switch (Pair(left.kind(), right.kind())) {
    case Pair(Kind::kTimestamp, Kind::kDuration):
      result = add ? AddToTimestamp(a, b) : SubtractFromTimestamp(a, b);
      break;
    case Pair(Kind::kDuration, Kind::kTimestamp):
      if (!add) return NoOverload(op, left, right, evaluation);
      result = AddToTimestamp(b, a);
      break;
    case Pair(Kind::kDuration, Kind::kDuration):
      timestamp = false;
      result = add ? AddDurations(a, b) : SubtractDurations(a, b);
      break;
    default:
      if (add) return NoOverload(op, left, right, evaluation);
      timestamp = false;
      result = TimestampDifference(a, b);
  }
  if (!result) {
    return evaluation.Fail(timestamp ? "timestamp is out of range (years 1 to 9999)"
                                     : "duration is out of range (292 years)");
  }
  out = timestamp ? Value::TimestampOf(*result, evaluation.arena())
                  : Value::DurationOf(*result, evaluation.arena());
  return true;
}

bool Arithmetic(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation,
                Value& out) {
  const bool modulo = op == BinaryOperator::kModulo;
  switch (Pair(left.kind(), right.kind())) {
    case Pair(Kind::kInt, Kind::kInt): {
      int64_t result = 0;
      if (!Integers(op, left.int_value(), right.int_value(), "int", evaluation, result))
        return false;
      out = Value::Int(result);
      return true;
    }
    case Pair(Kind::kUint, Kind::kUint): {
      uint64_t result = 0;
      if (!Integers(op, left.uint_value(), right.uint_value(), "uint", evaluation, result))
        return false;
      out = Value::Uint(result);
      return true;
    }
    case Pair(Kind::kDouble, Kind::kDouble):
      if (modulo) break;
      return Doubles(op, left.double_value(), right.double_value(), out);
    case Pair(Kind::kInt, Kind::kDouble):
      if (modulo) break;
      return Doubles(op, static_cast<double>(left.int_value()), right.double_value(), out);
    case Pair(Kind::kDouble, Kind::kInt):
      if (modulo) break;
      return Doubles(op, left.double_value(), static_cast<double>(right.int_value()), out);
    case Pair(Kind::kDecimal, Kind::kDecimal):
    case Pair(Kind::kDecimal, Kind::kInt):
    case Pair(Kind::kInt, Kind::kDecimal):
      if (modulo) break;
      return Decimals(op, AsDecimal(left), AsDecimal(right), evaluation, out);
    case Pair(Kind::kString, Kind::kString):
    case Pair(Kind::kBytes, Kind::kBytes):
    case Pair(Kind::kList, Kind::kList):
      if (op != BinaryOperator::kAdd) break;
      return Concatenate(left, right, evaluation, out);
    case Pair(Kind::kTimestamp, Kind::kDuration):
    case Pair(Kind::kDuration, Kind::kTimestamp):
    case Pair(Kind::kDuration, Kind::kDuration):
    case Pair(Kind::kTimestamp, Kind::kTimestamp):
      if (op != BinaryOperator::kAdd && op != BinaryOperator::kSubtract) break;
      return Times(op, left, right, evaluation, out);
    default:
      break;
  }
  return NoOverload(op, left, right, evaluation);
}

// The largest ints become 2^63 as doubles.
bool IsIntAgainstLimit(const Value& integer, const Value& real) {
  return integer.kind() == Kind::kInt && real.kind() == Kind::kDouble &&
         real.double_value() == 0x1p63;
}

// What a comparison goes through of two texts, at most.
size_t CommonText(const Value& left, const Value& right) {
  const auto is_text = [](Kind kind) { return kind == Kind::kString || kind == Kind::kBytes; };
  if (!is_text(left.kind()) || !is_text(right.kind())) return 0;
  return std::min(left.string_value().size(), right.string_value().size());
}

// Goes through all of a list or map, in steps.
bool StepOverAll(const Value& value, Evaluation& evaluation) {
  switch (value.kind()) {
    case Kind::kList:
      if (!evaluation.StepOverElements(value.list().size())) return false;
      return std::all_of(value.list().begin(), value.list().end(),
                         [&](const Value& item) { return StepOverAll(item, evaluation); });
    case Kind::kMap:
      // Keys are looked for: more than going through them.
      if (!evaluation.Step(value.map().size())) return false;
      return std::all_of(value.map().begin(), value.map().end(), [&](const serde::MapEntry& entry) {
        return StepOverAll(entry.value, evaluation);
      });
    case Kind::kString:
    case Kind::kBytes:
      return evaluation.StepOverText(value.string_value().size());
    case Kind::kOptional:
      return value.optional_value() == nullptr || StepOverAll(*value.optional_value(), evaluation);
    default:
      return true;
  }
}

bool Contains(const Value& needle, const Value& container, Evaluation& evaluation, Value& out) {
  if (container.kind() == Kind::kMap) {
    Value found;
    if (!FindKey(container, needle, evaluation, found)) return false;
    out = Value::Bool(!found.missing());
    return true;
  }
  if (container.kind() != Kind::kList) {
    return evaluation.Fail("'in' needs a list or a map on its right, not " + KindText(container));
  }
  if (!evaluation.StepOverElements(container.list().size())) return false;
  for (const Value& item : container.list()) {
    bool equal = false;
    if (!CountedEqual(needle, item, evaluation, equal)) return false;
    if (!equal) continue;
    out = Value::Bool(true);
    return true;
  }
  out = Value::Bool(false);
  return true;
}

}  // namespace

bool CountedEqual(const Value& left, const Value& right, Evaluation& evaluation, bool& equal) {
  // Of two kinds there is nothing to go through.
  if (left.kind() == right.kind()) {
    const bool deep =
        left.kind() == Kind::kList || left.kind() == Kind::kMap || left.kind() == Kind::kOptional;
    if (deep ? !StepOverAll(left, evaluation) : !evaluation.StepOverText(CommonText(left, right)))
      return false;
  }
  equal = Value::Equal(left, right);
  return true;
}

std::optional<std::partial_ordering> Compare(const Value& left, const Value& right) {
  // cel-spec compares as doubles where the range of int ends: its largest is not below 2^63.
  if (IsIntAgainstLimit(left, right))
    return static_cast<double>(left.int_value()) <=> right.double_value();
  if (IsIntAgainstLimit(right, left))
    return left.double_value() <=> static_cast<double>(right.int_value());
  return Value::Compare(left, right);
}

bool SortBy(Evaluation& evaluation, std::string_view name, std::span<const Value> items,
            std::span<const Value> keys, Value& out) {
  // One kind, and no NaN: only then is the order total, which sorting relies on.
  for (const Value& key : keys) {
    const auto order = Compare(key, key);
    if (key.kind() == keys[0].kind() && order && *order == 0) continue;
    return evaluation.Fail(std::string(name) + "() needs one kind that has an order, found " +
                           KindText(keys[0]) + " and " + KindText(key));
  }
  std::span<Value> sorted;
  if (!evaluation.NewValues(items.size(), sorted)) return false;
  // About as many comparisons as sorting makes.
  if (!evaluation.Step(items.size() * std::bit_width(items.size()))) return false;
  std::vector<uint32_t> order(items.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return *Compare(keys[a], keys[b]) < 0; });
  for (size_t i = 0; i < order.size(); ++i) sorted[i] = items[order[i]];
  out = Value::List(sorted);
  return true;
}

bool IsKeyKind(Kind kind) {
  return kind == Kind::kBool || kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kString;
}

bool FindKey(const Value& map, const Value& key, Evaluation& evaluation, Value& found) {
  found = Value();
  if (!evaluation.StepOverElements(map.map().size())) return false;
  if (key.kind() == Kind::kString) {
    found = map.Field(key.string_value());
    return true;
  }
  for (const serde::MapEntry& entry : map.map()) {
    if (!Value::Equal(entry.key, key)) continue;
    found = entry.value;
    break;
  }
  return true;
}

bool ApplyBinary(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation,
                 Value& out) {
  switch (op) {
    case BinaryOperator::kEqual:
    case BinaryOperator::kNotEqual: {
      if (MixesDoubleAndDecimal(left, right)) return CannotCompare(op, left, right, evaluation);
      bool equal = false;
      if (!CountedEqual(left, right, evaluation, equal)) return false;
      out = Value::Bool(equal == (op == BinaryOperator::kEqual));
      return true;
    }
    case BinaryOperator::kIn:
      return Contains(left, right, evaluation, out);
    case BinaryOperator::kLess:
    case BinaryOperator::kLessEqual:
    case BinaryOperator::kGreater:
    case BinaryOperator::kGreaterEqual: {
      if (!evaluation.StepOverText(CommonText(left, right))) return false;
      const std::optional<std::partial_ordering> order = Compare(left, right);
      if (!order) return CannotCompare(op, left, right, evaluation);
      out = Value::Bool(op == BinaryOperator::kLess        ? *order < 0
                        : op == BinaryOperator::kLessEqual ? *order <= 0
                        : op == BinaryOperator::kGreater   ? *order > 0
                                                           : *order >= 0);
      return true;
    }
    default:
      return Arithmetic(op, left, right, evaluation, out);
  }
}

bool ApplyUnary(UnaryOperator op, const Value& operand, Evaluation& evaluation, Value& out) {
  if (op == UnaryOperator::kNot) {
    if (operand.kind() != Kind::kBool) {
      return evaluation.Fail("'!' needs a bool, not " + KindText(operand));
    }
    out = Value::Bool(!operand.bool_value());
    return true;
  }
  if (operand.kind() == Kind::kDouble) {
    out = Value::Double(-operand.double_value());
    return true;
  }
  if (operand.kind() == Kind::kDecimal) {
    out = Value::DecimalOf(operand.decimal_value().Negated(), evaluation.arena());
    return true;
  }
  if (operand.kind() != Kind::kInt) {
    return evaluation.Fail("'-' needs an int, a double or a decimal, not " + KindText(operand));
  }
  if (operand.int_value() == INT64_MIN) return evaluation.Fail("int overflow in '-'");
  out = Value::Int(-operand.int_value());
  return true;
}

}  // namespace sidestream::expression
