// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/accumulator.h"

#include <compare>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

#include "base/check.h"
#include "serde/decimal.h"

namespace sidestream::operators {
namespace {

using serde::Decimal;
using serde::Value;
using topology::AggregateFunction;
using Kind = serde::Value::Kind;

std::string_view NameOf(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kCount:
      return "count";
    case AggregateFunction::kSum:
      return "sum";
    case AggregateFunction::kMin:
      return "min";
    case AggregateFunction::kMax:
      return "max";
  }
  return "";
}

Status NotTaken(AggregateFunction function, const Value& argument) {
  return Status::BadRecord(std::string(NameOf(function)) + "() does not take " +
                           std::string(serde::KindName(argument.kind())));
}

double AsDouble(const Value& number) {
  return number.kind() == Kind::kInt ? static_cast<double>(number.int_value())
                                     : number.double_value();
}

Decimal AsDecimal(const Value& number) {
  return number.kind() == Kind::kInt ? Decimal::Of(number.int_value()) : number.decimal_value();
}

// One of the two is a decimal, neither a double.
Result<Value> SumOfDecimals(const Value& sum, const Value& number, Arena& arena) {
  const std::optional<Decimal> total = Decimal::Add(AsDecimal(sum), AsDecimal(number));
  if (!total) return Status::BadRecord("sum() overflows the 38 digits of a decimal");
  return Value::DecimalOf(*total, arena);
}

Result<Value> Sum(const Value& sum, const Value& argument, Arena& arena) {
  Value number = argument;
  if (number.kind() == Kind::kUint) {
    constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (number.uint_value() > kLargest) return Status::BadRecord("sum() overflows 64 bits");
    number = Value::Int(static_cast<int64_t>(number.uint_value()));
  }
  if (number.kind() != Kind::kInt && number.kind() != Kind::kDouble &&
      number.kind() != Kind::kDecimal) {
    return NotTaken(AggregateFunction::kSum, argument);
  }
  if (sum.null()) return number;
  if (sum.kind() == Kind::kInt && number.kind() == Kind::kInt) {
    int64_t total = 0;
    if (__builtin_add_overflow(sum.int_value(), number.int_value(), &total)) {
      return Status::BadRecord("sum() overflows 64 bits");
    }
    return Value::Int(total);
  }
  const auto either = [&](Kind kind) { return sum.kind() == kind || number.kind() == kind; };
  if (either(Kind::kDecimal)) {
    if (!either(Kind::kDouble)) return SumOfDecimals(sum, number, arena);
    return Status::BadRecord("sum() does not add a double to a decimal: a double is not exact");
  }
  return Value::Double(AsDouble(sum) + AsDouble(number));
}

Result<Value> Extreme(AggregateFunction function, const Value& best, const Value& argument) {
  // Compared with itself a value says whether it has an order at all.
  const std::optional<std::partial_ordering> self = Value::Compare(argument, argument);
  if (!self) return NotTaken(function, argument);
  if (*self == std::partial_ordering::unordered) return Value();
  if (best.null()) return argument;
  const std::optional<std::partial_ordering> order = Value::Compare(argument, best);
  if (!order) {
    return Status::BadRecord(std::string(NameOf(function)) + "() cannot compare " +
                             std::string(serde::KindName(argument.kind())) + " with " +
                             std::string(serde::KindName(best.kind())) + ", which the group holds");
  }
  const bool better = function == AggregateFunction::kMin ? *order < 0 : *order > 0;
  return better ? argument : Value();
}

}  // namespace

void Accumulator::Start(AggregateFunction function) {
  Set(function == AggregateFunction::kCount ? Value::Int(0) : Value::Null());
}

void Accumulator::Set(const Value& value) {
  kind_ = value.kind();
  switch (kind_) {
    case Kind::kString:
    case Kind::kBytes:
      text_.assign(value.string_value());
      break;
    case Kind::kTimestamp:
    case Kind::kDuration:
      time_ = value.time_value();
      break;
    case Kind::kDecimal:
      text_.assign(reinterpret_cast<const char*>(&value.decimal_value()), sizeof(Decimal));
      break;
    case Kind::kNull:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDouble:
      plain_ = value;
      break;
    default:
      CHECK(false) << "no accumulator holds a " << serde::KindName(kind_);
  }
}

Value Accumulator::Get(Arena& arena) const {
  switch (kind_) {
    case Kind::kString:
      return Value::String(text_);
    case Kind::kBytes:
      return Value::Bytes(text_);
    case Kind::kTimestamp:
      return Value::TimestampOf(time_, arena);
    case Kind::kDuration:
      return Value::DurationOf(time_, arena);
    case Kind::kDecimal: {
      Decimal number;
      std::memcpy(&number, text_.data(), sizeof(number));
      return Value::DecimalOf(number, arena);
    }
    default:
      return plain_;
  }
}

Result<Value> Folded(AggregateFunction function, const Value& accumulator, const Value& argument,
                     Arena& arena) {
  if (function == AggregateFunction::kCount) return Value::Int(accumulator.int_value() + 1);
  if (argument.missing() || argument.null()) return Value();
  return function == AggregateFunction::kSum ? Sum(accumulator, argument, arena)
                                             : Extreme(function, accumulator, argument);
}

}  // namespace sidestream::operators
