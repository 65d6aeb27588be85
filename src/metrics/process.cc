// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/process.h"

#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace sidestream::metrics {
namespace {

/// The fields of /proc/self/stat behind the command, whose name may hold spaces and brackets.
std::vector<double> StatFields() {
  std::ifstream file("/proc/self/stat");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos || end_of_name + 3 > text.size()) return {};
  // Behind the name stands the state, one letter; all else is a number.
  std::istringstream rest(text.substr(end_of_name + 3));
  return {std::istream_iterator<double>(rest), {}};
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;) {
    double value = 0;
    if (word == "btime" && file >> value) return value;
  }
  return 0;
}

double OpenFds() {
  std::error_code error;
  auto fds = std::filesystem::directory_iterator("/proc/self/fd", error);
  return error ? 0 : static_cast<double>(std::distance(begin(fds), end(fds)));
}

/// Finer than the ticks of /proc/self/stat.
double CpuSeconds() {
  timespec time{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

std::optional<ProcessFacts> ReadProcess() {
  // proc(5): after the state follow fields 4 and up; num_threads is 20, starttime 22, vsize 23,
  // rss 24.
  const std::vector<double> fields = StatFields();
  const auto field = [&](size_t number) { return fields[number - 4]; };
  if (fields.size() < 21) return std::nullopt;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ProcessFacts{.cpu_seconds = CpuSeconds(),
                      .resident_bytes = field(24) * static_cast<double>(sysconf(_SC_PAGESIZE)),
                      .virtual_bytes = field(23),
                      .start_time_seconds = BootTimeSeconds() + field(22) / ticks,
                      .open_fds = OpenFds(),
                      .threads = field(20)};
}

}  // namespace sidestream::metrics
