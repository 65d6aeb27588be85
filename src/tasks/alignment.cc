// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/alignment.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "time/commit_stamp.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kLookInterval{1'000};
constexpr Milliseconds kLookIntervalWhileWaiting{100};

}  // namespace

Alignment::Alignment(const ApplicationSpec& application, kafka::Admin& admin, const Clock& clock)
    : group_(application.id), admin_(admin), clock_(clock) {
  for (const SubTopologySpec& spec : application.sub_topologies) {
    for (const InputSpec& input : spec.inputs) {
      if (!input.watermark.max_drift) continue;
      Topic& topic = topics_[input.topic];
      topic.max_drift = *input.watermark.max_drift;
      for (Partition p = 0; p < input.partitions; ++p) {
        topic.places.push_back(std::make_unique<Place>());
      }
    }
  }
}

Alignment::~Alignment() = default;

Alignment::Place* Alignment::Find(const TopicPartition& partition) {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end()) return nullptr;
  return found->second.places[static_cast<size_t>(partition.partition)].get();
}

void Alignment::Publish(const TopicPartition& partition, time::Progress progress,
                        Timestamp watermark) {
  Place* const place = Find(partition);
  if (place == nullptr) return;
  place->watermark.store(watermark.value(), std::memory_order_relaxed);
  place->counts.store(progress == time::Progress::kActive && watermark != kNoWatermark,
                      std::memory_order_relaxed);
  place->local.store(true, std::memory_order_relaxed);
}

void Alignment::Release(const TopicPartition& partition) {
  // What it said last stands until a stamp says more: its next owner goes on from there.
  if (Place* const place = Find(partition)) place->local.store(false, std::memory_order_relaxed);
}

Timestamp Alignment::LimitOf(const TopicPartition& partition) const {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end()) return kEndOfTime;
  const Topic& topic = found->second;
  std::optional<int64_t> slowest;
  for (size_t p = 0; p < topic.places.size(); ++p) {
    const Place& place = *topic.places[p];
    if (p == static_cast<size_t>(partition.partition)) continue;
    if (!place.counts.load(std::memory_order_relaxed)) continue;
    const int64_t watermark = place.watermark.load(std::memory_order_relaxed);
    slowest = std::min(slowest.value_or(watermark), watermark);
  }
  if (!slowest) return kEndOfTime;
  return Timestamp(*slowest + topic.max_drift.count());
}

void Alignment::Step() {
  if (topics_.empty()) return;
  const MonotonicTime now = clock_.Now();
  if (!reply_) {
    const bool waiting = somebody_waits_.load(std::memory_order_relaxed);
    if (now - looked_at_ < (waiting ? kLookIntervalWhileWaiting : kLookInterval)) return;
    looked_at_ = now;
    somebody_waits_.store(false, std::memory_order_relaxed);
    std::vector<TopicPartition> others;
    for (const auto& [name, topic] : topics_) {
      for (size_t p = 0; p < topic.places.size(); ++p) {
        if (topic.places[p]->local.load(std::memory_order_relaxed)) continue;
        others.push_back({name, static_cast<Partition>(p)});
      }
    }
    if (others.empty()) return;
    reply_ = admin_.CommittedOffsets(group_, std::move(others), /*require_stable=*/false);
  }
  const auto answer = reply_->Poll();
  if (!answer) return;
  reply_.reset();
  if (answer->ok()) return TakeStamps(**answer);
  log::Debug("tasks", "alignment: {}", answer->status().message());
}

void Alignment::TakeStamps(const std::vector<kafka::CommittedOffset>& offsets) {
  for (const kafka::CommittedOffset& committed : offsets) {
    Place* const place = Find(committed.partition);
    // A task of ours may have started there meanwhile, and knows better.
    if (place == nullptr || place->local.load(std::memory_order_relaxed)) continue;
    const auto stamp = time::DecodeCommitStamp(committed.metadata);
    if (!stamp.ok() || !*stamp) continue;
    const bool counts =
        (*stamp)->progress == time::Progress::kActive && (*stamp)->watermark != kNoWatermark;
    place->watermark.store((*stamp)->watermark.value(), std::memory_order_relaxed);
    place->counts.store(counts, std::memory_order_relaxed);
  }
}

}  // namespace sidestream::tasks
