// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Asking a cluster from a test: an answer, or the end of the process with the reason; a test that
// goes on without an answer proves nothing.
//
// Threading: confined to the caller's thread.

#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/status.h"
#include "kafka/admin.h"

namespace sidestream::integration {

/// Longest wait for the cluster, and the pause between two questions.
inline constexpr Milliseconds kPatience{60'000};
inline constexpr Milliseconds kPause{5};

template <typename T>
T ValueOf(Result<T> result) {
  CHECK(result.ok()) << result.status();
  return std::move(result).value();
}

/// Looks again and again; false when it is not so within `limit`.
inline bool Until(const std::function<bool()>& so, Milliseconds limit = kPatience,
                  Milliseconds pause = kPause) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + limit;
  while (!so()) {
    if (clock.Now() >= deadline) return false;
    std::this_thread::sleep_for(pause);  // other processes have no virtual clock
  }
  return true;
}

/// Asks until there is an answer that is not "ask again".
template <typename T>
T Answer(const Clock& clock, const std::function<kafka::Admin::Reply<T>()>& ask) {
  const MonotonicTime deadline = clock.Now() + kPatience;
  Status last = Status::Unavailable("no answer");
  while (clock.Now() < deadline) {
    const auto reply = ask();
    std::optional<Result<T>> answer;
    while (!(answer = reply->Poll()) && clock.Now() < deadline) std::this_thread::sleep_for(kPause);
    if (!answer) break;
    if (answer->ok()) return std::move(*answer).value();
    last = answer->status();
    CHECK(last.code() == StatusCode::kUnavailable) << last;
    std::this_thread::sleep_for(kPause);
  }
  CHECK(false) << "the cluster did not answer in time: " << last;
  std::abort();
}

}  // namespace sidestream::integration
