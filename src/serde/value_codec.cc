// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/value_codec.h"

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "serde/message.h"
#include "serde/decimal.h"
#include "serde/reader.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

// Persistent: do not renumber (docs/formats/value.md).
enum class Tag : uint8_t {
  kNull = 0,
  kFalse = 1,
  kTrue = 2,
  kInt = 3,
  kUint = 4,
  kDouble = 5,
  kString = 6,
  kBytes = 7,
  kTimestamp = 8,
  kDuration = 9,
  kList = 10,
  kMap = 11,
  kType = 12,
  kNone = 13,
  kSome = 14,
  kMissing = 15,
  kIp = 16,
  kCidr = 17,
  kDecimal = 18,
};

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  // False: nested too deep.
  bool Put(const Value& value, int depth) {
    if (depth > kMaxDepth) return false;
    switch (value.kind()) {
      case Kind::kMissing:
        PutTag(Tag::kMissing);
        return true;
      case Kind::kNull:
        PutTag(Tag::kNull);
        return true;
      case Kind::kBool:
        PutTag(value.bool_value() ? Tag::kTrue : Tag::kFalse);
        return true;
      case Kind::kInt:
        PutTag(Tag::kInt);
        out_.SignedVarint(value.int_value());
        return true;
      case Kind::kUint:
        PutTag(Tag::kUint);
        out_.Varint(value.uint_value());
        return true;
      case Kind::kDouble:
        PutTag(Tag::kDouble);
        out_.U64(std::bit_cast<uint64_t>(value.double_value()));
        return true;
      case Kind::kString:
        return PutText(Tag::kString, value);
      case Kind::kBytes:
        return PutText(Tag::kBytes, value);
      case Kind::kType:
        return PutText(Tag::kType, value);
      case Kind::kIp:
        return PutText(Tag::kIp, value);
      case Kind::kCidr:
        return PutText(Tag::kCidr, value);
      case Kind::kTimestamp:
        return PutTime(Tag::kTimestamp, value.time_value());
      case Kind::kDuration:
        return PutTime(Tag::kDuration, value.time_value());
      case Kind::kDecimal:
        return PutDecimal(value.decimal_value());
      case Kind::kList:
        PutTag(Tag::kList);
        out_.Varint(value.list().size());
        for (const Value& item : value.list()) {
          if (!Put(item, depth + 1)) return false;
        }
        return true;
      case Kind::kMap:
        PutTag(Tag::kMap);
        out_.Varint(value.map().size());
        for (const MapEntry& entry : value.map()) {
          if (!Put(entry.key, depth + 1) || !Put(entry.value, depth + 1)) return false;
        }
        return true;
      case Kind::kOptional:
        PutTag(value.optional_value() == nullptr ? Tag::kNone : Tag::kSome);
        return value.optional_value() == nullptr || Put(*value.optional_value(), depth + 1);
      case Kind::kMessage: {
        Arena arena;
        return Put(AsMap(value.message(), arena), depth);
      }
      case Kind::kJson:
        CHECK(false) << "text on its way to a JSON topic was about to be stored";
    }
    return true;
  }

 private:
  void PutTag(Tag tag) { out_.U8(static_cast<uint8_t>(tag)); }

  bool PutText(Tag tag, const Value& value) {
    PutTag(tag);
    out_.String(value.string_value());
    return true;
  }

  bool PutTime(Tag tag, Nanos time) {
    PutTag(tag);
    out_.SignedVarint(time.seconds);
    out_.Varint(static_cast<uint64_t>(time.nanos));
    return true;
  }

  bool PutDecimal(const Decimal& number) {
    PutTag(Tag::kDecimal);
    out_.U8(static_cast<uint8_t>(number.scale()));
    out_.U64(static_cast<uint64_t>(number.unscaled() >> 64));
    out_.U64(static_cast<uint64_t>(number.unscaled()));
    return true;
  }

  ByteWriter out_;
};

class Decoder {
 public:
  Decoder(std::string_view bytes, Arena& arena) : in_(bytes), arena_(arena) {}

