// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/number_value.h"

#include <string>

#include "serde/decimal.h"

namespace sidestream::operators {

using Kind = serde::Value::Kind;

bool IsNumber(const serde::Value& value) {
  return value.kind() == Kind::kInt || value.kind() == Kind::kUint ||
         value.kind() == Kind::kDouble || value.kind() == Kind::kDecimal;
}

Status RequireNumber(const serde::Value& value) {
  if (IsNumber(value)) return Status::Ok();
  return Status::BadRecord("it takes numbers, not " + std::string(serde::KindName(value.kind())));
}

double AsDouble(const serde::Value& number) {
  switch (number.kind()) {
    case Kind::kInt:
      return static_cast<double>(number.int_value());
    case Kind::kUint:
      return static_cast<double>(number.uint_value());
    case Kind::kDecimal:
      return number.decimal_value().ToDouble();
    default:
      return number.double_value();
  }
}

}  // namespace sidestream::operators
