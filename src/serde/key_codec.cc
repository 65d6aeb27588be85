// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/key_codec.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/bytes.h"
#include "serde/json_writer.h"
#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

KeyKind PutInt(int64_t value, std::string& out) {
  ByteWriter(out).U64(static_cast<uint64_t>(value));
  return KeyKind::kInt;
}

Result<KeyKind> EncodeDouble(double value, std::string& out) {
  if (std::isnan(value)) return Status::BadRecord("NaN cannot be a key: it is unequal to itself");
  // The uints that these equal are refused, so that they have no bytes to share.
  if (value == std::trunc(value) && value >= -0x1p63 && value < 0x1p63) {
    return PutInt(static_cast<int64_t>(value), out);
  }
  ByteWriter(out).U64(std::bit_cast<uint64_t>(value));
  return KeyKind::kDouble;
}

Status NotThisKind(std::string_view kind) {
  return Status::BadRecord("the bytes of a key are not those of a " + std::string(kind));
}

}  // namespace

Result<KeyKind> EncodeKey(const Value& key, std::string& out, KeyOrder order) {
  CHECK(!key.null()) << "a null key has no bytes";
  switch (key.kind()) {
    case Kind::kString:
      out += key.string_value();
      return KeyKind::kString;
    case Kind::kBytes:
      out += key.string_value();
      return KeyKind::kBytes;
    case Kind::kInt:
      return PutInt(key.int_value(), out);
    case Kind::kUint:
      // Its 8 bytes would be those of a negative int.
      if (key.uint_value() > uint64_t{std::numeric_limits<int64_t>::max()}) {
        return Status::BadRecord("a uint above 9223372036854775807 cannot be a key: " +
                                 DebugString(key) + "; use string(...)");
      }
      return PutInt(static_cast<int64_t>(key.uint_value()), out);
    case Kind::kDouble:
      return EncodeDouble(key.double_value(), out);
    case Kind::kBool:
      ByteWriter(out).U8(key.bool_value() ? 1 : 0);
      return KeyKind::kBool;
    case Kind::kTimestamp:
      RETURN_IF_ERROR(AppendTimestamp(key.time_value(), out));
      return KeyKind::kTimestamp;
    case Kind::kDuration:
      AppendDuration(key.time_value(), out);
      return KeyKind::kDuration;
    case Kind::kList:
    case Kind::kMap:
      RETURN_IF_ERROR(WriteJson(
          key, order == KeyOrder::kAsGiven ? JsonShape::kKeyFields : JsonShape::kKey, out));
      return KeyKind::kJson;
    case Kind::kDecimal:
      return Status::BadRecord(std::string(kNoDecimalKey));
    case Kind::kOptional:
      if (key.optional_value() != nullptr && !key.optional_value()->null()) {
        return EncodeKey(*key.optional_value(), out, order);
      }
      break;
    case Kind::kMissing:
    case Kind::kNull:
    case Kind::kType:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kJson:
    case Kind::kMessage:
      break;
  }
  return Status::BadRecord("this cannot be a key: " + std::string(KindName(key.kind())) + " " +
                           DebugString(key, 60));
}

Result<Value> DecodeKey(KeyKind kind, std::string_view bytes, JsonParser& parser, Arena& arena) {
  switch (kind) {
    case KeyKind::kOwn:
      break;
    case KeyKind::kString:
      if (!IsUtf8(bytes)) return NotThisKind("string");
      return Value::String(bytes);
    case KeyKind::kBytes:
      return Value::Bytes(bytes);
    case KeyKind::kInt:
      if (bytes.size() != 8) return NotThisKind("int");
      return Value::Int(static_cast<int64_t>(ByteReader(bytes).U64()));
    case KeyKind::kDouble:
      if (bytes.size() != 8) return NotThisKind("double");
      return Value::Double(std::bit_cast<double>(ByteReader(bytes).U64()));
    case KeyKind::kBool:
      if (bytes.size() != 1 || static_cast<uint8_t>(bytes[0]) > 1) return NotThisKind("bool");
      return Value::Bool(bytes[0] == 1);
    case KeyKind::kJson:
      return parser.Parse(bytes, arena);
    case KeyKind::kTimestamp:
      if (const auto time = ParseTimestamp(bytes)) return Value::TimestampOf(*time, arena);
      return NotThisKind("timestamp");
    case KeyKind::kDuration:
      if (const auto length = ParseDuration(bytes)) return Value::DurationOf(*length, arena);
      return NotThisKind("duration");
  }
  CHECK(false) << "a stream's own key is read with its format";
  return Status::Fatal("unreachable");
}

Result<KeyKind> ParseKeyKind(uint8_t byte) {
  if (byte > static_cast<uint8_t>(KeyKind::kDuration)) {
    return Status::BadRecord("unknown kind of key: " + std::to_string(byte));
  }
  return static_cast<KeyKind>(byte);
}

}  // namespace sidestream::serde
