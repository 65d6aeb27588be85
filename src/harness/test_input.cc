// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/test_input.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace sidestream::harness {
namespace {

/// The records of one stream that are still to go in.
struct Queue {
  std::vector<Turn> turns;
  size_t next = 0;
  bool empty() const { return next == turns.size(); }
};

std::vector<Queue> QueuesOf(const topology::Model& model, const topology::TestModel& test) {
  std::vector<Queue> queues;
  for (const auto& [name, records] : test.input) {
    Queue queue;
    Timestamp highest = ManualClock::kStart;
    for (const topology::TestInputRecord& record : records) {
      if (record.at) highest = std::max(highest, *record.at);
      queue.turns.push_back({highest, model.FindStream(name.text), &record});
    }
    queues.push_back(std::move(queue));
  }
  return queues;
}

}  // namespace

std::vector<Turn> TurnsOf(const topology::Model& model, const topology::TestModel& test,
                          std::optional<uint64_t> seed) {
  std::vector<Queue> queues = QueuesOf(model, test);
  Random random(seed.value_or(0));
  std::vector<Turn> turns;
  for (;;) {
    std::vector<Queue*> first;
    for (Queue& queue : queues) {
      if (queue.empty()) continue;
      const Timestamp when = queue.turns[queue.next].when;
      const bool earlier = first.empty() || when < first.front()->turns[first.front()->next].when;
      if (earlier) first.clear();
      if (earlier || when == first.front()->turns[first.front()->next].when) {
        first.push_back(&queue);
      }
    }
    if (first.empty()) return turns;
    const size_t choice =
        seed ? static_cast<size_t>(random.Below(static_cast<int64_t>(first.size()))) : 0;
    Queue& chosen = *first[choice];
    turns.push_back(chosen.turns[chosen.next++]);
  }
}

Result<FedRecord> RecordOf(const Turn& turn, const StreamCodec& codec) {
  const topology::TestInputRecord& record = *turn.record;
  FedRecord fed;
  fed.topic = turn.stream->topics.front().text;
  if (record.key) {
    ASSIGN_OR_RETURN(fed.key, codec.key.Encode(*record.key));
  }
  if (record.raw) {
    fed.value = record.raw;
  } else if (record.value) {
    ASSIGN_OR_RETURN(fed.value, codec.value.Encode(*record.value));
  }
  fed.timestamp = record.at;
  fed.partition = record.partition;
  for (const auto& [name, value] : record.headers) fed.headers.emplace_back(name, value);
  return fed;
}

}  // namespace sidestream::harness
