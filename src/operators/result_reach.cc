// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/result_reach.h"

#include <variant>

namespace sidestream::operators {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kMonthDaysMax = 31;

int64_t LengthOf(const topology::Window& window) {
  if (!topology::HasBounds(window)) return 0;
  const int64_t length =
      window.months > 0 ? window.months * kMonthDaysMax * kDayMs : window.size;
  // A local day may have an hour or two more.
  return window.zone.empty() ? length : length + kDayMs / 8;
}

}  // namespace

int64_t ResultReach(const topology::SubTopology& part) {
  int64_t reach = 0;
  for (const topology::Node& node : part.nodes) {
    if (const auto* aggregate = std::get_if<topology::AggregateNode>(&node.operation)) {
      if (aggregate->window) reach += LengthOf(*aggregate->window);
    } else if (const auto* dedup = std::get_if<topology::DedupNode>(&node.operation)) {
      if (dedup->keep_last && !dedup->wall_clock) reach += dedup->ttl_ms;
    }
  }
  return reach;
}

}  // namespace sidestream::operators
