// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ImageIndex: the images of task states in the newest snapshots of an application, as its manifests
// name them: what a restore may choose from.
//
// Bounds: the newest kKept snapshots are kept; kRead manifests are read at most. Which periodic
// checkpoints are the newest their names say; of savepoints the last ones by name are read.
//
// Threading: a value; read it from any thread once made.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "snapshot/catalog.h"
#include "snapshot/manifest.h"
#include "statestore/image_source.h"

namespace sidestream::snapshot {

/// Name of a periodic checkpoint that began at `at`.
std::string CheckpointName(Timestamp at, int64_t number);
/// When the checkpoint of this name began; empty: it is no name of one.
std::optional<Timestamp> CheckpointTime(std::string_view name);

class ImageIndex {
 public:
  static constexpr size_t kKept = 3;
  static constexpr size_t kRead = 16;

  /// kUnavailable, kInvalidConfig: as Location. Damaged manifests, and those of newer releases, are
  /// left out.
  static Result<ImageIndex> Read(Catalog& catalog);

  /// Newest first; of images whose positions are not known there is none.
  std::vector<statestore::StoredImage> ImagesOf(const TaskId& task) const;
  /// Null: there is none.
  const KeptTask* Find(const TaskId& task, const std::string& snapshot) const;

 private:
  struct Snapshot {
    std::string name;
    Timestamp created_at;
    /// Without their inputs.
    std::map<TaskId, KeptTask> tasks;
    /// By anchor.
    std::map<std::string, int32_t> task_counts;
  };
  void Add(Manifest manifest);

  /// Newest first.
  std::vector<Snapshot> snapshots_;
};

}  // namespace sidestream::snapshot
