// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The math extension, plus math.sum and math.avg over lists.

#include <algorithm>
#include <cmath>

#include "expression/function.h"
#include "expression/operators.h"
#include "serde/decimal.h"

namespace sidestream::expression {
namespace {

using serde::Decimal;
using serde::Value;
using Kind = Value::Kind;

bool IsNumber(const Value& v) {
  return v.kind() == Kind::kInt || v.kind() == Kind::kUint || v.kind() == Kind::kDouble ||
         v.kind() == Kind::kDecimal;
}

// Over the arguments, or over the list that is the only one.
template <bool kGreatest>
Outcome Extreme(Evaluation& evaluation, Arguments a, Value& out) {
  Arguments items = a;
  if (a.size() == 1 && a[0].kind() == Kind::kList) {
    items = a[0].list();
    if (items.empty()) {
      evaluation.Fail(std::string(kGreatest ? "math.greatest" : "math.least") +
                      "() of an empty list");
      return Outcome::kFailed;
    }
  }
  for (const Value& item : items) {
    if (IsNumber(item)) continue;
    if (items.data() == a.data()) return Outcome::kNoOverload;
    evaluation.Fail(std::string(kGreatest ? "math.greatest" : "math.least") +
                    "() needs a list of numbers, found " + KindText(item));
    return Outcome::kFailed;
  }
  out = items[0];
  for (const Value& item : items.subspan(1)) {
    const auto order = Compare(item, out);
    if (!order && items.data() == a.data()) return Outcome::kNoOverload;
    if (!order) {
      evaluation.Fail("cannot compare " + KindText(item) + " with " + KindText(out) +
                      std::string(kNoDoubleWithDecimal));
      return Outcome::kFailed;
    }
    if (kGreatest ? *order > 0 : *order < 0) out = item;
  }
  return Outcome::kOk;
}

template <double (*kRound)(double), Decimal::Rounding kRounding>
Outcome ToWhole(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kDecimal) {
    out = Value::DecimalOf(a[0].decimal_value().Rounded(0, kRounding), evaluation.arena());
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kDouble) return Outcome::kNoOverload;
  out = Value::Double(kRound(a[0].double_value()));
  return Outcome::kOk;
}

double Ceil(double x) { return std::ceil(x); }
double Floor(double x) { return std::floor(x); }
double Round(double x) { return std::round(x); }
double Truncate(double x) { return std::trunc(x); }

Outcome SquareRoot(Evaluation&, Arguments a, Value& out) {
  if (!IsNumber(a[0]) || a[0].kind() == Kind::kDecimal) return Outcome::kNoOverload;
  const double x = a[0].kind() == Kind::kInt    ? static_cast<double>(a[0].int_value())
                   : a[0].kind() == Kind::kUint ? static_cast<double>(a[0].uint_value())
                                                : a[0].double_value();
  out = Value::Double(std::sqrt(x));
  return Outcome::kOk;
}

Outcome Absolute(Evaluation& evaluation, Arguments a, Value& out) {
  switch (a[0].kind()) {
    case Kind::kInt:
      if (a[0].int_value() == INT64_MIN) {
        evaluation.Fail("int overflow in math.abs()");
        return Outcome::kFailed;
      }
      out = Value::Int(std::abs(a[0].int_value()));
      return Outcome::kOk;
    case Kind::kUint:
      out = a[0];
      return Outcome::kOk;
    case Kind::kDouble:
      out = Value::Double(std::fabs(a[0].double_value()));
      return Outcome::kOk;
    case Kind::kDecimal: {
      const Decimal& x = a[0].decimal_value();
      out = x.sign() < 0 ? Value::DecimalOf(x.Negated(), evaluation.arena()) : a[0];
      return Outcome::kOk;
    }
    default:
      return Outcome::kNoOverload;
  }
}

Outcome Sign(Evaluation& evaluation, Arguments a, Value& out) {
  switch (a[0].kind()) {
    case Kind::kInt:
      out = Value::Int((a[0].int_value() > 0) - (a[0].int_value() < 0));
      return Outcome::kOk;
    case Kind::kUint:
      out = Value::Uint(a[0].uint_value() > 0 ? 1 : 0);
      return Outcome::kOk;
    case Kind::kDouble: {
      const double x = a[0].double_value();
      out = Value::Double(std::isnan(x) ? x : x > 0 ? 1.0 : x < 0 ? -1.0 : x);
      return Outcome::kOk;
    }
    case Kind::kDecimal:
      out = Value::DecimalOf(Decimal::Of(int64_t{a[0].decimal_value().sign()}), evaluation.arena());
      return Outcome::kOk;
    default:
      return Outcome::kNoOverload;
  }
}

template <bool (*kTest)(double)>
Outcome TestDouble(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kDouble) return Outcome::kNoOverload;
  out = Value::Bool(kTest(a[0].double_value()));
  return Outcome::kOk;
}

