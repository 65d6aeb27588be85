// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/dedup_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

#include "tests/integration/awaited.h"

namespace sidestream::integration {
namespace {

constexpr Milliseconds kReadLimit{120'000};
constexpr Milliseconds kLook{100};

}  // namespace

DedupApplication::DedupApplication(const std::string& name, const Options& options)
    : name_(name), partitions_(options.partitions), variables_(options.variables) {
  edit_.CreateTopic(in_, partitions_);
  edit_.CreateTopic(out_, partitions_);
  const std::string checkpoint =
      options.location.empty() ? ""
                               : fmt::format("checkpoint: {{ location: '{}' }}", options.location);
  std::ofstream(directory_.path() / "topology.yaml") << fmt::format(
      R"(version: 1
application:
  id: {0}
  state: {{ dir: "${{env:STATE}}", memory: 64MiB, standby_replicas: {2} }}
kafka:
  bootstrap.servers: {1}
  consumer: {{ session.timeout.ms: 6000, heartbeat.interval.ms: 500 }}
http: {{ address: 127.0.0.1, port: 0 }}
{3}
streams:
  in: {{ topic: {0}-in, key: string, value: json }}
  out: {{ topic: {0}-out, key: string, value: json }}
pipelines:
  first:
    from: in
    steps:
      - name: seen
        dedup: {{ ttl: 1h }}
    to: out
)",
      name_, bootstrap_, options.standby_replicas, checkpoint);
}

Command DedupApplication::Program(const Command& verb, const Command& options) const {
  Command command{program_};
  command.insert(command.end(), verb.begin(), verb.end());
  command.insert(command.end(), {"-f", directory_.path() / "topology.yaml"});
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

Variables DedupApplication::VariablesOf(const std::string& instance) const {
  Variables variables = variables_;
  variables["STATE"] = directory_.path() / instance;
  return variables;
}

std::unique_ptr<BackgroundProgram> DedupApplication::Start(const std::string& instance) {
  return std::make_unique<BackgroundProgram>(Program({"run"}, {"--log-format", "text"}),
                                             VariablesOf(instance),
                                             directory_.path() / (instance + ".log"));
}

ToolResult DedupApplication::Run(const Command& verb, const Command& options) {
  return RunTool(With(VariablesOf("tool"), Program(verb, options)));
}

void DedupApplication::Feed(int64_t from, int64_t to) {
  std::vector<FedRecord> records;
  for (int64_t i = from; i < to; ++i) {
    records.push_back({.key = "key-" + std::to_string(i),
                       .value = "{}",
                       .partition = static_cast<Partition>(i % partitions_)});
  }
  edit_.Feed(in_, records);
}

bool DedupApplication::AwaitAllRead() {
  const auto all_read = [&] {
    const auto lags = view_.Lags(name_, in_);
    return std::ranges::all_of(lags, &PartitionLag::done);
  };
  return Until(all_read, kReadLimit, kLook);
}

int64_t DedupApplication::CountOut() {
  int64_t out = 0;
  view_.ReadStable(out_, [&](const TopicPartition&, const kafka::Record&) { ++out; });
  return out;
}

std::vector<std::string> Found(const BackgroundProgram& program, const std::string& pattern) {
  const std::string log = ReadText(program.log());
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(log.begin(), log.end(), regex), end; match != end; ++match) {
    found.push_back((*match)[1]);
  }
  return found;
}

}  // namespace sidestream::integration
