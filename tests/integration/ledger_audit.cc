// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/ledger_audit.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <thread>
#include <utility>

#include "base/arena.h"
#include "base/internal_record.h"
#include "base/store_layout.h"
#include "kafka/partitioner.h"
#include "operators/aggregate/accumulators.h"
#include "operators/aggregate/aggregate_row.h"
#include "statestore/rocksdb_backend.h"
#include "tests/integration/ledger_entry.h"

namespace sidestream::integration {
namespace {

constexpr size_t kFindingsMax = 40;
constexpr size_t kStateMemory = size_t{32} << 20;
constexpr Milliseconds kRestPause{500};

/// count() and sum() of ledger.yaml.
std::vector<topology::AggregateCall> LedgerCalls() {
  std::vector<topology::AggregateCall> calls(2);
  calls[0].function = topology::AggregateFunction::kCount;
  calls[0].id = FieldId("count()");
  calls[1].function = topology::AggregateFunction::kSum;
  calls[1].id = FieldId("sum(value.id)");
  return calls;
}

std::string TextOf(std::optional<std::string_view> bytes) {
  return bytes ? std::string(*bytes) : std::string("null");
}

std::string Describe(const PartitionLag& lag) {
  return "lag on " + ToString(lag.partition) + ": committed " +
         (lag.committed ? std::to_string(lag.committed->value()) : "nothing") + ", end " +
         std::to_string(lag.high.value());
}

std::string Describe(const PartitionEnds& ends) {
  return "a transaction is open on " + ToString(ends.partition) + ": stable " +
         std::to_string(ends.stable.value()) + ", end " + std::to_string(ends.high.value());
}

/// Of everything but the control topic.
std::vector<std::string> Unrest(ClusterView& view, const LedgerTopics& topics, uint64_t records) {
  std::vector<std::string> unrest;
  uint64_t fed = 0;
  for (const PartitionEnds& ends : view.Ends(topics.ids)) {
    fed += static_cast<uint64_t>(ends.high - Offset(0));
  }
  if (fed != records) unrest.push_back(std::to_string(fed) + " ids are on the input");
  for (const auto& topic : {topics.ids, topics.repartition}) {
    for (const PartitionLag& lag : view.Lags(topics.application, topic)) {
      if (!lag.done()) unrest.push_back(Describe(lag));
    }
  }
  for (const auto& topic : {topics.repartition, topics.passed, topics.counts, topics.changelog}) {
    for (const PartitionEnds& ends : view.Ends(topic)) {
      if (ends.stable != ends.high) unrest.push_back(Describe(ends));
    }
  }
  return unrest;
}

/// The control topic never rests where checkpoints are periodic, and its position is committed once
/// a second; so it must come to where its end was when all else was at rest (`end`).
std::vector<std::string> ControlUnrest(ClusterView& view, const LedgerTopics& topics, Offset end) {
  std::vector<std::string> unrest;
  for (const PartitionLag& lag : view.Lags(topics.application, topics.control)) {
    if (lag.committed.value_or(Offset(0)) < end) unrest.push_back(Describe(lag));
  }
  for (const PartitionEnds& ends : view.Ends(topics.control)) {
    if (ends.stable < end) unrest.push_back(Describe(ends));
  }
  return unrest;
}

}  // namespace

std::vector<std::string> AwaitRest(ClusterView& view, const std::string& application,
                                   uint64_t records, Milliseconds limit) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + limit;
  const LedgerTopics topics(application);
  std::optional<Offset> control_end;
  // Twice in a row: between two questions of one look work may move from topic to topic.
  int calm = 0;
  std::vector<std::string> unrest;
  while (calm < 2) {
    unrest = Unrest(view, topics, records);
    if (unrest.empty()) {
      if (!control_end) control_end = view.Ends(topics.control).at(0).high;
      unrest = ControlUnrest(view, topics, *control_end);
    }
    calm = unrest.empty() ? calm + 1 : 0;
    if (clock.Now() > deadline) return unrest;
    std::this_thread::sleep_for(kRestPause);
  }
  return {};
}

LedgerAudit::LedgerAudit(ClusterView& view, const std::string& application, uint64_t records,
                         std::filesystem::path state_dir, Run run)
    : view_(view),
      topics_(application),
      records_(records),
      state_dir_(std::move(state_dir)),
      run_(run),
      exactly_(run != Run::kRepeats) {}

