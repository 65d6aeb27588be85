// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dedup/stored_ids.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/internal_record.h"
#include "operators/dedup/dedup_row.h"
#include "operators/expiry.h"
#include "operators/ordered_key.h"
#include "operators/segment_entry.h"
#include "serde/json_writer.h"
#include "serde/key_codec.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

using serde::MapEntry;
using serde::Value;

Value ObjectOf(const std::vector<MapEntry>& fields, Arena& arena) {
  const std::span<MapEntry> object = arena.NewArray<MapEntry>(fields.size());
  std::ranges::copy(fields, object.begin());
  return Value::Map(object);
}

void AddList(const char* name, const std::vector<Value>& items, Arena& arena,
             std::vector<MapEntry>& fields) {
  if (items.empty()) return;
  const std::span<Value> list = arena.NewArray<Value>(items.size());
  std::ranges::copy(items, list.begin());
  fields.push_back({Value::String(name), Value::List(list)});
}

}  // namespace

Result<std::unique_ptr<StoredIds>> StoredIds::Create(const topology::DedupNode& node) {
  std::unique_ptr<StoredIds> ids(new StoredIds(node));
  ASSIGN_OR_RETURN(ids->key_, StoredKey::Create(node.key));
  return ids;
}

Status StoredIds::ReadRow(std::string_view row_key, std::string_view row, Timestamp now,
                          Arena& arena, std::map<std::string, Id>& ids) {
  OrderedKeyReader reader(row_key);
  switch (static_cast<DedupRow>(reader.Byte())) {
    case DedupRow::kPassed: {
      RETURN_IF_ERROR(DecodePassed(row, times_));
      std::erase_if(times_, [&](Timestamp time) {
        return LaterBy(time, PassedKeptMs(node_)) <= now;
      });
      if (times_.empty()) return Status::Ok();
      std::vector<Value>& passed = ids[std::string(reader.Rest())].passed;
      for (const Timestamp time : times_) passed.push_back(TimestampValue(time, arena));
      return Status::Ok();
    }
    case DedupRow::kHeld: {
      std::string id;
      reader.Bytes(id);
      ASSIGN_OR_RETURN(const RepartitionRecord record, DecodeRepartitionValue(row, headers_));
      Value value = Value::Null();
      if (record.value) {
        ASSIGN_OR_RETURN(value, serde::DecodeValue(arena.Copy(*record.value), arena));
      }
      ids[id].waiting.push_back(value);
      return reader.ok() ? Status::Ok() : Status::TaskCorrupted("a held row of dedup is cut short");
    }
    default:
      return Status::Ok();
  }
}

Status StoredIds::SplitId(std::string_view id, Arena& arena, std::string& key, std::string& text) {
  OrderedKeyReader reader(id);
  reader.Bytes(key);
  if (!reader.ok()) return Status::TaskCorrupted("a row of dedup has no key");
  if (node_.id == nullptr) return Status::Ok();
  const uint8_t byte = reader.Byte();
  ASSIGN_OR_RETURN(const serde::KeyKind kind, serde::ParseKeyKind(byte));
  ASSIGN_OR_RETURN(const Value value, serde::DecodeKey(kind, reader.Rest(), parser_, arena));
  if (value.kind() != Value::Kind::kString) {
    return serde::WriteJson(value, serde::JsonShape::kData, text);
  }
  text = value.string_value();
  return Status::Ok();
}

Result<std::vector<StoredIds::Entry>> StoredIds::Read(const Rows& rows, Timestamp now,
                                                      Arena& arena) {
  std::map<std::string, Id> ids;
  for (const auto& [row_key, row] : rows) {
    RETURN_IF_ERROR(ReadRow(row_key, row, now, arena, ids));
  }
  // By key; the ids of one in the order of their bytes.
  std::map<std::string, std::vector<MapEntry>> keys;
  for (const auto& [id, known] : ids) {
    std::string key;
    std::string text;
    RETURN_IF_ERROR(SplitId(id, arena, key, text));
    std::vector<MapEntry> fields;
    AddList("passed", known.passed, arena, fields);
    AddList("waiting", known.waiting, arena, fields);
    std::vector<MapEntry>& of_key = keys[key];
    if (node_.id == nullptr) {
      of_key = std::move(fields);
    } else {
      of_key.push_back({Value::String(arena.Copy(text)), ObjectOf(fields, arena)});
    }
  }
  std::vector<Entry> entries;
  for (const auto& [key, fields] : keys) {
    ASSIGN_OR_RETURN(const Value value, key_->Read(key, arena));
    entries.push_back({value, ObjectOf(fields, arena)});
  }
  return entries;
}

}  // namespace sidestream::operators
