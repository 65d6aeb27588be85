// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ImageDirectory: where images of state wait on the local disk: until they are copied to a location,
// or until one that comes from there is whole. Several processes may share the root; each has a folder of its own under a lock, and the
// first image of a process removes the folders of those that died.
//
//   <root>/<random>/<number>-<digits of the task>/    an image
//   <root>/<random>.lock                              held while its process lives
//
// Threading: thread-safe.

#pragma once

#include <filesystem>
#include <mutex>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::snapshot {

/// Of an application's folder in the state directory: where images lie.
inline constexpr char kImageFolder[] = "images";

/// Removes an image, or a folder of images; says so in the log where that is not possible.
void RemoveImage(const std::filesystem::path& folder);

class ImageDirectory {
 public:
  /// Touches nothing yet.
  explicit ImageDirectory(std::filesystem::path root);
  ~ImageDirectory();
  ImageDirectory(const ImageDirectory&) = delete;
  ImageDirectory& operator=(const ImageDirectory&) = delete;

  /// Where the image of the task goes, its folder made and an older image of the same removed.
  Result<std::filesystem::path> Prepare(int64_t number, const TaskId& task);
  std::filesystem::path PathOf(int64_t number, const TaskId& task) const;
  void Remove(int64_t number, const TaskId& task);
  /// Of all tasks.
  void RemoveAll(int64_t number);

 private:
  Status MakeOwn();
  void RemoveDead() const;

  const std::filesystem::path root_;
  const std::filesystem::path own_;
  std::mutex mutex_;
  // Guarded by mutex_; -1: nothing was made.
  int lock_ = -1;
};

}  // namespace sidestream::snapshot
