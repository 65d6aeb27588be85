// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/directory_location.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <random>
#include <system_error>
#include <utility>

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

// No object's name has the sign.
constexpr char kTemporaryFolder[] = "#unfinished";
constexpr auto kKeepUnfinished = std::chrono::hours(24);
// A folder may go with its last object while another process puts one there.
constexpr int kWriteTries = 5;
constexpr size_t kCopyBytes = 256 * 1024;

Status ErrorOf(const fs::path& path, int error) {
  const std::string text = fmt::format("path={} error={}", path.string(), std::strerror(error));
  if (error == ENOENT) {
    return Status::Stopped("there is no such object at the snapshot location: " + text);
  }
  if (error == EACCES || error == EPERM || error == EROFS || error == ENOTDIR || error == EISDIR) {
    return Status::InvalidConfig(
        "the snapshot location cannot be used: check the directory and its rights: " + text);
  }
  return Status::Unavailable(
      "the snapshot location cannot be read or written: check the volume and its size: " + text);
}

class File {
 public:
  File(const fs::path& path, int flags) : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

/// False: errno says why.
bool WriteAll(const File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

/// Bytes read, 0 at the end, -1: errno says why.
ssize_t ReadSome(const File& file, std::array<char, kCopyBytes>& buffer) {
  for (;;) {
    const ssize_t size = read(file.descriptor(), buffer.data(), buffer.size());
    if (size >= 0 || errno != EINTR) return size;
  }
}

Status SyncDirectory(const fs::path& path) {
  const File directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open() || fsync(directory.descriptor()) != 0) return ErrorOf(path, errno);
  return {};
}

class DirectoryLocation final : public Location {
 public:
  explicit DirectoryLocation(fs::path root) : root_(std::move(root)) {}

  Status Put(const std::string& name, std::string_view bytes) override {
    return Write(name, [&](const File& file, const fs::path& path) -> Status {
      return WriteAll(file, bytes) ? Status() : ErrorOf(path, errno);
    });
  }

  Status PutFile(const std::string& name, const fs::path& from) override {
    const File source(from, O_RDONLY);
    if (!source.is_open()) return LocalError(from, errno);
    return Write(name, [&](const File& file, const fs::path& path) {
      const auto unreadable = [&](int error) { return LocalError(from, error); };
      const auto unwritable = [&](int error) { return ErrorOf(path, error); };
      return Copy(source, file, unreadable, unwritable, {});
    });
  }

  Result<std::string> Get(const std::string& name, size_t bytes_max) override {
    const fs::path path = PathOf(name);
    const File file(path, O_RDONLY);
    if (!file.is_open()) return ErrorOf(path, errno);
    auto buffer = std::make_unique<std::array<char, kCopyBytes>>();
    std::string bytes;
    for (;;) {
      const ssize_t size = ReadSome(file, *buffer);
      if (size < 0) return ErrorOf(path, errno);
      if (size == 0) return bytes;
      if (bytes.size() + static_cast<size_t>(size) > bytes_max) {
        return Status::Stopped(fmt::format("an object at the snapshot location is too long: path={} "
                                           "bytes_max={}",
                                           path.string(), bytes_max));
      }
      bytes.append(buffer->data(), static_cast<size_t>(size));
    }
  }

  Status GetFile(const std::string& name, const fs::path& to, const GoOn& go_on) override {
    const fs::path path = PathOf(name);
    const File source(path, O_RDONLY);
    if (!source.is_open()) return ErrorOf(path, errno);
    const File file(to, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.is_open()) return LocalError(to, errno);
    const auto unreadable = [&](int error) { return ErrorOf(path, error); };
    const auto unwritable = [&](int error) { return LocalError(to, error); };
    return Copy(source, file, unreadable, unwritable, go_on);
  }

  Result<std::vector<StoredObject>> List(const std::string& prefix) override {
    std::vector<StoredObject> objects;
    const fs::path top = root_ / fs::path(prefix).parent_path();
    std::error_code error;
    if (!fs::exists(top, error)) {
      if (error) return ErrorOf(top, error.value());
      return objects;
    }
    fs::recursive_directory_iterator at(top, error);
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
      std::error_code gone;
      if (!at->is_regular_file(gone)) continue;
      const std::string name = at->path().lexically_relative(root_).generic_string();
      if (!name.starts_with(prefix) || !IsObjectName(name)) continue;
      const uintmax_t bytes = at->file_size(gone);
      // Deleted by another process meanwhile.
      if (!gone) objects.push_back({name, static_cast<int64_t>(bytes)});
    }
    if (error) return ErrorOf(top, error.value());
    std::sort(objects.begin(), objects.end(),
              [](const StoredObject& a, const StoredObject& b) { return a.name < b.name; });
    return objects;
  }

