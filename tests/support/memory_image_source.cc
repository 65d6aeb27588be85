// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/memory_image_source.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/check.h"

namespace sidestream::testing {

using checkpoint::CheckpointNumber;
using statestore::ImageFetched;
using statestore::ImagesFound;

namespace {

// As many as an index of the fetcher holds.
constexpr size_t kListedMax = 3;

std::string NameOf(CheckpointNumber number) {
  return "checkpoint-" + std::to_string(number.value());
}

CheckpointNumber NumberOf(const std::string& snapshot) {
  return CheckpointNumber(std::stoll(snapshot.substr(snapshot.rfind('-') + 1)));
}

}  // namespace

MemoryImagePlace::MemoryImagePlace(MemoryCutLocation& location, uint64_t seed, size_t retain)
    : location_(location), retain_(retain), random_(seed) {
  location_.image_folder = folder_.path() / "taken";
}

void MemoryImagePlace::DrawFault() {
  // Half of the time nothing is wrong.
  const int64_t drawn = random_.Below(2 * kImageFaults);
  fault = drawn < kImageFaults ? static_cast<ImageFault>(drawn) : ImageFault::kNone;
}

std::vector<CheckpointNumber> MemoryImagePlace::List() const {
  std::vector<CheckpointNumber> numbers;
  size_t periodic = 0;
  for (auto kept = location_.parts.rbegin(); kept != location_.parts.rend(); ++kept) {
    const auto completed = location_.completed.find(kept->first);
    if (completed == location_.completed.end()) {
      if (fault == ImageFault::kListsUnfinished) numbers.push_back(kept->first);
    } else if (completed->second.cut.begin.savepoint || ++periodic <= retain_) {
      numbers.push_back(kept->first);
    }
  }
  if (numbers.size() > kListedMax) numbers.resize(kListedMax);
  return numbers;
}

const KeptPart* MemoryImagePlace::Find(CheckpointNumber number, const TaskId& task) const {
  const auto completed = location_.completed.find(number);
  const auto& parts = completed != location_.completed.end() ? completed->second.parts
                                                             : location_.parts.at(number);
  const auto part = parts.find(task);
  return part == parts.end() || part->second.image.stores.empty() ? nullptr : &part->second;
}

std::optional<statestore::StoredImage> MemoryImagePlace::Describe(CheckpointNumber number,
                                                                  const TaskId& task) const {
  const KeptPart* const part = Find(number, task);
  if (part == nullptr) return std::nullopt;
  statestore::StoredImage image{.snapshot = NameOf(number),
                                .taken_at = part->begin.at,
                                .sequence = part->cut.sequence,
                                .stores = part->image.stores};
  for (const checkpoint::TaskGroup& group : part->begin.groups) {
    if (group.anchor_topic == task.anchor_topic) image.tasks = group.tasks;
  }
  for (const auto& [name, bytes] : part->image.files) {
    image.bytes += static_cast<int64_t>(bytes.size());
  }
  return image;
}

ImageFetched MemoryImagePlace::Fetch(CheckpointNumber number, const TaskId& task) {
  const std::vector<CheckpointNumber> listed = List();
  const bool there = std::ranges::find(listed, number) != listed.end();
  const KeptPart* const part = there ? Find(number, task) : nullptr;
  if (part == nullptr || fault == ImageFault::kFilesMissing) {
    return {.status = Status::Stopped("the snapshot has gone"), .folder = {}};
  }
  if (fault == ImageFault::kDiskFull) return {.status = Status::Fatal("no room"), .folder = {}};
  ImageFetched answer{.status = {}, .folder = folder_.path() / std::to_string(++folders_)};
  std::filesystem::create_directory(answer.folder);
  if (fault == ImageFault::kCannotBePlaced) return answer;
  for (const auto& [name, bytes] : part->image.files) {
    std::ofstream file(answer.folder / name, std::ios::binary);
    file << bytes;
    file.close();
    CHECK(file.good()) << "cannot write an image: " << answer.folder.string();
  }
  if (spoil) spoil(answer.folder, task);
  ++fetched;
  return answer;
}

void MemoryImageSource::Ask(const TaskId& task, Question question) {
  question.due = clock_.Now();
  question.refused = distrusted_until_ && clock_.Now() < *distrusted_until_;
  if (place_.fault == ImageFault::kSlow) {
    question.due += Milliseconds(place_.random_.Below(kDelayMax.count()));
  }
  questions_[task] = std::move(question);
}

void MemoryImageSource::Find(const TaskId& task, bool anew) {
  Ask(task, {.snapshot = {}, .anew = anew, .refused = false, .due = {}});
}

void MemoryImageSource::Fetch(const TaskId& task, const std::string& snapshot) {
  Ask(task, {.snapshot = snapshot, .anew = false, .refused = false, .due = {}});
}

std::optional<statestore::ImageAnswer> MemoryImageSource::Poll(const TaskId& task) {
  const auto found = questions_.find(task);
  if (found == questions_.end()) return std::nullopt;
  if (!found->second.refused &&
      (place_.fault == ImageFault::kHangs || clock_.Now() < found->second.due)) {
    return std::nullopt;
  }
  const Question question = std::move(found->second);
  questions_.erase(found);
  if (question.refused) return ImagesFound{.status = distrusted_because_, .images = {}};
  const Status away = place_.fault == ImageFault::kAway
                          ? Status::Unavailable("the place is away")
                          : Status::Ok();
  if (question.snapshot.empty()) {
    if (!away.ok()) return ImagesFound{.status = away, .images = {}};
    return FindImages(task, question.anew);
  }
  if (!away.ok()) return ImageFetched{.status = away, .folder = {}};
  return place_.Fetch(NumberOf(question.snapshot), task);
}

ImagesFound MemoryImageSource::FindImages(const TaskId& task, bool anew) {
  const MonotonicTime now = clock_.Now();
  if (anew || !listed_at_ || now - *listed_at_ >= kListAgeMax) {
    listed_ = place_.List();
    listed_at_ = now;
  }
  ImagesFound found;
  // Also those that other applications left: which are of the task, its restore decides.
  for (const CheckpointNumber number : listed_) {
    if (auto image = place_.Describe(number, task)) found.images.push_back(std::move(*image));
  }
  place_.offered += static_cast<int64_t>(found.images.size());
  return found;
}

void MemoryImageSource::Distrust(const Status& why) {
  const MonotonicTime now = clock_.Now();
  if (distrusted_until_ && now < *distrusted_until_) return;
  distrusted_until_ = now + kDistrustFor;
  distrusted_because_ = why;
}

}  // namespace sidestream::testing
