// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Verbs for the cases about producers, transactions and admin calls: each lets time pass
// until its step is done, and fails the case when that takes too long. Members of groups
// are those of case_driver.h.

#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/conformance/case_driver.h"
#include "tests/conformance/environment.h"

namespace sidestream::conformance {

inline constexpr Milliseconds kPatience{20'000};
/// How long one poll may wait on a real cluster.
inline constexpr Milliseconds kPollWait{10};

inline kafka::Cluster& TheCluster() { return TheEnvironment().cluster(); }

/// A new topic that is visible.
inline std::string MakeTopic(int32_t partitions = 1,
                             std::map<std::string, std::string> settings = {}) {
  return NewTopicNamed("topic", partitions, std::move(settings));
}

/// The status of the producer's running operation.
inline Status Finish(kafka::Producer& producer) {
  std::optional<Status> status;
  TheEnvironment().PumpUntil([&] { return (status = producer.Poll(kPollWait)).has_value(); },
                             kPatience);
  return status.value_or(Status::Fatal("operation did not end in time"));
}

/// Starts an operation, again while it answers kUnavailable.
template <typename Start>
Status Do(kafka::Producer& producer, Start start) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    start();
    const Status status = Finish(producer);
    if (status.code() != StatusCode::kUnavailable) return status;
  }
  return Status::Unavailable("an operation never succeeded");
}