  Status Delete(const std::string& name) override {
    const fs::path path = PathOf(name);
    if (unlink(path.c_str()) != 0) return errno == ENOENT ? Status() : ErrorOf(path, errno);
    RETURN_IF_ERROR(SyncDirectory(path.parent_path()));
    // An empty folder is no object; it goes with its last one, as on S3.
    for (fs::path folder = path.parent_path(); folder != root_; folder = folder.parent_path()) {
      if (rmdir(folder.c_str()) != 0) break;
    }
    return {};
  }

 private:
  fs::path PathOf(const std::string& name) const {
    CHECK(IsObjectName(name)) << name;
    return root_ / name;
  }

  static Status LocalError(const fs::path& path, int error) {
    return Status::Fatal(fmt::format("a file of the snapshot cannot be read or written here: path={} "
                                     "error={}",
                                     path.string(), std::strerror(error)));
  }

  /// Makes an error of errno.
  using ErrorOfFile = std::function<Status(int error)>;

  static Status Copy(const File& source, const File& file, const ErrorOfFile& unreadable,
                     const ErrorOfFile& unwritable, const GoOn& go_on) {
    auto buffer = std::make_unique<std::array<char, kCopyBytes>>();
    int64_t bytes = 0;
    for (;;) {
      const ssize_t size = ReadSome(source, *buffer);
      if (size < 0) return unreadable(errno);
      if (size == 0) return {};
      if (!WriteAll(file, {buffer->data(), static_cast<size_t>(size)})) return unwritable(errno);
      bytes += size;
      if (go_on && !go_on(bytes)) return Status::Unavailable("given up");
    }
  }

  /// Makes `folder` and what is above it, so that they are there after a crash, too.
  Status MakeFolder(const fs::path& folder) {
    std::error_code error;
    if (!fs::create_directories(folder, error)) {
      return error ? ErrorOf(folder, error.value()) : Status();
    }
    for (fs::path made = folder; made != root_; made = made.parent_path()) {
      RETURN_IF_ERROR(SyncDirectory(made.parent_path()));
    }
    return {};
  }

  /// What processes left that died while they wrote.
  void RemoveUnfinished() {
    if (std::exchange(removed_unfinished_, true)) return;
    std::error_code error;
    const auto oldest = fs::file_time_type::clock::now() - kKeepUnfinished;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(root_ / kTemporaryFolder, error)) {
      std::error_code gone;
      if (entry.last_write_time(gone) < oldest && !gone) fs::remove(entry.path(), gone);
    }
  }

  template <typename Fill>
  Status Write(const std::string& name, const Fill& fill) {
    const fs::path path = PathOf(name);
    const fs::path temporary = root_ / kTemporaryFolder / fmt::format("{:08x}{:08x}", random_(), random_());
    RETURN_IF_ERROR(MakeFolder(temporary.parent_path()));
    RemoveUnfinished();
    Status written = WriteTemporary(temporary, fill);
    if (written.ok()) written = Publish(temporary, path);
    if (!written.ok()) unlink(temporary.c_str());
    return written;
  }

  template <typename Fill>
  Status WriteTemporary(const fs::path& temporary, const Fill& fill) {
    const File file(temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return ErrorOf(temporary, errno);
    RETURN_IF_ERROR(fill(file, temporary));
    return fsync(file.descriptor()) == 0 ? Status() : ErrorOf(temporary, errno);
  }

  Status Publish(const fs::path& temporary, const fs::path& path) {
    for (int tries = 1;; ++tries) {
      RETURN_IF_ERROR(MakeFolder(path.parent_path()));
      if (rename(temporary.c_str(), path.c_str()) == 0) return SyncDirectory(path.parent_path());
      if (errno != ENOENT || tries == kWriteTries) return ErrorOf(path, errno);
    }
  }

  const fs::path root_;
  // Names only have to differ between processes that write the same object at once.
  std::random_device random_;
  bool removed_unfinished_ = false;
};

}  // namespace

std::unique_ptr<Location> NewDirectoryLocation(fs::path root) {
  return std::make_unique<DirectoryLocation>(std::move(root));
}

}  // namespace sidestream::snapshot
