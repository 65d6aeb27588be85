// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Time and chance come in through the constructor, so that a whole cluster can
// run in virtual time from one seed.

#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "base/ids.h"

namespace sidestream {

using Milliseconds = std::chrono::milliseconds;
/// A point of the monotonic clock: for deadlines, never written anywhere.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock>;

/// Both clocks of a process. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// For deadlines and intervals.
  virtual MonotonicTime Now() const = 0;
  /// Wall clock in epoch milliseconds: for records and for people.
  virtual Timestamp WallTime() const = 0;
};

/// Both clocks at one moment: read once per step, not per record.
struct ClockReading {
  MonotonicTime steady{};
  Timestamp wall;
};

inline ClockReading Read(const Clock& clock) { return {clock.Now(), clock.WallTime()}; }

/// The clocks of the operating system.
class SystemClock final : public Clock {
 public:
  MonotonicTime Now() const override { return std::chrono::steady_clock::now(); }
  Timestamp WallTime() const override;
};

/// A clock that moves only when told; both readings move together. Confined to one thread.
class ManualClock final : public Clock {
 public:
  /// 2026-01-01T00:00:00Z, where the clock of tests in a topology file starts.
  static constexpr Timestamp kStart{1'767'225'600'000};
  explicit ManualClock(Timestamp start = kStart) : wall_(start) {}
  MonotonicTime Now() const override { return now_; }
  Timestamp WallTime() const override { return wall_; }
  void Advance(Milliseconds by) {
    now_ += by;
    wall_ = wall_ + by.count();
  }

 private:
  // Not zero: a default MonotonicTime then always lies in the past.
  MonotonicTime now_{std::chrono::hours(1)};
  Timestamp wall_;
};

/// Randomness with a printable seed. Confined to one thread.
class Random {
 public:
  explicit Random(uint64_t seed) : seed_(seed), engine_(seed) {}
  uint64_t seed() const { return seed_; }
  uint64_t Next() { return engine_(); }
  /// Uniform in [0, bound); `bound` >= 1.
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(engine_() % static_cast<uint64_t>(bound));
  }
  /// True once in `n` times on average.
  bool OneIn(int64_t n) { return Below(n) == 0; }

 private:
  uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace sidestream
