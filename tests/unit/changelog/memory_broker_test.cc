// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The whole way of a row on the in-process broker: overlay, changelog, Kafka commit, apply, crash,
// replay. The oracle is a map of what was committed on Kafka.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "changelog/changelog_writer.h"
#include "changelog/store_restorer.h"
#include "kafka/memory/memory_cluster.h"
#include "statestore/memory_task_state.h"

namespace sidestream::changelog {
namespace {

using Rows = std::map<std::string, std::string>;

const TaskId kTask{"orders", 1};
const TopicPartition kChangelog{"shop-counts-changelog", 1};

class ProducerSink final : public kafka::RecordSink {
 public:
  explicit ProducerSink(kafka::Producer& producer) : producer_(producer) {}
  Status ProduceInternal(kafka::SinkTopic topic, Partition partition,
                         std::optional<std::string_view> key,
                         std::optional<std::string_view> value) override {
    return producer_.Produce(
        {.topic = {.index = topic}, .partition = partition, .key = key, .value = value});
  }

 private:
  kafka::Producer& producer_;
};

class MemoryBrokerTest : public ::testing::Test {
 protected:
  MemoryBrokerTest() {
    EXPECT_TRUE(broker_
                    .CreateTopic({.name = kChangelog.topic,
                                  .partitions = 2,
                                  .settings = {{"cleanup.policy", "compact"},
                                               {"segment.ms", "1000"},
                                               {"min.cleanable.dirty.ratio", "0.1"},
                                               {"delete.retention.ms", "60000"}}})
                    .ok());
    admin_ = std::move(cluster_->NewAdmin("restore")).value();
  }

