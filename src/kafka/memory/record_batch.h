// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records as they travel and lie: the batch a producer sends is the batch that a log keeps
// and that chunks point into; nobody copies a record.
//
// Threading: a batch is built by one producer and immutable once sent.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "kafka/record.h"

namespace sidestream::kafka::memory {

class RecordBatch {
 public:
  static constexpr size_t kBatchOverhead = 61;
  static constexpr size_t kRecordOverhead = 9;

  void Add(Timestamp timestamp, std::optional<std::string_view> key,
           std::optional<std::string_view> value, std::span<const Header> headers);

  size_t count() const { return entries_.size(); }
  /// About what the batch takes on the wire, uncompressed.
  size_t wire_bytes() const { return kBatchOverhead + data_.size() + kRecordOverhead * count(); }
  Timestamp timestamp(size_t index) const { return entries_[index].timestamp; }
  std::optional<std::string_view> key(size_t index) const;
  std::optional<std::string_view> value(size_t index) const;
  /// Replaces `out` by the headers of a record; they point into the batch.
  void Headers(size_t index, std::vector<Header>& out) const;
  /// Key, value and headers of one record.
  size_t record_bytes(size_t index) const;

  /// What a record of these sizes adds to wire_bytes() of an empty batch.
  static size_t WireBytes(std::optional<std::string_view> key,
                          std::optional<std::string_view> value, std::span<const Header> headers);

 private:
  struct Entry {
    Timestamp timestamp;
    size_t at = 0;
    int32_t key_bytes = -1;    // -1: null
    int32_t value_bytes = -1;  // -1: null
  };
  size_t EndOf(size_t index) const {
    return index + 1 < entries_.size() ? entries_[index + 1].at : data_.size();
  }
  size_t HeadersAt(size_t index) const;

  std::string data_;  // per record: key, value, headers
  std::vector<Entry> entries_;
};

/// A run of records of one batch as a log hands it out.
struct BatchSlice {
  std::shared_ptr<const RecordBatch> batch;
  size_t first = 0;
  size_t count = 0;
  /// Offset of record `first`.
  Offset offset;
};

/// A chunk over slices; keeps their batches alive.
class MemoryChunk final : public RecordChunk {
 public:
  explicit MemoryChunk(TopicPartition partition);
  void Add(const BatchSlice& slice);
  void set_end_position(Offset next) { end_position_ = next; }
  std::span<const Header> Headers(size_t index) const override;

 private:
  struct Place {
    const RecordBatch* batch;
    size_t index;
  };
  std::vector<std::shared_ptr<const RecordBatch>> batches_;
  std::vector<Place> places_;
  mutable std::vector<Header> headers_;
};

}  // namespace sidestream::kafka::memory
