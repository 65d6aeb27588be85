// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ExactSum: the sum of doubles without any rounding, as a few doubles that do not overlap
// (J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
// Predicates", 1997). Rounded once, when it is asked for: so it does not depend on the order of
// the numbers, nor on how they were split into sums that were merged.
//
// Numbers of one magnitude take one or two doubles, any numbers about forty. Sums beyond the range
// of a double become infinite, as in IEEE 754; that alone depends on the order.
//
// Threading: values.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sidestream::operators {

class ExactSum {
 public:
  void Clear();
  void Add(double number);
  void Add(int64_t number);
  void Add(uint64_t number);
  void Add(const ExactSum& other);
  /// Adds a * b, exact as long as the product's last bits are in the range of a double.
  void AddProduct(double a, double b);
  /// Adds a * `other`, as AddProduct.
  void AddProduct(double a, const ExactSum& other);
  /// The square of `number` is added as AddProduct does.
  void AddSquare(double number) { AddProduct(number, number); }

  /// The nearest double, ties to even.
  double Rounded() const;

  void Encode(ByteWriter& out) const;
  /// False: these are not our bytes.
  bool Decode(ByteReader& in);

 private:
  std::vector<double> parts_;  // growing in magnitude, none is zero
  double beyond_ = 0;          // sum of what is infinite or NaN; else 0
};

}  // namespace sidestream::operators
