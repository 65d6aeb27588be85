// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A disk that is slow or fails, loaded into the program with LD_PRELOAD: what is written below the
// directory DISK_SHIM_DIRECTORY takes long or ends with EIO while the file DISK_SHIM_CONTROL says
// "slow" or "fail"; what is read there ends with EIO while it says "read".
//
// Threading: called from every thread of the program; keeps nothing but the real functions.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

enum class Disk { kHealthy, kSlow, kFailsToWrite, kFailsToRead };

constexpr long kBytesPerSecond = 1'000'000;
constexpr long kSyncMilliseconds = 50;

template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

/// Whether the file behind `descriptor` lies on the disk in question.
bool IsOnDisk(int descriptor) {
  const char* directory = std::getenv("DISK_SHIM_DIRECTORY");
  if (directory == nullptr) return false;
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof(path) - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return std::strncmp(path, directory, std::strlen(directory)) == 0;
}

Disk StateOf(int descriptor) {
  const int kept = errno;
  Disk disk = Disk::kHealthy;
  const char* control = std::getenv("DISK_SHIM_CONTROL");
  if (control != nullptr && IsOnDisk(descriptor)) {
    char word[5] = {};
    const int file = open(control, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      // Not through the functions below.
      if (syscall(SYS_read, file, word, 4) == 4) {
        if (std::strcmp(word, "slow") == 0) disk = Disk::kSlow;
        if (std::strcmp(word, "fail") == 0) disk = Disk::kFailsToWrite;
        if (std::strcmp(word, "read") == 0) disk = Disk::kFailsToRead;
      }
      close(file);
    }
  }
  errno = kept;
  return disk;
}

/// False: the call must fail, errno is set.
bool AllowRead(int descriptor) {
  if (StateOf(descriptor) != Disk::kFailsToRead) return true;
  errno = EIO;
  return false;
}

bool Allow(int descriptor, long milliseconds) {
  const Disk disk = StateOf(descriptor);
  if (disk == Disk::kFailsToWrite) {
    errno = EIO;
    return false;
  }
  if (disk == Disk::kSlow) {
    const timespec pause{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

long MillisecondsOf(size_t bytes) { return static_cast<long>(bytes) * 1000 / kBytesPerSecond; }

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, size_t count) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t)>("write");
  if (!Allow(descriptor, MillisecondsOf(count))) return -1;
  return real(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  static const auto real = Real<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  if (!Allow(descriptor, MillisecondsOf(count))) return -1;
  return real(descriptor, bytes, count, offset);
}

ssize_t pread(int descriptor, void* bytes, size_t count, off_t offset) {
  static const auto real = Real<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  return AllowRead(descriptor) ? real(descriptor, bytes, count, offset) : -1;
}

/// What is read from its beginning to its end: manifests, the file of options.
size_t fread_unlocked(void* bytes, size_t size, size_t count, FILE* file) {
  static const auto real = Real<size_t (*)(void*, size_t, size_t, FILE*)>("fread_unlocked");
  return AllowRead(fileno(file)) ? real(bytes, size, count, file) : 0;
}

int fsync(int descriptor) {
  static const auto real = Real<int (*)(int)>("fsync");
  return Allow(descriptor, kSyncMilliseconds) ? real(descriptor) : -1;
}

int fdatasync(int descriptor) {
  static const auto real = Real<int (*)(int)>("fdatasync");
  return Allow(descriptor, kSyncMilliseconds) ? real(descriptor) : -1;
}

}  // extern "C"
