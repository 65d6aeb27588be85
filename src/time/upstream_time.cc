// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/upstream_time.h"

#include <algorithm>

#include "base/check.h"

namespace sidestream::time {
namespace {

constexpr Timestamp kBeforeTime{-1};
// 9999-12-31T23:59:59.999Z
constexpr Timestamp kLastWritten{253'402'300'799'999};

// Wrapping: any two watermarks have a difference, also those that foreign bytes claim.
int64_t Difference(Timestamp a, Timestamp b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a.value()) - static_cast<uint64_t>(b.value()));
}

Timestamp Sum(Timestamp a, int64_t b) {
  return Timestamp(
      static_cast<int64_t>(static_cast<uint64_t>(a.value()) + static_cast<uint64_t>(b)));
}

}  // namespace

Timestamp WrittenWatermark(Timestamp watermark) {
  return std::clamp(watermark, kBeforeTime, kLastWritten);
}

// 0: not known; else the written watermark + 2.
void EncodeWatermark(ByteWriter& out, Timestamp watermark) {
  const bool known = watermark != kNoWatermark;
  out.Varint(known ? static_cast<uint64_t>(WrittenWatermark(watermark).value() + 2) : 0);
}

bool DecodeWatermark(ByteReader& in, Timestamp& watermark) {
  const uint64_t code = in.Varint();
  if (!in.ok() || code > static_cast<uint64_t>(kLastWritten.value() + 2)) return false;
  watermark = Timestamp(static_cast<int64_t>(code) - 2);
  if (code == 0) watermark = kNoWatermark;
  if (watermark == kLastWritten) watermark = kEndOfTime;
  return true;
}

void EncodeUpstreams(ByteWriter& out, std::span<const UpstreamTime> upstreams) {
  CHECK(upstreams.size() <= kUpstreamTasksMax) << upstreams.size();
  out.Varint(upstreams.size());
  uint32_t task = 0;
  Timestamp base;
  for (const UpstreamTime& entry : upstreams) {
    CHECK(entry.upstream_task >= task) << entry.upstream_task;
    out.Varint(entry.upstream_task - task);
    // Generation and progress share a varint, so that the worst case of an entry is 13 bytes.
    out.Varint(uint64_t{entry.generation} << 2 | static_cast<uint64_t>(entry.progress));
    task = entry.upstream_task;
    if (entry.progress == Progress::kUnknown) continue;
    out.SignedVarint(Difference(entry.watermark, base));
    base = entry.watermark;
  }
}

bool DecodeUpstreams(ByteReader& in, std::vector<UpstreamTime>& upstreams) {
  const uint64_t count = in.Varint();
  if (!in.ok() || count > kUpstreamTasksMax) return false;
  uint64_t task = 0;
  Timestamp base;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t step = in.Varint();
    const uint64_t packed = in.Varint();
    if (!in.ok() || step > UINT32_MAX || task + step > UINT32_MAX || packed >> 2 > UINT32_MAX) {
      return false;
    }
    task += step;
    UpstreamTime& entry = upstreams.emplace_back();
    entry.upstream_task = static_cast<uint32_t>(task);
    entry.generation = static_cast<uint32_t>(packed >> 2);
    entry.progress = static_cast<Progress>(packed & 3);
    if (entry.progress == Progress::kUnknown) continue;
    base = Sum(base, in.SignedVarint());
    entry.watermark = base;
  }
  return in.ok();
}

}  // namespace sidestream::time
