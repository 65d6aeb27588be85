// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A dead letter as `sidestream dlq` sees it, and the reading of all letters of an application.
// What the headers mean: operators/dead_letter/letter_headers.h.
//
// Threading: confined to the command's thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/waiting.h"
#include "base/ids.h"
#include "base/status.h"
#include "kafka/cluster.h"
#include "kafka/record.h"

namespace sidestream::app {

/// A record that owns its bytes.
struct OwnedRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

OwnedRecord CopyOf(const kafka::RecordChunk& chunk, size_t index);

struct Letter {
  /// Where the letter lies.
  TopicPartition partition;
  Offset offset;
  OwnedRecord record;

  /// The last header of a name; empty when there is none.
  std::string HeaderOr(std::string_view name, std::string_view absent = "") const;
  std::optional<int64_t> NumberIn(std::string_view name) const;
  /// Where the record was read; empty where the letter does not say it.
  std::optional<kafka::PartitionOffset> Source() const;
  /// The record's own time.
  Timestamp SourceTimestamp() const;
  int64_t replays() const;
};

/// Which letters `list` shows and `replay` takes; what is empty lets all through.
struct LetterFilter {
  std::string step;
  /// Of the source.
  std::string topic;
  std::optional<std::string> key;
  std::optional<Timestamp> since;

  bool Takes(const Letter& letter) const;
};

/// Reads each partition of the letters from its position to the end, in order. `visit` says whether
/// to go on with the partition. Errors as the cluster gives them.
Status ReadLetters(kafka::Cluster& cluster, kafka::Admin& admin,
                   const std::vector<kafka::PartitionOffset>& from, Waiting& waiting,
                   const Patience& patience, const std::function<bool(Letter)>& visit);

}  // namespace sidestream::app
