// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// How long records wait while instances come and go: writes a record with its time into every
// partition of one topic every few milliseconds, reads them (read_committed) from another, and
// tells how long each was on its way.
//
//   pause_bench BOOTSTRAP INPUT OUTPUT SECONDS [FILL]
//
// Sends FILL other records first and waits until they came out: state. Prints "measuring", then
// records are on their way; at the end one line with the quantiles, the longest way, and for how
// long nothing came out.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream {
namespace {

constexpr Milliseconds kEvery{5};
constexpr Milliseconds kDrain{60'000};
constexpr Milliseconds kFillLimit{300'000};
constexpr char kFillKey = 'f';

template <typename T>
T Await(std::unique_ptr<kafka::Pending<T>> pending) {
  for (;;) {
    if (auto answer = pending->Poll()) {
      CHECK(answer->ok()) << answer->status();
      return std::move(*answer).value();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Time on the way of every record that came out, in microseconds.
class Ways {
 public:
  void Take(int64_t sent) {
    const int64_t now = Now();
    ways_.push_back(now - sent);
    if (last_ != 0) silence_ = std::max(silence_, now - last_);
    last_ = now;
  }
  size_t count() const { return ways_.size(); }
  void Print(int64_t sent) {
    std::sort(ways_.begin(), ways_.end());
    const auto at = [this](double part) {
      const auto index = static_cast<size_t>(part * static_cast<double>(ways_.size() - 1));
      return static_cast<double>(ways_[index]) / 1000;
    };
    fmt::print(
        "sent={} received={} p50_ms={:.0f} p99_ms={:.0f} p999_ms={:.0f} max_ms={:.0f} "
        "longest_silence_ms={:.0f}\n",
        sent, ways_.size(), at(0.5), at(0.99), at(0.999), at(1),
        static_cast<double>(silence_) / 1000);
  }

 private:
  std::vector<int64_t> ways_;
  int64_t last_ = 0;
  int64_t silence_ = 0;
};

class Run {
 public:
  Run(kafka::Cluster& cluster, std::string input, const std::string& output)
      : input_(std::move(input)),
        producer_(cluster.NewProducer({.client_id = "pause"}).value()),
        reader_(cluster.NewLogReader("pause").value()),
        topic_(producer_->RegisterTopic(input_)) {
    const auto admin = cluster.NewAdmin("pause").value();
    const auto topics = Await(admin->DescribeTopics({input_, output}));
    CHECK(topics[0].exists && topics[1].exists);
    partitions_ = topics[0].partitions;
    std::vector<TopicPartition> outputs;
    for (Partition p = 0; p < topics[1].partitions; ++p) outputs.push_back({output, p});
    for (const auto& end : Await(admin->ListOffsets(outputs, kafka::OffsetSpec::kLatest,
                                                    kafka::IsolationLevel::kReadUncommitted))) {
      CHECK(reader_->Assign(end).ok());
    }
    producer_->StartInit();
    while (!producer_->Poll(Milliseconds(100))) {
    }
  }

  bool Fill(int64_t records) {
    const int64_t end = Now() + std::chrono::microseconds(kFillLimit).count();
    for (int64_t sent = 0; (sent < records || filled_ < records) && Now() < end;) {
      for (int i = 0; i < 1'000 && sent < records; ++i) {
        const std::string key = fmt::format("{}{}", kFillKey, sent);
        const auto partition = static_cast<Partition>(sent % partitions_);
        if (!producer_
                 ->Produce({.topic = topic_, .partition = partition, .key = key, .value = "{}"})
                 .ok()) {
          break;
        }
        ++sent;
      }
      producer_->Poll(Milliseconds(0));
      Receive(Milliseconds(1));
    }
    return filled_ >= records;
  }

  int Go(std::chrono::seconds time) {
    fmt::print("measuring\n");
    std::fflush(stdout);
    const int64_t end = Now() + std::chrono::microseconds(time).count();
    int64_t next = Now();
    while (Now() < end) {
      if (Now() >= next) {
        next += std::chrono::microseconds(kEvery).count();
        for (Partition p = 0; p < partitions_; ++p) Send(p);
      }
      producer_->Poll(Milliseconds(0));
      Receive(Milliseconds(1));
    }
    const int64_t give_up = Now() + std::chrono::microseconds(kDrain).count();
    while (static_cast<int64_t>(ways_.count()) < sent_ && Now() < give_up) {
      producer_->Poll(Milliseconds(0));
      Receive(Milliseconds(10));
    }
    if (ways_.count() == 0) return 1;
    ways_.Print(sent_);
    return static_cast<int64_t>(ways_.count()) == sent_ ? 0 : 1;
  }

 private:
  void Send(Partition partition) {
    const std::string key = fmt::format("{}-{}", Now(), partition);
    const std::string value = fmt::format("{{\"sent\":{}}}", Now());
    const Status queued =
        producer_->Produce({.topic = topic_, .partition = partition, .key = key, .value = value});
    if (queued.ok()) ++sent_;
  }
  void Receive(Milliseconds wait) {
    const auto chunks = reader_->Poll(1'000, wait);
    if (!chunks.ok()) return;
    for (const auto& chunk : *chunks) {
      for (const kafka::Record& record : chunk->records()) {
        if (record.key->starts_with(kFillKey)) {
          ++filled_;
          continue;
        }
        // The key begins with the time too, and no step changes it.
        ways_.Take(std::strtoll(std::string(*record.key).c_str(), nullptr, 10));
      }
    }
  }

  const std::string input_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<kafka::LogReader> reader_;
  const kafka::TopicHandle topic_;
  int32_t partitions_ = 0;
  int64_t filled_ = 0;
  int64_t sent_ = 0;
  Ways ways_;
};

}  // namespace
}  // namespace sidestream

int main(int argc, char** argv) {
  using namespace sidestream;  // NOLINT(google-build-using-namespace)
  if (argc != 5 && argc != 6) {
    fmt::print(stderr, "pause_bench BOOTSTRAP INPUT OUTPUT SECONDS [FILL]\n");
    return 2;
  }
  const auto cluster = kafka::NewRdkafkaCluster(
      {.common = {{"bootstrap.servers", argv[1]}}, .producer = {{"linger.ms", "0"}}});
  CHECK(cluster.ok()) << cluster.status();
  Run run(**cluster, argv[2], argv[3]);
  if (argc == 6 && !run.Fill(std::atoll(argv[5]))) {
    fmt::print(stderr, "the first records did not come out\n");
    return 1;
  }
  return run.Go(std::chrono::seconds(std::atoi(argv[4])));
}
