// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SegmentEntry: fills the entry slots of one segment from a row. Compiled once from the
// segment's slots, so that a record costs a walk over flat lists. Internal to this folder.
//
// Threading: confined to the task's worker (its key reader has buffers).

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "operators/row.h"
#include "operators/window/window_bounds.h"
#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// An event time as expressions see it.
serde::Value TimestampValue(Timestamp timestamp, Arena& arena);

class SegmentEntry {
 public:
  /// `key` is the encoding of the key of rows that enter. `segment` is borrowed.
  /// Fails with kInvalidConfig as Reader::Create.
  static Result<std::unique_ptr<SegmentEntry>> Create(const topology::Segment& segment,
                                                      const topology::Encoding& key);

  /// As many slots as the segment has, constants in place.
  std::vector<serde::Value> NewSlots() const;

  const std::vector<serde::WantedPath>& key_paths() const { return key_paths_; }
  const std::vector<serde::WantedPath>& value_paths() const { return value_paths_; }

  /// Key, headers and meta. Fails with kBadRecord when the key cannot be read.
  Status FillFromRow(Row& row, std::span<serde::Value> slots, serde::JsonParser& parser,
                     Arena& arena);
  Status FillKey(RowKey& key, std::span<serde::Value> slots, serde::JsonParser& parser,
                 Arena& arena);
  void FillHeaders(std::span<const Header> headers, std::span<serde::Value> slots,
                   Arena& arena) const {
    for (const HeaderSlot& wanted : headers_) slots[wanted.slot] = ValueOf(wanted, headers, arena);
  }
  void FillMeta(const Row& row, std::span<serde::Value> slots, Arena& arena) const {
    for (const MetaSlot& wanted : meta_) slots[wanted.slot] = ValueOf(wanted.field, row, arena);
  }
  /// From a whole value in memory.
  void FillValue(const serde::Value& value, std::span<serde::Value> slots) const;
  void FillKeyValue(const serde::Value& key, std::span<serde::Value> slots) const;
  void FillOld(const serde::Value& old, std::span<serde::Value> slots) const;
  void FillWindow(const WindowBounds& window, std::span<serde::Value> slots, Arena& arena) const;
  void FillRecordTimestamp(Timestamp timestamp, std::span<serde::Value> slots,
                           Arena& arena) const;

 private:
  enum class MetaField : uint8_t { kAll, kTopic, kPartition, kOffset, kTimestamp, kOp };
  struct MetaSlot {
    size_t slot = 0;
    MetaField field = MetaField::kAll;
  };
  struct HeaderSlot {
    size_t slot = 0;
    const std::string* name = nullptr;  // null: the whole map
  };

  explicit SegmentEntry(const topology::Segment& segment);
  static serde::Value ValueOf(const HeaderSlot& wanted, std::span<const Header> headers,
                              Arena& arena);
  static serde::Value ValueOf(MetaField field, const Row& row, Arena& arena);

  const topology::Segment& segment_;
  std::vector<serde::WantedPath> key_paths_;
  std::vector<serde::WantedPath> value_paths_;
  std::vector<serde::WantedPath> old_paths_;
  std::vector<HeaderSlot> headers_;
  std::vector<MetaSlot> meta_;
  std::vector<size_t> record_timestamps_;
  struct WindowSlot {
    size_t slot = 0;
    std::string_view field;  // empty: the whole
  };
  std::vector<WindowSlot> windows_;
  // Null when the key is computed or nobody looks at it.
  std::unique_ptr<serde::Reader> key_reader_;
};

inline void SegmentEntry::FillRecordTimestamp(Timestamp timestamp, std::span<serde::Value> slots,
                                              Arena& arena) const {
  for (const size_t slot : record_timestamps_) slots[slot] = TimestampValue(timestamp, arena);
}

/// The value at `path` below `value`; kMissing when it is not there.
serde::Value ValueAt(const serde::Value& value, std::span<const std::string> path);

/// What a slot (kHeaders, path) holds: the map of all headers, or the last one of that name.
serde::Value HeaderMap(std::span<const Header> headers, Arena& arena);
serde::Value LastHeader(std::span<const Header> headers, std::string_view name);

}  // namespace sidestream::operators
