// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/keyed_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/bytes.h"
#include "operators/ordered_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::Value;
using Kind = serde::Value::Kind;
using topology::ProcessStore;

namespace {

constexpr uint8_t kVersion = 1;

/// The types of keys of a map, in their order. Persistent: do not renumber.
constexpr uint8_t kBoolKey = 1;
constexpr uint8_t kIntKey = 2;
constexpr uint8_t kTextKey = 3;

std::string IndexPrefix(TimeDomain domain) {
  return {static_cast<char>(ProcessRow::kElementEnd), static_cast<char>(domain)};
}

Status AppendMapKey(const Value& key, std::string& out) {
  std::optional<int64_t> number;
  if (key.kind() == Kind::kInt) number = key.int_value();
  // Equal numbers are one key.
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

/// The time of the last update, and what is left.
Result<std::pair<Timestamp, std::string_view>> ReadElement(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a newer release wrote a row of process: version=" +
                                 std::to_string(version));
  }
  const Timestamp updated(reader.SignedVarint());
  if (!reader.ok() || version == 0) {
    return Status::TaskCorrupted("a row of process is not what this release writes");
  }
  return std::pair{updated, reader.rest()};
}

}  // namespace

KeyedState::KeyedState(const std::vector<ProcessStore>& stores)
    : stores_(stores),
      event_(IndexPrefix(TimeDomain::kEvent)),
      wall_(IndexPrefix(TimeDomain::kWall)) {}

void KeyedState::Begin(std::string_view key, CallTime time, statestore::KeyValueStore& rows) {
  key_.clear();
  AppendOrderedBytes(key, key_);
  time_ = time;
  rows_ = &rows;
}

bool KeyedState::uses(TimeDomain domain) const {
  return std::any_of(stores_.begin(), stores_.end(), [&](const ProcessStore& store) {
    return store.ttl && store.ttl->wall_clock == (domain == TimeDomain::kWall);
  });
}

Timestamp KeyedState::NowOf(const topology::Ttl& ttl) const {
  return ttl.wall_clock ? time_.wall : time_.event;
}

std::string KeyedState::Prefix(size_t store) const {
  std::string prefix{static_cast<char>(ProcessRow::kElement), static_cast<char>(store)};
  return prefix + key_;
}

Status KeyedState::MakeRow(size_t store, const Value& key) {
  row_ = Prefix(store);
  return key.missing() ? Status::Ok() : AppendMapKey(key, row_);
}

bool KeyedState::Counts(size_t store, const Element& element) const {
  const std::optional<topology::Ttl>& ttl = stores_[store].ttl;
  return !ttl || LaterBy(element.updated, ttl->length_ms) > NowOf(*ttl);
}

Status KeyedState::Write(size_t store, std::string_view row, std::string_view value) {
  Timestamp updated{0};
  if (const std::optional<topology::Ttl>& ttl = stores_[store].ttl) {
    updated = NowOf(*ttl);
    // A timer of the wall clock may fire before event time is known.
    if (updated == kNoWatermark) updated = time_.wall;
    ASSIGN_OR_RETURN(const std::optional<std::string_view> there, rows_->Get(row));
    if (there) {
      ASSIGN_OR_RETURN(const auto old, ReadElement(*there));
      updated = std::max(updated, old.first);
    } else {
      Expiry& expiry = ttl->wall_clock ? wall_ : event_;
      expiry.Enter(LaterBy(updated, ttl->length_ms), row, *rows_);
    }
  }
  encoded_.clear();
  ByteWriter writer(encoded_);
  writer.U8(kVersion);
  writer.SignedVarint(updated.value());
  writer.Raw(value);
  rows_->Put(row, encoded_);
  return Status::Ok();
}

/// A read keeps the element, where the store says so.
Status KeyedState::Refresh(size_t store, std::string_view row, const Element& element) {
  const std::optional<topology::Ttl>& ttl = stores_[store].ttl;
  if (!ttl || !ttl->on_read || NowOf(*ttl) <= element.updated) return Status::Ok();
  return Write(store, row, element.value);
}

Result<Value> KeyedState::Get(size_t store, const Value& key, Arena& arena) {
  RETURN_IF_ERROR(MakeRow(store, key));
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, rows_->Get(row_));
  if (!bytes) return Value();
  ASSIGN_OR_RETURN(const auto read, ReadElement(arena.Copy(*bytes)));
  const Element element{read.first, read.second};
  if (!Counts(store, element)) return Value();
  RETURN_IF_ERROR(Refresh(store, row_, element));
  return serde::DecodeValue(element.value, arena);
}

Status KeyedState::Put(size_t store, const Value& key, const Value& value) {
  RETURN_IF_ERROR(MakeRow(store, key));
  value_.clear();
  RETURN_IF_ERROR(serde::EncodeValue(value, value_));
  return Write(store, row_, value_);
}

