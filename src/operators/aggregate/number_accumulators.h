// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// count, sum, avg, stddev, variance, bool_and, bool_or: a few numbers per group. Internal to
// operators/aggregate.
//
// Exact: ints and decimals as they are, where a sum that does not fit is an error; doubles through
// ExactSum, rounded once. avg, stddev and variance are doubles; variance is that of a sample (over
// n - 1), and null over one record.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "operators/aggregate/accumulator.h"
#include "operators/aggregate/exact_sum.h"
#include "serde/decimal.h"

namespace sidestream::operators {

class CountAccumulator final : public Accumulator {
 public:
  void Clear() override { count_ = 0; }
  Status Check(CallInput& /*input*/, RunState& /*run*/) override { return Status::Ok(); }
  void Fold(const CallInput& /*input*/, RunState& /*run*/) override { ++count_; }
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& /*arena*/) const override {
    return serde::Value::Int(static_cast<int64_t>(count_));
  }

 private:
  uint64_t count_ = 0;
};

class SumAccumulator final : public Accumulator {
 public:
  void Clear() override;
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;

 private:
  // Persistent: do not renumber.
  enum class Of : uint8_t { kNothing = 0, kInts = 1, kDoubles = 2, kDecimals = 3 };

  void Add(const serde::Value& number);
  void BecomeDoubles();

  Of of_ = Of::kNothing;
  int64_t ints_ = 0;
  ExactSum doubles_;  // ints before the first double too
  serde::Decimal decimals_;
};

class AverageAccumulator final : public Accumulator {
 public:
  void Clear() override;
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;

 private:
  uint64_t count_ = 0;
  ExactSum sum_;
};

class VarianceAccumulator final : public Accumulator {
 public:
  enum class Wanted : uint8_t { kVariance, kDeviation };
  explicit VarianceAccumulator(Wanted wanted) : wanted_(wanted) {}

  void Clear() override;
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;

 private:
  const Wanted wanted_;
  uint64_t count_ = 0;
  ExactSum sum_;
  ExactSum squares_;
};

class BoolAccumulator final : public Accumulator {
 public:
  /// `decides`: the value of one record that is the result whatever the others are.
  explicit BoolAccumulator(bool decides) : decides_(decides) {}

  void Clear() override { seen_ = 0; }
  Status Check(CallInput& input, RunState& run) override;
  void Fold(const CallInput& input, RunState& run) override;
  Status Merge(const Accumulator& later, RunState& run) override;
  void Encode(std::string& out) const override;
  bool Decode(std::string_view bytes) override;
  serde::Value CurrentResult(Arena& arena) const override;

 private:
  static constexpr uint8_t kSeen = 1;
  static constexpr uint8_t kDecided = 2;

  const bool decides_;
  uint8_t seen_ = 0;
};

}  // namespace sidestream::operators
