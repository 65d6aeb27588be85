// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/keyed_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "operators/ordered_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::Value;
using topology::ProcessStore;

namespace {

constexpr uint8_t kCounterVersion = 1;

std::string IndexPrefix(TimeDomain domain) {
  return {static_cast<char>(ProcessRow::kElementEnd), static_cast<char>(domain)};
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
      ASSIGN_OR_RETURN(const Element old, DecodeElement(*there));
      updated = std::max(updated, old.updated);
    } else {
      Expiry& expiry = ttl->wall_clock ? wall_ : event_;
      expiry.Enter(LaterBy(updated, ttl->length_ms), row, *rows_);
    }
  }
  encoded_.clear();
  EncodeElement({updated, value}, encoded_);
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
  ASSIGN_OR_RETURN(const Element element, DecodeElement(arena.Copy(*bytes)));
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
    if (!reader.ok() || version != kCounterVersion) {
      return Status::TaskCorrupted("the counter of lists is not what this release writes");
    }
  }
  encoded_.clear();
  ByteWriter writer(encoded_);
  writer.U8(kCounterVersion);
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
        ASSIGN_OR_RETURN(const Element element, DecodeElement(bytes));
        if (!Counts(store, element)) return true;
        if (found.size() == kElementsMax) {
          return Status::BadRecord(fmt::format("{} holds more than {} elements of this key",
                                               stores_[store].name, kElementsMax));
        }
        found.push_back({arena.Copy(row), {element.updated, arena.Copy(element.value)}});
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
  ASSIGN_OR_RETURN(const Element element, DecodeElement(*bytes));
  const Timestamp end = LaterBy(element.updated, stores_[store].ttl->length_ms);
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
