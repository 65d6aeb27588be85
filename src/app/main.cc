// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The program: reads the command line and runs one command.

#include <unistd.h>

#ifndef SIDESTREAM_SANITIZED
#include <mimalloc.h>
#endif

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "app/exit_code.h"
#include "app/settings.h"
#include "app/signals.h"
#include "app/waiting.h"
#include "base/log.h"

namespace sidestream::app {
namespace {

Result<std::unique_ptr<kafka::Cluster>> Connect(const topology::KafkaModel& model) {
  ASSIGN_OR_RETURN(kafka::RdkafkaOptions options, KafkaOptions(model));
  return kafka::NewRdkafkaCluster(std::move(options));
}

/// https://no-color.org: set and not empty.
bool NoColor() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

bool UseColor(ColorMode mode, int descriptor) {
  if (mode == ColorMode::kAuto) return isatty(descriptor) == 1 && !NoColor();
  return mode == ColorMode::kAlways;
}

int Main(const std::vector<std::string>& words) {
  const CommandLine line = ParseCommandLine(words, isatty(STDERR_FILENO) == 1);
  if (line.command == nullptr) {
    (line.exit_code == kExitOk ? std::cout : std::cerr) << line.text;
    return line.exit_code;
  }
  log::Configure(line.arguments.log_format, line.arguments.log_level);
  InstallStopSignals();
  ProcessWaiting waiting;
  const topology::ProcessSurroundings surroundings;
  CommandContext context{.in = std::cin,
                         .out = std::cout,
                         .err = std::cerr,
                         .color_out = UseColor(line.arguments.color, STDOUT_FILENO),
                         .color_err = UseColor(line.arguments.color, STDERR_FILENO),
                         .surroundings = surroundings,
                         .waiting = waiting,
                         .connect = &Connect};
  const int exit_code = line.command(line.arguments, context);
  std::cout.flush();
  // A full disk or a closed pipe behind standard output must not look like success.
  return exit_code == kExitOk && !std::cout ? kExitFailed : exit_code;
}

/// Memory goes back to the system a second after its last use, not after 25 ms: fetches and
/// commits come in waves, and taking the same pages back for each costs more than keeping them.
void KeepMemoryBetweenWaves() {
#ifndef SIDESTREAM_SANITIZED
  constexpr long kMilliseconds = 1'000;
#if MI_MALLOC_VERSION >= 210
  mi_option_set(mi_option_purge_delay, kMilliseconds);
#else
  mi_option_set(mi_option_decommit_delay, kMilliseconds);
#endif
#endif
}

}  // namespace
}  // namespace sidestream::app

int main(int argc, char** argv) {
  sidestream::app::KeepMemoryBetweenWaves();
  return sidestream::app::Main(std::vector<std::string>(argv + 1, argv + argc));
}
