// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/wire_frame.h"

#include <algorithm>
#include <limits>

#include "base/bytes.h"

namespace sidestream::serde {
namespace {

constexpr uint8_t kMagicId = 0;
constexpr uint8_t kMagicGuid = 1;

Status TooShort(std::string_view place, size_t size) {
  return Status::BadRecord("no schema id in " + std::string(place) + ": only " +
                           std::to_string(size) + " bytes");
}

Result<WireFrame> ReadFrom(std::string_view bytes, std::string_view place) {
  if (bytes.empty()) return TooShort(place, 0);
  ByteReader reader(bytes);
  WireFrame frame;
  switch (const uint8_t magic = reader.U8()) {
    case kMagicId:
      frame.schema = reader.U32();
      break;
    case kMagicGuid: {
      SchemaGuid guid{};
      std::ranges::copy(reader.Raw(guid.size()), guid.begin());
      frame.schema = guid;
      break;
    }
    default:
      return Status::BadRecord("no schema id in " + std::string(place) + ": it begins with byte " +
                               std::to_string(magic) +
                               " instead of 0 or 1; was it written without a schema registry?");
  }
  if (!reader.ok()) return TooShort(place, bytes.size());
  frame.after_id = reader.rest();
  return frame;
}

}  // namespace

Result<WireFrame> ReadWireFrame(std::string_view bytes, std::optional<std::string_view> header) {
  if (!header.has_value()) return ReadFrom(bytes, "the bytes");
  Result<WireFrame> frame = ReadFrom(*header, "the header");
  if (frame.ok()) frame.value().in_header = true;
  return frame;
}

void PutWireFrame(SchemaId id, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kMagicId);
  writer.U32(id);
}

Result<std::vector<int32_t>> TakeMessageIndexes(std::string_view& bytes) {
  ByteReader reader(bytes);
  const int64_t count = reader.SignedVarint();
  if (!reader.ok() || count < 0 || count > static_cast<int64_t>(kMaxMessageIndexes)) {
    return Status::BadRecord("the count of message indexes is missing or not 0 to 64");
  }
  // A single 0 stands for [0], the first message.
  std::vector<int32_t> indexes(static_cast<size_t>(std::max<int64_t>(count, 1)), 0);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = reader.SignedVarint();
    if (!reader.ok() || index < 0 || index > std::numeric_limits<int32_t>::max()) {
      return Status::BadRecord("a message index is missing or negative");
    }
    indexes[static_cast<size_t>(i)] = static_cast<int32_t>(index);
  }
  bytes = reader.rest();
  return indexes;
}

void PutMessageIndexes(const std::vector<int32_t>& indexes, std::string& out) {
  ByteWriter writer(out);
  if (indexes.size() == 1 && indexes[0] == 0) return writer.U8(0);
  writer.SignedVarint(static_cast<int64_t>(indexes.size()));
  for (const int32_t index : indexes) writer.SignedVarint(index);
}

std::string GuidText(const SchemaGuid& guid) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < guid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[guid[i] >> 4];
    text += kHex[guid[i] & 15];
  }
  return text;
}

}  // namespace sidestream::serde
