// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/image_restore.h"

#include <utility>
#include <variant>

#include "base/log.h"
#include "base/overloaded.h"

namespace sidestream::tasks {
namespace {

// A place that lost one image may lose the next.
constexpr size_t kFailedMax = 2;

}  // namespace

using std::filesystem::path;

ImageRestore::ImageRestore(statestore::ImageSource& source, const Clock& clock, TaskId task,
                           changelog::RestoreAhead ahead)
    : source_(source), clock_(clock), task_(std::move(task)), ahead_(std::move(ahead)) {
  Find(/*anew=*/false);
}

ImageRestore::~ImageRestore() { source_.Cancel(task_); }

void ImageRestore::Find(bool anew) {
  fetching_ = false;
  moved_at_ = clock_.Now();
  source_.Find(task_, anew);
}

std::optional<path> ImageRestore::Step() {
  const auto answer = source_.Poll(task_);
  if (!answer) return CheckPatience();
  return std::visit([this](const auto& each) { return Take(each); }, *answer);
}

std::optional<path> ImageRestore::Take(const statestore::ImagesFound& found) {
  if (!found.status.ok()) return GiveUp(found.status, /*distrust=*/true);
  std::vector<statestore::StoredImage> images;
  for (const statestore::StoredImage& image : found.images) {
    if (!failed_.contains(image.snapshot)) images.push_back(image);
  }
  const statestore::StoredImage* const image =
      changelog::ChooseImage(ahead_, images, clock_.WallTime());
  if (image == nullptr) return path();
  log::Info("tasks", "task {}: fetching the image of snapshot {}: bytes={} instead of offsets={}",
            ToString(task_), image->snapshot, image->bytes, changelog::OffsetsOf(ahead_.logs));
  fetching_ = true;
  snapshot_ = image->snapshot;
  fetched_bytes_ = 0;
  moved_at_ = clock_.Now();
  source_.Fetch(task_, snapshot_);
  return std::nullopt;
}

std::optional<path> ImageRestore::Take(const statestore::ImageFetched& fetched) {
  const Status& status = fetched.status;
  if (status.ok()) return fetched.folder;
  failed_.insert(snapshot_);
  if (status.code() != StatusCode::kStopped || failed_.size() >= kFailedMax) {
    // A full disk is no fault of the place; nor is one image that is gone.
    return GiveUp(status, status.code() == StatusCode::kUnavailable ||
                              status.code() == StatusCode::kInvalidConfig);
  }
  log::Info("tasks", "task {}: looking for another image: {}", ToString(task_), status.message());
  Find(/*anew=*/true);
  return std::nullopt;
}

std::optional<path> ImageRestore::CheckPatience() {
  const MonotonicTime now = clock_.Now();
  const int64_t bytes = source_.FetchedBytes(task_);
  if (fetching_ && bytes != fetched_bytes_) {
    fetched_bytes_ = bytes;
    moved_at_ = now;
  }
  const Milliseconds limit = fetching_ ? kStallMax : kFindMax;
  if (now - moved_at_ < limit) return std::nullopt;
  return GiveUp(Status::Unavailable("the location of the checkpoints does not answer"), true);
}

path ImageRestore::GiveUp(const Status& why, bool distrust) {
  log::Info("tasks", "task {}: reads its changelogs, not an image: {}", ToString(task_),
            why.message());
  if (distrust) source_.Distrust(why);
  return {};
}

}  // namespace sidestream::tasks
