// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The extensions lists and sets. A set is a list here: order and repetition do not count,
// equality is CEL's.

#include <algorithm>
#include <string>
#include <vector>

#include "expression/function.h"
#include "expression/operators.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

bool IsList(const Value& value) { return value.kind() == Kind::kList; }
bool IsInt(const Value& value) { return value.kind() == Kind::kInt; }

Outcome Fail(Evaluation& evaluation, std::string message) {
  evaluation.Fail(std::move(message));
  return Outcome::kFailed;
}

Outcome Finish(Evaluation& evaluation, std::span<const Value> made, Value& out) {
  std::span<Value> items;
  if (!evaluation.NewValues(made.size(), items)) return Outcome::kFailed;
  std::copy(made.begin(), made.end(), items.begin());
  out = Value::List(items);
  return Outcome::kOk;
}

// Each comparison is a step: the work is the product of the sizes.
bool Find(Evaluation& evaluation, std::span<const Value> items, const Value& wanted, bool& found) {
  for (const Value& item : items) {
    if (!evaluation.Step()) return false;
    if (!CountedEqual(item, wanted, evaluation, found)) return false;
    if (found) return true;
  }
  found = false;
  return true;
}

Outcome Slice(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0]) || !IsInt(a[1]) || !IsInt(a[2])) return Outcome::kNoOverload;
  const auto size = static_cast<int64_t>(a[0].list().size());
  const int64_t begin = a[1].int_value();
  const int64_t end = a[2].int_value();
  if (begin < 0 || end < begin || end > size) {
    return Fail(evaluation, "slice() is out of range: " + std::to_string(begin) + " to " +
                                std::to_string(end) + " of " + std::to_string(size));
  }
  out = Value::List(
      a[0].list().subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  return Outcome::kOk;
}

bool Flatten(Evaluation& evaluation, std::span<const Value> items, int64_t depth,
             std::vector<Value>& out) {
  for (const Value& item : items) {
    if (!evaluation.Step()) return false;
    if (IsList(item) && depth > 0) {
      if (!Flatten(evaluation, item.list(), depth - 1, out)) return false;
    } else {
      out.push_back(item);
    }
  }
  return true;
}

Outcome FlattenList(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0]) || (a.size() == 2 && !IsInt(a[1]))) return Outcome::kNoOverload;
  const int64_t depth = a.size() == 2 ? a[1].int_value() : 1;
  if (depth < 0) return Fail(evaluation, "flatten() takes a depth of zero or more");
  std::vector<Value> flat;
  if (!Flatten(evaluation, a[0].list(), depth, flat)) return Outcome::kFailed;
  return Finish(evaluation, flat, out);
}

Outcome Distinct(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0])) return Outcome::kNoOverload;
  std::vector<Value> kept;
  for (const Value& item : a[0].list()) {
    bool found = false;
    if (!Find(evaluation, kept, item, found)) return Outcome::kFailed;
    if (!found) kept.push_back(item);
  }
  return Finish(evaluation, kept, out);
}

Outcome Sort(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0])) return Outcome::kNoOverload;
  return SortBy(evaluation, "sort", a[0].list(), a[0].list(), out) ? Outcome::kOk
                                                                   : Outcome::kFailed;
}

Outcome Range(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsInt(a[0])) return Outcome::kNoOverload;
  if (a[0].int_value() < 0) return Fail(evaluation, "lists.range() takes zero or more");
  if (a[0].int_value() > kMaxSteps)
    return Fail(evaluation, "lists.range() makes too many elements");
  std::span<Value> items;
  if (!evaluation.NewValues(static_cast<size_t>(a[0].int_value()), items)) return Outcome::kFailed;
  for (size_t i = 0; i < items.size(); ++i) items[i] = Value::Int(static_cast<int64_t>(i));
  out = Value::List(items);
  return Outcome::kOk;
}

template <bool kFirst>
Outcome End(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0])) return Outcome::kNoOverload;
  const std::span<const Value> items = a[0].list();
  out = items.empty()
            ? Value::OptionalNone()
            : Value::OptionalOf(kFirst ? items.front() : items.back(), evaluation.arena());
  return Outcome::kOk;
}

// Whether every element of `part` is in `whole`.
bool IsSubset(Evaluation& evaluation, std::span<const Value> part, std::span<const Value> whole,
              bool& result) {
  result = true;
  for (const Value& item : part) {
    if (!Find(evaluation, whole, item, result)) return false;
    if (!result) return true;
  }
  return true;
}

Outcome SetContains(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0]) || !IsList(a[1])) return Outcome::kNoOverload;
  bool result = false;
  if (!IsSubset(evaluation, a[1].list(), a[0].list(), result)) return Outcome::kFailed;
  out = Value::Bool(result);
  return Outcome::kOk;
}

Outcome SetEquivalent(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0]) || !IsList(a[1])) return Outcome::kNoOverload;
  bool result = false;
  if (!IsSubset(evaluation, a[0].list(), a[1].list(), result)) return Outcome::kFailed;
  if (result && !IsSubset(evaluation, a[1].list(), a[0].list(), result)) return Outcome::kFailed;
  out = Value::Bool(result);
  return Outcome::kOk;
}

Outcome SetIntersects(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsList(a[0]) || !IsList(a[1])) return Outcome::kNoOverload;
  bool found = false;
  for (const Value& item : a[0].list()) {
    if (!Find(evaluation, a[1].list(), item, found)) return Outcome::kFailed;
    if (found) break;
  }
  out = Value::Bool(found);
  return Outcome::kOk;
}

constexpr Function kFunctions[] = {
    Counted({"slice", CallStyle::kMember, "list<A>, int, int -> list<A>", Slice}),
    {"flatten", CallStyle::kMember,
     "list<list<A>> -> list<A> | list<A> -> list<dyn> | list<A>, int -> list<dyn>", FlattenList},
    {"distinct", CallStyle::kMember, "list<A> -> list<A>", Distinct},
    {"sort", CallStyle::kMember, "list<A> -> list<A>", Sort},
    Counted({"first", CallStyle::kMember, "list<A> -> optional<A>", End<true>}),
    Counted({"last", CallStyle::kMember, "list<A> -> optional<A>", End<false>}),
    {"lists.range", CallStyle::kGlobal, "int -> list<int>", Range},
    {"sets.contains", CallStyle::kGlobal, "list<A>, list<B> -> bool", SetContains},
    {"sets.equivalent", CallStyle::kGlobal, "list<A>, list<B> -> bool", SetEquivalent},
    {"sets.intersects", CallStyle::kGlobal, "list<A>, list<B> -> bool", SetIntersects},
};

}  // namespace

std::span<const Function> ListFunctions() { return kFunctions; }

}  // namespace sidestream::expression
