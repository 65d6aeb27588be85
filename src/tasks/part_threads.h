// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// PartThreads: a thread for each part of an instance, which takes one step after the other.
//
// Threading: Start() and Stop() on the thread that made it.

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"

namespace sidestream::tasks {

class PartThreads {
 public:
  PartThreads() = default;
  /// Waits for every thread, however long its step takes.
  ~PartThreads();
  PartThreads(const PartThreads&) = delete;
  PartThreads& operator=(const PartThreads&) = delete;

  void Start(std::string name, std::function<void()> step);
  /// No thread takes another step. Waits at most so long (of real time) for those that are in one,
  /// and says which still are.
  std::vector<std::string> Stop(Milliseconds patience);

 private:
  struct Part {
    std::string name;
    bool ended = false;  // guarded by mutex_
    std::jthread thread;
  };

  std::atomic<bool> running_{true};
  std::mutex mutex_;
  std::condition_variable one_ended_;
  std::list<Part> parts_;
};

}  // namespace sidestream::tasks
