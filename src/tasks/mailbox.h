// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Mailbox: how the threads of an instance talk. Posted, never awaited. Bounded by nature:
// each sender has at most a few messages per task under way.

#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace sidestream::tasks {

/// Threading: Post() from any thread, TakeAll() from the owner.
template <typename Message>
class Mailbox {
 public:
  void Post(Message message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  std::vector<Message> TakeAll() {
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Message> messages_;
};

}  // namespace sidestream::tasks
