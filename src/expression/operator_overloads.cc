// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/operator_overloads.h"

#include <map>
#include <string_view>

namespace sidestream::expression {
namespace {

constexpr std::string_view kOrdered =
    "number, number -> bool | decimal, decimal -> bool | decimal, int -> bool | "
    "int, decimal -> bool | decimal, uint -> bool | uint, decimal -> bool | string, string -> bool "
    "| timestamp, timestamp -> bool | "
    "duration, duration -> bool | bool, bool -> bool | bytes, bytes -> bool";
constexpr std::string_view kEqual = "A, A -> bool";
constexpr std::string_view kNumeric =
    "int, int -> int | uint, uint -> uint | double, double -> double | int, double -> double | "
    "double, int -> double | decimal, decimal -> decimal | decimal, int -> decimal | "
    "int, decimal -> decimal";

std::string_view Signature(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kLess:
    case BinaryOperator::kLessEqual:
    case BinaryOperator::kGreater:
    case BinaryOperator::kGreaterEqual:
      return kOrdered;
    case BinaryOperator::kEqual:
    case BinaryOperator::kNotEqual:
      return kEqual;
    case BinaryOperator::kIn:
      return "A, list<A> -> bool | A, map<A, B> -> bool";
    case BinaryOperator::kAdd:
      return "int, int -> int | uint, uint -> uint | double, double -> double | "
             "int, double -> double | double, int -> double | decimal, decimal -> decimal | "
             "decimal, int -> decimal | int, decimal -> decimal | string, string -> string | "
             "bytes, bytes -> bytes | list<A>, list<A> -> list<A> | list<A>, list<B> -> list<dyn> "
             "| "
             "timestamp, duration -> timestamp | duration, timestamp -> timestamp | "
             "duration, duration -> duration";
    case BinaryOperator::kSubtract:
      return "int, int -> int | uint, uint -> uint | double, double -> double | "
             "int, double -> double | double, int -> double | decimal, decimal -> decimal | "
             "decimal, int -> decimal | int, decimal -> decimal | timestamp, duration -> timestamp "
             "| "
             "timestamp, timestamp -> duration | duration, duration -> duration";
    case BinaryOperator::kMultiply:
    case BinaryOperator::kDivide:
      return kNumeric;
    case BinaryOperator::kModulo:
      return "int, int -> int | uint, uint -> uint";
  }
  return kEqual;
}

}  // namespace

bool IsComparison(BinaryOperator op) {
  return Signature(op) == kOrdered || Signature(op) == kEqual || op == BinaryOperator::kIn;
}

std::span<const Overload> OverloadsOf(BinaryOperator op) {
  static const auto* const overloads = [] {
    auto* made = new std::map<BinaryOperator, std::vector<Overload>>();  // lives for ever
    for (int i = 0; i <= static_cast<int>(BinaryOperator::kModulo); ++i) {
      const auto each = static_cast<BinaryOperator>(i);
      made->emplace(each, ParseSignature(Signature(each)));
    }
    return made;
  }();
  return overloads->at(op);
}

std::span<const Overload> OverloadsOf(UnaryOperator op) {
  static const auto* const negate =
      new std::vector(ParseSignature("int -> int | double -> double | decimal -> decimal"));
  static const auto* const invert = new std::vector(ParseSignature("bool -> bool"));
  return op == UnaryOperator::kNot ? *invert : *negate;
}

}  // namespace sidestream::expression
