// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/count_row.h"

#include "base/bytes.h"
#include "operators/window/time_grid.h"

namespace sidestream::operators {
namespace {

constexpr uint8_t kVersion = 1;

}  // namespace

void EncodeCountRow(const CountRow& row, std::string& out) {
  std::string part;
  std::string scratch;
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.Varint(static_cast<uint64_t>(row.records));
  writer.Varint(row.slices.size());
  for (const WindowState& slice : row.slices) {
    part.clear();
    EncodeWindowRow(slice, scratch, part);
    writer.String(part);
  }
  if (!row.newest) return;
  part.clear();
  EncodeWindowRow(*row.newest, scratch, part);
  writer.U8(1);
  writer.String(part);
}

Result<CountRow> DecodeCountRow(std::string_view bytes, const topology::AggregateNode& node) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of a window was written by a newer release: version=" +
                                 std::to_string(version));
  }
  CountRow row;
  row.records = static_cast<int64_t>(reader.Varint());
  const uint64_t slices = reader.Varint();
  for (uint64_t i = 0; i < slices && reader.ok(); ++i) {
    RETURN_IF_ERROR(DecodeWindowRow(reader.String(), row.slices.emplace_back(node.calls)));
  }
  if (reader.ok() && !reader.empty() && reader.U8() != 0) {
    RETURN_IF_ERROR(DecodeWindowRow(reader.String(), row.newest.emplace(node.calls)));
  }
  const int64_t slice = SliceLength(*node.window);
  const int64_t room = static_cast<int64_t>(row.slices.size()) * slice;
  if (reader.ok() && version == kVersion && row.records > room - slice && row.records <= room &&
      row.records < node.window->size) {
    return row;
  }
  return Status::TaskCorrupted("a row of a count window is not what this release writes: bytes=" +
                               std::to_string(bytes.size()));
}

}  // namespace sidestream::operators
