// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// QuantileSketch: the value below which a share of all numbers lies. A histogram whose buckets have
// a width relative to their numbers, as in DDSketch (C. Masson, J. Rim, H. Lee, "DDSketch: A Fast
// and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", 2019), with buckets cut out
// of the bits of a double, as HdrHistogram's are, so that no logarithm decides. KLL and t-digest
// are smaller, but depend on the order in which numbers come.
//
// Error: the result is a number that was added, at most 1/128 = 0.8 % away from the exact one:
// each bucket knows the one that is nearest to zero. So it is exact where no two numbers are that
// near to each other.
//
// Its state is a function of the numbers alone. Bounded: kBucketsMax.
//
// Threading: values.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace sidestream::operators {

class QuantileSketch {
 public:
  /// 128 buckets for each power of two: numbers from 10^-9 to 10^9, negative ones too, take 7700.
  static constexpr size_t kBucketsMax = 8192;

  void Clear();
  /// Whether Add(number) keeps the bound.
  bool Takes(double number) const;
  /// Requires a number that is not NaN.
  void Add(double number);
  void Add(const QuantileSketch& other);
  size_t buckets() const { return buckets_.size(); }
  /// Of n numbers in order, the one at place fraction * n, rounded up and 1 at least. Requires that
  /// there is one.
  double At(double fraction) const;
  bool empty() const { return count_ == 0; }

  void Encode(ByteWriter& out) const;
  /// False: these are not our bytes.
  bool Decode(ByteReader& in);

 private:
  struct Bucket {
    int32_t index = 0;
    double nearest = 0;  // to zero
    uint64_t count = 0;
  };
  void Add(int32_t index, double nearest, uint64_t count);

  std::vector<Bucket> buckets_;  // ascending, none is empty
  uint64_t count_ = 0;
};

}  // namespace sidestream::operators
