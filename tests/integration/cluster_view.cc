// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/cluster_view.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/check.h"
#include "kafka/rdkafka/rdkafka_cluster.h"
#include "tests/integration/awaited.h"

namespace sidestream::integration {
namespace {

constexpr size_t kBatchRecords = 10'000;

}  // namespace

ClusterView::ClusterView(const std::string& bootstrap)
    : ClusterView(Properties{{"bootstrap.servers", bootstrap}}) {}

ClusterView::ClusterView(const Properties& properties)
    : cluster_(ValueOf(kafka::NewRdkafkaCluster({.common = properties}))),
      admin_(ValueOf(cluster_->NewAdmin("integration-view"))) {}

int32_t ClusterView::Partitions(const std::string& topic) {
  const auto topics = Answer<std::vector<kafka::TopicDescription>>(
      clock_, [&] { return admin_->DescribeTopics({topic}); });
  return topics.front().exists ? topics.front().partitions : 0;
}

std::vector<TopicPartition> ClusterView::PartitionsOf(const std::string& topic) {
  std::vector<TopicPartition> partitions;
  const int32_t count = Partitions(topic);
  CHECK(count > 0) << "there is no topic " << topic;
  for (Partition partition = 0; partition < count; ++partition) {
    partitions.push_back({topic, partition});
  }
  return partitions;
}

std::vector<kafka::PartitionOffset> ClusterView::Offsets(
    const std::vector<TopicPartition>& partitions, kafka::OffsetSpec spec,
    kafka::IsolationLevel isolation) {
  return Answer<std::vector<kafka::PartitionOffset>>(
      clock_, [&] { return admin_->ListOffsets(partitions, spec, isolation); });
}

std::vector<PartitionEnds> ClusterView::Ends(const std::string& topic) {
  using kafka::IsolationLevel;
  using kafka::OffsetSpec;
  const auto partitions = PartitionsOf(topic);
  const auto low = Offsets(partitions, OffsetSpec::kEarliest, IsolationLevel::kReadUncommitted);
  const auto high = Offsets(partitions, OffsetSpec::kLatest, IsolationLevel::kReadUncommitted);
  const auto stable = Offsets(partitions, OffsetSpec::kLatest, IsolationLevel::kReadCommitted);
  std::vector<PartitionEnds> ends;
  for (size_t i = 0; i < partitions.size(); ++i) {
    ends.push_back({partitions[i], low[i].offset, high[i].offset, stable[i].offset});
  }
  return ends;
}

std::vector<PartitionLag> ClusterView::Lags(const std::string& group, const std::string& topic) {
  const auto partitions = PartitionsOf(topic);
  const auto high =
      Offsets(partitions, kafka::OffsetSpec::kLatest, kafka::IsolationLevel::kReadUncommitted);
  const auto committed = Answer<std::vector<kafka::CommittedOffset>>(
      clock_, [&] { return admin_->CommittedOffsets(group, partitions, true); });
  std::vector<PartitionLag> lags;
  for (size_t i = 0; i < partitions.size(); ++i) {
    lags.push_back({partitions[i], committed[i].offset, high[i].offset});
  }
  return lags;
}

void ClusterView::ReadAll(const std::string& topic, const Visit& visit) {
  ReadAllWithHeaders(topic, [&](const TopicPartition& partition, const kafka::Record& record,
                                std::span<const kafka::Header>) { visit(partition, record); });
}

void ClusterView::ReadAllWithHeaders(const std::string& topic, const VisitWithHeaders& visit) {
  const auto is_open = [](const PartitionEnds& end) { return end.high != end.stable; };
  const MonotonicTime deadline = clock_.Now() + kPatience;
  std::vector<PartitionEnds> ends = Ends(topic);
  // Markers of a transaction come to its partitions one after the other, perhaps last to this topic.
  while (std::ranges::any_of(ends, is_open) && clock_.Now() < deadline) {
    std::this_thread::sleep_for(kPause);
    ends = Ends(topic);
  }
  for (const PartitionEnds& end : ends) {
    CHECK(!is_open(end)) << "a transaction stays open on " << end.partition;
  }
  ReadTo(topic, std::move(ends), visit);
}

void ClusterView::ReadStable(const std::string& topic, const Visit& visit) {
  ReadTo(topic, Ends(topic),
         [&](const TopicPartition& partition, const kafka::Record& record,
             std::span<const kafka::Header>) { visit(partition, record); });
}

void ClusterView::ReadTo(const std::string& topic, std::vector<PartitionEnds> open,
                         const VisitWithHeaders& visit) {
  const auto reader = ValueOf(cluster_->NewLogReader("integration-reader"));
  std::erase_if(open, [](const PartitionEnds& ends) { return ends.low == ends.stable; });
  for (const PartitionEnds& ends : open) {
    const Status assigned = reader->Assign({ends.partition, ends.low});
    CHECK(assigned.ok()) << assigned;
  }
  MonotonicTime deadline = clock_.Now() + kPatience;
  while (!open.empty()) {
    CHECK(clock_.Now() < deadline) << "reading " << topic << " does not come to its end";
    const auto chunks = reader->Poll(kBatchRecords, Milliseconds(100));
    CHECK(chunks.ok() || chunks.status().code() == StatusCode::kUnavailable) << chunks.status();
    if (!chunks.ok()) continue;
    for (const auto& chunk : *chunks) {
      deadline = clock_.Now() + kPatience;
      for (size_t i = 0; i < chunk->records().size(); ++i) {
        visit(chunk->partition(), chunk->records()[i], chunk->Headers(i));
      }
    }
    std::erase_if(open, [&](const PartitionEnds& ends) {
      const auto position = reader->Position(ends.partition);
      return position && *position >= ends.stable;
    });
  }
}

}  // namespace sidestream::integration
