// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The riskiest spot of the engine as an experiment (issue 3): two members with a worker's queue
// each, rebalances without end, records produced all the while, and a ledger of offsets at the
// worker. No gap, none twice, with both strategies.
//
// SIDESTREAM_HANDOVER_ROUNDS sets the number of rebalances (20; the long form takes 200). Wants
// SIDESTREAM_TEST_BOOTSTRAP.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream {
namespace {

using kafka::AssignmentStrategy;

constexpr int32_t kPartitions = 6;
constexpr Milliseconds kPatience{20'000};
constexpr Milliseconds kProduceInterval{5};

template <typename T>
T ValueOf(Result<T> result) {
  CHECK(result.ok()) << result.status();
  return std::move(result).value();
}

int Rounds() {
  const char* text = std::getenv("SIDESTREAM_HANDOVER_ROUNDS");
  return text == nullptr ? 20 : std::atoi(text);
}

/// What any worker has read, partition by partition: the next offset that must come.
class Ledger {
 public:
  /// Where the next owner of `partition` starts.
  Offset next(const TopicPartition& partition) const {
    const auto found = next_.find(partition);
    return found == next_.end() ? Offset(0) : found->second;
  }
  void Take(const TopicPartition& partition, Offset offset) {
    Offset& next = next_.emplace(partition, Offset(0)).first->second;
    if (offset > next) ++gaps_;
    if (offset < next) ++repeats_;
    next = offset + 1;
    ++records_;
  }
  int64_t gaps() const { return gaps_; }
  int64_t repeats() const { return repeats_; }
  int64_t records() const { return records_; }

 private:
  std::map<TopicPartition, Offset> next_;
  int64_t gaps_ = 0;
  int64_t repeats_ = 0;
  int64_t records_ = 0;
};

/// A member and its one worker, on the test's thread.
class Member {
 public:
  Member(kafka::Cluster& cluster, Ledger& ledger, const std::string& group,
         AssignmentStrategy strategy)
      : ledger_(ledger),
        consumer_(ValueOf(cluster.NewConsumer({.group = group,
                                               .client_id = "handover",
                                               .strategy = strategy,
                                               .session_timeout = Milliseconds(6'000),
                                               .heartbeat_interval = Milliseconds(100)}))),
        queue_(consumer_->NewQueue()) {}

  void Subscribe(const std::vector<std::string>& topics) {
    const Status status = consumer_->Subscribe(topics);
    CHECK(status.ok()) << status;
  }

  void Step() {
    if (auto event = consumer_->Poll(Milliseconds(0))) {
      std::visit([&](auto& e) { On(e); }, *event);
    }
    Drain();
  }

  size_t held() const { return held_.size(); }
  const std::vector<Status>& errors() const { return errors_; }

 private:
  void Drain() {
    for (const auto& chunk : queue_->Poll(200, Milliseconds(0))) {
      // A chunk of a partition that was taken away would be a record that is read twice.
      if (!held_.contains(chunk->partition())) errors_.push_back(Status::Fatal("a stale chunk"));
      for (const kafka::Record& record : chunk->records()) {
        ledger_.Take(chunk->partition(), record.offset);
      }
    }
  }

  void On(const kafka::Assigned& event) {
    std::vector<kafka::PartitionOffset> positions;
    for (const TopicPartition& partition : event.partitions) {
      held_.insert(partition);
      positions.push_back({partition, ledger_.next(partition)});
    }
    Note(consumer_->CompleteAssign(positions));
    if (!positions.empty()) consumer_->StartSeek(positions);
  }
  void On(const kafka::Revoking& event) {
    Drain();
    for (const TopicPartition& partition : event.partitions) held_.erase(partition);
    if (event.lost) errors_.push_back(Status::Fatal("the assignment was lost"));
    Note(consumer_->CompleteRevoke(event.partitions));
  }
  void On(const kafka::SeekDone& event) {
    Note(event.status);
    for (const TopicPartition& partition : event.partitions) {
      Note(consumer_->Forward(partition, *queue_));
    }
    Note(consumer_->Resume(event.partitions));
  }
  void On(const kafka::CommitDone& event) { Note(event.status); }
  void On(const kafka::ConsumerError& event) { Note(event.status); }
  void Note(const Status& status) {
    if (!status.ok() && status.code() != StatusCode::kUnavailable) errors_.push_back(status);
  }

  Ledger& ledger_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<kafka::FetchQueue> queue_;
  std::set<TopicPartition> held_;
  std::vector<Status> errors_;
};

class HandoverTest : public testing::TestWithParam<AssignmentStrategy> {
 protected:
  HandoverTest() {
    const char* bootstrap = std::getenv("SIDESTREAM_TEST_BOOTSTRAP");
    CHECK(bootstrap != nullptr) << "SIDESTREAM_TEST_BOOTSTRAP is not set: scripts/broker.sh";
    cluster_ = ValueOf(kafka::NewRdkafkaCluster({.common = {{"bootstrap.servers", bootstrap}}}));
    const std::string run = std::to_string(clock_.WallTime().value());
    topic_ = "handover-" + run;
    away_ = "handover-away-" + run;
    group_ = "handover-group-" + run;
    admin_ = ValueOf(cluster_->NewAdmin("handover"));
    auto created = admin_->CreateTopics({{.name = topic_, .partitions = kPartitions},
                                         {.name = away_, .partitions = 1}});
    CHECK(Until([&] {
      const auto answer = created->Poll();
      return answer && answer->ok();
    })) << "topics were not created";
    producer_ = ValueOf(cluster_->NewProducer({.client_id = "handover"}));
    handle_ = producer_->RegisterTopic(topic_);
    producer_->StartInit();
    CHECK(Until([&] {
      const auto answer = producer_->Poll(Milliseconds(0));
      if (answer && !answer->ok()) producer_->StartInit();
      return answer && answer->ok();
    })) << "the producer does not start";
  }

  bool Until(const std::function<bool()>& done) {
    const MonotonicTime deadline = clock_.Now() + kPatience;
    while (!done()) {
      if (clock_.Now() >= deadline) return false;
      std::this_thread::sleep_for(Milliseconds(1));  // a real cluster has no virtual clock
    }
    return true;
  }

  // A record for each partition every few milliseconds, so that each hand-over meets some.
  void ProduceSome() {
    producer_->Poll(Milliseconds(0));
    if (clock_.Now() < next_produce_) return;
    next_produce_ = clock_.Now() + kProduceInterval;
    for (Partition p = 0; p < kPartitions; ++p) {
      const Status status =
          producer_->Produce({.topic = handle_, .partition = p, .key = "k", .value = "v"});
      CHECK(status.ok()) << status;
      ++produced_;
    }
  }

  SystemClock clock_;
  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Admin> admin_;
  std::unique_ptr<kafka::Producer> producer_;
  kafka::TopicHandle handle_;
  std::string topic_;
  std::string away_;
  std::string group_;
  MonotonicTime next_produce_;
  int64_t produced_ = 0;
};

TEST_P(HandoverTest, LeavesNoGapAndRepeatsNothing) {
  Ledger ledger;
  Member stays(*cluster_, ledger, group_, GetParam());
  Member moves(*cluster_, ledger, group_, GetParam());
  stays.Subscribe({topic_});
  const auto step = [&](const std::function<bool()>& done) {
    return Until([&] {
      ProduceSome();
      stays.Step();
      moves.Step();
      return done();
    });
  };
  ASSERT_TRUE(step([&] { return stays.held() == kPartitions; }));
  for (int round = 0; round < Rounds(); ++round) {
    // Leaving and coming back by subscription: the connection, the hard part for the library's
    // partition objects, stays.
    const bool joins = round % 2 == 0;
    moves.Subscribe({joins ? topic_ : away_});
    const size_t wanted = joins ? kPartitions / 2 : kPartitions;
    const int64_t before = ledger.records();
    ASSERT_TRUE(step([&] { return stays.held() == wanted && ledger.records() > before; }))
        << "round " << round << ": held " << stays.held() << " of " << wanted;
  }
  producer_->StartFlush();
  ASSERT_TRUE(Until([&] { return producer_->Poll(Milliseconds(0)).has_value(); }));
  ASSERT_FALSE(producer_->first_failure().has_value()) << producer_->first_failure()->status;
  EXPECT_TRUE(Until([&] {
    stays.Step();
    moves.Step();
    return ledger.records() >= produced_;
  })) << "silent: read "
      << ledger.records() << " of " << produced_;
  EXPECT_EQ(ledger.gaps(), 0);
  EXPECT_EQ(ledger.repeats(), 0);
  EXPECT_EQ(ledger.records(), produced_);
  for (const Member* member : {&stays, &moves}) {
    for (const Status& error : member->errors()) ADD_FAILURE() << error;
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, HandoverTest,
                         testing::Values(AssignmentStrategy::kCooperativeSticky,
                                         AssignmentStrategy::kRange),
                         [](const auto& param_info) {
                           return param_info.param == AssignmentStrategy::kRange ? "Range"
                                                                               : "Cooperative";
                         });

}  // namespace
}  // namespace sidestream
