// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/operators/naive_aggregate.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <span>

#include "base/check.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using topology::AggregateFunction;
using Kind = serde::Value::Kind;
using Records = std::vector<NaiveRecord>;
__extension__ using Wide = __float128;

bool IsNan(const Value& value) {
  return value.kind() == Kind::kDouble && std::isnan(value.double_value());
}

double AsDouble(const Value& value) {
  return value.kind() == Kind::kInt ? static_cast<double>(value.int_value()) : value.double_value();
}

/// < 0: a before b.
int Compare(const Value& a, const Value& b) {
  const auto order = Value::Compare(a, b);
  CHECK(order.has_value()) << "the oracle compares what has an order";
  return *order < 0 ? -1 : *order > 0 ? 1 : 0;
}

/// By the arguments from `first` on, then by time; arrival decides the rest.
void Sort(Records& records, size_t first, bool descending) {
  std::ranges::stable_sort(records, [&](const NaiveRecord& a, const NaiveRecord& b) {
    for (size_t i = first; i < a.arguments.size(); ++i) {
      const int order = Compare(a.arguments[i], b.arguments[i]);
      if (order != 0) return (order < 0) != descending;
    }
    return a.timestamp < b.timestamp;
  });
}

Value ListOf(const Records& records, size_t limit, Arena& arena) {
  const std::span<Value> values = arena.NewArray<Value>(std::min(limit, records.size()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = records[i].arguments[0];
  return Value::List(values);
}

Value FirstOf(const Records& records) {
  return records.empty() ? Value::Null() : records.front().arguments[0];
}

Value Sum(const Records& records) {
  bool doubles = false;
  int64_t ints = 0;
  Wide wide = 0;
  for (const NaiveRecord& record : records) {
    const Value& value = record.arguments[0];
    if (value.kind() == Kind::kInt) {
      ints += value.int_value();
      wide += static_cast<Wide>(value.int_value());
    } else {
      doubles = true;
      wide += static_cast<Wide>(value.double_value());
    }
  }
  if (records.empty()) return Value::Null();
  return doubles ? Value::Double(static_cast<double>(wide)) : Value::Int(ints);
}

Value Average(const Records& records) {
  if (records.empty()) return Value::Null();
  Wide sum = 0;
  for (const NaiveRecord& record : records) sum += static_cast<Wide>(AsDouble(record.arguments[0]));
  return Value::Double(static_cast<double>(sum) / static_cast<double>(records.size()));
}

Value Variance(const Records& records) {
  if (records.size() < 2) return Value::Null();
  const auto count = static_cast<Wide>(records.size());
  Wide sum = 0;
  for (const NaiveRecord& record : records) sum += static_cast<Wide>(AsDouble(record.arguments[0]));
  Wide squares = 0;
  for (const NaiveRecord& record : records) {
    const Wide off = static_cast<Wide>(AsDouble(record.arguments[0])) - sum / count;
    squares += off * off;
  }
  return Value::Double(static_cast<double>(squares / (count - 1)));
}

int64_t Distinct(const Records& records) {
  std::vector<Value> seen;
  for (const NaiveRecord& record : records) {
    const Value& value = record.arguments[0];
    const bool known =
        std::ranges::any_of(seen, [&](const Value& other) { return Value::Equal(other, value); });
    if (!known) seen.push_back(value);
  }
  return static_cast<int64_t>(seen.size());
}

Value Set(Records records, size_t limit, Arena& arena) {
  Sort(records, 0, false);
  Records unique;
  for (NaiveRecord& record : records) {
    if (unique.empty() || Compare(unique.back().arguments[0], record.arguments[0]) != 0) {
      unique.push_back(std::move(record));
    }
  }
  return ListOf(unique, limit, arena);
}

Value Top(Records records, size_t limit, bool descending, bool ties, Arena& arena) {
  Sort(records, 1, descending);
  size_t end = std::min(limit, records.size());
  const auto as_last = [&](const NaiveRecord& record) {
    for (size_t i = 1; i < record.arguments.size(); ++i) {
      if (Compare(record.arguments[i], records[end - 1].arguments[i]) != 0) return false;
    }
    return true;
  };
  while (ties && end < records.size() && as_last(records[end])) ++end;
  return ListOf(records, end, arena);
}

Value Quantile(const Records& records, double fraction) {
  if (records.empty()) return Value::Null();
  std::vector<double> numbers;
  for (const NaiveRecord& record : records) numbers.push_back(AsDouble(record.arguments[0]));
  std::ranges::sort(numbers);
  const auto count = static_cast<double>(numbers.size());
  const auto place = static_cast<size_t>(std::ceil(fraction * count - 1e-9));
  return Value::Double(numbers[std::max<size_t>(place, 1) - 1]);
}

Value Bools(const Records& records, bool decides) {
  if (records.empty()) return Value::Null();
  const bool decided = std::ranges::any_of(records, [&](const NaiveRecord& record) {
    return record.arguments[0].bool_value() == decides;
  });
  return Value::Bool(decided == decides);
}

}  // namespace

Value NaiveAggregate(const topology::AggregateCall& call, const Records& all, Arena& arena) {
  using F = AggregateFunction;
  const bool by_time = call.function == F::kFirst || call.function == F::kLast ||
                       call.function == F::kAny || call.function == F::kCollect;
  const bool keyed = call.function == F::kMinBy || call.function == F::kMaxBy ||
                     call.function == F::kTop || call.function == F::kTopWithTies ||
                     call.function == F::kBottom;
  const bool sums = call.function == F::kSum || call.function == F::kAvg ||
                    call.function == F::kVariance || call.function == F::kStddev;
  Records records;
  for (const NaiveRecord& record : all) {
    bool counts = true;
    for (size_t i = 0; i < record.arguments.size(); ++i) {
      const Value& value = record.arguments[i];
      if (value.null() || value.missing()) counts = false;
      if (IsNan(value) && !by_time && !sums && !(keyed && i == 0)) counts = false;
    }
    if (counts) records.push_back(record);
  }
  Records by_value = records;
  const auto limit = static_cast<size_t>(call.limit);
  switch (call.function) {
    case F::kCount:
      return Value::Int(static_cast<int64_t>(records.size()));
    case F::kSum:
      return Sum(records);
    case F::kAvg:
      return Average(records);
    case F::kVariance:
      return Variance(records);
    case F::kStddev: {
      const Value variance = Variance(records);
      return variance.null() ? variance : Value::Double(std::sqrt(variance.double_value()));
    }
    case F::kMin:
      Sort(by_value, 0, false);
      return FirstOf(by_value);
    case F::kMax:
      Sort(by_value, 0, true);
      return FirstOf(by_value);
    case F::kMinBy:
      Sort(by_value, 1, false);
      return FirstOf(by_value);
    case F::kMaxBy:
      Sort(by_value, 1, true);
      return FirstOf(by_value);
    case F::kFirst:
    case F::kAny:
    case F::kLast:
    case F::kCollect: {
      std::ranges::stable_sort(records, {}, &NaiveRecord::timestamp);
      if (call.function == F::kCollect) return ListOf(records, limit, arena);
      if (call.function != F::kLast) return FirstOf(records);
      return records.empty() ? Value::Null() : records.back().arguments[0];
    }
    case F::kCollectSet:
      return Set(records, limit, arena);
    case F::kCountDistinct:
    case F::kApproxCountDistinct:
      return Value::Int(Distinct(records));
    case F::kQuantile:
      return Quantile(records, call.fraction);
    case F::kTop:
      return Top(records, limit, true, false, arena);
    case F::kTopWithTies:
      return Top(records, limit, true, true, arena);
    case F::kBottom:
      return Top(records, limit, false, false, arena);
    case F::kBoolAnd:
      return Bools(records, false);
    case F::kBoolOr:
      return Bools(records, true);
    case F::kFold:
      break;
  }
  CHECK(false) << "the oracle knows no fold";
  return Value();
}

}  // namespace sidestream::operators
