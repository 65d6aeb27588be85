// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The yardstick's program.
//
//   loop_bench --kind pass|count --bootstrap HOST:PORT --group NAME --guarantee
//   exactly_once|at_least_once
//              --commit-ms 100 --input TOPIC --output TOPIC [--repartition TOPIC --changelog TOPIC]

#include <cstdlib>

#include "bench/loop/loops.h"

int main(int argc, char** argv) {
  using sidestream::bench::Option;
  sidestream::bench::SessionOptions options;
  options.bootstrap = Option(argc, argv, "bootstrap");
  options.group = Option(argc, argv, "group");
  options.exactly_once = Option(argc, argv, "guarantee", "exactly_once") == "exactly_once";
  options.commit_interval =
      std::chrono::milliseconds(std::atoi(Option(argc, argv, "commit-ms", "100").c_str()));
  options.inputs = {Option(argc, argv, "input")};
  const std::string output = Option(argc, argv, "output");
  if (Option(argc, argv, "kind") == "pass") {
    sidestream::bench::RunPassLoop(std::move(options), output);
  } else {
    options.inputs.push_back(Option(argc, argv, "repartition"));
    sidestream::bench::RunCountLoop(std::move(options), output, Option(argc, argv, "changelog"));
  }
  return 0;
}
