// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the program itself does with a record, without Kafka: from the bytes of a bid to the bytes
// of the result, nanoseconds per record. run.sh says what all of it costs; this says where.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/loop/generator.h"
#include "operators/plan_program.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::bench {
namespace {

constexpr size_t kBids = 1'000;

/// Takes what comes and keeps nothing.
class Drain final : public operators::ProcessorContext {
 public:
  statestore::KeyValueStore& Store(size_t) override { std::abort(); }
  Status Produce(const operators::OutputRecord& record) override {
    benchmark::DoNotOptimize(record);
    return Status::Ok();
  }
  Timestamp WallTime() const override { return Timestamp(1); }
  uint64_t RandomBits() override { return 7; }
  void CountDropped(std::string_view step, std::string_view) override {
    benchmark::DoNotOptimize(step);
  }
  void CountDeadLetter(std::string_view, std::string_view) override { std::abort(); }
};

std::unique_ptr<operators::PlanProgram> NewProgram(const std::string& step) {
  const std::string text =
      "version: 1\napplication: { id: bench }\nstreams:\n"
      "  in: { topic: in, key: bytes, value: json }\n"
      "  out: { topic: out, key: bytes, value: json }\n"
      "pipelines:\n  p:\n    from: in\n    steps:\n      - " +
      step + "\n    to: out\n";
  const topology::ProcessSurroundings surroundings;
  const topology::LoadedTopology loaded =
      topology::LoadTopologyTexts({{"bench.yaml", text}}, surroundings);
  topology::PlanResult plan =
      topology::BuildPlan(loaded.model, loaded.files, {{"in", 1}, {"out", 1}});
  if (plan.plan == nullptr) {
    std::fputs(topology::Render(plan.findings).c_str(), stderr);
    std::exit(1);
  }
  return std::move(*operators::PlanProgram::Create(std::move(plan.plan), 0));
}

void Run(benchmark::State& state, const std::string& step) {
  const std::unique_ptr<operators::PlanProgram> program = NewProgram(step);
  std::vector<std::pair<std::string, std::string>> bids;
  for (uint64_t i = 0; i < kBids; ++i) {
    const Bid bid = BidOf(i);
    bids.emplace_back(KeyOf(bid), BidJsonOf(bid));
  }
  Drain context;
  operators::InputRecord record;
  record.topic = "in";
  record.timestamp = Timestamp(1'700'000'000'000);
  int64_t offset = 0;
  for (auto _ : state) {
    const auto& [key, value] = bids[static_cast<size_t>(offset) % kBids];
    record.key = key;
    record.value = value;
    record.offset = Offset(offset++);
    // As a task does it.
    if (!program->EventTime(0, record).ok()) std::abort();
    if (!program->Process(0, record, context).ok()) std::abort();
  }
}

BENCHMARK_CAPTURE(Run, filter, "filter: value.auction % 123 == 0");
BENCHMARK_CAPTURE(Run, filter_last, "filter: value.extra == ''");
BENCHMARK_CAPTURE(Run, project,
                  "map: { auction: value.auction, bidder: value.bidder, price: value.price, "
                  "channel: value.channel, date_time: value.date_time }");
BENCHMARK_CAPTURE(Run, compute,
                  "map: { auction: value.auction, bidder: value.bidder, cents: value.price * 100, "
                  "channel: value.channel.upperAscii(), date_time: value.date_time / 1000 }");
BENCHMARK_CAPTURE(Run, set, "set: { price: value.price * 100 }");

}  // namespace
}  // namespace sidestream::bench
