// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "base/log.h"

namespace sidestream::statestore {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAsideMark = ".aside-";
// Room for the suffixes within the 255 bytes of a file name.
constexpr size_t kNameMax = 200;

Status SystemError(const fs::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return DiskFullError(path, std::strerror(error));
  }
  return DiskError(path, std::strerror(error));
}

// FNV-1a: fixed for ever, because it is part of a name on disk.
uint64_t HashOfName(std::string_view name) {
  uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 1'099'511'628'211ULL;
  return hash;
}

std::string HolderOf(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : "unknown";
}

void WriteHolder(int descriptor) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string text = fmt::format("pid={} host={}", getpid(), host.data());
  // For people only, so a full disk must not fail the lock here.
  if (ftruncate(descriptor, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = pwrite(descriptor, text.data(), text.size(), 0);
}

void RemoveTree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return;
  log::Warning("statestore", "cannot remove what was moved aside: path={} error={}", path.string(),
               error.message());
}

Status SyncDirectory(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return SystemError(path, errno);
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  return error == 0 ? Status::Ok() : SystemError(path, error);
}

}  // namespace

Status DiskFullError(const fs::path& path, std::string_view error) {
  return Status::Fatal(fmt::format(
      "the state directory is full: free space or enlarge the volume, then start again; nothing is "
      "lost, what is missing is restored from the changelog: path={} error={}",
      path.string(), error));
}

Status DiskError(const fs::path& path, std::string_view error) {
  return Status::Fatal(fmt::format(
      "the state directory cannot be read or written: check the volume, its size and its rights, "
      "then start again; what is missing is restored from the changelog: path={} error={}",
      path.string(), error));
}

TaskLock::~TaskLock() { close(descriptor_); }

StateDirectory::StateDirectory(const fs::path& state_dir, const std::string& application,
                               const Clock& clock)
    : root_(state_dir / application), clock_(clock) {}

std::string StateDirectory::NameOf(const TaskId& task) const {
  std::string name = ToString(task);
  if (name.size() <= kNameMax) return name;
  const uint64_t hash = HashOfName(name);
  name.resize(kNameMax - 17);
  return fmt::format("{}~{:016x}", name, hash);
}

fs::path StateDirectory::PathOf(const TaskId& task) const { return root_ / NameOf(task); }

Result<std::unique_ptr<TaskLock>> StateDirectory::Lock(const TaskId& task) const {
  std::error_code error;
  fs::create_directories(root_, error);
  if (error) return SystemError(root_, error.value());
  const fs::path path = root_ / (NameOf(task) + ".lock");
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return SystemError(path, errno);
  auto lock = std::make_unique<TaskLock>(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError(path, errno);
    return Status::Unavailable(
        fmt::format("the state directory of the task is in use: path={} held by {}", path.string(),
                    HolderOf(descriptor)));
  }
  WriteHolder(descriptor);
  return lock;
}

Result<fs::path> StateDirectory::RenameAside(const TaskId& task) const {
  const fs::path from = PathOf(task);
  std::error_code error;
  if (!fs::exists(from, error)) {
    if (error) return SystemError(from, error.value());
    return fs::path();
  }
  int64_t time = clock_.WallTime().value();
  fs::path to;
  do {
    to = root_ / fmt::format("{}{}{}", NameOf(task), kAsideMark, time++);
  } while (fs::exists(to, error));
  fs::rename(from, to, error);
  if (error) return SystemError(from, error.value());
  return to;
}

Status StateDirectory::MoveAside(const TaskId& task, std::string_view reason) const {
  ASSIGN_OR_RETURN(const fs::path to, RenameAside(task));
  if (to.empty()) return {};
  log::Warning("statestore", "state directory moved aside: task={} to={} reason={}", ToString(task),
               to.string(), reason);
  RemoveAside(task, TimeOfAside(task, to.filename().string()).value_or(0));
  return {};
}

Status StateDirectory::Place(const TaskId& task, const fs::path& from) const {
  // A crash before the second rename leaves no directory, and the old one aside: a restore in full.
  ASSIGN_OR_RETURN(const fs::path old, RenameAside(task));
  std::error_code error;
  fs::rename(from, PathOf(task), error);
  if (error) return SystemError(from, error.value());
  RETURN_IF_ERROR(SyncDirectory(root_));
  if (!old.empty()) RemoveTree(old);
  return {};
}

void StateDirectory::RemoveOldAside(const TaskId& task) const {
  RemoveAside(task, clock_.WallTime().value() - kKeepAside.count());
}

std::optional<int64_t> StateDirectory::TimeOfAside(const TaskId& task,
                                                   const std::string& name) const {
  const std::string prefix = NameOf(task) + std::string(kAsideMark);
  if (!name.starts_with(prefix)) return std::nullopt;
  int64_t time = 0;
  const char* end = name.data() + name.size();
  const auto [stop, parsed] = std::from_chars(name.data() + prefix.size(), end, time);
  if (parsed != std::errc() || stop != end) return std::nullopt;
  return time;
}

void StateDirectory::RemoveAside(const TaskId& task, int64_t older_than_ms) const {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(root_, error)) {
    const std::optional<int64_t> time = TimeOfAside(task, entry.path().filename().string());
    if (time && *time < older_than_ms) RemoveTree(entry.path());
  }
}

}  // namespace sidestream::statestore