std::vector<std::string> LedgerAudit::Check() {
  Recompute();
  CheckNoOpenTransaction();
  if (!findings_.empty()) return findings_;  // A topic with an open transaction has no end to read.
  CheckPassed();
  CheckCounts();
  FoldChangelog();
  CheckStores();
  return findings_;
}

std::string LedgerAudit::Summary() const {
  return std::to_string(passed_) + " ids passed through, " + std::to_string(results_) +
         " results of " + std::to_string(expected_.size()) + " groups, " +
         std::to_string(changelog_records_) + " changelog records, " + std::to_string(store_rows_) +
         " rows in stores";
}

void LedgerAudit::Find(std::string what) {
  if (findings_.size() < kFindingsMax) findings_.push_back(std::move(what));
}

void LedgerAudit::Recompute() {
  for (uint64_t id = 0; id < records_; ++id) {
    Total& total = expected_[LedgerGroup(id)];
    ++total.records;
    total.sum += static_cast<int64_t>(id);
  }
}

void LedgerAudit::CheckNoOpenTransaction() {
  for (const auto& topic :
       {topics_.repartition, topics_.control, topics_.passed, topics_.counts, topics_.changelog}) {
    for (const PartitionEnds& ends : view_.Ends(topic)) {
      if (ends.stable != ends.high) Find(Describe(ends));
    }
  }
}

/// Each id once, with its key and value, and in the order in which it was fed: an input partition
/// is one output partition, since both have the same count and the same keys.
void LedgerAudit::CheckPassed() {
  std::vector<uint8_t> seen(records_, 0);
  std::map<Partition, uint64_t> last;
  view_.ReadAll(topics_.passed, [&](const TopicPartition& partition, const kafka::Record& record) {
    ++passed_;
    const std::string where =
        " at " + ToString(partition) + "@" + std::to_string(record.offset.value());
    const std::string value = TextOf(record.value);
    unsigned long long id = 0;
    if (std::sscanf(value.c_str(), "{\"id\":%llu,", &id) != 1 || id >= records_) {
      return Find("an output that nobody fed" + where + ": " + value);
    }
    if (value != LedgerValue(id) || TextOf(record.key) != LedgerKey(id)) {
      Find("id " + std::to_string(id) + " was changed on its way" + where + ": " + value);
    }
    seen[id] = static_cast<uint8_t>(std::min(seen[id] + 1, 2));
    if (!exactly_) return;
    if (seen[id] > 1) Find("id " + std::to_string(id) + " came out again" + where);
    const auto [slot, first] = last.emplace(partition.partition, id);
    if (!first && slot->second >= id) {
      Find("id " + std::to_string(id) + " came after " + std::to_string(slot->second) + where);
    }
    slot->second = id;
  });
  CheckAllPassed(seen);
}

void LedgerAudit::CheckAllPassed(const std::vector<uint8_t>& seen) {
  const int32_t partitions = view_.Partitions(topics_.ids);
  std::set<Partition> begun;
  for (uint64_t id = 0; id < records_; ++id) {
    const Partition partition = kafka::PartitionOf(LedgerKey(id), partitions);
    if (seen[id] != 0) {
      begun.insert(partition);
    } else if (run_ != Run::kRestored || begun.contains(partition)) {
      Find("id " + std::to_string(id) + " never came out");
    }
  }
}

/// Results of a group only grow, none is sent twice, and the last is the recomputed one.
void LedgerAudit::CheckCounts() {
  Totals last;
  std::map<std::string, Partition> homes;
  view_.ReadAll(topics_.counts, [&](const TopicPartition& partition, const kafka::Record& record) {
    ++results_;
    const std::string key = TextOf(record.key);
    const std::string value = TextOf(record.value);
    const std::string where =
        " of " + key + " at " + ToString(partition) + "@" + std::to_string(record.offset.value());
    long long count = 0;
    long long sum = 0;
    if (std::sscanf(value.c_str(), "{\"records\":%lld,\"sum\":%lld}", &count, &sum) != 2) {
      return Find("an unreadable result" + where + ": " + value);
    }
    if (homes.emplace(key, partition.partition).first->second != partition.partition) {
      Find("a result lies in a second partition" + where);
    }
    Total& total = last[key];
    if (count <= total.records) {
      if (!exactly_) return;
      Find("a result went from " + std::to_string(total.records) + " to " + std::to_string(count) +
           where);
    }
    total = {.records = count, .sum = sum};
  });
  // Groups that nobody counted since the savepoint have their result in the other application.
  if (run_ == Run::kRestored) {
    for (const auto& [group, total] : expected_) last.try_emplace(group, total);
  }
  Compare(last, "the output topic");
}

