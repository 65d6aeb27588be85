// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which class is behind a function.

#include "operators/aggregate/accumulator.h"

#include "base/check.h"
#include "operators/aggregate/distinct_accumulators.h"
#include "operators/aggregate/fold_accumulator.h"
#include "operators/aggregate/number_accumulators.h"
#include "operators/aggregate/quantile_accumulator.h"
#include "operators/aggregate/ranked_accumulator.h"

namespace sidestream::operators {

using topology::AggregateFunction;

namespace {

using Order = RankedAccumulator::Order;

std::unique_ptr<Accumulator> Ranked(const Order& order) {
  return std::make_unique<RankedAccumulator>(order);
}

}  // namespace

std::unique_ptr<Accumulator> NewAccumulator(const topology::AggregateCall& call) {
  const auto limit = static_cast<size_t>(call.limit);
  switch (call.function) {
    case AggregateFunction::kCount:
      return std::make_unique<CountAccumulator>();
    case AggregateFunction::kSum:
      return std::make_unique<SumAccumulator>();
    case AggregateFunction::kAvg:
      return std::make_unique<AverageAccumulator>();
    case AggregateFunction::kStddev:
      return std::make_unique<VarianceAccumulator>(VarianceAccumulator::Wanted::kDeviation);
    case AggregateFunction::kVariance:
      return std::make_unique<VarianceAccumulator>(VarianceAccumulator::Wanted::kVariance);
    case AggregateFunction::kBoolAnd:
      return std::make_unique<BoolAccumulator>(/*decides=*/false);
    case AggregateFunction::kBoolOr:
      return std::make_unique<BoolAccumulator>(/*decides=*/true);
    case AggregateFunction::kMin:
      return Ranked({.by = Order::By::kValue});
    case AggregateFunction::kMax:
      return Ranked({.by = Order::By::kValue, .descending = true});
    case AggregateFunction::kFirst:
    case AggregateFunction::kAny:
      return Ranked({});
    case AggregateFunction::kLast:
      return Ranked({.descending = true});
    case AggregateFunction::kMinBy:
      return Ranked({.by = Order::By::kKeys});
    case AggregateFunction::kMaxBy:
      return Ranked({.by = Order::By::kKeys, .descending = true});
    case AggregateFunction::kCollect:
      return Ranked({.limit = limit, .list = true});
    case AggregateFunction::kCollectSet:
      return Ranked({.by = Order::By::kValue, .limit = limit, .distinct = true, .list = true});
    case AggregateFunction::kTop:
      return Ranked({.by = Order::By::kKeys, .descending = true, .limit = limit, .list = true});
    case AggregateFunction::kTopWithTies:
      return Ranked({.by = Order::By::kKeys,
                     .descending = true,
                     .limit = limit,
                     .with_ties = true,
                     .list = true});
    case AggregateFunction::kBottom:
      return Ranked({.by = Order::By::kKeys, .limit = limit, .list = true});
    case AggregateFunction::kCountDistinct:
      return std::make_unique<DistinctAccumulator>();
    case AggregateFunction::kApproxCountDistinct:
      return std::make_unique<DistinctSketchAccumulator>();
    case AggregateFunction::kQuantile:
      return std::make_unique<QuantileAccumulator>(call.fraction);
    case AggregateFunction::kFold:
      return std::make_unique<FoldAccumulator>(*call.fold);
  }
  CHECK(false) << "a call of no function: " << call.text;
  return nullptr;
}

}  // namespace sidestream::operators
