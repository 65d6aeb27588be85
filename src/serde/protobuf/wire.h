// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Protobuf's wire format, piece by piece. Internal to this folder.
//
// Threading: a cursor is confined to one thread.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sidestream::serde::protobuf {

static_assert(std::endian::native == std::endian::little, "fixed fields are copied as they lie");

inline int64_t ZigZag(uint64_t raw) {
  return static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1);
}
inline uint64_t UnZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

class WireCursor {
 public:
  /// `bytes` is borrowed; views that are read point into it.
  explicit WireCursor(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  const char* position() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  /// At most 10 bytes; bits beyond the 64th are dropped, as the official libraries do.
  bool Varint(uint64_t& value) {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) [[likely]] {
      value = static_cast<uint8_t>(*at_++);
      return true;
    }
    value = 0;
    const char* at = at_;
    for (unsigned shift = 0; shift < 70 && at != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at++);
      if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        at_ = at;
        return true;
      }
    }
    return false;
  }

  template <typename T>
  bool Fixed(T& value) {
    if (left() < sizeof value) return false;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return true;
  }

  /// Length and bytes.
  bool Bytes(std::string_view& bytes) {
    uint64_t size = 0;
    if (!Varint(size) || size > left()) return false;
    bytes = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }

  bool Skip(size_t size) {
    if (size > left()) return false;
    at_ += size;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

inline void PutVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

template <typename T>
void PutFixed(T value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

}  // namespace sidestream::serde::protobuf
