// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// FakeProcessorContext: what an operator acts through, in memory. Produces and store writes of
// the open transaction become visible with Commit() and never happened after Rollback().
//
// Threading: confined to the test's thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "operators/processor_context.h"

namespace sidestream::testing {

/// An OutputRecord that owns its bytes.
struct ProducedRecord {
  size_t output = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp;
  uint8_t key_kind = 0;
  struct Origin {
    std::string topic;
    Partition partition = 0;
    Offset offset;
  };
  std::optional<Origin> origin;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

class FakeStore final : public statestore::KeyValueStore {
 public:
  Result<std::optional<std::string_view>> Get(std::string_view key) override;
  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  Status Scan(std::string_view from, std::string_view to, const VisitRow& visit) override;
  void Commit();
  void Rollback() { pending_.clear(); }

  const std::map<std::string, std::string>& committed() const { return committed_; }
  int64_t gets() const { return gets_; }
  int64_t puts() const { return puts_; }
  int64_t scans() const { return scans_; }
  /// Where the last scan began.
  const std::string& scanned_from() const { return scanned_from_; }

 private:
  std::map<std::string, std::string> committed_;
  std::map<std::string, std::optional<std::string>> pending_;
  int64_t gets_ = 0;
  int64_t puts_ = 0;
  int64_t scans_ = 0;
  std::string scanned_from_;
};

class FakeProcessorContext final : public operators::ProcessorContext {
 public:
  statestore::KeyValueStore& Store(size_t index) override { return store(index); }
  /// Refuses values larger than largest_value.
  Status Produce(const operators::OutputRecord& record) override;
  Timestamp WallTime() const override { return wall_time; }
  uint64_t RandomBits() override { return ++random_; }
  void CountDropped(std::string_view step, std::string_view reason) override;
  void CountDeadLetter(std::string_view step, std::string_view cause) override;

  void Commit();
  void Rollback();

  FakeStore& store(size_t index);
  const FakeStore& store(size_t index) const { return *stores_[index]; }
  size_t store_count() const { return stores_.size(); }
  /// Of the open transaction.
  const std::vector<ProducedRecord>& produced() const { return produced_; }
  int64_t dropped(const std::string& step, const std::string& reason) const;
  int64_t dead_letters(const std::string& step, const std::string& cause) const;

  size_t largest_value = SIZE_MAX;
  Timestamp wall_time = ManualClock::kStart;

 private:
  std::vector<std::unique_ptr<FakeStore>> stores_;
  std::vector<ProducedRecord> produced_;
  std::map<std::pair<std::string, std::string>, int64_t> dropped_;
  std::map<std::pair<std::string, std::string>, int64_t> dead_letters_;
  uint64_t random_ = 0;
};

}  // namespace sidestream::testing
