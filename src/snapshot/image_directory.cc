// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/image_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "snapshot/sha256.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

constexpr char kLockSuffix[] = ".lock";

std::string RandomName() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

Status ErrorOf(const fs::path& path, const std::string& error) {
  return Status::Fatal(fmt::format(
      "images of state cannot be written: check the volume of the state directory, its size and its "
      "rights: path={} error={}",
      path.string(), error));
}

}  // namespace

void RemoveImage(const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  if (error) {
    log::Warning("snapshot", "cannot remove an image of state: path={} error={}", folder.string(),
                 error.message());
  }
}

ImageDirectory::ImageDirectory(fs::path root) : root_(std::move(root)), own_(root_ / RandomName()) {}

ImageDirectory::~ImageDirectory() {
  if (lock_ < 0) return;
  RemoveImage(own_);
  std::error_code ignored;
  fs::remove(own_.string() + kLockSuffix, ignored);
  close(lock_);
}

Status ImageDirectory::MakeOwn() {
  if (lock_ >= 0) return {};
  std::error_code error;
  fs::create_directories(own_, error);
  if (error) return ErrorOf(own_, error.message());
  const std::string path = own_.string() + kLockSuffix;
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_ < 0 || flock(lock_, LOCK_EX | LOCK_NB) != 0) return ErrorOf(path, std::strerror(errno));
  RemoveDead();
  return {};
}

/// A folder without a lock file is about to get one, or was left without in the moment between: it
/// goes when it is a day old.
void ImageDirectory::RemoveDead() const {
  std::error_code error;
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_, error)) {
    if (entry.is_directory() && entry.path() != own_) folders.push_back(entry.path());
  }
  for (const fs::path& folder : folders) {
    const std::string lock_path = folder.string() + kLockSuffix;
    const int lock = open(lock_path.c_str(), O_RDWR | O_CLOEXEC);
    if (lock < 0) {
      std::error_code gone;
      const auto oldest = fs::file_time_type::clock::now() - std::chrono::hours(24);
      if (errno == ENOENT && fs::last_write_time(folder, gone) < oldest && !gone) RemoveImage(folder);
      continue;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) {
      RemoveImage(folder);
      fs::remove(lock_path, error);
    }
    close(lock);
  }
}

fs::path ImageDirectory::PathOf(int64_t number, const TaskId& task) const {
  return own_ / fmt::format("{}-{}", number, Hex(Sha256(ToString(task))).substr(0, 16));
}

Result<fs::path> ImageDirectory::Prepare(int64_t number, const TaskId& task) {
  const std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(MakeOwn());
  const fs::path path = PathOf(number, task);
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return ErrorOf(path, error.message());
  return path;
}

void ImageDirectory::Remove(int64_t number, const TaskId& task) { RemoveImage(PathOf(number, task)); }

void ImageDirectory::RemoveAll(int64_t number) {
  std::error_code error;
  const std::string prefix = fmt::format("{}-", number);
  std::vector<fs::path> images;
  for (const fs::directory_entry& entry : fs::directory_iterator(own_, error)) {
    if (entry.path().filename().string().starts_with(prefix)) images.push_back(entry.path());
  }
  for (const fs::path& image : images) RemoveImage(image);
}

}  // namespace sidestream::snapshot
