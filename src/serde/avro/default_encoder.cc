// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/default_encoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "serde/avro/binary.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

Status DoesNotFit(const Node& type, const Value& json) {
  return Status::InvalidConfig("wanted " + Describe(type) + ", found " + DebugString(json, 60));
}

// Bytes stand in JSON as a string of the code points 0 to 255.
std::optional<std::string> BytesOf(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x80) {
      bytes.push_back(text[i]);
    } else if (byte <= 0xc3 && i + 1 < text.size()) {
      // Two bytes of UTF-8, which the JSON parser has checked.
      bytes.push_back(static_cast<char>((byte & 0x03) << 6 | (text[++i] & 0x3f)));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

std::optional<double> NumberOf(const Value& json) {
  switch (json.kind()) {
    case Kind::kDouble:
      return json.double_value();
    case Kind::kInt:
      return static_cast<double>(json.int_value());
    case Kind::kUint:
      return static_cast<double>(json.uint_value());
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<std::string> DefaultEncoder::Encode(const Node& type, const Value& json) {
  out_.clear();
  RETURN_IF_ERROR(Put(type, json, 0));
  bytes_left_ -= std::min(bytes_left_, out_.size());
  return out_;
}

Status DefaultEncoder::Put(const Node& type, const Value& json, int depth) {
  if (steps_left_ == 0 || out_.size() > bytes_left_ || depth > kMaxSchemaDepth) {
    return Status::InvalidConfig("the defaults of this schema are too large or too deep");
  }
  --steps_left_;
  switch (type.type) {
    case Type::kNull:
      return json.null() ? Status::Ok() : DoesNotFit(type, json);
    case Type::kBoolean:
      if (json.kind() != Kind::kBool) return DoesNotFit(type, json);
      out_.push_back(json.bool_value() ? '\1' : '\0');
      return Status::Ok();
    case Type::kInt:
    case Type::kLong:
      return PutInteger(type, json);
    case Type::kFloat:
    case Type::kDouble: {
      const std::optional<double> number = NumberOf(json);
      if (!number.has_value()) return DoesNotFit(type, json);
      if (type.type == Type::kDouble) {
        PutDouble(*number, out_);
      } else if (std::abs(*number) > double{std::numeric_limits<float>::max()}) {
        return DoesNotFit(type, json);
      } else {
        PutFloat(static_cast<float>(*number), out_);
      }
      return Status::Ok();
    }
    case Type::kBytes:
    case Type::kString:
      return PutText(type, json);
    case Type::kFixed:
      return PutFixed(type, json);
    case Type::kEnum:
      return PutSymbol(type, json);
    case Type::kRecord:
      return PutRecord(type, json, depth);
    case Type::kArray:
    case Type::kMap:
      return PutItems(type, json, depth);
    case Type::kUnion:
      return PutUnion(type, json, depth);
  }
  return Status::Ok();
}

Status DefaultEncoder::PutInteger(const Node& type, const Value& json) {
  if (json.kind() != Kind::kInt) return DoesNotFit(type, json);
  const int64_t number = json.int_value();
  if (type.type == Type::kInt && number != static_cast<int32_t>(number)) {
    return DoesNotFit(type, json);
  }
  PutLong(number, out_);
  return Status::Ok();
}

Status DefaultEncoder::PutText(const Node& type, const Value& json) {
  if (json.kind() != Kind::kString) return DoesNotFit(type, json);
  if (type.type == Type::kString) {
    PutBytes(json.string_value(), out_);
    return Status::Ok();
  }
  const std::optional<std::string> bytes = BytesOf(json.string_value());
  if (!bytes.has_value()) return DoesNotFit(type, json);
  PutBytes(*bytes, out_);
  return Status::Ok();
}

Status DefaultEncoder::PutFixed(const Node& type, const Value& json) {
  if (json.kind() != Kind::kString) return DoesNotFit(type, json);
  const std::optional<std::string> bytes = BytesOf(json.string_value());
  if (!bytes.has_value() || bytes->size() != type.fixed_size) return DoesNotFit(type, json);
  out_ += *bytes;
  return Status::Ok();
}

Status DefaultEncoder::PutSymbol(const Node& type, const Value& json) {
  if (json.kind() != Kind::kString) return DoesNotFit(type, json);
  const auto at = std::ranges::find(type.symbols, json.string_value());
  if (at == type.symbols.end()) return DoesNotFit(type, json);
  PutLong(at - type.symbols.begin(), out_);
  return Status::Ok();
}

Status DefaultEncoder::PutRecord(const Node& type, const Value& json, int depth) {
  if (json.kind() != Kind::kMap) return DoesNotFit(type, json);
  for (const Field& field : type.fields) {
    Value value = json.Field(field.name);
    if (value.missing()) {
      const auto own = json_.find(&field);
      if (own == json_.end()) {
        return Status::InvalidConfig("field '" + field.name + "' of record " + type.name +
                                     " is not given and has no default");
      }
      value = own->second;
    }
    if (const Status put = Put(*field.type, value, depth + 1); !put.ok()) {
      return put.WithContext(field.name);
    }
  }
  return Status::Ok();
}

Status DefaultEncoder::PutItems(const Node& type, const Value& json, int depth) {
  const bool is_map = type.type == Type::kMap;
  if (json.kind() != (is_map ? Kind::kMap : Kind::kList)) return DoesNotFit(type, json);
  const size_t size = is_map ? json.map().size() : json.list().size();
  if (size > 0) PutLong(static_cast<int64_t>(size), out_);
  for (size_t i = 0; i < size; ++i) {
    if (is_map) PutBytes(json.map()[i].key.string_value(), out_);
    RETURN_IF_ERROR(Put(*type.element, is_map ? json.map()[i].value : json.list()[i], depth + 1));
  }
  PutLong(0, out_);
  return Status::Ok();
}

Status DefaultEncoder::PutUnion(const Node& type, const Value& json, int depth) {
  const size_t start = out_.size();
  for (size_t i = 0; i < type.branches.size(); ++i) {
    PutLong(static_cast<int64_t>(i), out_);
    if (Put(*type.branches[i], json, depth + 1).ok()) return Status::Ok();
    out_.resize(start);
  }
  return Status::InvalidConfig("no branch of the union takes " + DebugString(json, 60));
}

}  // namespace sidestream::serde::avro
