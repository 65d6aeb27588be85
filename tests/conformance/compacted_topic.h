// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A compacted topic whose cleaner works while a case looks on.

#pragma once

#include "tests/conformance/steps.h"

namespace sidestream::conformance {

/// More than segment.ms of the topics here.
inline constexpr Milliseconds kNextSegment{150};
/// A cleaner that looks every half second, on a busy machine.
inline constexpr Milliseconds kCleaned{60'000};

inline std::map<std::string, std::string> Compacted(const std::string& delete_retention_ms) {
  return {{"cleanup.policy", "compact"},
          {"segment.ms", "100"},
          {"min.cleanable.dirty.ratio", "0.01"},
          {"delete.retention.ms", delete_retention_ms}};
}

class CompactedTopic {
 public:
  explicit CompactedTopic(const std::string& delete_retention_ms)
      : topic_(MakeTopic(1, Compacted(delete_retention_ms))),
        producer_(MakeTransactionalProducer({topic_})) {}

  TopicPartition partition() const { return {topic_, 0}; }

  /// A transaction with one record.
  void Put(std::string_view key, std::optional<std::string_view> value, bool commit = true) {
    ASSERT_TRUE(producer_->Begin().ok());
    ASSERT_TRUE(producer_
                    ->Produce({.topic = producer_->RegisterTopic(topic_),
                               .partition = 0,
                               .key = key,
                               .value = value})
                    .ok());
    if (commit) {
      ASSERT_TRUE(IsOk(Commit(*producer_)));
    } else {
      ASSERT_TRUE(IsOk(Flush(*producer_)));
      ASSERT_TRUE(IsOk(Abort(*producer_)));
    }
  }
  /// What comes next begins a segment, so that what is there may be cleaned.
  void EndSegment(std::string_view value = "x") {
    AwaitStable(partition());
    PumpFor(kNextSegment, [] {});
    Put("end-of-segment", value);
    AwaitStable(partition());
  }
  /// "key=value" of what can be read, in its order.
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const ReadRecord& record : ReadAll(partition())) {
      if (record.key != "end-of-segment") {
        rows.push_back(*record.key + "=" + record.value.value_or("(null)"));
      }
    }
    return rows;
  }
  bool BecomeRows(const std::vector<std::string>& rows) const {
    return TheEnvironment().PumpUntil([&] { return Rows() == rows; }, kCleaned);
  }

 private:
  const std::string topic_;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace sidestream::conformance