void LedgerAudit::FoldChangelog() {
  view_.ReadAll(topics_.changelog,
                [&](const TopicPartition& partition, const kafka::Record& record) {
                  ++changelog_records_;
                  auto& rows = changelog_[partition.partition];
                  if (!record.value) {
                    rows.erase(TextOf(record.key));
                    return;
                  }
                  const auto decoded = DecodeChangelogValue(*record.value);
                  if (!decoded.ok()) return Find("changelog: " + decoded.status().message());
                  rows[TextOf(record.key)] = std::string(decoded->row);
                });
  Totals totals;
  for (const auto& [partition, rows] : changelog_) {
    const std::string where = "changelog " + std::to_string(partition);
    for (const auto& [group, total] : DecodeRows(rows, where)) {
      if (!totals.emplace(group, total).second) Find(group + " is in two changelogs");
    }
  }
  Compare(totals, "the changelogs");
}

/// Byte by byte: what a stopped instance left on the disk is its changelog, folded.
void LedgerAudit::CheckStores() {
  const std::vector<std::string> names{"totals"};
  for (Partition task = 0; task < view_.Partitions(topics_.changelog); ++task) {
    const TaskId id{topics_.repartition, task};
    const std::filesystem::path path = state_dir_ / topics_.application / ToString(id);
    // Opening a directory that is not there would make an empty one.
    if (!std::filesystem::exists(path / "CURRENT")) {
      Find("the last instance has no state for " + ToString(id));
      continue;
    }
    const auto backend =
        statestore::OpenRocksdb(path, names, statestore::RocksdbResources::Make(kStateMemory));
    if (!backend.ok()) {
      Find(backend.status().message());
      continue;
    }
    std::map<std::string, std::string> rows;
    const Status scanned = (*backend)->Scan(
        0, "", "", [&](std::string_view key, std::string_view value) -> Result<bool> {
          rows.emplace(key, value);
          return true;
        });
    if (!scanned.ok()) Find(scanned.message());
    store_rows_ += rows.size();
    if (rows != changelog_[task]) {
      Find("the store of " + ToString(id) + " with " + std::to_string(rows.size()) +
           " rows differs from its changelog with " + std::to_string(changelog_[task].size()));
    }
  }
}

LedgerAudit::Totals LedgerAudit::DecodeRows(const std::map<std::string, std::string>& rows,
                                            const std::string& where) {
  Totals totals;
  const std::vector<topology::AggregateCall> calls = LedgerCalls();
  operators::Accumulators accumulators(calls);
  for (const auto& [key, bytes] : rows) {
    Arena arena;
    const auto row = operators::DecodeAggregateRow(bytes);
    if (!row.ok() || !accumulators.Decode(row->accumulators).ok() || key.empty()) {
      Find(where + ": an unreadable row");
      continue;
    }
    // A computed key has its kind in front.
    totals[key.substr(1)] = {.records = accumulators.ResultOf(0, arena).int_value(),
                             .sum = accumulators.ResultOf(1, arena).int_value()};
  }
  return totals;
}

void LedgerAudit::Compare(const Totals& found, const std::string& where) {
  for (const auto& [group, total] : expected_) {
    const auto slot = found.find(group);
    const Total has = slot == found.end() ? Total{} : slot->second;
    // Repeated records count again.
    if (has == total || (!exactly_ && has.records >= total.records && has.sum >= total.sum)) {
      continue;
    }
    Find(group + " in " + where + ": " + std::to_string(has.records) + " records of sum " +
         std::to_string(has.sum) + ", recomputed " + std::to_string(total.records) + " of sum " +
         std::to_string(total.sum));
  }
  for (const auto& [group, total] : found) {
    if (!expected_.contains(group)) Find(group + " in " + where + " is a group that nobody fed");
  }
}

}  // namespace sidestream::integration
