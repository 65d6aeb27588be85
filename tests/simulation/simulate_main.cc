// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The long run of the simulation, one process of it (scripts/simulate.sh starts several):
//
//   simulate FIRST COUNT [STEP]   runs COUNT schedules: FIRST, FIRST + STEP ...
//
// Prints each schedule that fails, and at the end one line of figures; what the instances log goes
// to standard error, under the number of the schedule. Exit code 0: none failed; 1: some did; 2:
// usage.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.h"
#include "schedule.h"

int main(int argc, char** argv) {
  using namespace sidestream;
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: simulate FIRST COUNT [STEP]\n");
    return 2;
  }
  log::Configure(log::Format::kText, log::Level::kError);
  const uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const uint64_t count = std::strtoull(argv[2], nullptr, 10);
  const uint64_t step = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 1;
  const auto begin = std::chrono::steady_clock::now();
  uint64_t failed = 0;
  uint64_t traces = 0;
  int64_t from_images = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t number = first + i * step;
    // For whoever looks at what a broken check has left.
    std::fprintf(stderr, "schedule %llu\n", static_cast<unsigned long long>(number));
    const simulation::ScheduleResult result = simulation::RunSchedule(number);
    traces ^= result.trace;
    from_images += result.from_images;
    if (!result.violations.empty()) {
      ++failed;
      std::printf("schedule %llu failed: %s\n%s", static_cast<unsigned long long>(number),
                  simulation::Describe(simulation::ScheduleOf(number)).c_str(),
                  simulation::Text(result.violations).c_str());
      std::fflush(stdout);
    }
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  std::printf("%llu schedules, %llu failed, %.0f s, %.1f per second, traces %016llx, "
              "%lld tasks from images\n",
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(failed),
              taken.count(), static_cast<double>(count) / taken.count(),
              static_cast<unsigned long long>(traces), static_cast<long long>(from_images));
  return failed == 0 ? 0 : 1;
}