  std::unique_ptr<kafka::Producer> NewProducer(const std::string& id) {
    auto producer = std::move(cluster_->NewProducer({.client_id = id,
                                                     .transactional_id = id,
                                                     .transaction_timeout = Milliseconds(10'000)}))
                        .value();
    topic_ = producer->RegisterTopic(kChangelog.topic);
    producer->StartInit();
    Await(*producer);
    return producer;
  }
  void Await(kafka::Producer& producer) {
    for (int i = 0; i < 2000; ++i) {
      if (const auto done = producer.Poll(Milliseconds(0))) {
        ASSERT_TRUE(done->ok()) << *done;
        return;
      }
      clock_.Advance(Milliseconds(5));
    }
    FAIL() << "the producer did not answer";
  }
  /// Opens the task's state and replays; a new reader each time, as after a restart.
  RestoreOutcome OpenAndRestore() {
    state_ = std::move(disk_.Open(kTask, stores_)).value();
    const auto reader = std::move(cluster_->NewLogReader("restore")).value();
    StoreRestorer restorer(*admin_, *reader, clock_, {.batch_records_max = 3});
    restorer.Register(kTask, *state_);
    started_at_ = clock_.Now();
    for (int i = 0; i < 20'000; ++i) {
      clock_.Advance(Milliseconds(5));
      const auto outcomes = restorer.Step(clock_.Now());
      if (!outcomes.empty()) return outcomes[0];
    }
    ADD_FAILURE() << "the restore did not end";
    return {};
  }
  /// Lets time pass at the broker.
  void Pass(Milliseconds time) {
    for (const MonotonicTime end = clock_.Now() + time; clock_.Now() < end;) {
      clock_.Advance(Milliseconds(100));
      broker_.Step();
    }
  }
  /// One committed transaction of `changes`, applied to the open state.
  void CommitChanges(kafka::Producer& producer,
                     const std::map<std::string, std::optional<std::string>>& changes) {
    const CommitSequence sequence = state_->sequence() + 1;
    for (const auto& [key, value] : changes) {
      if (value) {
        state_->store(0).Put(key, *value);
      } else {
        state_->store(0).Delete(key);
      }
    }
    ASSERT_TRUE(producer.Begin().ok());
    ProducerSink sink(producer);
    ASSERT_TRUE(
        writer_.WriteChanges(*state_, kTask.partition, sequence, {topic_.index}, sink).ok());
    producer.StartFlush();
    Await(producer);
    producer.StartCommit();
    Await(producer);
    ASSERT_TRUE(
        state_
            ->Apply({.sequence = sequence,
                     .changelog_positions = {producer.DeliveredEnd(topic_, kTask.partition)}})
            .ok());
  }
  size_t ChangelogRecords() {
    size_t records = 0;
    for (const auto& record : broker_.ReadCommitted(kChangelog)) records += record.key ? 1 : 0;
    return records;
  }
  Rows Scan() {
    Rows rows;
    EXPECT_TRUE(state_
                    ->Scan(0, [&](std::string_view key,
                                  std::string_view value) { rows.emplace(key, value); })
                    .ok());
    return rows;
  }

  ManualClock clock_;
  kafka::memory::Broker broker_{clock_, {.cleaner_backoff = Milliseconds(500)}};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  std::unique_ptr<kafka::Admin> admin_;
  const std::vector<statestore::StoreSpec> stores_ = {
      {.name = "counts", .changelog_topic = kChangelog.topic, .fingerprint = 1}};
  statestore::MemoryTaskStateFactory disk_{{.application = "shop", .cache_bytes = 4096}};
  std::unique_ptr<statestore::TaskState> state_;
  kafka::TopicHandle topic_;
  ChangelogWriter writer_;
  MonotonicTime started_at_;
  // What the seeds before this one have committed: they share the log and the disk.
  Rows last_;
};

TEST_F(MemoryBrokerTest, TheStoreIsTheCommittedLogAfterEveryCrash) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Rows committed = last_;
    auto producer = NewProducer("worker");
    ASSERT_TRUE(OpenAndRestore().status.ok());
    ASSERT_EQ(Scan(), committed);
    for (int step = 0; step < 60 && !HasFatalFailure(); ++step) {
      const CommitSequence sequence = state_->sequence() + 1;
      std::map<std::string, std::optional<std::string>> open;
      for (int64_t n = random.Below(6); n >= 0; --n) {
        const std::string key = "k" + std::to_string(random.Below(20));
        if (random.OneIn(4)) {
          state_->store(0).Delete(key);
          open[key] = std::nullopt;
        } else {
          const std::string value = std::to_string(random.Next());
          state_->store(0).Put(key, value);
          open[key] = value;
        }
      }
      ASSERT_TRUE(producer->Begin().ok());
      ProducerSink sink(*producer);
      ASSERT_TRUE(
          writer_.WriteChanges(*state_, kTask.partition, sequence, {topic_.index}, sink).ok());
      producer->StartFlush();
      Await(*producer);
      const bool abort = random.OneIn(4);
      if (abort) {
        producer->StartAbort();
        Await(*producer);
        state_->Rollback();
      } else {
        producer->StartCommit();
        Await(*producer);
        for (const auto& [key, value] : open) {
          if (value) {
            committed[key] = *value;
          } else {
            committed.erase(key);
          }
        }
      }
      const bool before_apply = random.OneIn(6);
      if (!abort && !before_apply) {
        ASSERT_TRUE(
            state_
                ->Apply({.sequence = sequence,
                         .changelog_positions = {producer->DeliveredEnd(topic_, kTask.partition)}})
                .ok());
      }
      if (random.OneIn(8)) {
        ASSERT_TRUE(state_->Flush(clock_.WallTime()).ok());
      }
      if (before_apply || random.OneIn(6)) {
        state_.reset();
        disk_.Crash(&random);
        producer = NewProducer("worker");
        const RestoreOutcome outcome = OpenAndRestore();
        ASSERT_TRUE(outcome.status.ok()) << outcome.status;
        EXPECT_LE(outcome.highest_sequence, sequence);
      }
      ASSERT_EQ(Scan(), committed) << "step " << step;
    }
    ASSERT_TRUE(state_->Close(false, clock_.WallTime()).ok());
    state_.reset();
    last_ = committed;
  }
}

// R8. The task moves away and its directory stays behind; the new owner deletes a row, and the
// cleaner takes the delete out before the task comes back.
TEST_F(MemoryBrokerTest, ADirectoryOlderThanTheDeletesIsRestoredInFull) {
  const auto producer = NewProducer("worker");
  ASSERT_TRUE(OpenAndRestore().status.ok());
  CommitChanges(*producer, {{"deleted", "1"}, {"kept", "1"}});
  ASSERT_TRUE(state_->Close(/*dirty=*/false, clock_.WallTime()).ok());

  statestore::MemoryTaskStateFactory elsewhere{{.application = "shop"}};
  state_ = std::move(elsewhere.Open(kTask, stores_)).value();
  CommitChanges(*producer, {{"deleted", std::nullopt}});
  for (int i = 0; i < 3; ++i) {
    Pass(Milliseconds(40'000));
    CommitChanges(*producer, {{"kept", std::to_string(i)}});
  }
  Pass(Milliseconds(2'000));
  for (const auto& record : broker_.ReadCommitted(kChangelog)) {
    ASSERT_NE(record.key, "deleted") << "the cleaner did not take the delete out";
  }

  const RestoreOutcome outcome = OpenAndRestore();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.full_restores, 1);
  EXPECT_EQ(Scan(), (Rows{{"kept", "2"}}));
}

TEST_F(MemoryBrokerTest, AYoungDirectoryReadsTheTailOfACompactedLog) {
  const auto producer = NewProducer("worker");
  ASSERT_TRUE(OpenAndRestore().status.ok());
  CommitChanges(*producer, {{"deleted", "1"}, {"kept", "1"}});
  ASSERT_TRUE(state_->Close(/*dirty=*/false, clock_.WallTime()).ok());

  statestore::MemoryTaskStateFactory elsewhere{{.application = "shop"}};
  state_ = std::move(elsewhere.Open(kTask, stores_)).value();
  CommitChanges(*producer, {{"deleted", std::nullopt}, {"kept", "2"}});
  const size_t before = ChangelogRecords();
  for (int i = 0; i < 3; ++i) {
    Pass(Milliseconds(2'000));
    CommitChanges(*producer, {{"kept", "3"}});
  }
  Pass(Milliseconds(2'000));
  ASSERT_LT(ChangelogRecords(), before + 3) << "the cleaner did nothing";

  const RestoreOutcome outcome = OpenAndRestore();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.full_restores, 0);
  EXPECT_EQ(Scan(), (Rows{{"kept", "3"}}));
}

// A hung predecessor of another slot holds a transaction open in front of our committed record.
TEST_F(MemoryBrokerTest, WaitsForAnOpenTransactionInFrontOfACommittedRecord) {
  const auto zombie = NewProducer("zombie");
  ASSERT_TRUE(zombie->Begin().ok());
  ASSERT_TRUE(zombie->Produce({.topic = topic_, .partition = 1, .key = "z", .value = "?"}).ok());
  zombie->StartFlush();
  Await(*zombie);
  const auto producer = NewProducer("worker");
  state_ = std::move(disk_.Open(kTask, stores_)).value();
  state_->store(0).Put("a", "1");
  ASSERT_TRUE(producer->Begin().ok());
  ProducerSink sink(*producer);
  ASSERT_TRUE(writer_.WriteChanges(*state_, 1, CommitSequence(1), {topic_.index}, sink).ok());
  producer->StartFlush();
  Await(*producer);
  producer->StartCommit();
  Await(*producer);
  state_.reset();
  disk_.Crash();
  const RestoreOutcome outcome = OpenAndRestore();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_GT(clock_.Now() - started_at_, Milliseconds(5'000)) << "the transaction had to time out";
  EXPECT_EQ(Scan(), (Rows{{"a", "1"}}));
  EXPECT_EQ(state_->position(0).changelog_id.known(), true);
}

}  // namespace
}  // namespace sidestream::changelog
