// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ImageRestore: of one task that has much to read of its changelogs: looks for an image of its
// stores that is nearer, and has it fetched. What comes of it is a folder to put in the place of
// the task's directory, or nothing: then the changelogs are read, as they would be without a
// location.
//
//   kFinding ──▶ kFetching ──▶ a folder
//       ▲            │ kStopped: damaged, or deleted meanwhile (once)
//       └────────────┘        any ──▶ nothing: none is nearer, an error, too slow
//
// Invariants
//  - It never ends a task: whatever the place does, the changelogs are still there.
//  - It waits for an answer for kFindMax, and for the next byte for kStallMax; then the place is
//    distrusted for a while, so that other tasks do not wait for it, too.
//
// Threading: confined to the background thread, and never waits.

#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "changelog/image_choice.h"
#include "statestore/image_source.h"

namespace sidestream::tasks {

class ImageRestore {
 public:
  static constexpr Milliseconds kFindMax{10'000};
  static constexpr Milliseconds kStallMax{60'000};

  /// `source` and `clock` are borrowed and outlive the object.
  ImageRestore(statestore::ImageSource& source, const Clock& clock, TaskId task,
               changelog::RestoreAhead ahead);
  ~ImageRestore();
  ImageRestore(const ImageRestore&) = delete;
  ImageRestore& operator=(const ImageRestore&) = delete;

  /// Goes on; empty: it is not decided yet. The folder of an image to be placed, or an empty path.
  std::optional<std::filesystem::path> Step();

 private:
  void Find(bool anew);
  std::optional<std::filesystem::path> Take(const statestore::ImagesFound& found);
  std::optional<std::filesystem::path> Take(const statestore::ImageFetched& fetched);
  std::optional<std::filesystem::path> CheckPatience();
  std::filesystem::path GiveUp(const Status& why, bool distrust);

  statestore::ImageSource& source_;
  const Clock& clock_;
  const TaskId task_;
  const changelog::RestoreAhead ahead_;
  bool fetching_ = false;
  std::string snapshot_;
  /// Snapshots whose image could not be had.
  std::set<std::string> failed_;
  MonotonicTime moved_at_;
  int64_t fetched_bytes_ = 0;
};

}  // namespace sidestream::tasks
