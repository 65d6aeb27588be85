// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/machine_limits.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace sidestream::app {
namespace {

/// The first two words of a file as numbers; a word that is none ("max") gives empty.
struct Words {
  std::optional<double> first;
  std::optional<double> second;
};

Words ReadWords(const std::filesystem::path& path) {
  const auto number = [](const std::string& word) -> std::optional<double> {
    if (word.empty() || word.find_first_not_of("-0123456789") != std::string::npos) return {};
    return std::strtod(word.c_str(), nullptr);
  };
  std::ifstream file(path);
  std::string first;
  std::string second;
  file >> first >> second;
  return {number(first), number(second)};
}

}  // namespace

std::optional<double> CgroupCpuLimit(const std::filesystem::path& root) {
  const Words v2 = ReadWords(root / "cpu.max");
  if (v2.first && v2.second && *v2.second > 0) return *v2.first / *v2.second;
  for (const char* controller : {"cpu", "cpu,cpuacct"}) {
    const Words quota = ReadWords(root / controller / "cpu.cfs_quota_us");
    const Words period = ReadWords(root / controller / "cpu.cfs_period_us");
    if (quota.first && *quota.first > 0 && period.first && *period.first > 0) {
      return *quota.first / *period.first;
    }
  }
  return std::nullopt;
}

int32_t DefaultWorkers(std::optional<double> cpu_limit, unsigned processors) {
  const double machine = std::max(1u, processors);
  const double usable = cpu_limit ? std::min(*cpu_limit, machine) : machine;
  return static_cast<int32_t>(std::max(1.0, std::ceil(usable)));
}

}  // namespace sidestream::app
