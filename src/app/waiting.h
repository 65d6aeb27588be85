// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How a command lets time pass while it waits for the cluster: really, or in virtual time
// under test. And how it learns that the user wants it to stop.
//
// Threading: confined to the command's thread.

#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/admin.h"

namespace sidestream::app {

class Waiting {
 public:
  virtual ~Waiting() = default;
  virtual const Clock& clock() const = 0;
  /// Lets about `time` pass; returns early when the command is to stop.
  virtual void Pass(Milliseconds time) = 0;
  /// The user asked the command to stop.
  virtual bool stopping() const = 0;
};

/// Real time; stops when a StopSignal was seen (signals.h).
class ProcessWaiting final : public Waiting {
 public:
  const Clock& clock() const override { return clock_; }
  void Pass(Milliseconds time) override;
  bool stopping() const override;

 private:
  SystemClock clock_;
};

/// Polls `reply` until it answers, at most `limit`. kUnavailable: no answer in time, or
/// interrupted.
template <typename T>
Result<T> Await(kafka::Admin::Reply<T> reply, Waiting& waiting, Milliseconds limit) {
  const MonotonicTime deadline = waiting.clock().Now() + limit;
  for (;;) {
    if (auto answer = reply->Poll()) return std::move(*answer);
    if (waiting.stopping()) return Status::Unavailable("interrupted");
    if (waiting.clock().Now() >= deadline) {
      return Status::Unavailable(fmt::format("no answer in {} ms", limit.count()));
    }
    waiting.Pass(Milliseconds(5));
  }
}

/// How long and how often a question is put to a cluster that does not answer.
struct Patience {
  /// Until the command gives up a question; no request and no pause outlasts it.
  Milliseconds total{60'000};
  Milliseconds per_request{15'000};
  Milliseconds first_pause{250};
  Milliseconds pause_max{5'000};
};

namespace internal {
/// Whether to ask again: logs, and lets the pause pass.
bool MayRetry(const Status& status, std::string_view what, MonotonicTime deadline,
              Milliseconds pause, Waiting& waiting);
}  // namespace internal

/// Asks, and asks again while the answer is kUnavailable, within `patience`. `what` is what
/// the log says is wanted: "topics". Other errors come back at once.
template <typename T>
Result<T> Ask(const std::function<kafka::Admin::Reply<T>()>& request, std::string_view what,
              Waiting& waiting, const Patience& patience) {
  const MonotonicTime deadline = waiting.clock().Now() + patience.total;
  Milliseconds pause = patience.first_pause;
  for (;;) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - waiting.clock().Now());
    Result<T> answer = Await<T>(request(), waiting, std::min(patience.per_request, left));
    if (answer.ok() || answer.status().code() != StatusCode::kUnavailable) return answer;
    if (!internal::MayRetry(answer.status(), what, deadline, pause, waiting)) {
      return answer.status().WithContext(
          fmt::format("the cluster does not answer: wanted={}", what));
    }
    pause = std::min(pause * 2, patience.pause_max);
  }
}

}  // namespace sidestream::app
