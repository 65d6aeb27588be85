// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/quantile_accumulator.h"

#include <cmath>

#include "base/bytes.h"
#include "operators/aggregate/number_value.h"

namespace sidestream::operators {
namespace {

Status TooManyBuckets() {
  return Status::BadRecord("its numbers spread over more than " +
                           std::to_string(QuantileSketch::kBucketsMax) +
                           " buckets: they differ by more than a quantile is good for");
}

}  // namespace

Status QuantileAccumulator::Check(CallInput& input, RunState& /*run*/) {
  RETURN_IF_ERROR(RequireNumber(input.values[0]));
  const double number = AsDouble(input.values[0]);
  return std::isnan(number) || sketch_.Takes(number) ? Status::Ok() : TooManyBuckets();
}

void QuantileAccumulator::Fold(const CallInput& input, RunState& /*run*/) {
  const double number = AsDouble(input.values[0]);
  if (!std::isnan(number)) sketch_.Add(number);
}

Status QuantileAccumulator::Merge(const Accumulator& later, RunState& /*run*/) {
  sketch_.Add(static_cast<const QuantileAccumulator&>(later).sketch_);
  return sketch_.buckets() <= QuantileSketch::kBucketsMax ? Status::Ok() : TooManyBuckets();
}

void QuantileAccumulator::Encode(std::string& out) const {
  ByteWriter writer(out);
  sketch_.Encode(writer);
}

bool QuantileAccumulator::Decode(std::string_view bytes) {
  ByteReader in(bytes);
  return sketch_.Decode(in) && in.empty();
}

serde::Value QuantileAccumulator::CurrentResult(Arena& /*arena*/) const {
  return sketch_.empty() ? serde::Value::Null() : serde::Value::Double(sketch_.At(fraction_));
}

}  // namespace sidestream::operators
