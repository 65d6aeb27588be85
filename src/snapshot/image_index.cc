// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/image_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.h"

namespace sidestream::snapshot {
namespace {

constexpr std::string_view kCheckpointPrefix = "checkpoint-";

/// Those that are read, the likely newest first.
std::vector<std::string> ToRead(std::vector<std::string> names) {
  std::vector<std::pair<Timestamp, std::string>> periodic;
  std::vector<std::string> savepoints;
  for (std::string& name : names) {
    if (const std::optional<Timestamp> at = CheckpointTime(name)) {
      periodic.emplace_back(*at, std::move(name));
    } else {
      savepoints.push_back(std::move(name));
    }
  }
  std::sort(periodic.rbegin(), periodic.rend());
  std::sort(savepoints.rbegin(), savepoints.rend());
  std::vector<std::string> chosen;
  for (size_t i = 0; i < std::min(periodic.size(), ImageIndex::kKept); ++i) {
    chosen.push_back(std::move(periodic[i].second));
  }
  for (std::string& name : savepoints) {
    if (chosen.size() < ImageIndex::kRead) chosen.push_back(std::move(name));
  }
  return chosen;
}

}  // namespace

std::string CheckpointName(Timestamp at, int64_t number) {
  return fmt::format("{}{}-{}", kCheckpointPrefix, at.value(), number);
}

std::optional<Timestamp> CheckpointTime(std::string_view name) {
  if (!name.starts_with(kCheckpointPrefix)) return std::nullopt;
  const char* const end = name.data() + name.size();
  int64_t at = 0;
  const auto [stop, error] = std::from_chars(name.data() + kCheckpointPrefix.size(), end, at);
  if (error != std::errc() || stop == end || *stop != '-') return std::nullopt;
  return Timestamp(at);
}

Result<ImageIndex> ImageIndex::Read(Catalog& catalog) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, catalog.Names());
  ImageIndex index;
  for (const std::string& name : ToRead(std::move(names))) {
    Result<Manifest> manifest = catalog.Read(name);
    if (manifest.ok()) {
      index.Add(std::move(manifest).value());
      continue;
    }
    const Status& why = manifest.status();
    if (why.code() == StatusCode::kUnavailable) return why;
    log::Info("snapshot", "snapshot {} is left out: {}", name, why.message());
  }
  return index;
}

void ImageIndex::Add(Manifest manifest) {
  Snapshot snapshot{.name = std::move(manifest.name), .created_at = manifest.created_at};
  for (KeptTask& task : manifest.tasks) {
    ++snapshot.task_counts[task.id.anchor_topic];
    task.inputs.clear();
    const TaskId id = task.id;
    snapshot.tasks.emplace(id, std::move(task));
  }
  const auto older = std::ranges::find_if(
      snapshots_, [&](const Snapshot& other) { return other.created_at < snapshot.created_at; });
  snapshots_.insert(older, std::move(snapshot));
  if (snapshots_.size() > kKept) snapshots_.pop_back();
}

std::vector<statestore::StoredImage> ImageIndex::ImagesOf(const TaskId& task) const {
  std::vector<statestore::StoredImage> images;
  for (const Snapshot& snapshot : snapshots_) {
    const auto found = snapshot.tasks.find(task);
    if (found == snapshot.tasks.end()) continue;
    const KeptTask& kept = found->second;
    if (kept.image.empty() || kept.stores.empty()) continue;
    statestore::StoredImage image{.snapshot = snapshot.name,
                                  .taken_at = snapshot.created_at,
                                  .sequence = kept.sequence,
                                  .tasks = snapshot.task_counts.at(task.anchor_topic),
                                  .stores = kept.stores};
    for (const StoredFile& file : kept.image) image.bytes += file.bytes;
    images.push_back(std::move(image));
  }
  return images;
}

const KeptTask* ImageIndex::Find(const TaskId& task, const std::string& snapshot) const {
  for (const Snapshot& each : snapshots_) {
    if (each.name != snapshot) continue;
    const auto found = each.tasks.find(task);
    return found == each.tasks.end() ? nullptr : &found->second;
  }
  return nullptr;
}

}  // namespace sidestream::snapshot