inline Status Flush(kafka::Producer& p) {
  return Do(p, [&] { p.StartFlush(); });
}
inline Status Commit(kafka::Producer& p) {
  return Do(p, [&] { p.StartCommit(); });
}
inline Status Abort(kafka::Producer& p) {
  return Do(p, [&] { p.StartAbort(); });
}
inline Status SendOffsets(kafka::Producer& p, const std::vector<kafka::CommittedOffset>& offsets,
                          const std::shared_ptr<const kafka::GroupMetadata>& membership) {
  return Do(p, [&] { p.StartSendOffsets(offsets, membership, Milliseconds(8'000)); });
}

/// A producer that knows `topics` and is initialized. An empty id: idempotent only.
inline std::unique_ptr<kafka::Producer> MakeProducer(
    const std::string& transactional_id, const std::vector<std::string>& topics,
    Milliseconds transaction_timeout = Milliseconds(10'000)) {
  auto made = TheCluster().NewProducer({.client_id = TheEnvironment().UniqueName("producer"),
                                        .transactional_id = transactional_id,
                                        .transaction_timeout = transaction_timeout});
  if (!made.ok()) {
    ADD_FAILURE() << made.status();
    return nullptr;
  }
  auto producer = std::move(made).value();
  for (const std::string& topic : topics) producer->RegisterTopic(topic);
  const Status status = Do(*producer, [&] { producer->StartInit(); });
  EXPECT_TRUE(status.ok()) << status;
  return producer;
}

inline std::unique_ptr<kafka::Producer> MakeTransactionalProducer(
    const std::vector<std::string>& topics) {
  return MakeProducer(TheEnvironment().UniqueName("transactional"), topics);
}

/// Queues a record with this value; waits while the queue is full.
inline Status Put(kafka::Producer& producer, const std::string& topic, std::string_view value,
                  Partition partition = 0, std::optional<Timestamp> timestamp = std::nullopt) {
  const kafka::TopicHandle handle = producer.RegisterTopic(topic);
  Status status;
  TheEnvironment().PumpUntil(
      [&] {
        status = producer.Produce(
            {.topic = handle, .partition = partition, .value = value, .timestamp = timestamp});
        if (status.code() != StatusCode::kUnavailable) return true;
        producer.Poll(kPollWait);
        return false;
      },
      kPatience);
  return status;
}

/// One committed transaction with these values in partition 0.
inline void CommitValues(kafka::Producer& producer, const std::string& topic,
                         const std::vector<std::string>& values) {
  ASSERT_TRUE(producer.Begin().ok());
  for (const std::string& value : values) ASSERT_TRUE(Put(producer, topic, value).ok());
  const Status status = Commit(producer);
  ASSERT_TRUE(status.ok()) << status;
}

struct ReadRecord {
  Offset offset;
  Timestamp timestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

inline Offset ListOffset(const TopicPartition& partition, kafka::OffsetSpec spec,
                         kafka::IsolationLevel isolation) {
  auto listed = Await(TheAdmin().ListOffsets({partition}, spec, isolation));
  // A topic that was just made may not have settled its leader: the port says "ask again".
  for (int i = 0; i < 20 && listed.status().code() == StatusCode::kUnavailable; ++i) {
    listed = Await(TheAdmin().ListOffsets({partition}, spec, isolation));
  }
  EXPECT_TRUE(listed.ok()) << listed.status();
  return listed.ok() ? listed->front().offset : Offset(-1);
}
inline Offset LogEnd(const TopicPartition& partition) {
  return ListOffset(partition, kafka::OffsetSpec::kLatest, kafka::IsolationLevel::kReadUncommitted);
}
inline Offset LastStable(const TopicPartition& partition) {
  return ListOffset(partition, kafka::OffsetSpec::kLatest, kafka::IsolationLevel::kReadCommitted);
}
inline Offset LogStart(const TopicPartition& partition) {
  return ListOffset(partition, kafka::OffsetSpec::kEarliest,
                    kafka::IsolationLevel::kReadUncommitted);
}

/// Reads on with `reader` until its position reaches `end`.
inline std::vector<ReadRecord> ReadTo(kafka::LogReader& reader, const TopicPartition& partition,
                                      Offset end) {
  std::vector<ReadRecord> records;
  const auto step = [&] {
    const auto chunks = reader.Poll(1'000, kPollWait);
    if (!chunks.ok()) {
      EXPECT_EQ(chunks.status().code(), StatusCode::kUnavailable) << chunks.status();
      return false;
    }
    for (const auto& chunk : *chunks) {
      for (size_t i = 0; i < chunk->records().size(); ++i) {
        const kafka::Record& record = chunk->records()[i];
        ReadRecord read{.offset = record.offset, .timestamp = record.timestamp};
        if (record.key) read.key = std::string(*record.key);
        if (record.value) read.value = std::string(*record.value);
        for (const kafka::Header& header : chunk->Headers(i)) {
          read.headers.emplace_back(
              header.name,
              header.value ? std::optional<std::string>(std::string(*header.value)) : std::nullopt);
        }
        records.push_back(std::move(read));
      }
    }
    return reader.Position(partition).value_or(Offset(-1)) >= end;
  };
  EXPECT_TRUE(TheEnvironment().PumpUntil(step, kPatience)) << partition << " up to " << end;
  return records;
}

/// All that a read_committed reader can read now.
inline std::vector<ReadRecord> ReadAll(const TopicPartition& partition) {
  auto reader = TheCluster().NewLogReader(TheEnvironment().UniqueName("reader")).value();
  EXPECT_TRUE(reader->Assign({partition, LogStart(partition)}).ok());
  return ReadTo(*reader, partition, LastStable(partition));
}

/// Waits until all of the log is stable: the markers of what was ended are written.
inline void AwaitStable(const TopicPartition& partition) {
  while (LastStable(partition) != LogEnd(partition)) {
    TheEnvironment().PumpUntil([] { return false; }, Milliseconds(20));
  }
}

inline std::vector<std::string> Values(const std::vector<ReadRecord>& records) {
  std::vector<std::string> values;
  for (const ReadRecord& record : records) values.push_back(record.value.value_or("(null)"));
  return values;
}

/// The values that a read_committed reader sees once everything is stable.
inline std::vector<std::string> StableValues(const TopicPartition& partition) {
  AwaitStable(partition);
  return Values(ReadAll(partition));
}

/// What the group has committed for one partition.
inline kafka::CommittedOffset ReadOffset(const std::string& group, const TopicPartition& p) {
  const auto read = Await(TheAdmin().CommittedOffsets(group, {p}, /*require_stable=*/false));
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? read->front() : kafka::CommittedOffset{.partition = p};
}

/// As ReadOffset(), when no transaction holds the offset any more.
inline kafka::CommittedOffset ReadStableOffset(const std::string& group, const TopicPartition& p) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    const auto read = Await(TheAdmin().CommittedOffsets(group, {p}, /*require_stable=*/true));
    if (read.ok()) return read->front();
    EXPECT_EQ(read.status().code(), StatusCode::kUnavailable) << read.status();
    TheEnvironment().PumpUntil([] { return false; }, Milliseconds(20));
  }
  ADD_FAILURE() << "offsets stay pending: " << group << " " << p;
  return {.partition = p};
}

}  // namespace sidestream::conformance
