// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The applications that the simulation runs, and the versions in which the first of them comes:
//
//   counting and merging   "orders" -> hop -> counts per key; "left" and "right" -> "merged"
//   windows                "clicks" (4 partitions) -> hop -> windows

#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tasks/sub_topology.h"

namespace sidestream::simulation {

struct ClusterOptions;

/// What versions of the counting and merging application differ in.
struct Version {
  /// Topics whose records are copied and counted; none: there are no such steps.
  std::vector<std::string> counted = {"orders"};
  /// Topics of each sub-topology that merges.
  std::vector<std::vector<std::string>> merged = {{"left", "right"}};
  /// The first one that merges also counts what it sees, in a store.
  bool totals = false;

  bool operator==(const Version&) const = default;
  /// All topics whose records come to "merged".
  std::vector<std::string> AllMerged() const;
  std::set<std::string> Topics() const;
};
/// In words.
std::string Describe(const Version& version);

tasks::ApplicationSpec CountAndMerge(const ClusterOptions& options, const Version& version);
tasks::ApplicationSpec CountWindows(const ClusterOptions& options);
/// Name and partitions of every topic that either may write.
std::vector<std::pair<std::string, int32_t>> TopicsOf(const ClusterOptions& options);
/// Alike, of those that are fed.
std::vector<std::pair<std::string, int32_t>> Sources();

/// Of the application with windows.
inline constexpr Milliseconds kWindow{10'000};
inline constexpr Milliseconds kLateness{5'000};
inline constexpr Milliseconds kIdle{60'000};

}  // namespace sidestream::simulation
