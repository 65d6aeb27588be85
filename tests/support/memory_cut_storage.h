// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CutStorage in memory, for tests of the protocol: keeps rows, positions and in-flight records, and
// fails or lingers on demand. What it completed is in a MemoryCutLocation, which outlives it as a
// location outlives a process. Images of states are kept too where somebody is to find them there
// (memory_image_source.h).

#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/cut_storage.h"
#include "statestore/image_source.h"
#include "statestore/task_state.h"

namespace sidestream::testing {

using Rows = std::map<std::string, std::string>;

/// A saved state.
struct KeptImage {
  /// Bytes by name of the file.
  std::map<std::string, std::string> files;
  /// Those with a position.
  std::vector<statestore::ImageStore> stores;
};

/// What one task's part holds.
struct KeptPart {
  checkpoint::BeginRecord begin;
  checkpoint::CutRecord cut;
  /// Empty unless the location keeps them.
  KeptImage image;
  /// By the name of the store.
  std::map<std::string, Rows> stores;
  /// Committed records between the task's position and the end, key and value, in order.
  std::map<TopicPartition, std::vector<std::pair<std::string, std::string>>> in_flight;
};

struct KeptCheckpoint {
  checkpoint::StoredCut cut;
  std::map<TaskId, KeptPart> parts;
};

/// Reads the committed records of a partition from one offset up to another. Empty: not all of them
/// can be read yet.
using ReadRange = std::function<std::optional<std::vector<std::pair<std::string, std::string>>>(
    const TopicPartition&, Offset, Offset)>;

class MemoryCutLocation {
 public:
  explicit MemoryCutLocation(ReadRange read) : read_(std::move(read)) {}

  std::map<checkpoint::CheckpointNumber, std::map<TaskId, KeptPart>> parts;
  std::map<checkpoint::CheckpointNumber, KeptCheckpoint> completed;
  /// Store() is not answered while set.
  bool linger = false;
  /// Store() of these tasks fails.
  std::set<TaskId> failing;
  /// A folder to be made for each image on its way here; empty: they are not kept.
  std::filesystem::path image_folder;

 private:
  friend class MemoryCutStorage;
  const ReadRange read_;
};

class MemoryCutStorage final : public checkpoint::CutStorage {
 public:
  /// `location` is borrowed and outlives the storage.
  explicit MemoryCutStorage(MemoryCutLocation& location) : location_(location) {}

  Status TakeImage(checkpoint::CheckpointNumber number, const TaskId& task,
                   statestore::TaskState* state, Timestamp now) override {
    Image image;
    for (size_t i = 0; state != nullptr && i < state->store_count(); ++i) {
      Rows& rows = image.rows[state->spec(i).name];
      RETURN_IF_ERROR(state->Scan(
          i, [&](std::string_view key, std::string_view value) { rows.emplace(key, value); }));
    }
    if (state != nullptr && !location_.image_folder.empty()) {
      RETURN_IF_ERROR(Save(*state, now, image.saved));
    }
    const std::lock_guard lock(mutex_);
    images_[{number, task}] = std::move(image);
    return {};
  }

  void Store(checkpoint::TaskPart part) override { storing_.push_back(std::move(part)); }

  void Complete(checkpoint::StoredCut cut) override { completing_ = std::move(cut); }

  void Forget(checkpoint::CheckpointNumber number) override {
    std::erase_if(storing_, [&](const auto& part) { return part.begin.number == number; });
    if (completing_ && completing_->begin.number == number) completing_.reset();
    const std::lock_guard lock(mutex_);
    std::erase_if(images_, [&](const auto& image) { return image.first.first == number; });
  }

  std::vector<checkpoint::StorageAnswer> Poll() override {
    std::vector<checkpoint::StorageAnswer> answers;
    if (location_.linger) return answers;
    std::vector<checkpoint::TaskPart> unreadable;
    for (checkpoint::TaskPart& part : storing_) {
      std::optional<InFlight> in_flight = Read(part);
      if (!in_flight) {
        unreadable.push_back(std::move(part));
        continue;
      }
      checkpoint::PartStored stored = Keep(std::move(part), std::move(*in_flight));
      answers.emplace_back(std::move(stored));
    }
    storing_ = std::move(unreadable);
    if (completing_) {
      const checkpoint::CheckpointNumber number = completing_->begin.number;
      location_.completed[number] = {*std::exchange(completing_, {}), location_.parts[number]};
      answers.push_back(checkpoint::CheckpointCompleted{
          number, Status::Ok(), "manifest-" + std::to_string(number.value()), 0});
    }
    return answers;
  }

  size_t images() const {
    const std::lock_guard lock(mutex_);
    return images_.size();
  }

 private:
  using InFlight = std::map<TopicPartition, std::vector<std::pair<std::string, std::string>>>;
  struct Image {
    std::map<std::string, Rows> rows;
    KeptImage saved;
  };

  Status Save(statestore::TaskState& state, Timestamp now, KeptImage& saved) const {
    RETURN_IF_ERROR(state.SaveImage(location_.image_folder, now));
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(location_.image_folder, error)) {
      std::ifstream file(entry.path(), std::ios::binary);
      saved.files[entry.path().filename()] = {std::istreambuf_iterator<char>(file), {}};
    }
    std::filesystem::remove_all(location_.image_folder, error);
    for (size_t i = 0; i < state.store_count(); ++i) {
      const statestore::StorePosition position = state.position(i);
      if (state.spec(i).changelog_topic.empty() || !position.changelog_position) continue;
      saved.stores.push_back({.name = state.spec(i).name,
                              .fingerprint = state.spec(i).fingerprint,
                              .changelog_id = position.changelog_id,
                              .position = *position.changelog_position});
    }
    return {};
  }

  std::optional<InFlight> Read(const checkpoint::TaskPart& part) const {
    InFlight in_flight;
    for (const checkpoint::CutEnd& end : part.ends) {
      for (const checkpoint::CutInput& input : part.cut.inputs) {
        if (input.partition != end.partition) continue;
        auto records = location_.read_(end.partition, input.position, end.end);
        if (!records) return std::nullopt;
        in_flight[end.partition] = std::move(*records);
      }
    }
    return in_flight;
  }

  checkpoint::PartStored Keep(checkpoint::TaskPart part, InFlight in_flight) {
    const checkpoint::CheckpointNumber number = part.begin.number;
    checkpoint::PartStored answer{number, part.cut.task, Status::Ok(), ToString(part.cut.task), "",
                                  0};
    if (location_.failing.contains(part.cut.task)) {
      answer.status = Status::Unavailable("the location fails");
      return answer;
    }
    KeptPart kept;
    kept.in_flight = std::move(in_flight);
    {
      const std::lock_guard lock(mutex_);
      const auto image = images_.find({number, part.cut.task});
      if (image == images_.end()) {
        answer.status = Status::Stopped("no image of the task");
        return answer;
      }
      kept.stores = std::move(image->second.rows);
      kept.image = std::move(image->second.saved);
      images_.erase(image);
    }
    kept.begin = std::move(part.begin);
    kept.cut = std::move(part.cut);
    location_.parts[number][answer.task] = std::move(kept);
    return answer;
  }

  MemoryCutLocation& location_;
  mutable std::mutex mutex_;
  // guarded by mutex_
  std::map<std::pair<checkpoint::CheckpointNumber, TaskId>, Image> images_;
  std::vector<checkpoint::TaskPart> storing_;
  std::optional<checkpoint::StoredCut> completing_;
};

}  // namespace sidestream::testing
