// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/standby_choice.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace sidestream::tasks {

std::vector<std::string> RankInstances(const TaskId& task, const std::set<std::string>& instances) {
  std::vector<std::pair<uint64_t, std::string>> weighed;
  for (const std::string& instance : instances) {
    const std::string text = ToString(task) + "/" + instance;
    weighed.emplace_back(XXH64(text.data(), text.size(), 0), instance);
  }
  std::sort(weighed.begin(), weighed.end(), std::greater<>());
  std::vector<std::string> ranked;
  for (auto& [weight, instance] : weighed) ranked.push_back(std::move(instance));
  return ranked;
}

bool IsStandby(const TaskId& task, const std::string& self, const std::string& owner,
               const std::set<std::string>& instances, size_t replicas) {
  for (const std::string& instance : RankInstances(task, instances)) {
    if (instance == owner) continue;
    if (replicas == 0) return false;
    if (instance == self) return true;
    --replicas;
  }
  return false;
}

}  // namespace sidestream::tasks
