// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Values of the records on our own topics: repartition (data and watermark marks) and
// changelog. Kafka's timestamp is the producer's clock there, so event time travels inside.
//
// Place in the flow: sinks to a repartition topic encode, sources of the next sub-topology
// decode; changelog writes and restores rows. Keys are Kafka's keys and are not in here.
//
// Persistent: docs/formats/internal-record.md. Bytes behind the known ones are skipped, so that a
// later release may append; one that cannot raises the version, which an older reader refuses.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/header.h"
#include "base/ids.h"
#include "base/status.h"

namespace sidestream {

/// What a record on a repartition topic is. Persistent: do not renumber.
enum class RepartitionKind : uint8_t { kData = 1, kMark = 2 };

/// Where a record came from first, for dead letters (design-review R25).
struct RecordOrigin {
  std::string_view topic;
  Partition partition = 0;
  Offset offset;
  friend bool operator==(const RecordOrigin&, const RecordOrigin&) = default;
};

/// A data record of a repartition topic. All views are borrowed.
struct RepartitionRecord {
  Timestamp event_time;
  /// How the Kafka key was encoded: serde::KeyKind; 0 for a stream's own bytes.
  uint8_t key_kind = 0;
  /// Written only where the plan needs headers behind the hop.
  std::span<const Header> headers;
  std::optional<RecordOrigin> origin;
  /// Empty: a null value.
  std::optional<std::string_view> value;
};

/// Appends the Kafka value of a data record to `out`.
void EncodeRepartitionValue(const RepartitionRecord& record, std::string& out);

/// Appends the Kafka value of a mark; its payload's codec is in time/.
void EncodeMarkValue(std::string_view payload, std::string& out);

/// Data or mark, without decoding the rest. Fails as DecodeRepartitionValue.
Result<RepartitionKind> KindOfRepartitionValue(std::string_view bytes);

/// Decodes a data record. The result points into `bytes` and `headers`, which is
/// overwritten (the caller keeps it to avoid allocation).
/// Fails with kInvalidConfig when a newer release wrote the record, with kStopped when
/// the bytes are not ours or cut. Requires kData.
Result<RepartitionRecord> DecodeRepartitionValue(std::string_view bytes,
                                                 std::vector<Header>& headers);

/// The payload of a mark. Fails as DecodeRepartitionValue. Requires kMark.
Result<std::string_view> DecodeMarkValue(std::string_view bytes);

/// A changelog record that is not a delete: deletes are Kafka's null, which compaction needs.
struct ChangelogRecord {
  /// Of the task, of the transaction that wrote the row.
  CommitSequence sequence;
  /// Where the store keeps a time with the row.
  std::optional<Timestamp> event_time;
  std::string_view row;
};

/// Appends the Kafka value of a changelog record to `out`.
void EncodeChangelogValue(const ChangelogRecord& record, std::string& out);

/// The result points into `bytes`. Fails with kInvalidConfig when a newer release wrote the
/// record, with kTaskCorrupted when the bytes are not ours or cut.
Result<ChangelogRecord> DecodeChangelogValue(std::string_view bytes);

}  // namespace sidestream