Status KeyedState::Delete(size_t store, const Value& key) {
  if (stores_[store].kind != ProcessStore::Kind::kList) {
    RETURN_IF_ERROR(MakeRow(store, key));
    rows_->Delete(row_);
    return Status::Ok();
  }
  std::vector<std::string> found;
  const std::string prefix = Prefix(store);
  RETURN_IF_ERROR(rows_->Scan(prefix, EndOfPrefix(prefix),
                              [&](std::string_view row, std::string_view) -> Result<bool> {
                                found.emplace_back(row);
                                return found.size() < kElementsMax;
                              }));
  for (const std::string& row : found) rows_->Delete(row);
  return Status::Ok();
}

Result<uint64_t> KeyedState::NextListNumber() {
  const std::string row(1, static_cast<char>(ProcessRow::kListCounter));
  uint64_t number = 0;
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, rows_->Get(row));
  if (bytes) {
    ByteReader reader(*bytes);
    const uint8_t version = reader.U8();
    number = reader.Varint();
    if (!reader.ok() || version != kVersion) {
      return Status::TaskCorrupted("the counter of lists is not what this release writes");
    }
  }
  encoded_.clear();
  ByteWriter writer(encoded_);
  writer.U8(kVersion);
  writer.Varint(number + 1);
  rows_->Put(row, encoded_);
  return number;
}

Status KeyedState::Append(size_t store, const Value& value) {
  value_.clear();
  RETURN_IF_ERROR(serde::EncodeValue(value, value_));
  ASSIGN_OR_RETURN(const uint64_t number, NextListNumber());
  row_ = Prefix(store);
  ByteWriter(row_).U64(number);
  return Write(store, row_, value_);
}

Result<KeyedState::Pairs> KeyedState::All(size_t store, const Value& from, const Value& to,
                                          Arena& arena) {
  const bool list = stores_[store].kind == ProcessStore::Kind::kList;
  const std::string prefix = Prefix(store);
  std::string first = prefix;
  std::string last = EndOfPrefix(prefix);
  if (!from.missing()) RETURN_IF_ERROR(AppendMapKey(from, first));
  if (!to.missing()) {
    last = prefix;
    RETURN_IF_ERROR(AppendMapKey(to, last));
  }
  struct Found {
    std::string_view row;
    Element element;
  };
  std::vector<Found> found;
  if (!last.empty() && last <= first) return Pairs();
  RETURN_IF_ERROR(
      rows_->Scan(first, last, [&](std::string_view row, std::string_view bytes) -> Result<bool> {
        ASSIGN_OR_RETURN(const auto read, ReadElement(bytes));
        if (!Counts(store, {read.first, read.second})) return true;
        if (found.size() == kElementsMax) {
          return Status::BadRecord(fmt::format("{} holds more than {} elements of this key",
                                               stores_[store].name, kElementsMax));
        }
        found.push_back({arena.Copy(row), {read.first, arena.Copy(read.second)}});
        return true;
      }));
  Pairs pairs;
  pairs.reserve(found.size());
  for (const Found& each : found) {
    RETURN_IF_ERROR(Refresh(store, each.row, each.element));
    ASSIGN_OR_RETURN(const Value value, serde::DecodeValue(each.element.value, arena));
    pairs.emplace_back(list ? Value() : ReadMapKey(each.row.substr(prefix.size()), arena), value);
  }
  return pairs;
}

Result<std::optional<Timestamp>> KeyedState::Look(std::string_view row, Timestamp now,
                                                  statestore::KeyValueStore& rows) const {
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, rows.Get(row));
  if (!bytes) return std::optional<Timestamp>();
  const size_t store = row.size() < 2 ? stores_.size() : static_cast<uint8_t>(row[1]);
  // A store whose ttl was taken away keeps what it has.
  if (store >= stores_.size() || !stores_[store].ttl) return std::optional<Timestamp>();
  ASSIGN_OR_RETURN(const auto read, ReadElement(*bytes));
  const Timestamp end = LaterBy(read.first, stores_[store].ttl->length_ms);
  if (end > now) return std::optional<Timestamp>(end);
  rows.Delete(row);
  return std::optional<Timestamp>();
}

Status KeyedState::Expire(TimeDomain domain, Timestamp now, statestore::KeyValueStore& rows) {
  Expiry& expiry = domain == TimeDomain::kWall ? wall_ : event_;
  return expiry.Run(
      now, [&](std::string_view row, Timestamp at) { return Look(row, at, rows); }, rows);
}

void KeyedState::Committed() {
  event_.Committed();
  wall_.Committed();
}

void KeyedState::Restart() {
  event_.Restart();
  wall_.Restart();
}

}  // namespace sidestream::operators
