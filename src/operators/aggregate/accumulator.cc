// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/accumulator.h"

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/check.h"

namespace sidestream::operators {
namespace {

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

Result<Value> Sum(const Value& sum, const Value& argument) {
  Value number = argument;
  if (number.kind() == Kind::kUint) {
    constexpr auto kLargest = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (number.uint_value() > kLargest) return Status::BadRecord("sum() overflows 64 bits");
    number = Value::Int(static_cast<int64_t>(number.uint_value()));
  }
  if (number.kind() != Kind::kInt && number.kind() != Kind::kDouble) {
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
    default:
      return plain_;
  }
}

Result<Value> Folded(AggregateFunction function, const Value& accumulator, const Value& argument) {
  if (function == AggregateFunction::kCount) return Value::Int(accumulator.int_value() + 1);
  if (argument.missing() || argument.null()) return Value();
  return function == AggregateFunction::kSum ? Sum(accumulator, argument)
                                             : Extreme(function, accumulator, argument);
}

}  // namespace sidestream::operators
