// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/aggregate_row.h"

#include "base/bytes.h"

namespace sidestream::operators {
namespace {

// 1 was never released.
constexpr uint8_t kVersion = 2;

}  // namespace

void EncodeAggregateRow(const AggregateRow& row, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.SignedVarint(row.timestamp.value());
  writer.String(row.accumulators);
  writer.U8(row.sent ? 1 : 0);
  if (row.sent) writer.String(*row.sent);
}

Result<AggregateRow> DecodeAggregateRow(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of an aggregate was written by a newer release: version=" +
                                 std::to_string(version));
  }
  AggregateRow row;
  row.timestamp = Timestamp(reader.SignedVarint());
  row.accumulators = reader.String();
  if (reader.U8() != 0) row.sent = reader.String();
  if (!reader.ok() || version != kVersion) {
    return Status::TaskCorrupted("a row of an aggregate is not what this release writes: bytes=" +
                                 std::to_string(bytes.size()));
  }
  return row;
}

}  // namespace sidestream::operators
