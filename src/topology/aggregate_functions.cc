// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/aggregate_functions.h"

#include <algorithm>

namespace sidestream::topology {
namespace {

using Constant = AggregateFunctionRow::Constant;

constexpr std::string_view kOrdered =
    "bool -> bool | int -> int | uint -> uint | double -> double | string -> string | "
    "bytes -> bytes | timestamp -> timestamp | duration -> duration | decimal -> decimal";
constexpr std::string_view kNumberToDouble =
    "int -> double | uint -> double | double -> double | decimal -> double";

constexpr AggregateFunctionRow kRows[] = {
    {.name = "count",
     .function = AggregateFunction::kCount,
     .usage = "count(); a condition is written count().where(...)",
     .signature = "-> int",
     .meaning = "The number of records."},
    {.name = "sum",
     .function = AggregateFunction::kSum,
     .usage = "sum(x)",
     .signature = "int -> int | uint -> int | double -> double | decimal -> decimal",
     .meaning = "Exact: of ints an int, of decimals a decimal, where an overflow is an error of the "
                "record; of doubles the exact sum, rounded once, so that it does not depend on the "
                "order. Ints with doubles give a double; a double with a decimal is an error."},
    {.name = "avg",
     .function = AggregateFunction::kAvg,
     .usage = "avg(x)",
     .signature = kNumberToDouble,
     .meaning = "The exact sum by the number, a double."},
    {.name = "min",
     .function = AggregateFunction::kMin,
     .usage = "min(x)",
     .signature = kOrdered,
     .ordered_from = 0,
     .meaning = "The least, of all that `<` takes."},
    {.name = "max",
     .function = AggregateFunction::kMax,
     .usage = "max(x)",
     .signature = kOrdered,
     .ordered_from = 0,
     .meaning = "The largest."},
    {.name = "first",
     .function = AggregateFunction::kFirst,
     .usage = "first(x)",
     .signature = "A -> A",
     .meaning = "x of the earliest record, by timestamp."},
    {.name = "last",
     .function = AggregateFunction::kLast,
     .usage = "last(x)",
     .signature = "A -> A",
     .meaning = "x of the latest record, by timestamp."},
    {.name = "any",
     .function = AggregateFunction::kAny,
     .usage = "any(x)",
     .signature = "A -> A",
     .meaning = "x of some record; the same one in every run."},
    {.name = "min_by",
     .function = AggregateFunction::kMinBy,
     .usage = "min_by(x, y, ...)",
     .signature = "A, dyn... -> A",
     .ordered_from = 1,
     .meaning = "x of the record with the least y; among equal ones the next argument decides."},
    {.name = "max_by",
     .function = AggregateFunction::kMaxBy,
     .usage = "max_by(x, y, ...)",
     .signature = "A, dyn... -> A",
     .ordered_from = 1,
     .meaning = "x of the record with the largest y."},
    {.name = "stddev",
     .function = AggregateFunction::kStddev,
     .usage = "stddev(x)",
     .signature = kNumberToDouble,
     .meaning = "The standard deviation of a sample (over n - 1); null of one record."},
    {.name = "variance",
     .function = AggregateFunction::kVariance,
     .usage = "variance(x)",
     .signature = kNumberToDouble,
     .meaning = "Its square, from exact sums of x and x²."},
    {.name = "collect",
     .function = AggregateFunction::kCollect,
     .usage = "collect(x, n)",
     .signature = "A, int -> list<A>",
     .constant = Constant::kLimit,
     .meaning = "x of the first n records, by timestamp."},
    {.name = "collect_set",
     .function = AggregateFunction::kCollectSet,
     .usage = "collect_set(x, n)",
     .signature = "A, int -> list<A>",
     .constant = Constant::kLimit,
     .ordered_from = 0,
     .meaning = "The different values of x, in order; the n least where there are more."},
    {.name = "count_distinct",
     .function = AggregateFunction::kCountDistinct,
     .usage = "count_distinct(x)",
     .signature = "dyn -> int",
     .meaning = "How many different values, exact. It keeps them: about 30,000 numbers or 10,000 "
                "UUIDs fit a group."},
    {.name = "approx_count_distinct",
     .function = AggregateFunction::kApproxCountDistinct,
     .usage = "approx_count_distinct(x)",
     .signature = "dyn -> int",
     .meaning = "The same from at most 4 KiB (HyperLogLog): exact up to 512, above with a standard "
                "error of 1.6 %."},
    {.name = "quantile",
     .function = AggregateFunction::kQuantile,
     .usage = "quantile(x, p)",
     .signature = "int, dyn -> double | uint, dyn -> double | double, dyn -> double | "
                  "decimal, dyn -> double",
     .constant = Constant::kFraction,
     .meaning = "The value at p, 0 to 1, of all in order (nearest rank): one of the values, at most "
                "0.8 % away from the exact one."},
    {.name = "top",
     .function = AggregateFunction::kTop,
     .usage = "top(x, n, y, ...)",
     .signature = "A, int, dyn... -> list<A>",
     .constant = Constant::kLimit,
     .ordered_from = 1,
     .meaning = "x of the n records with the largest y, the largest first."},
    {.name = "top_with_ties",
     .function = AggregateFunction::kTopWithTies,
     .usage = "top_with_ties(x, n, y, ...)",
     .signature = "A, int, dyn... -> list<A>",
     .constant = Constant::kLimit,
     .ordered_from = 1,
     .meaning = "And of all whose y equals that of the last of them, up to 10,000."},
    {.name = "bottom",
     .function = AggregateFunction::kBottom,
     .usage = "bottom(x, n, y, ...)",
     .signature = "A, int, dyn... -> list<A>",
     .constant = Constant::kLimit,
     .ordered_from = 1,
     .meaning = "x of the n records with the least y, the least first."},
    {.name = "bool_and",
     .function = AggregateFunction::kBoolAnd,
     .usage = "bool_and(x)",
     .signature = "bool -> bool",
     .meaning = "Whether x is true in all records."},
    {.name = "bool_or",
     .function = AggregateFunction::kBoolOr,
     .usage = "bool_or(x)",
     .signature = "bool -> bool",
     .meaning = "Whether x is true in one of them."},
};

}  // namespace

std::span<const AggregateFunctionRow> AggregateFunctions() { return kRows; }

const AggregateFunctionRow* FindAggregateFunction(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &AggregateFunctionRow::name);
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace sidestream::topology
