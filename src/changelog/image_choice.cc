// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/image_choice.h"

#include <algorithm>
#include <string>

#include "base/log.h"

namespace sidestream::changelog {
namespace {

using statestore::ImageStore;
using statestore::StoredImage;

const ImageStore* StoreOf(const StoredImage& image, const std::string& name) {
  const auto found = std::ranges::find(image.stores, name, &ImageStore::name);
  return found == image.stores.end() ? nullptr : &*found;
}

std::string WhyUnusable(const LogAhead& log, const ImageStore& store, Milliseconds age) {
  if (store.fingerprint != log.store.fingerprint) return "its rows mean something else";
  if (!log.id.known() || store.changelog_id != log.id) return "it is of another changelog topic";
  if (store.position < log.start) return "records behind it were deleted";
  if (store.position > log.end) return "the changelog ends before it";
  // At the end there is nothing that it could have missed.
  if (store.position == log.end) return {};
  if (!log.age_max || age > *log.age_max) return "it is older than half of delete.retention.ms";
  return {};
}

}  // namespace

int64_t OffsetsOf(std::span<const LogAhead> logs) {
  int64_t offsets = 0;
  for (const LogAhead& log : logs) offsets += std::max<int64_t>(0, log.end - log.from);
  return offsets;
}

std::string WhyUnusable(const RestoreAhead& ahead, const StoredImage& image, Timestamp now) {
  if (image.sequence > ahead.committed) return "it is ahead of what the group has committed";
  if (image.tasks != ahead.tasks) return "it is of another number of tasks";
  for (const LogAhead& log : ahead.logs) {
    const ImageStore* const store = StoreOf(image, log.store.name);
    // Without rows of it: the store is read from the start of its log.
    if (store == nullptr) continue;
    std::string why = WhyUnusable(log, *store, Milliseconds(now - image.taken_at));
    if (!why.empty()) return why + ": store=" + log.store.name;
  }
  return {};
}

bool IsNearer(const RestoreAhead& ahead, const StoredImage& image) {
  int64_t saved = 0;
  int64_t below = 0;
  for (const LogAhead& log : ahead.logs) {
    const ImageStore* const store = StoreOf(image, log.store.name);
    const Offset reached = store == nullptr ? log.start : store->position;
    saved += reached - log.from;
    below += reached - log.start;
  }
  if (saved <= 0) return false;
  // Bytes of all records below the image, as they count.
  const double bytes = static_cast<double>(image.bytes);
  const double records =
      std::max(static_cast<double>(kRecordBytes) * static_cast<double>(below), bytes);
  return bytes * static_cast<double>(below) <= records * static_cast<double>(saved);
}

const StoredImage* ChooseImage(const RestoreAhead& ahead, std::span<const StoredImage> images,
                               Timestamp now) {
  for (const StoredImage& image : images) {
    const std::string why = WhyUnusable(ahead, image, now);
    if (!why.empty()) {
      log::Info("changelog", "the image of snapshot {} is not used: {}", image.snapshot, why);
      continue;
    }
    // An older one is farther away.
    return IsNearer(ahead, image) ? &image : nullptr;
  }
  return nullptr;
}

}  // namespace sidestream::changelog
