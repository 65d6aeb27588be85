// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The yardstick's program.
//
//   loop_bench --kind KIND --bootstrap HOST:PORT --group NAME
//              --guarantee exactly_once|at_least_once --commit-ms 100 --input TOPIC --output TOPIC
//              [--repartition TOPIC] [--changelog TOPIC]

#include <cstdlib>
#include <string_view>
#include <utility>

#include "bench/loop/loops.h"

namespace sidestream::bench {
namespace {

int Main(int argc, char** argv) {
  SessionOptions options;
  options.bootstrap = Option(argc, argv, "bootstrap");
  options.group = Option(argc, argv, "group");
  options.exactly_once = Option(argc, argv, "guarantee", "exactly_once") == "exactly_once";
  options.commit_interval =
      std::chrono::milliseconds(std::atoi(Option(argc, argv, "commit-ms", "100").c_str()));
  options.inputs = {Option(argc, argv, "input")};
  const std::string output = Option(argc, argv, "output");
  const std::string kind = Option(argc, argv, "kind");
  if (kind == "count") {
    options.inputs.push_back(Option(argc, argv, "repartition"));
    RunCountLoop(std::move(options), output, Option(argc, argv, "changelog"));
    return 0;
  }
  constexpr std::pair<std::string_view,
                      void (*)(SessionOptions, const std::string&, const std::string&)>
      kLoopsWithState[] = {{"uniform", RunCountLoop},
                           {"tumbling", RunTumblingLoop},
                           {"hopping", RunHoppingLoop},
                           {"sessions", RunSessionsLoop},
                           {"dedup", RunDedupLoop}};
  for (const auto& [name, run] : kLoopsWithState) {
    if (kind != name) continue;
    run(std::move(options), output, Option(argc, argv, "changelog"));
    return 0;
  }
  constexpr std::pair<std::string_view, void (*)(SessionOptions, const std::string&)> kLoops[] = {
      {"pass", RunPassLoop},
      {"filter", RunFilterLoop},
      {"filter_checked", RunCheckedFilterLoop},
      {"project", RunProjectLoop},
      {"project_checked", RunCheckedProjectLoop},
      {"avro_filter", RunAvroFilterLoop},
      {"avro_project", RunAvroProjectLoop}};
  for (const auto& [name, run] : kLoops) {
    if (kind != name) continue;
    run(std::move(options), output);
    return 0;
  }
  Die("there is no kind " + kind);
}

}  // namespace
}  // namespace sidestream::bench

int main(int argc, char** argv) { return sidestream::bench::Main(argc, argv); }
