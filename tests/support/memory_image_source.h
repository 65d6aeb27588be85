// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Images of task states among what checkpoints left in a MemoryCutLocation: one MemoryImagePlace for
// all, and a MemoryImageSource for each instance that looks there.
//
// Fault model
//  - Answers come late, or none comes, or the place says that it is away.
//  - Files of an image are missing; retention deletes a checkpoint that was listed a moment ago.
//  - A list is old, or has checkpoints that were given up or are not complete yet.
//  - The local disk is full, or the folder cannot be put into its place.
//  - A folder that is answered holds what was saved, whole (statestore/image_source.h).
//
// Threading: confined to one thread.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "statestore/image_source.h"
#include "tests/support/memory_cut_storage.h"
#include "tests/support/temp_dir.h"

namespace sidestream::testing {

/// At each moment there is one thing wrong with the place, or nothing.
enum class ImageFault {
  kNone,
  kSlow,
  kHangs,
  kAway,
  kFilesMissing,
  kListsUnfinished,
  kDiskFull,
  kCannotBePlaced
};
inline constexpr int64_t kImageFaults = 8;

class MemoryImagePlace {
 public:
  /// `location` is borrowed and outlives the place; from now on it keeps images. Of its periodic
  /// checkpoints the newest `retain` have theirs here.
  MemoryImagePlace(MemoryCutLocation& location, uint64_t seed, size_t retain);

  /// From now on something else is wrong, or nothing is.
  void DrawFault();

  ImageFault fault = ImageFault::kNone;
  /// Images that were named in answers.
  int64_t offered = 0;
  /// Folders that were handed out.
  int64_t fetched = 0;
  /// Changes what is handed out, for the negative test of an oracle.
  std::function<void(const std::filesystem::path& folder, const TaskId& task)> spoil;

 private:
  friend class MemoryImageSource;
  using Number = checkpoint::CheckpointNumber;

  /// Checkpoints that are listed, newest first.
  std::vector<Number> List() const;
  const KeptPart* Find(Number number, const TaskId& task) const;
  std::optional<statestore::StoredImage> Describe(Number number, const TaskId& task) const;
  statestore::ImageFetched Fetch(Number number, const TaskId& task);

  MemoryCutLocation& location_;
  const size_t retain_;
  Random random_;
  const TempDir folder_;
  int64_t folders_ = 0;
};

class MemoryImageSource final : public statestore::ImageSource {
 public:
  /// Both are borrowed and outlive the source.
  MemoryImageSource(MemoryImagePlace& place, const Clock& clock) : place_(place), clock_(clock) {}

  void Find(const TaskId& task, bool anew) override;
  void Fetch(const TaskId& task, const std::string& snapshot) override;
  std::optional<statestore::ImageAnswer> Poll(const TaskId& task) override;
  int64_t FetchedBytes(const TaskId&) const override { return 0; }
  void Cancel(const TaskId& task) override { questions_.erase(task); }
  void Distrust(const Status& why) override;
  Progress progress() const override { return {}; }

 private:
  /// Shorter than those of the fetcher, as schedules are shorter than outages.
  static constexpr Milliseconds kListAgeMax{5'000};
  static constexpr Milliseconds kDistrustFor{15'000};
  static constexpr Milliseconds kDelayMax{3'000};

  struct Question {
    /// Empty: which images are there?
    std::string snapshot;
    bool anew = false;
    /// It was asked while the place was distrusted.
    bool refused = false;
    MonotonicTime due;
  };
  void Ask(const TaskId& task, Question question);
  statestore::ImagesFound FindImages(const TaskId& task, bool anew);

  MemoryImagePlace& place_;
  const Clock& clock_;
  std::map<TaskId, Question> questions_;
  std::vector<MemoryImagePlace::Number> listed_;
  std::optional<MonotonicTime> listed_at_;
  std::optional<MonotonicTime> distrusted_until_;
  Status distrusted_because_;
};

}  // namespace sidestream::testing
