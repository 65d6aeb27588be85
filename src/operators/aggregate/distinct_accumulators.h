// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// count_distinct and approx_count_distinct. Internal to operators/aggregate.
//
// Values are the same when they are `==` in CEL, whatever their types: 1, 1.0 and decimal("1.00").
// NaN, which equals nothing, is left out.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "operators/aggregate/accumulator.h"
#include "operators/aggregate/distinct_sketch.h"

namespace sidestream::operators {

/// The values themselves, as bytes: exact, and as large as they are.
class DistinctAccumulator final : public Accumulator {
 public:
  void Clear() override;
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;
  bool may_grow() const override { return true; }
  size_t grown_bytes() const override { return bytes_; }

 private:
  static size_t BytesOf(std::string_view value) { return value.size() + 2; }

  std::set<std::string, std::less<>> values_;
  size_t bytes_ = 0;
};

class DistinctSketchAccumulator final : public Accumulator {
 public:
  void Clear() override { sketch_.Clear(); }
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;
  bool may_grow() const override { return true; }
  size_t grown_bytes() const override { return sketch_.bytes(); }

 private:
  DistinctSketch sketch_;
};

}  // namespace sidestream::operators
