// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules of the long run: shape of the cluster, faults and their rates are all drawn from one
// number, and that number replays the run step by step.

#pragma once

#include <cstdint>
#include <string>

#include "chaos.h"

namespace sidestream::simulation {

struct Schedule {
  ClusterOptions cluster;
  Chaos chaos;
};

Schedule ScheduleOf(uint64_t number);
/// In words, for whoever looks at a failing one.
std::string Describe(const Schedule& schedule);

struct ScheduleResult {
  Violations violations;
  /// Over all requests that the broker took: two runs of a schedule agree.
  uint64_t trace = 0;
  /// Tasks that were restored from an image.
  int64_t from_images = 0;
};
ScheduleResult RunSchedule(uint64_t number);

}  // namespace sidestream::simulation
