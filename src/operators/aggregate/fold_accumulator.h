// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// `fold:` an accumulator of the user's own: any value, from expressions. By arrival. Internal to
// operators/aggregate.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "operators/aggregate/accumulator.h"

namespace sidestream::operators {

class FoldAccumulator final : public Accumulator {
 public:
  /// `programs` is borrowed from the plan.
  explicit FoldAccumulator(const topology::FoldPrograms& programs) : programs_(programs) {}

  void Clear() override { held_.clear(); }
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override { out += held_; }
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;
  bool may_grow() const override { return true; }
  size_t grown_bytes() const override { return held_.size(); }

 private:
  const topology::FoldPrograms& programs_;
  std::string held_;  // serde::EncodeValue; empty: no record came
};

}  // namespace sidestream::operators
