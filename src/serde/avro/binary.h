// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The primitives of Avro's binary encoding. Reading never goes beyond the end: a function
// that returns false has read nothing that may be used.
//
// Threading: free functions; a cursor is confined to one thread.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sidestream::serde::avro {

static_assert(std::endian::native == std::endian::little, "floats are copied as they lie");

/// A place in the bytes of one record.
class Cursor {
 public:
  /// `bytes` is borrowed; views that are read point into it.
  explicit Cursor(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  size_t position() const { return static_cast<size_t>(at_ - begin_); }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  /// Zigzag varint of at most 10 bytes; more than 64 bits are refused.
  bool Long(int64_t& value) {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) [[likely]] {
      const auto byte = static_cast<uint8_t>(*at_++);
      value = static_cast<int64_t>(byte >> 1) ^ -static_cast<int64_t>(byte & 1);
      return true;
    }
    return LongSlow(value);
  }
  /// A long that fits 32 bits.
  bool Int(int64_t& value) { return Long(value) && value == static_cast<int32_t>(value); }

  bool Boolean(bool& value) {
    if (at_ == end_ || static_cast<uint8_t>(*at_) > 1) return false;
    value = *at_++ != 0;
    return true;
  }
  bool Float(float& value) { return Copy(value); }
  bool Double(double& value) { return Copy(value); }

  /// The next `size` bytes.
  bool Raw(uint64_t size, std::string_view& bytes) {
    if (size > left()) return false;
    bytes = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }
  /// Length and bytes. A negative length is refused.
  bool Bytes(std::string_view& bytes) {
    int64_t size = 0;
    return Long(size) && size >= 0 && Raw(static_cast<uint64_t>(size), bytes);
  }
  bool Skip(uint64_t size) {
    std::string_view skipped;
    return Raw(size, skipped);
  }

 private:
  template <typename T>
  bool Copy(T& value) {
    std::string_view bytes;
    if (!Raw(sizeof value, bytes)) return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    return true;
  }

  bool LongSlow(int64_t& value) {
    uint64_t bits = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      if (shift == 63 && byte > 1) return false;
      bits |= uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) {
        value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
        return true;
      }
    }
    return false;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

/// Also int, and the index of a union's branch or an enum's symbol.
inline void PutLong(int64_t value, std::string& out) {
  uint64_t bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7) out.push_back(static_cast<char>(bits | 0x80));
  out.push_back(static_cast<char>(bits));
}
inline void PutFloat(float value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void PutDouble(double value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void PutBytes(std::string_view bytes, std::string& out) {
  PutLong(static_cast<int64_t>(bytes.size()), out);
  out.append(bytes);
}

}  // namespace sidestream::serde::avro
