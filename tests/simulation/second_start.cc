// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "second_start.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/internal_record.h"
#include "kafka/partitioner.h"
#include "time/commit_stamp.h"
#include "window_oracles.h"

namespace sidestream::simulation {
namespace {

constexpr Milliseconds kLimit{180'000};
constexpr char kSecond[] = "second";

/// Sources by how far the cut has read them.
using Positions = std::map<TopicPartition, Offset>;

/// Writes what the second application is to find. Called while nothing runs.
class Maker {
 public:
  Maker(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept)
      : cluster_(cluster),
        kept_(kept),
        first_(kept.cut.application_id),
        client_(kafka::memory::NewMemoryCluster(cluster.broker())),
        producer_(client_->NewProducer({.client_id = "start"}).value()) {
    producer_->StartInit();
    Finish();
  }

  /// False: such a start is refused.
  bool Make() {
    for (const auto& [task, part] : kept_.parts) {
      const tasks::SubTopologySpec* const reader = ReaderOf(NameHere(task.anchor_topic));
      for (const auto& [store, rows] : part.stores) {
        if (!CopyRows(task, store, rows, reader)) return false;
      }
      for (const auto& [partition, records] : part.in_flight) CopyInFlight(partition, records);
    }
    producer_->StartFlush();
    Finish();
    CommitPositions();
    return true;
  }

 private:
  void Finish() {
    while (!producer_->Poll(Milliseconds(0))) cluster_.clock().Advance(Milliseconds(1));
  }

  std::string NameHere(const std::string& topic) const {
    return topic.starts_with(first_ + "-") ? kSecond + topic.substr(first_.size()) : topic;
  }

  const tasks::SubTopologySpec* ReaderOf(const std::string& topic) const {
    for (const tasks::SubTopologySpec& spec : cluster_.application().sub_topologies) {
      for (const tasks::InputSpec& input : spec.inputs) {
        if (input.topic == topic) return &spec;
      }
    }
    return nullptr;
  }
  static const tasks::InputSpec& InputOf(const tasks::SubTopologySpec& reader,
                                         const std::string& topic) {
    return *std::ranges::find(reader.inputs, topic, &tasks::InputSpec::topic);
  }
  bool IsSpread(const std::string& topic_there) const {
    const std::string here = NameHere(topic_there);
    const tasks::SubTopologySpec* const reader = ReaderOf(here);
    return reader != nullptr && InputOf(*reader, here).repartition &&
           InputOf(*reader, here).partitions != cluster_.broker().PartitionCount(topic_there);
  }

  void Put(const TopicPartition& to, const std::string& key, const std::string& value) {
    kafka::OutgoingRecord record;
    record.topic = producer_->RegisterTopic(to.topic);
    record.partition = to.partition;
    record.key = key;
    record.value = value;
    const Status produced = producer_->Produce(record);
    CHECK(produced.ok()) << produced;
  }

  bool CopyRows(const TaskId& task, const std::string& store, const testing::Rows& rows,
                const tasks::SubTopologySpec* reader) {
    const statestore::StoreSpec* here = nullptr;
    for (const tasks::SubTopologySpec& spec : cluster_.application().sub_topologies) {
      for (const statestore::StoreSpec& each : spec.stores) {
        if (each.name != store) continue;
        if (&spec != reader && !rows.empty()) return false;
        here = &each;
      }
    }
    if (here == nullptr) return rows.empty();
    for (const auto& [key, row] : rows) {
      std::string value;
      EncodeChangelogValue({.sequence = CommitSequence(1), .row = row}, value);
      Put({here->changelog_topic, PartitionHere(task.anchor_topic, task.partition, key)}, key, value);
    }
    return true;
  }

  void CopyInFlight(const TopicPartition& from,
                    const std::vector<std::pair<std::string, std::string>>& records) {
    const std::string topic = NameHere(from.topic);
    if (ReaderOf(topic) == nullptr) return;
    for (const auto& [key, value] : records) {
      Put({topic, PartitionHere(from.topic, from.partition, key)}, key, value);
    }
  }

  Partition PartitionHere(const std::string& topic, Partition there, const std::string& key) const {
    if (!IsSpread(topic)) return there;
    return kafka::PartitionOf(key, cluster_.broker().PartitionCount(NameHere(topic)));
  }

  void CommitPositions() {
    for (const checkpoint::CutRecord& cut : kept_.cut.cuts) {
      for (const checkpoint::CutInput& input : cut.inputs) Commit(input);
    }
    for (const checkpoint::CutInput& input : kept_.cut.done.unread) Commit(input);
    for (const auto& [topic, stamp] : merged_) {
      for (Partition p = 0; p < cluster_.broker().PartitionCount(topic); ++p) {
        offsets_.push_back({{topic, p}, Offset(0), time::EncodeCommitStamp(stamp)});
      }
    }
    const auto admin = client_->NewAdmin("start").value();
    const auto committed = admin->CommitOffsets(kSecond, offsets_);
    std::optional<Result<kafka::Done>> answer;
    while (!(answer = committed->Poll())) cluster_.clock().Advance(Milliseconds(1));
    CHECK(answer->ok()) << answer->status();
  }

  void Commit(const checkpoint::CutInput& input) {
    const std::string topic = NameHere(input.partition.topic);
    const tasks::SubTopologySpec* const reader = ReaderOf(topic);
    if (reader == nullptr) return;
    time::CommitStamp stamp = *time::DecodeCommitStamp(input.stamp).value();
    const bool ours = InputOf(*reader, topic).repartition;
    if (ours) stamp.topic_id = {};
    stamp.anchor_hash = time::AnchorHash(reader->anchor_topic());
    if (!IsSpread(input.partition.topic)) {
      offsets_.push_back({{topic, input.partition.partition}, ours ? Offset(0) : input.position,
                          time::EncodeCommitStamp(stamp)});
      return;
    }
    stamp.upstreams.clear();
    const auto [into, first] = merged_.try_emplace(topic, stamp);
    if (first) return;
    into->second.sequence = std::max(into->second.sequence, stamp.sequence);
    into->second.generation = std::max(into->second.generation, stamp.generation);
    into->second.task_watermark = std::min(into->second.task_watermark, stamp.task_watermark);
  }

  SimulatedCluster& cluster_;
  const testing::KeptCheckpoint& kept_;
  const std::string first_;
  const std::unique_ptr<kafka::Cluster> client_;
  const std::unique_ptr<kafka::Producer> producer_;
  std::vector<kafka::CommittedOffset> offsets_;
  /// Of repartition topics with another number of partitions.
  std::map<std::string, time::CommitStamp> merged_;
};

/// Each id behind the cut comes out once, none from before.
Violations IdsBehindTheCut(SimulatedCluster& cluster, const Positions& cut,
                           const std::vector<std::string>& inputs, const std::string& output,
                           bool exactly) {
  std::map<std::string, int> seen;
  for (const auto& [key, value] : cluster.Read(output)) ++seen[value];
  Violations violations;
  for (const std::string& topic : inputs) {
    for (Partition p = 0; p < cluster.broker().PartitionCount(topic); ++p) {
      const auto at = cut.find({topic, p});
      for (const auto& record : cluster.broker().ReadCommitted({topic, p})) {
        const bool behind = at == cut.end() || record.offset >= at->second;
        const auto found = seen.extract(*record.value);
        const int times = found.empty() ? 0 : found.mapped();
        if (behind ? times == 1 || (times > 1 && !exactly) : times == 0) continue;
        violations.push_back("O9: id " + *record.value + " of " + topic + " is " +
                             std::to_string(times) + " times in " + output + (behind ? "" : ", and was cut before"));
      }
    }
  }
  for (const auto& [id, times] : seen) violations.push_back("O9: " + output + " has " + id);
  return violations;
}

bool ComesToRest(SimulatedCluster& cluster, Milliseconds first_look) {
  const MonotonicTime from = cluster.clock().Now() + first_look;
  const MonotonicTime deadline = from + kLimit;
  // Owners hear of their last commit a moment later, and others may still join.
  int rests = 0;
  while (rests < 3 && cluster.clock().Now() < deadline && !cluster.failure()) {
    for (int i = 0; i < 10; ++i) cluster.Tick();
    const bool rest = cluster.clock().Now() >= from && cluster.CaughtUp() &&
                      OneOwnerPerTask(cluster).empty();
    rests = rest ? rests + 1 : 0;
  }
  return rests == 3;
}

Violations CountsBehindTheCut(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept,
                              const SecondStart& start, bool exactly, bool counts) {
  const Version& version = cluster.version();
  const Positions cut = PositionsOf(kept);
  Violations all;
  const auto add = [&](const Violations& some) { all.insert(all.end(), some.begin(), some.end()); };
  add(IdsBehindTheCut(cluster, cut, version.counted, cluster.outputs() + "copied", exactly));
  add(IdsBehindTheCut(cluster, cut, version.AllMerged(), cluster.outputs() + "merged", exactly));
  if (counts) add(StoredCountsAreRight(cluster, exactly));
  if (counts && start.totals) add(TotalsAreRight(cluster, exactly));
  return all;
}

}  // namespace

Positions PositionsOf(const testing::KeptCheckpoint& kept) {
  Positions positions;
  const auto add = [&](const checkpoint::CutInput& input) {
    positions[input.partition] = input.position;
  };
  for (const checkpoint::CutRecord& cut : kept.cut.cuts) std::ranges::for_each(cut.inputs, add);
  std::ranges::for_each(kept.cut.done.unread, add);
  return positions;
}

Violations StartsFrom(SimulatedCluster& cluster, const testing::KeptCheckpoint& kept,
                      const SecondStart& start, bool exactly, bool counts) {
  cluster.BecomeAnother(kSecond, start.hop_partitions);
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  if (!Maker(cluster, kept).Make()) return {};
  for (size_t i = 0; i < cluster.size(); ++i) cluster.StartInstance(i);
  // The last windows end when all partitions count as idle.
  const bool rests =
      ComesToRest(cluster, cluster.windows() ? kIdle + kWindow + kWindow : Milliseconds(0));
  if (cluster.failure()) return {"failed: the second application: " + *cluster.failure()};
  if (!rests) return {"O9: the second application does not catch up\n" + cluster.Lag()};
  Violations all;
  const auto add = [&](const Violations& some) { all.insert(all.end(), some.begin(), some.end()); };
  if (cluster.windows()) {
    add(IdsBehindTheCut(cluster, PositionsOf(kept), {"clicks"}, cluster.outputs() + "copied",
                        exactly));
    add(WindowsBehindTheCut(cluster, kept, exactly));
  } else {
    add(CountsBehindTheCut(cluster, kept, start, exactly, counts));
  }
  if (exactly || !cluster.windows()) add(StoresEqualChangelogs(cluster));
  add(NoOpenTransaction(cluster));
  add(OneOwnerPerTask(cluster));
  for (std::string& text : all) text = "second application: " + text;
  return all;
}

}  // namespace sidestream::simulation
