// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What is known of an upstream task's time, and how a list of such entries lies in commit stamps
// (docs/formats/commit-stamp.md) and marks (docs/formats/mark.md). Persistent: do not renumber.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace sidestream::time {

/// How far event time of something is known.
enum class Progress : uint8_t {
  kUnknown = 0,   // never heard
  kActive = 1,    // a watermark, or a highest timestamp
  kIdle = 2,
  kFinished = 3,
};

/// One task that writes a repartition topic.
struct UpstreamTime {
  uint32_t upstream_task = 0;  // its partition number; ascending within a list
  uint32_t generation = 0;
  Progress progress = Progress::kUnknown;
  Timestamp watermark;  // meaningful unless kUnknown
  friend bool operator==(const UpstreamTime&, const UpstreamTime&) = default;
};

/// Largest number of upstream tasks whose worst case fits the broker's 4,096 bytes.
inline constexpr size_t kUpstreamTasksMax = 220;

/// A watermark as it is written in a list: below zero there is no event time, so -1 says as much as
/// kNoWatermark, and kEndOfTime becomes the last millisecond of the year 9999. Short as a varint.
Timestamp WrittenWatermark(Timestamp watermark);

/// A watermark by itself, in 1 to 7 bytes: kNoWatermark and kEndOfTime come back as they are, others
/// as WrittenWatermark().
void EncodeWatermark(ByteWriter& out, Timestamp watermark);
/// False: not one of ours.
bool DecodeWatermark(ByteReader& in, Timestamp& watermark);

/// Requires ascending tasks.
void EncodeUpstreams(ByteWriter& out, std::span<const UpstreamTime> upstreams);
/// False: not a list of ours, or longer than kUpstreamTasksMax.
bool DecodeUpstreams(ByteReader& in, std::vector<UpstreamTime>& upstreams);

}  // namespace sidestream::time
