// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/process_row.h"

#include <fmt/format.h>

#include <cmath>

#include "base/bytes.h"
#include "operators/ordered_key.h"

namespace sidestream::operators {

using serde::Value;
using Kind = serde::Value::Kind;

namespace {

constexpr uint8_t kVersion = 1;

/// The types of keys of a map, in their order. Persistent: do not renumber.
constexpr uint8_t kBoolKey = 1;
constexpr uint8_t kIntKey = 2;
constexpr uint8_t kTextKey = 3;

/// The version of `what`, read.
Status CheckVersion(ByteReader& reader, std::string_view what) {
  const uint8_t version = reader.U8();
  if (!reader.ok() || version == 0) {
    return Status::TaskCorrupted(fmt::format("{} is not what this release writes", what));
  }
  if (version == kVersion) return Status::Ok();
  return Status::InvalidConfig(fmt::format("a newer release wrote {}: version={}", what, version));
}

}  // namespace

Result<std::optional<ElementKey>> ParseElementKey(std::string_view row) {
  OrderedKeyReader reader(row);
  if (reader.Byte() != static_cast<uint8_t>(ProcessRow::kElement)) {
    return std::optional<ElementKey>();
  }
  ElementKey key;
  key.store = reader.Byte();
  reader.Bytes(key.key);
  key.element = reader.Rest();
  if (!reader.ok()) return Status::TaskCorrupted("the key of an element is cut short");
  return std::optional<ElementKey>(std::move(key));
}

void EncodeElement(const Element& element, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.SignedVarint(element.updated.value());
  writer.Raw(element.value);
}

Result<Element> DecodeElement(std::string_view bytes) {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion(reader, "an element of process"));
  const Timestamp updated(reader.SignedVarint());
  if (!reader.ok()) return Status::TaskCorrupted("an element of process is cut short");
  return Element{updated, reader.rest()};
}

Status AppendMapKey(const Value& key, std::string& out) {
  std::optional<int64_t> number;
  if (key.kind() == Kind::kInt) number = key.int_value();
  if (key.kind() == Kind::kDouble && std::abs(key.double_value()) < 9.2e18 &&
      std::trunc(key.double_value()) == key.double_value()) {
    number = static_cast<int64_t>(key.double_value());
  }
  if (number) {
    out.push_back(kIntKey);
    AppendOrderedTime(Timestamp(*number), out);
  } else if (key.kind() == Kind::kBool) {
    out.push_back(kBoolKey);
    out.push_back(key.bool_value() ? 1 : 0);
  } else if (key.kind() == Kind::kString) {
    out.push_back(kTextKey);
    out.append(key.string_value());
  } else {
    return Status::BadRecord(
        fmt::format("the key of a map is a text, an integer or a boolean, not {}",
                    serde::KindName(key.kind())));
  }
  return Status::Ok();
}

Value ReadMapKey(std::string_view bytes, Arena& arena) {
  OrderedKeyReader reader(bytes);
  switch (reader.Byte()) {
    case kBoolKey:
      return Value::Bool(reader.Byte() != 0);
    case kIntKey:
      return Value::Int(reader.Time().value());
    default:
      return Value::String(arena.Copy(reader.Rest()));
  }
}

void EncodeTimer(const TimerRow& timer, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.U8(static_cast<uint8_t>(timer.domain));
  writer.SignedVarint(timer.time.value());
}

Result<TimerRow> DecodeTimer(std::string_view bytes) {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion(reader, "a timer"));
  const uint8_t domain = reader.U8();
  const Timestamp time(reader.SignedVarint());
  if (!reader.ok() || domain > 1) {
    return Status::TaskCorrupted("a timer is not what this release writes");
  }
  return TimerRow{static_cast<TimeDomain>(domain), time};
}

}  // namespace sidestream::operators
