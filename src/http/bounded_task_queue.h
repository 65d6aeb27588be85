// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The threads that answer requests, and a bounded queue in front of them. A full queue holds
// up the accepting thread, so that further connections wait in the kernel's backlog and
// not in our memory.
//
// Place in the flow: given to cpp-httplib by server.cc, which is the only one to include it.
//
// Threading: enqueue() and shutdown() from the accepting thread.

#pragma once

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sidestream::http {

class BoundedTaskQueue final : public httplib::TaskQueue {
 public:
  BoundedTaskQueue(int threads, size_t waiting_max);
  ~BoundedTaskQueue() override = default;

  void enqueue(std::function<void()> task) override;
  /// Runs what is queued, then joins the threads.
  void shutdown() override;

 private:
  void Work();

  const size_t waiting_max_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  // Owned by the accepting thread.
  std::vector<std::thread> threads_;
};

}  // namespace sidestream::http
