// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a snapshot of an application consists of, and its bytes: docs/formats/snapshot.md. One cut
// of all tasks: positions with their commit stamps, files of state, records in flight.
//
// Persistent: do not renumber.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "snapshot/sha256.h"
#include "statestore/image_source.h"

namespace sidestream::snapshot {

/// A file at the location: named there by what it holds, here by what it was.
struct StoredFile {
  std::string name;
  Digest digest;
  int64_t bytes = 0;
  friend bool operator==(const StoredFile&, const StoredFile&) = default;
};

/// An input partition of a task at the cut.
struct KeptInput {
  TopicPartition partition;
  /// Of a topic of ours: records in flight are [position, end).
  bool repartition = false;
  Offset position;
  /// The commit stamp, as it is committed with the offset.
  std::string stamp;
  Offset end;
  int64_t in_flight_records = 0;
  std::vector<StoredFile> in_flight;
  friend bool operator==(const KeptInput&, const KeptInput&) = default;
};

/// One task at the cut.
struct KeptTask {
  TaskId id;
  CommitSequence sequence;
  std::vector<KeptInput> inputs;
  /// The image of its state; empty: it has none.
  std::vector<StoredFile> image;
  /// How far the image has applied its changelogs; empty: not known (an older release wrote it).
  std::vector<statestore::ImageStore> stores;
  friend bool operator==(const KeptTask&, const KeptTask&) = default;
};

struct KeptTopic {
  std::string topic;
  int32_t partitions = 0;
  bool repartition = false;
  friend bool operator==(const KeptTopic&, const KeptTopic&) = default;
};

struct KeptStore {
  std::string name;
  uint64_t fingerprint = 0;
  friend bool operator==(const KeptStore&, const KeptStore&) = default;
};

enum class SnapshotKind : uint8_t { kSavepoint = 1, kCheckpoint = 2 };

struct Manifest {
  SnapshotKind kind = SnapshotKind::kSavepoint;
  std::string name;
  std::string application;
  /// Of the checkpoint on the control topic.
  int64_t number = 0;
  /// Who asked for it; 0: nobody.
  uint64_t request = 0;
  Timestamp created_at;
  uint64_t plan_hash = 0;
  std::string plan_text;
  std::vector<KeptTopic> topics;
  std::vector<KeptStore> stores;
  std::vector<KeptTask> tasks;
  /// No records are in flight: each task was cut when it had read all that others wrote to it.
  bool drained = false;
  /// Positions of sources that no task read: as far as another version of the topology had read them.
  std::vector<KeptInput> unread;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

std::string EncodeManifest(const Manifest& manifest);
/// What one task stored, before there is a manifest.
std::string EncodePart(const KeptTask& task);

/// kInvalidConfig: of a newer release. kStopped: damaged, or none.
Result<Manifest> DecodeManifest(std::string_view bytes);
Result<KeptTask> DecodePart(std::string_view bytes);

/// Files of state and in-flight records of all tasks; the same one may come twice.
std::vector<StoredFile> FilesOf(const Manifest& manifest);

}  // namespace sidestream::snapshot
