// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/aggregate_row.h"

#include "base/bytes.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

constexpr uint8_t kVersion = 1;

bool CanBeHeld(const serde::Value& value) {
  return value.null() || serde::Value::Compare(value, value).has_value();
}

}  // namespace

Status EncodeAggregateRow(const AggregateRow& row, const std::vector<Accumulator>& accumulators,
                          Arena& arena, std::string& scratch, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.SignedVarint(row.timestamp.value());
  writer.Varint(accumulators.size());
  for (const Accumulator& accumulator : accumulators) {
    scratch.clear();
    RETURN_IF_ERROR(serde::EncodeValue(accumulator.Get(arena), scratch));
    writer.String(scratch);
  }
  writer.U8(row.sent ? 1 : 0);
  if (row.sent) writer.String(*row.sent);
  return Status::Ok();
}

Result<AggregateRow> DecodeAggregateRow(std::string_view bytes,
                                        std::vector<Accumulator>& accumulators, Arena& arena) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of an aggregate was written by a newer release: version=" +
                                 std::to_string(version));
  }
  AggregateRow row;
  row.timestamp = Timestamp(reader.SignedVarint());
  const uint64_t count = reader.Varint();
  bool fits = reader.ok() && version == kVersion && count == accumulators.size();
  for (size_t i = 0; fits && i < accumulators.size(); ++i) {
    Result<serde::Value> value = serde::DecodeValue(reader.String(), arena);
    fits = reader.ok() && value.ok() && CanBeHeld(*value);
    if (fits) accumulators[i].Set(*value);
  }
  if (fits && reader.U8() != 0) row.sent = reader.String();
  if (!fits || !reader.ok()) {
    return Status::TaskCorrupted("a row of an aggregate is not what this release writes: bytes=" +
                                 std::to_string(bytes.size()));
  }
  return row;
}

}  // namespace sidestream::operators
