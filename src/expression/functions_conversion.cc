// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Conversions between kinds, type() and dyn().

#include <charconv>
#include <cmath>
#include <limits>

#include "expression/function.h"
#include "expression/number_text.h"
#include "expression/time_arithmetic.h"
#include "serde/decimal.h"
#include "serde/json_text.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

Outcome Fail(Evaluation& evaluation, std::string message) {
  evaluation.Fail(std::move(message));
  return Outcome::kFailed;
}

Outcome NoConversion(Evaluation& evaluation, std::string_view to, const Value& value) {
  return Fail(evaluation,
              "cannot convert to " + std::string(to) + ": " + serde::DebugString(value, 80));
}

template <typename Number>
bool ParseNumber(std::string_view text, Number& out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

Outcome ToInt(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kInt:
      out = value;
      return Outcome::kOk;
    case Kind::kUint:
      if (value.uint_value() > uint64_t{INT64_MAX}) break;
      out = Value::Int(static_cast<int64_t>(value.uint_value()));
      return Outcome::kOk;
    case Kind::kDouble: {
      const double real = value.double_value();
      // Both limits are out: a double so large says nothing exact about an int.
      if (!(real > -0x1p63 && real < 0x1p63)) break;
      out = Value::Int(static_cast<int64_t>(real));
      return Outcome::kOk;
    }
    case Kind::kString: {
      int64_t number = 0;
      if (!ParseNumber(value.string_value(), number)) break;
      out = Value::Int(number);
      return Outcome::kOk;
    }
    case Kind::kDecimal: {
      const std::optional<int64_t> whole = value.decimal_value().ToInt();
      if (!whole) break;
      out = Value::Int(*whole);
      return Outcome::kOk;
    }
    case Kind::kTimestamp:
      out = Value::Int(value.time_value().seconds);
      return Outcome::kOk;
    default:
      return Outcome::kNoOverload;
  }
  return NoConversion(evaluation, "int", value);
}

Outcome ToUint(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kUint:
      out = value;
      return Outcome::kOk;
    case Kind::kInt:
      if (value.int_value() < 0) break;
      out = Value::Uint(static_cast<uint64_t>(value.int_value()));
      return Outcome::kOk;
    case Kind::kDouble: {
      const double real = value.double_value();
      if (!(real >= 0 && real < 0x1p64)) break;
      out = Value::Uint(static_cast<uint64_t>(real));
      return Outcome::kOk;
    }
    case Kind::kString: {
      uint64_t number = 0;
      if (!ParseNumber(value.string_value(), number)) break;
      out = Value::Uint(number);
      return Outcome::kOk;
    }
    default:
      return Outcome::kNoOverload;
  }
  return NoConversion(evaluation, "uint", value);
}

Outcome ToDouble(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  switch (value.kind()) {
    case Kind::kDouble:
      out = value;
      return Outcome::kOk;
    case Kind::kInt:
      out = Value::Double(static_cast<double>(value.int_value()));
      return Outcome::kOk;
    case Kind::kUint:
      out = Value::Double(static_cast<double>(value.uint_value()));
      return Outcome::kOk;
    case Kind::kString: {
      double number = 0;
      if (!ParseNumber(value.string_value(), number))
        return NoConversion(evaluation, "double", value);
      out = Value::Double(number);
      return Outcome::kOk;
    }
    case Kind::kDecimal:
      out = Value::Double(value.decimal_value().ToDouble());
      return Outcome::kOk;
    default:
      return Outcome::kNoOverload;
  }
}

Outcome ToDecimal(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  std::optional<serde::Decimal> number;
  switch (value.kind()) {
    case Kind::kDecimal:
      out = value;
      return Outcome::kOk;
    case Kind::kInt:
      number = serde::Decimal::Of(value.int_value());
      break;
    case Kind::kUint:
      number = serde::Decimal::Of(value.uint_value());
      break;
    case Kind::kString:
      number = serde::Decimal::Parse(value.string_value());
      break;
    default:
      return Outcome::kNoOverload;
  }
  if (!number) return NoConversion(evaluation, "decimal", value);
  out = Value::DecimalOf(*number, evaluation.arena());
  return Outcome::kOk;
}

Outcome ToBool(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kBool) {
    out = value;
    return Outcome::kOk;
  }
  if (value.kind() != Kind::kString) return Outcome::kNoOverload;
  const std::string_view text = value.string_value();
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "1"}) {
    if (text == yes) {
      out = Value::Bool(true);
      return Outcome::kOk;
    }
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "0"}) {
    if (text == no) {
      out = Value::Bool(false);
      return Outcome::kOk;
    }
  }
  return NoConversion(evaluation, "bool", value);
}

