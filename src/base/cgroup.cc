// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/cgroup.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

namespace sidestream {
namespace {

// v1 says "no limit" with the largest multiple of the page size.
constexpr int64_t kUnlimited = int64_t{1} << 60;

std::optional<int64_t> ReadLimit(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string word;
  if (!(in >> word)) return std::nullopt;
  int64_t bytes = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), bytes);
  // v2 says "max".
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  if (bytes <= 0 || bytes >= kUnlimited) return std::nullopt;
  return bytes;
}

void TakeLower(std::optional<int64_t>& lowest, std::optional<int64_t> other) {
  if (other && (!lowest || *other < *lowest)) lowest = other;
}

// The limits from `group` up to the top of the hierarchy at `mount`. A group that is not there is
// skipped: inside a container the path may be the host's while the mount shows only our part.
std::optional<int64_t> LowestOnTheWayUp(const std::filesystem::path& mount, std::string_view group,
                                        const char* file) {
  std::optional<int64_t> lowest;
  std::filesystem::path path = std::filesystem::path(group).relative_path();
  for (;;) {
    TakeLower(lowest, ReadLimit(mount / path / file));
    if (path.empty()) return lowest;
    path = path.parent_path();
  }
}

bool NamesMemory(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "memory") return true;
    if (comma == std::string_view::npos) return false;
    controllers.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

std::optional<int64_t> CgroupMemoryLimit(const std::filesystem::path& root) {
  const std::filesystem::path mount = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  std::optional<int64_t> lowest;
  // Lines: hierarchy:controllers:path. Hierarchy 0 without controllers is v2; both may be there.
  for (std::string line; std::getline(groups, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string_view controllers =
        std::string_view(line).substr(first + 1, second - first - 1);
    const std::string_view group = std::string_view(line).substr(second + 1);
    if (controllers.empty()) {
      TakeLower(lowest, LowestOnTheWayUp(mount, group, "memory.max"));
    } else if (NamesMemory(controllers)) {
      TakeLower(lowest, LowestOnTheWayUp(mount / "memory", group, "memory.limit_in_bytes"));
    }
  }
  return lowest;
}

int64_t UsableMemoryBytes(const std::filesystem::path& root) {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * int64_t{sysconf(_SC_PAGE_SIZE)};
  return std::min(machine, CgroupMemoryLimit(root).value_or(machine));
}

}  // namespace sidestream
