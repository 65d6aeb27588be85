// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dedup/dedup_row.h"

#include "base/bytes.h"

namespace sidestream::operators {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

void EncodePassed(const std::vector<Timestamp>& times, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.Varint(times.size());
  writer.SignedVarint(times.front().value());
  for (size_t i = 1; i < times.size(); ++i) {
    writer.Varint(static_cast<uint64_t>(times[i] - times[i - 1]));
  }
}

Status DecodePassed(std::string_view bytes, std::vector<Timestamp>& times) {
  times.clear();
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a newer release wrote a row of dedup: version=" +
                                 std::to_string(version));
  }
  const uint64_t count = reader.Varint();
  // A time takes a byte at least.
  bool fits = reader.ok() && version == kVersion && count > 0 && count <= bytes.size();
  if (fits) times.emplace_back(reader.SignedVarint());
  for (uint64_t i = 1; fits && i < count; ++i) {
    int64_t next = 0;
    const uint64_t step = reader.Varint();
    fits = reader.ok() && step > 0 && step <= INT64_MAX &&
           !__builtin_add_overflow(times.back().value(), static_cast<int64_t>(step), &next);
    if (fits) times.emplace_back(next);
  }
  if (fits && reader.ok()) return Status::Ok();
  return Status::TaskCorrupted("a row of dedup is not what this release writes: bytes=" +
                               std::to_string(bytes.size()));
}

}  // namespace sidestream::operators
