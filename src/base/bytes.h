// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Bytes of durable formats: fixed big-endian integers, unsigned and zigzag
// varints (protobuf's), length-prefixed strings, base64. Every format of
// docs/formats is written with these and nothing else.
//
// Persistent: do not change an encoding here; add a new one.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace sidestream {

/// Appends to a string that the caller owns.
class ByteWriter {
 public:
  /// `out` is borrowed and must outlive the writer.
  explicit ByteWriter(std::string& out) : out_(out) {}
  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U32(uint32_t value);
  void U64(uint64_t value);
  /// LEB128, 1 to 10 bytes.
  void Varint(uint64_t value);
  /// Zigzag, then LEB128.
  void SignedVarint(int64_t value);
  void Raw(std::string_view bytes) { out_.append(bytes); }
  /// Varint length, then the bytes.
  void String(std::string_view bytes);

 private:
  std::string& out_;
};

/// Reads what ByteWriter wrote. After the first failure every read gives zero or
/// empty and ok() stays false, so that a decoder checks once at its end.
class ByteReader {
 public:
  /// `bytes` is borrowed; views that are read point into it.
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  uint8_t U8();
  uint32_t U32();
  uint64_t U64();
  uint64_t Varint();
  int64_t SignedVarint();
  std::string_view Raw(size_t size);
  std::string_view String();
  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// Standard alphabet with padding.
std::string Base64Encode(std::string_view bytes);
/// Empty when `text` is not base64.
std::optional<std::string> Base64Decode(std::string_view text);

}  // namespace sidestream
