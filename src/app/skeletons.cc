// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/skeletons.h"

#include <algorithm>

namespace sidestream::app {

std::vector<std::string> SkeletonNames() {
  std::vector<std::string> names;
  for (const Skeleton& skeleton : Skeletons()) names.emplace_back(skeleton.name);
  return names;
}

const Skeleton* FindSkeleton(std::string_view name) {
  const auto found = std::find_if(Skeletons().begin(), Skeletons().end(),
                                  [&](const Skeleton& s) { return s.name == name; });
  return found == Skeletons().end() ? nullptr : &*found;
}

std::string_view SummaryOf(const Skeleton& skeleton) {
  std::string_view line = skeleton.text.substr(0, skeleton.text.find('\n'));
  const size_t begin = line.find_first_not_of("# ");
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

}  // namespace sidestream::app
