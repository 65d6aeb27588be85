// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Nexmark's events as lines of JSON, in the form that `sidestream run --embedded` reads: try a
// query of tests/topologies/nexmark without Kafka. Into a topic: feed_bench --format
// bid|auction|person.
//
//   nexmark_bench --stream bid|auction|person --events 10000 [--seed 0] [--step-us 100] [--group 1]

#include "tests/support/nexmark.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <variant>

namespace sidestream::nexmark {
namespace {

std::string Option(int argc, char** argv, const char* name, const char* fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return fallback;
}

template <typename Kind>
void Print(const Event& event, int64_t Kind::*key) {
  const Kind* wanted = std::get_if<Kind>(&event);
  if (wanted == nullptr) return;
  std::printf("{\"key\":%lld,\"value\":%s,\"timestamp\":%lld}\n",
              static_cast<long long>(wanted->*key), JsonOf(*wanted).c_str(),
              static_cast<long long>(wanted->date_time));
}

int Main(int argc, char** argv) {
  const auto number = [&](const char* name, const char* fallback) {
    return std::strtoull(Option(argc, argv, name, fallback).c_str(), nullptr, 10);
  };
  const std::string stream = Option(argc, argv, "--stream", "bid");
  if (stream != "bid" && stream != "auction" && stream != "person") {
    std::fprintf(stderr, "there is no stream %s\n", stream.c_str());
    return 2;
  }
  Options options;
  options.seed = number("--seed", "0");
  options.step_microseconds = static_cast<int64_t>(number("--step-us", "100"));
  options.group = number("--group", "1");
  if (options.group == 0) {
    std::fprintf(stderr, "a group has at least one event\n");
    return 2;
  }
  const Generator generator(options);
  const uint64_t events = number("--events", "10000");
  for (uint64_t i = 0; i < events; ++i) {
    const Event event = generator.At(i);
    if (stream == "bid") Print(event, &Bid::auction);
    if (stream == "auction") Print(event, &Auction::id);
    if (stream == "person") Print(event, &Person::id);
  }
  return 0;
}

}  // namespace
}  // namespace sidestream::nexmark

int main(int argc, char** argv) { return sidestream::nexmark::Main(argc, argv); }
