// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/aggregate_row.h"

#include "base/bytes.h"

namespace sidestream::operators {
namespace {

// 1 was never released. In 2 the accumulators stand in the order of the calls.
constexpr uint8_t kVersionByPlace = 2;
constexpr uint8_t kVersion = 3;

constexpr uint8_t kSent = 1;
constexpr uint8_t kSentAt = 2;
constexpr uint8_t kHeld = 4;
constexpr uint8_t kUpdated = 8;

}  // namespace

void ToGroupRowKey(std::string& store_key) {
  if (store_key.starts_with(kNoGroup)) store_key.insert(0, 1, kNoGroup);
}

std::optional<std::string_view> GroupOfRowKey(std::string_view row_key) {
  if (!row_key.starts_with(kNoGroup)) return row_key;
  row_key.remove_prefix(1);
  if (!row_key.starts_with(kNoGroup)) return std::nullopt;
  return row_key;
}

void EncodeAggregateRow(const AggregateRow& row, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.SignedVarint(row.timestamp.value());
  writer.String(row.accumulators);
  const bool has_time = row.sent_at != kNoTimestamp;
  const bool updated = row.updated != kNoTimestamp;
  writer.U8(static_cast<uint8_t>((row.sent ? kSent : 0) | (has_time ? kSentAt : 0) |
                                 (row.held ? kHeld : 0) | (updated ? kUpdated : 0)));
  if (row.sent) writer.String(*row.sent);
  if (has_time) writer.SignedVarint(row.sent_at.value());
  if (updated) writer.SignedVarint(row.updated.value());
}

Result<AggregateRow> DecodeAggregateRow(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of an aggregate was written by a newer release: version=" +
                                 std::to_string(version));
  }
  AggregateRow row;
  if (version == kVersionByPlace) row.form = Accumulators::Form::kByPlace;
  row.timestamp = Timestamp(reader.SignedVarint());
  row.accumulators = reader.String();
  const uint8_t flags = reader.U8();
  if ((flags & kSent) != 0) row.sent = reader.String();
  if ((flags & kSentAt) != 0) row.sent_at = Timestamp(reader.SignedVarint());
  if ((flags & kUpdated) != 0) row.updated = Timestamp(reader.SignedVarint());
  row.held = (flags & kHeld) != 0;
  if (!reader.ok() || version < kVersionByPlace) {
    return Status::TaskCorrupted("a row of an aggregate is not what this release writes: bytes=" +
                                 std::to_string(bytes.size()));
  }
  return row;
}

}  // namespace sidestream::operators