bool IsNan(double x) { return std::isnan(x); }
bool IsInf(double x) { return std::isinf(x); }
bool IsFinite(double x) { return std::isfinite(x); }

enum class Bit { kAnd, kOr, kXor };

template <Bit kBit>
Outcome BitPair(Evaluation&, Arguments a, Value& out) {
  const auto combine = [](auto x, auto y) {
    return kBit == Bit::kAnd ? x & y : kBit == Bit::kOr ? x | y : x ^ y;
  };
  if (a[0].kind() != a[1].kind()) return Outcome::kNoOverload;
  if (a[0].kind() == Kind::kInt) {
    out = Value::Int(combine(a[0].int_value(), a[1].int_value()));
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kUint) return Outcome::kNoOverload;
  out = Value::Uint(combine(a[0].uint_value(), a[1].uint_value()));
  return Outcome::kOk;
}

Outcome BitNot(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kInt) {
    out = Value::Int(~a[0].int_value());
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kUint) return Outcome::kNoOverload;
  out = Value::Uint(~a[0].uint_value());
  return Outcome::kOk;
}

// Both shifts fill with zeros, also of a negative int; 64 and more gives zero.
template <bool kLeft>
Outcome Shift(Evaluation& evaluation, Arguments a, Value& out) {
  const bool is_int = a[0].kind() == Kind::kInt;
  if ((!is_int && a[0].kind() != Kind::kUint) || a[1].kind() != Kind::kInt)
    return Outcome::kNoOverload;
  const int64_t by = a[1].int_value();
  if (by < 0) {
    evaluation.Fail("a shift by less than zero: " + std::to_string(by));
    return Outcome::kFailed;
  }
  const uint64_t bits = is_int ? static_cast<uint64_t>(a[0].int_value()) : a[0].uint_value();
  const uint64_t shifted = by >= 64 ? 0 : kLeft ? bits << by : bits >> by;
  out = is_int ? Value::Int(static_cast<int64_t>(shifted)) : Value::Uint(shifted);
  return Outcome::kOk;
}

Outcome Sum(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kList) return Outcome::kNoOverload;
  Arguments items = a[0].list();
  out = Value::Int(0);
  if (items.empty()) return Outcome::kOk;
  out = items[0];
  if (!IsNumber(out) && out.kind() != Kind::kDuration) {
    evaluation.Fail("math.sum() needs a list of numbers, found " + KindText(out));
    return Outcome::kFailed;
  }
  for (const Value& item : items.subspan(1)) {
    const Value left = out;
    if (!ApplyBinary(BinaryOperator::kAdd, left, item, evaluation, out)) return Outcome::kFailed;
  }
  return Outcome::kOk;
}

Outcome Average(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kList) return Outcome::kNoOverload;
  if (a[0].list().empty()) {
    evaluation.Fail("math.avg() of an empty list");
    return Outcome::kFailed;
  }
  const auto is_decimal = [](const Value& item) { return item.kind() == Kind::kDecimal; };
  if (std::any_of(a[0].list().begin(), a[0].list().end(), is_decimal)) {
    Value total;
    if (const Outcome outcome = Sum(evaluation, a, total); outcome != Outcome::kOk) return outcome;
    const Value count = Value::Int(static_cast<int64_t>(a[0].list().size()));
    return ApplyBinary(BinaryOperator::kDivide, total, count, evaluation, out) ? Outcome::kOk
                                                                               : Outcome::kFailed;
  }
  double total = 0;
  for (const Value& item : a[0].list()) {
    if (item.kind() == Kind::kInt) {
      total += static_cast<double>(item.int_value());
    } else if (item.kind() == Kind::kUint) {
      total += static_cast<double>(item.uint_value());
    } else if (item.kind() == Kind::kDouble) {
      total += item.double_value();
    } else {
      evaluation.Fail("math.avg() needs a list of numbers, found " + KindText(item));
      return Outcome::kFailed;
    }
  }
  out = Value::Double(total / static_cast<double>(a[0].list().size()));
  return Outcome::kOk;
}

