// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/part_threads.h"

#include <algorithm>
#include <utility>

namespace sidestream::tasks {

PartThreads::~PartThreads() { running_ = false; }

void PartThreads::Start(std::string name, std::function<void()> step) {
  Part& part = parts_.emplace_back();
  part.name = std::move(name);
  part.thread = std::jthread([this, &part, step = std::move(step)] {
    while (running_) step();
    const std::lock_guard lock(mutex_);
    part.ended = true;
    one_ended_.notify_all();
  });
}

std::vector<std::string> PartThreads::Stop(Milliseconds patience) {
  running_ = false;
  std::unique_lock lock(mutex_);
  const auto ended = [](const Part& part) { return part.ended; };
  one_ended_.wait_for(lock, patience, [&] { return std::ranges::all_of(parts_, ended); });
  std::vector<std::string> late;
  for (const Part& part : parts_) {
    if (!part.ended) late.push_back(part.name);
  }
  return late;
}

}  // namespace sidestream::tasks
