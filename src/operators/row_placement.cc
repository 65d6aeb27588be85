// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/row_placement.h"

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "operators/dedup/dedup_row.h"
#include "operators/ordered_key.h"
#include "operators/process/process_row.h"

namespace sidestream::operators {
namespace {

constexpr char kNoGroup = '\xff';

Status NotOurs() { return Status::TaskCorrupted("a row is none of its store"); }

std::string_view PartOf(const StoreLayout& layout, std::string_view name) {
  const auto part = std::find_if(layout.parts.begin(), layout.parts.end(),
                                 [&](const StoreLayout::Part& each) { return each.name == name; });
  return part == layout.parts.end() ? std::string_view() : std::string_view(part->value);
}

/// By a key as stores have it: a computed one has its kind in front.
Result<RowPlace> ByKey(const StoreLayout& layout, std::string_view store_key) {
  const bool computed = PartOf(layout, "format of the key") == "computed";
  if (computed && store_key.empty()) return NotOurs();
  return RowPlace{.key = std::string(store_key.substr(computed ? 1 : 0))};
}

/// A row that tells when another one falls due holds that one's key.
enum class Holder { kStore, kDueRow };

Result<RowPlace> OfGroup(const StoreLayout& layout, std::string_view row,
                         Holder holder = Holder::kStore) {
  if (!row.starts_with(kNoGroup)) return ByKey(layout, row);
  if (row.substr(1).starts_with(kNoGroup)) return ByKey(layout, row.substr(1));
  if (holder == Holder::kDueRow) return NotOurs();
  OrderedKeyReader reader(row.substr(1));
  switch (reader.Byte()) {
    case 'e':
      return RowPlace{.kind = RowPlace::Kind::kEnded};
    case 'h':
    case 't':
      reader.Time();
      return reader.ok() ? OfGroup(layout, reader.Rest(), Holder::kDueRow) : NotOurs();
    default:
      return NotOurs();
  }
}

Result<RowPlace> OfWindow(const StoreLayout& layout, std::string_view row,
                          Holder holder = Holder::kStore) {
  OrderedKeyReader reader(row);
  const uint8_t kind = reader.Byte();
  if (holder == Holder::kDueRow && kind != 'c') return NotOurs();
  std::string key;
  switch (kind) {
    case 'f':
      return RowPlace{.kind = RowPlace::Kind::kFired};
    case 'k':
    case 'c':
      break;
    case 'w':
    case 'd':
      reader.Time();
      break;
    case 's':
    case 'v':
      reader.Bytes(key);
      return reader.ok() ? ByKey(layout, key) : NotOurs();
    case 'h': {
      reader.Time();
      const std::string_view window = PartOf(layout, "window");
      if (window.starts_with("count")) {
        return reader.ok() ? OfWindow(layout, reader.Rest(), Holder::kDueRow) : NotOurs();
      }
      if (!window.starts_with("session")) reader.Time();
      break;
    }
    default:
      return NotOurs();
  }
  if (!reader.ok()) return NotOurs();
  ASSIGN_OR_RETURN(RowPlace place, ByKey(layout, reader.Rest()));
  place.window = kind == 'w';
  return place;
}

Result<RowPlace> OfDedup(const StoreLayout& layout, std::string_view row) {
  OrderedKeyReader reader(row);
  std::string id;
  switch (static_cast<DedupRow>(reader.Byte())) {
    case DedupRow::kPassed:
      id = reader.Rest();
      break;
    case DedupRow::kPassedEnd:
    case DedupRow::kHeldDue:
      reader.Time();
      id = reader.Rest();
      break;
    case DedupRow::kHeld:
      reader.Bytes(id);
      break;
    case DedupRow::kHeldCounter:
      return RowPlace{.kind = RowPlace::Kind::kCounter};
    default:
      return NotOurs();
  }
  OrderedKeyReader of_id(id);
  std::string key;
  of_id.Bytes(key);
  return reader.ok() && of_id.ok() ? ByKey(layout, key) : NotOurs();
}

Result<RowPlace> OfProcess(const StoreLayout& layout, std::string_view row,
                           Holder holder = Holder::kStore) {
  OrderedKeyReader reader(row);
  const auto kind = static_cast<ProcessRow>(reader.Byte());
  if (holder == Holder::kDueRow && kind != ProcessRow::kElement) return NotOurs();
  std::string key;
  switch (kind) {
    case ProcessRow::kElement:
      reader.Byte();
      break;
    case ProcessRow::kElementEnd:
      reader.Byte();
      reader.Time();
      return reader.ok() ? OfProcess(layout, reader.Rest(), Holder::kDueRow) : NotOurs();
    case ProcessRow::kTimer:
      break;
    case ProcessRow::kTimerDue:
      reader.Byte();
      reader.Time();
      break;
    case ProcessRow::kListCounter:
      return RowPlace{.kind = RowPlace::Kind::kCounter};
    default:
      return NotOurs();
  }
  reader.Bytes(key);
  return reader.ok() ? ByKey(layout, key) : NotOurs();
}

}  // namespace

Result<RowPlace> PlaceOfRow(const StoreLayout& layout, std::string_view row_key) {
  const std::string_view kind = PartOf(layout, "kind");
  if (kind == "aggregate") return OfGroup(layout, row_key);
  if (kind == "windows") return OfWindow(layout, row_key);
  if (kind == "dedup") return OfDedup(layout, row_key);
  if (kind == "process") return OfProcess(layout, row_key);
  return ByKey(layout, row_key);
}

Result<std::string_view> LargerCounter(std::string_view a, std::string_view b) {
  // Version, next number.
  ByteReader of_a(a);
  ByteReader of_b(b);
  const uint8_t version_a = of_a.U8();
  const uint8_t version_b = of_b.U8();
  const uint64_t next_a = of_a.Varint();
  const uint64_t next_b = of_b.Varint();
  if (!of_a.ok() || !of_b.ok() || version_a != version_b) return NotOurs();
  return next_a >= next_b ? a : b;
}

}  // namespace sidestream::operators
