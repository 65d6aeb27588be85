// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records as they come from and go to Kafka, without a type of any client library.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/header.h"
#include "base/ids.h"

namespace sidestream::kafka {

using sidestream::Header;

/// One fetched record. The views point into its chunk.
struct Record {
  Offset offset;
  Timestamp timestamp;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
};

/// Records of one partition in offset order, as they were fetched together, and
/// then perhaps the position behind them. Owns the memory that the views point to.
///
/// Threading: made by the consumer's adapter, then confined to whoever holds it.
class RecordChunk {
 public:
  virtual ~RecordChunk() = default;

  const TopicPartition& partition() const { return partition_; }
  std::span<const Record> records() const { return records_; }
  /// The headers of records()[index]; the span is good until the next call.
  virtual std::span<const Header> Headers(size_t index) const = 0;
  /// Set when an EOF event came behind the records: the next offset to read. It
  /// steps over transaction markers, so that a position can reach the log end.
  std::optional<Offset> end_position() const { return end_position_; }
  /// What the records hold of memory, for the bounds on what is buffered.
  size_t bytes() const { return bytes_; }

 protected:
  TopicPartition partition_;
  std::vector<Record> records_;
  std::optional<Offset> end_position_;
  size_t bytes_ = 0;
};

/// A partition and the next offset to read from it. The offset is always numeric.
struct PartitionOffset {
  TopicPartition partition;
  Offset offset;
};

/// What a group has committed for a partition, or is to commit: the next offset and
/// the metadata, which holds the commit stamp (base64 text, at most 4,096 bytes).
struct CommittedOffset {
  TopicPartition partition;
  /// Empty: the group has no offset for it.
  std::optional<Offset> offset;
  std::string metadata;
};

}  // namespace sidestream::kafka