  bool Take(Value& value, int depth) {
    if (depth > kMaxDepth) return false;
    const uint8_t tag = in_.U8();
    switch (static_cast<Tag>(tag)) {
      case Tag::kMissing:
        value = Value();
        break;
      case Tag::kNull:
        value = Value::Null();
        break;
      case Tag::kFalse:
      case Tag::kTrue:
        value = Value::Bool(static_cast<Tag>(tag) == Tag::kTrue);
        break;
      case Tag::kInt:
        value = Value::Int(in_.SignedVarint());
        break;
      case Tag::kUint:
        value = Value::Uint(in_.Varint());
        break;
      case Tag::kDouble:
        value = Value::Double(std::bit_cast<double>(in_.U64()));
        break;
      case Tag::kString:
        value = Value::String(in_.String());
        break;
      case Tag::kBytes:
        value = Value::Bytes(in_.String());
        break;
      case Tag::kType:
        value = Value::Type(in_.String());
        break;
      case Tag::kIp:
        value = Value::Ip(in_.String());
        break;
      case Tag::kCidr:
        value = Value::Cidr(in_.String());
        break;
      case Tag::kTimestamp:
      case Tag::kDuration:
        return TakeTime(static_cast<Tag>(tag), value);
      case Tag::kDecimal:
        return TakeDecimal(value);
      case Tag::kList:
        return TakeList(value, depth);
      case Tag::kMap:
        return TakeMap(value, depth);
      case Tag::kNone:
        value = Value::OptionalNone();
        break;
      case Tag::kSome: {
        Value inner;
        if (!Take(inner, depth + 1)) return false;
        value = Value::OptionalOf(inner, arena_);
        break;
      }
      default:
        return false;
    }
    return in_.ok();
  }

  bool empty() const { return in_.empty(); }

 private:
  bool TakeTime(Tag tag, Value& value) {
    const int64_t seconds = in_.SignedVarint();
    const uint64_t nanos = in_.Varint();
    if (!in_.ok() || nanos > 999'999'999) return false;
    const Nanos time{seconds, static_cast<int32_t>(nanos)};
    value =
        tag == Tag::kTimestamp ? Value::TimestampOf(time, arena_) : Value::DurationOf(time, arena_);
    return true;
  }

  bool TakeDecimal(Value& value) {
    const int scale = in_.U8();
    const auto high = static_cast<int64_t>(in_.U64());
    const uint64_t low = in_.U64();
    if (!in_.ok()) return false;
    const std::optional<Decimal> number =
        Decimal::Of(static_cast<Int128>(high) * (static_cast<Int128>(1) << 64) + low, scale);
    if (!number || number->scale() != scale) return false;
    value = Value::DecimalOf(*number, arena_);
    return true;
  }

  // Each element takes a byte at least: a count beyond that would only cost memory.
  bool TakeCount(uint64_t& count, uint64_t bytes_each) {
    count = in_.Varint();
    return in_.ok() && count <= in_.rest().size() / bytes_each;
  }

  bool TakeList(Value& value, int depth) {
    uint64_t count = 0;
    if (!TakeCount(count, 1)) return false;
    const std::span<Value> items = arena_.NewArray<Value>(count);
    for (Value& item : items) {
      if (!Take(item, depth + 1)) return false;
    }
    value = Value::List(items);
    return true;
  }

  bool TakeMap(Value& value, int depth) {
    uint64_t count = 0;
    if (!TakeCount(count, 2)) return false;
    const std::span<MapEntry> entries = arena_.NewArray<MapEntry>(count);
    for (MapEntry& entry : entries) {
      if (!Take(entry.key, depth + 1) || !Take(entry.value, depth + 1)) return false;
    }
    value = Value::Map(entries);
    return true;
  }

  ByteReader in_;
  Arena& arena_;
};

}  // namespace

Status EncodeValue(const Value& value, std::string& out) {
  const size_t start = out.size();
  if (Encoder(out).Put(value, 0)) return Status::Ok();
  out.resize(start);
  return Status::BadRecord("a value is nested too deep (limit 500)");
}

Result<Value> DecodeValue(std::string_view bytes, Arena& arena) {
  Decoder decoder(bytes, arena);
  Value value;
  if (!decoder.Take(value, 0) || !decoder.empty()) {
    return Status::TaskCorrupted("the bytes of a stored value are not what was written");
  }
  return value;
}

}  // namespace sidestream::serde
