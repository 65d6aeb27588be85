// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// quantile(x, p). Internal to operators/aggregate.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "operators/aggregate/accumulator.h"
#include "operators/aggregate/quantile_sketch.h"

namespace sidestream::operators {

class QuantileAccumulator final : public Accumulator {
 public:
  /// `fraction`: 0 to 1.
  explicit QuantileAccumulator(double fraction) : fraction_(fraction) {}

  void Clear() override { sketch_.Clear(); }
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;
  bool may_grow() const override { return true; }
  size_t grown_bytes() const override { return sketch_.buckets() * kBytesPerBucket; }

 private:
  static constexpr size_t kBytesPerBucket = 12;  // about

  const double fraction_;
  QuantileSketch sketch_;
};

}  // namespace sidestream::operators
