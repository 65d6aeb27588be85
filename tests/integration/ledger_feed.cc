// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/ledger_feed.h"

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "kafka/partitioner.h"
#include "tests/integration/ledger_entry.h"

namespace sidestream::integration {
namespace {

// Longer than any fault that a cluster goes through meanwhile.
constexpr Milliseconds kPatience{900'000};
constexpr Milliseconds kBeat{20};

void Finish(kafka::Producer& producer, const Clock& clock, const char* what) {
  const MonotonicTime deadline = clock.Now() + kPatience;
  std::optional<Status> status;
  while (!(status = producer.Poll(kBeat))) {
    CHECK(clock.Now() < deadline) << what << " takes too long";
  }
  CHECK(status->ok()) << what << ": " << *status;
}

}  // namespace

void FeedLedger(ClusterView& view, const std::string& application, uint64_t records,
                uint64_t per_second) {
  const SystemClock clock;
  const LedgerTopics topics(application);
  const int32_t partitions = view.Partitions(topics.ids);
  CHECK(partitions > 0) << "there is no topic " << topics.ids;
  auto made = view.cluster().NewProducer({.client_id = "ledger-feed"});
  CHECK(made.ok()) << made.status();
  kafka::Producer& producer = **made;
  const kafka::TopicHandle topic = producer.RegisterTopic(topics.ids);
  producer.StartInit();
  Finish(producer, clock, "the start of the feeder");
  const Status begun = producer.Begin();
  CHECK(begun.ok()) << begun;

  const MonotonicTime start = clock.Now();
  uint64_t sent = 0;
  while (sent < records) {
    const auto elapsed = std::chrono::duration_cast<Milliseconds>(clock.Now() - start).count();
    const uint64_t due =
        per_second == 0 ? records
                        : std::min(records, static_cast<uint64_t>(elapsed) * per_second / 1000 + 1);
    Status status;
    while (sent < due && status.ok()) {
      const std::string key = LedgerKey(sent);
      const std::string value = LedgerValue(sent);
      status = producer.Produce({.topic = topic,
                                 .partition = kafka::PartitionOf(key, partitions),
                                 .key = key,
                                 .value = value});
      if (status.ok()) ++sent;
    }
    CHECK(status.ok() || status.code() == StatusCode::kUnavailable) << status;
    // No operation is under way, so this only serves the client until the next beat.
    (void)producer.Poll(kBeat);
    CHECK(!producer.first_failure()) << producer.first_failure()->status;
  }
  producer.StartFlush();
  Finish(producer, clock, "the last flush of the feeder");
  CHECK(!producer.first_failure()) << producer.first_failure()->status;
}

}  // namespace sidestream::integration
