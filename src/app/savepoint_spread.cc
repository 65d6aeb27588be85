// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kafka/partitioner.h"
#include "operators/row_placement.h"

namespace sidestream::app {

Result<std::optional<Partition>> StoreSpread::Place(std::string_view key, std::string_view row) {
  using Kind = operators::RowPlace::Kind;
  ASSIGN_OR_RETURN(const operators::RowPlace place, operators::PlaceOfRow(store_.layout, key));
  switch (place.kind) {
    case Kind::kOfKey:
      has_windows_ = has_windows_ || place.window;
      return std::optional(kafka::PartitionOf(place.key, counts_.now));
    case Kind::kCounter: {
      std::string& counter = counters_.try_emplace(std::string(key), row).first->second;
      ASSIGN_OR_RETURN(const std::string_view larger, operators::LargerCounter(counter, row));
      counter = std::string(larger);
      break;
    }
    case Kind::kFired:
      fired_key_ = key;
      task_fired_ = row;
      break;
    case Kind::kEnded:
      ended_key_ = key;
      ++ended_tasks_;
      break;
  }
  return std::optional<Partition>();
}

void StoreSpread::EndTask() {
  if (has_windows_ || task_fired_) fired_.insert(task_fired_.value_or(""));
  has_windows_ = false;
  task_fired_.reset();
}

Result<std::vector<std::pair<std::string, std::string>>> StoreSpread::Common() const {
  std::vector<std::pair<std::string, std::string>> rows(counters_.begin(), counters_.end());
  if (!fired_key_.empty() && fired_.size() > 1) {
    return Status::InvalidConfig(fmt::format(
        "the windows of step {} had been sent further in one task than in another, and with another "
        "number of partitions that would be forgotten: take the savepoint again, or keep "
        "application.parallelism at {}",
        store_.name, counts_.before));
  }
  if (!fired_key_.empty()) rows.emplace_back(fired_key_, *fired_.begin());
  if (ended_tasks_ == counts_.before) rows.emplace_back(ended_key_, "");
  return rows;
}

std::vector<SpreadPosition> SpreadPositions(std::vector<SpreadPosition> positions,
                                            const std::map<std::string, PartitionCounts>& spread) {
  std::vector<SpreadPosition> spread_out;
  std::map<std::string, SpreadPosition> merged;
  for (SpreadPosition& position : positions) {
    if (position.repartition) position.stamp.upstreams.clear();
    if (!spread.contains(position.partition.topic)) {
      spread_out.push_back(std::move(position));
      continue;
    }
    const auto [into, first] = merged.try_emplace(position.partition.topic, position);
    if (first) continue;
    time::CommitStamp& stamp = into->second.stamp;
    stamp.sequence = std::max(stamp.sequence, position.stamp.sequence);
    stamp.generation = std::max(stamp.generation, position.stamp.generation);
    stamp.task_watermark = std::min(stamp.task_watermark, position.stamp.task_watermark);
  }
  for (const auto& [topic, position] : merged) {
    for (Partition p = 0; p < spread.at(topic).now; ++p) {
      spread_out.push_back(position);
      spread_out.back().partition.partition = p;
    }
  }
  return spread_out;
}

}  // namespace sidestream::app
