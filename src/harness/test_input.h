// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The order in which the input records of a case go in.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "harness/embedded_application.h"
#include "harness/stream_codec.h"
#include "topology/model.h"

namespace sidestream::harness {

/// An input record and where the clock stands when it goes in.
struct Turn {
  Timestamp when;
  const topology::StreamModel* stream = nullptr;
  const topology::TestInputRecord* record = nullptr;
};

/// Records of a stream as listed; streams interleave by the highest `at` so far. Whose turn it
/// is among several of one time: by the file's order, or by `seed`.
std::vector<Turn> TurnsOf(const topology::Model& model, const topology::TestModel& test,
                          std::optional<uint64_t> seed);

/// Fails with kBadRecord when a format cannot hold the key or value.
Result<FedRecord> RecordOf(const Turn& turn, const StreamCodec& codec);

}  // namespace sidestream::harness
