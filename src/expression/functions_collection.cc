// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// size, and the functions of optionals (or and orValue are nodes: they may skip their
// argument).

#include <algorithm>

#include "expression/function.h"
#include "expression/text.h"
#include "serde/message.h"
#include "serde/decimal.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

Outcome Size(Evaluation& evaluation, Arguments a, Value& out) {
  switch (a[0].kind()) {
    case Kind::kString:
      if (!evaluation.StepOverText(a[0].string_value().size())) return Outcome::kFailed;
      out = Value::Int(static_cast<int64_t>(CodePointCount(a[0].string_value())));
      return Outcome::kOk;
    case Kind::kBytes:
      out = Value::Int(static_cast<int64_t>(a[0].string_value().size()));
      return Outcome::kOk;
    case Kind::kList:
      out = Value::Int(static_cast<int64_t>(a[0].list().size()));
      return Outcome::kOk;
    case Kind::kMap:
      out = Value::Int(static_cast<int64_t>(a[0].map().size()));
      return Outcome::kOk;
    default:
      return Outcome::kNoOverload;
  }
}

bool IsZero(const Value& v) {
  switch (v.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return !v.bool_value();
    case Kind::kInt:
      return v.int_value() == 0;
    case Kind::kUint:
      return v.uint_value() == 0;
    case Kind::kDouble:
      return v.double_value() == 0;
    case Kind::kDecimal:
      return v.decimal_value().zero();
    case Kind::kString:
    case Kind::kBytes:
      return v.string_value().empty();
    case Kind::kTimestamp:
    case Kind::kDuration:
      return v.time_value().seconds == 0 && v.time_value().nanos == 0;
    case Kind::kList:
      return v.list().empty();
    case Kind::kMap:
      return v.map().empty();
    case Kind::kOptional:
      return v.optional_value() == nullptr;
    case Kind::kMessage:
      return v.message().entries.empty();
    default:
      return false;
  }
}

Outcome OptionalNone(Evaluation&, Arguments, Value& out) {
  out = Value::OptionalNone();
  return Outcome::kOk;
}

Outcome OptionalOf(Evaluation& evaluation, Arguments a, Value& out) {
  out = Value::OptionalOf(a[0], evaluation.arena());
  return Outcome::kOk;
}

Outcome OptionalOfNonZero(Evaluation& evaluation, Arguments a, Value& out) {
  out = IsZero(a[0]) ? Value::OptionalNone() : Value::OptionalOf(a[0], evaluation.arena());
  return Outcome::kOk;
}

Outcome HasValue(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kOptional) return Outcome::kNoOverload;
  out = Value::Bool(a[0].optional_value() != nullptr);
  return Outcome::kOk;
}

Outcome ValueOf(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kOptional) return Outcome::kNoOverload;
  if (a[0].optional_value() == nullptr) {
    evaluation.Fail("value() of an optional that is none: use orValue()");
    return Outcome::kFailed;
  }
  out = *a[0].optional_value();
  return Outcome::kOk;
}

// The values of those that have one.
Outcome Unwrap(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kList) return Outcome::kNoOverload;
  std::span<Value> items;
  if (!evaluation.NewValues(a[0].list().size(), items)) return Outcome::kFailed;
  size_t count = 0;
  for (const Value& item : a[0].list()) {
    if (item.kind() != Kind::kOptional) {
      evaluation.Fail("optional.unwrap() needs a list of optionals, found " + KindText(item));
      return Outcome::kFailed;
    }
    if (item.optional_value() != nullptr) items[count++] = *item.optional_value();
  }
  out = Value::List(items.first(count));
  return Outcome::kOk;
}

constexpr Function kFunctions[] = {
    Counted({"size", CallStyle::kEither,
             "string -> int | bytes -> int | list<A> -> int | map<A, B> -> int", Size}),
    {"optional.none", CallStyle::kGlobal, "-> optional<A>", OptionalNone},
    Counted({"optional.of", CallStyle::kGlobal, "A -> optional<A>", OptionalOf}),
    {"optional.ofNonZeroValue", CallStyle::kGlobal, "A -> optional<A>", OptionalOfNonZero},
    {"optional.unwrap", CallStyle::kGlobal, "list<optional<A>> -> list<A>", Unwrap},
    {"unwrapOpt", CallStyle::kMember, "list<optional<A>> -> list<A>", Unwrap},
    {"hasValue", CallStyle::kMember, "optional<A> -> bool", HasValue},
    {"value", CallStyle::kMember, "optional<A> -> A", ValueOf},
    {"or", CallStyle::kMember, "optional<A>, optional<A> -> optional<A>"},
    {"orValue", CallStyle::kMember, "optional<A>, A -> A"},
};

}  // namespace

std::span<const Function> CollectionFunctions() { return kFunctions; }

}  // namespace sidestream::expression
