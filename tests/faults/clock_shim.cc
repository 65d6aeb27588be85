// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A machine whose time of day is off and jumps, loaded into the program with LD_PRELOAD: the file
// CLOCK_SHIM_OFFSET holds the seconds. The monotonic clock is left alone, as the kernel does.
// libfaketime would do, were it not for waits with a deadline by the time of day, which the client
// library makes with C11's cnd_timedwait and libfaketime does not know.
//
// Threading: called from every thread of the program.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/time.h>
#include <threads.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kLookAgainNanos = kNanosPerSecond / 10;

int64_t Nanos(const timespec& time) { return time.tv_sec * kNanosPerSecond + time.tv_nsec; }

timespec TimespecOf(int64_t nanos) { return {nanos / kNanosPerSecond, nanos % kNanosPerSecond}; }

int RealClock(clockid_t clock, timespec* time) {
  static const auto real =
      reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
  return real(clock, time);
}

int64_t RealNanos(clockid_t clock) {
  timespec time{};
  RealClock(clock, &time);
  return Nanos(time);
}

int64_t ReadOffset() {
  const char* path = std::getenv("CLOCK_SHIM_OFFSET");
  if (path == nullptr) return 0;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[32] = {};
  const ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  return length <= 0 ? 0 : std::strtoll(text, nullptr, 10) * kNanosPerSecond;
}

/// What the time of day is off by now.
int64_t OffsetNanos() {
  static std::atomic<int64_t> offset{0};
  static std::atomic<int64_t> look_again_at{0};
  const int64_t now = RealNanos(CLOCK_MONOTONIC);
  if (now >= look_again_at.load()) {
    const int kept = errno;
    look_again_at = now + kLookAgainNanos;
    offset = ReadOffset();
    errno = kept;
  }
  return offset.load();
}

bool IsTimeOfDay(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = RealClock(clock, time);
  if (result == 0 && IsTimeOfDay(clock)) *time = TimespecOf(Nanos(*time) + OffsetNanos());
  return result;
}

int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

/// Its deadline is a time of day, so a jump while it waits moves its end.
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* deadline) {
  static const auto real =
      reinterpret_cast<int (*)(cnd_t*, mtx_t*, const timespec*)>(dlsym(RTLD_NEXT, "cnd_timedwait"));
  while (true) {
    const int64_t end = Nanos(*deadline) - OffsetNanos();
    const int64_t slice = RealNanos(CLOCK_REALTIME) + kLookAgainNanos;
    const timespec until = TimespecOf(end < slice ? end : slice);
    const int result = real(condition, mutex, &until);
    if (result != thrd_timedout || end <= slice) return result;
  }
}

}  // extern "C"
