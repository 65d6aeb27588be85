// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Accumulator: what one aggregate call knows of one group, in memory. Internal to operators.
//
// count: an int. sum: null over nothing, an int while all were ints, a double from the first
// double on. min, max: null over nothing, else the value; of equal ones the first.
//
// Threading: confined to the task's worker.

#pragma once

#include <string>

#include "base/arena.h"
#include "base/status.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// Owns its value, unlike serde::Value. Texts keep their buffer from group to group.
class Accumulator {
 public:
  /// Null for a group without records; zero for a count.
  void Start(topology::AggregateFunction function);
  /// Copies `value`, which is null or of a kind that CEL's < takes.
  void Set(const serde::Value& value);
  /// Points into this and into `arena`.
  serde::Value Get(Arena& arena) const;
  /// Bytes beside the object's own.
  size_t heap_bytes() const { return text_.capacity(); }

 private:
  serde::Value::Kind kind_ = serde::Value::Kind::kNull;
  serde::Value plain_ = serde::Value::Null();  // kinds without memory
  serde::Nanos time_;
  std::string text_;  // also the bytes of a decimal
};

/// What `accumulator` will hold once `argument` is folded in; kMissing: it stays as it is.
/// Null and none are ignored, and NaN by min and max: it has no place in an order.
/// Fails with kBadRecord: the function does not take this value, or a sum that is exact (of ints
/// or decimals) overflows. The result may lie in `arena`.
Result<serde::Value> Folded(topology::AggregateFunction function, const serde::Value& accumulator,
                            const serde::Value& argument, Arena& arena);

}  // namespace sidestream::operators
