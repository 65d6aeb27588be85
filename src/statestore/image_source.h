// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ImageSource: port to a place outside of the machine where images of task states lie, as snapshots
// left them (implemented in src/snapshot). A task that would have much to read of its changelogs
// may take one of them, and read only what came after it.
//
//   Find() ──▶ ImagesFound
//   Fetch() ──▶ ImageFetched: a folder for TaskStateFactory::PlaceImage()
//
// Invariants
//  - One question for each task at a time; a new one takes the place of the old one.
//  - A folder that is answered holds the image whole: every file has the size and the checksum that
//    the snapshot names, and is durable.
//  - No call waits for a disk or a network, and none is sure to be answered: who has waited too
//    long cancels, and does without.
//
// Threading: thread-safe.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"

namespace sidestream::statestore {

/// A store in an image, and how far it has applied its changelog.
struct ImageStore {
  std::string name;
  uint64_t fingerprint = 0;
  TopicId changelog_id;
  Offset position;
  friend bool operator==(const ImageStore&, const ImageStore&) = default;
};

/// The state of one task at a committed cut.
struct StoredImage {
  /// Of the snapshot that it belongs to.
  std::string snapshot;
  /// The stores held all of their changelogs at this time or later.
  Timestamp taken_at;
  CommitSequence sequence;
  /// How many tasks its sub-topology had.
  int32_t tasks = 0;
  int64_t bytes = 0;
  /// Those with a changelog.
  std::vector<ImageStore> stores;
};

/// Newest first. Not ok: the place does not answer, or refuses.
struct ImagesFound {
  Status status;
  std::vector<StoredImage> images;
};
/// kStopped: the image is damaged, or has gone: look again. Other codes: not from here, not now.
struct ImageFetched {
  Status status;
  std::filesystem::path folder;
};
using ImageAnswer = std::variant<ImagesFound, ImageFetched>;

class ImageSource {
 public:
  struct Progress {
    /// Of images that are being fetched.
    int64_t remaining_bytes = 0;
    /// Ever.
    int64_t fetched_bytes = 0;
  };

  virtual ~ImageSource() = default;

  /// Asks which images of the task there are. `anew`: not by what was seen a moment ago.
  virtual void Find(const TaskId& task, bool anew) = 0;
  /// Asks for one that was found.
  virtual void Fetch(const TaskId& task, const std::string& snapshot) = 0;
  /// The answer, once; empty: it is still to come, or nothing was asked.
  virtual std::optional<ImageAnswer> Poll(const TaskId& task) = 0;
  /// Bytes that the fetch under way has brought.
  virtual int64_t FetchedBytes(const TaskId& task) const = 0;
  /// Nobody waits for the answer any more. What was fetched stays for a while, in case that the
  /// same is asked for again.
  virtual void Cancel(const TaskId& task) = 0;
  /// Nothing is to be expected of the place for a while: questions are answered with `why`.
  virtual void Distrust(const Status& why) = 0;

  virtual Progress progress() const = 0;
};

}  // namespace sidestream::statestore
