// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// RepartitionWriter: from a row to a record of our own repartition topic. Internal to operators.
//
// A computed key travels as its contract bytes with their kind, a computed value in the
// engine's own tagged form; everything else as the bytes that came.
//
// Threading: confined to the task's worker (keeps its buffers).

#pragma once

#include <string>

#include "base/arena.h"
#include "base/status.h"
#include "operators/processor_context.h"
#include "operators/row.h"
#include "topology/plan.h"

namespace sidestream::operators {

class RepartitionWriter {
 public:
  /// `node` is borrowed. `output` counts as OutputRecord::output.
  RepartitionWriter(const topology::RepartitionNode& node, size_t output)
      : node_(node), output_(output) {}

  /// Fails with kBadRecord, before anything is produced: this value can be no key, or the
  /// topic would refuse the record.
  Status Write(Row& row, ProcessorContext& context, Arena& arena);

 private:
  const topology::RepartitionNode& node_;
  const size_t output_;
  std::string key_;
  std::string value_;
};

}  // namespace sidestream::operators