constexpr Function kFunctions[] = {
    {"math.greatest", CallStyle::kGlobal,
     "int... -> int | uint... -> uint | double... -> double | decimal... -> decimal | "
     "decimal, int -> dyn | int, decimal -> dyn | decimal, uint -> dyn | uint, decimal -> dyn | "
     "number... -> dyn | list<int> -> int | list<uint> -> uint | list<double> -> double | "
     "list<decimal> -> decimal | list<number> -> dyn",
     Extreme<true>},
    {"math.least", CallStyle::kGlobal,
     "int... -> int | uint... -> uint | double... -> double | decimal... -> decimal | "
     "decimal, int -> dyn | int, decimal -> dyn | decimal, uint -> dyn | uint, decimal -> dyn | "
     "number... -> dyn | list<int> -> int | list<uint> -> uint | list<double> -> double | "
     "list<decimal> -> decimal | list<number> -> dyn",
     Extreme<false>},
    {"math.ceil", CallStyle::kGlobal, "double -> double | decimal -> decimal",
     ToWhole<Ceil, Decimal::Rounding::kCeil>},
    {"math.floor", CallStyle::kGlobal, "double -> double | decimal -> decimal",
     ToWhole<Floor, Decimal::Rounding::kFloor>},
    {"math.round", CallStyle::kGlobal, "double -> double | decimal -> decimal",
     ToWhole<Round, Decimal::Rounding::kHalfAway>},
    {"math.trunc", CallStyle::kGlobal, "double -> double | decimal -> decimal",
     ToWhole<Truncate, Decimal::Rounding::kTruncate>},
    {"math.sqrt", CallStyle::kGlobal, "number -> double", SquareRoot},
    {"math.abs", CallStyle::kGlobal,
     "int -> int | uint -> uint | double -> double | decimal -> decimal", Absolute},
    {"math.sign", CallStyle::kGlobal,
     "int -> int | uint -> uint | double -> double | decimal -> decimal", Sign},
    {"math.isNaN", CallStyle::kGlobal, "double -> bool", TestDouble<IsNan>},
    {"math.isInf", CallStyle::kGlobal, "double -> bool", TestDouble<IsInf>},
    {"math.isFinite", CallStyle::kGlobal, "double -> bool", TestDouble<IsFinite>},
    {"math.bitAnd", CallStyle::kGlobal, "int, int -> int | uint, uint -> uint", BitPair<Bit::kAnd>},
    {"math.bitOr", CallStyle::kGlobal, "int, int -> int | uint, uint -> uint", BitPair<Bit::kOr>},
    {"math.bitXor", CallStyle::kGlobal, "int, int -> int | uint, uint -> uint", BitPair<Bit::kXor>},
    {"math.bitNot", CallStyle::kGlobal, "int -> int | uint -> uint", BitNot},
    {"math.bitShiftLeft", CallStyle::kGlobal, "int, int -> int | uint, int -> uint", Shift<true>},
    {"math.bitShiftRight", CallStyle::kGlobal, "int, int -> int | uint, int -> uint", Shift<false>},
    {"math.sum", CallStyle::kGlobal,
     "list<int> -> int | list<uint> -> uint | list<double> -> double | list<decimal> -> decimal | "
     "list<duration> -> duration",
     Sum},
    {"math.avg", CallStyle::kGlobal, "list<number> -> double | list<decimal> -> decimal", Average},
};

}  // namespace

std::span<const Function> MathFunctions() { return kFunctions; }

}  // namespace sidestream::expression