Outcome ToString(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  std::string text;
  switch (value.kind()) {
    case Kind::kString:
      out = value;
      return Outcome::kOk;
    case Kind::kBytes:
      if (!serde::IsUtf8(value.string_value())) {
        return Fail(evaluation, "cannot convert to string: the bytes are not UTF-8");
      }
      out = Value::String(value.string_value());
      return Outcome::kOk;
    case Kind::kBool:
      out = Value::String(value.bool_value() ? "true" : "false");
      return Outcome::kOk;
    case Kind::kInt:
      text = std::to_string(value.int_value());
      break;
    case Kind::kUint:
      text = std::to_string(value.uint_value());
      break;
    case Kind::kDouble:
      text = DoubleText(value.double_value());
      break;
    case Kind::kDecimal:
      text = value.decimal_value().ToText();
      break;
    case Kind::kTimestamp:
      text = TimestampText(value.time_value());
      break;
    case Kind::kDuration:
      text = DurationText(value.time_value());
      break;
    case Kind::kIp:
    case Kind::kCidr:
      out = Value::String(value.string_value());
      return Outcome::kOk;
    default:
      return Outcome::kNoOverload;
  }
  return evaluation.MakeString(text, out) ? Outcome::kOk : Outcome::kFailed;
}

Outcome ToBytes(Evaluation&, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  if (value.kind() != Kind::kBytes && value.kind() != Kind::kString) return Outcome::kNoOverload;
  out = Value::Bytes(value.string_value());
  return Outcome::kOk;
}

Outcome ToTimestamp(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kTimestamp) {
    out = value;
    return Outcome::kOk;
  }
  std::optional<Nanos> time;
  if (value.kind() == Kind::kInt) {
    time = Nanos{value.int_value(), 0};
  } else if (value.kind() == Kind::kString) {
    time = serde::ParseTimestamp(value.string_value());
  } else {
    return Outcome::kNoOverload;
  }
  if (!time || !TimestampInRange(*time)) return NoConversion(evaluation, "timestamp", value);
  out = Value::TimestampOf(*time, evaluation.arena());
  return Outcome::kOk;
}

Outcome ToDuration(Evaluation& evaluation, Arguments arguments, Value& out) {
  const Value& value = arguments[0];
  if (value.kind() == Kind::kDuration) {
    out = value;
    return Outcome::kOk;
  }
  std::optional<Nanos> length;
  if (value.kind() == Kind::kString) {
    length = serde::ParseDuration(value.string_value());
  } else if (value.kind() == Kind::kInt) {
    length = Nanos{value.int_value(), 0};
  } else {
    return Outcome::kNoOverload;
  }
  if (!length || !DurationNanos(*length)) return NoConversion(evaluation, "duration", value);
  out = Value::DurationOf(*length, evaluation.arena());
  return Outcome::kOk;
}

Outcome TypeOf(Evaluation&, Arguments arguments, Value& out) {
  out = Value::Type(serde::TypeName(arguments[0]));
  return Outcome::kOk;
}

Outcome Dyn(Evaluation&, Arguments arguments, Value& out) {
  out = arguments[0];
  return Outcome::kOk;
}

constexpr Function kFunctions[] = {
    {"int", CallStyle::kGlobal,
     "int -> int | uint -> int | double -> int | string -> int | timestamp -> int | decimal -> int",
     ToInt},
    {"uint", CallStyle::kGlobal, "uint -> uint | int -> uint | double -> uint | string -> uint",
     ToUint},
    {"double", CallStyle::kGlobal,
     "double -> double | int -> double | uint -> double | string -> double | decimal -> double",
     ToDouble},
    {"decimal", CallStyle::kGlobal,
     "decimal -> decimal | int -> decimal | uint -> decimal | string -> decimal", ToDecimal},
    {"bool", CallStyle::kGlobal, "bool -> bool | string -> bool", ToBool},
    {"string", CallStyle::kGlobal,
     "string -> string | bytes -> string | bool -> string | int -> string | uint -> string | "
     "double -> string | decimal -> string | timestamp -> string | duration -> string | net.IP -> "
     "string | net.CIDR -> "
     "string",
     ToString},
    {"bytes", CallStyle::kGlobal, "bytes -> bytes | string -> bytes", ToBytes},
    {"timestamp", CallStyle::kGlobal,
     "timestamp -> timestamp | int -> timestamp | string -> timestamp", ToTimestamp},
    {"duration", CallStyle::kGlobal, "duration -> duration | int -> duration | string -> duration",
     ToDuration},
    Counted({"type", CallStyle::kGlobal, "A -> type", TypeOf}),
    Counted({"dyn", CallStyle::kGlobal, "A -> dyn", Dyn}),
};

}  // namespace

std::span<const Function> ConversionFunctions() { return kFunctions; }

}  // namespace sidestream::expression
