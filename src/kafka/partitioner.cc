// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/partitioner.h"

#include "base/check.h"

namespace sidestream::kafka {

uint32_t Murmur2(std::string_view bytes) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  uint32_t hash = kSeed ^ static_cast<uint32_t>(bytes.size());
  const size_t blocks = bytes.size() / 4;
  for (size_t i = 0; i < blocks; ++i, data += 4) {
    uint32_t k = static_cast<uint32_t>(data[0]) | static_cast<uint32_t>(data[1]) << 8 |
                 static_cast<uint32_t>(data[2]) << 16 | static_cast<uint32_t>(data[3]) << 24;
    k *= kMultiplier;
    k ^= k >> 24;
    k *= kMultiplier;
    hash = hash * kMultiplier ^ k;
  }
  const size_t tail = bytes.size() % 4;
  if (tail > 2) hash ^= static_cast<uint32_t>(data[2]) << 16;
  if (tail > 1) hash ^= static_cast<uint32_t>(data[1]) << 8;
  if (tail > 0) hash = (hash ^ data[0]) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

Partition PartitionOf(std::string_view key, int32_t partitions) {
  CHECK(partitions >= 1);
  return static_cast<Partition>((Murmur2(key) & 0x7fffffff) % static_cast<uint32_t>(partitions));
}

}  // namespace sidestream::kafka
