// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/offset_store.h"

namespace sidestream::kafka::memory {

void OffsetStore::Commit(const std::vector<CommittedOffset>& offsets) {
  for (const CommittedOffset& o : offsets) {
    if (o.offset) committed_[o.partition] = {*o.offset, o.metadata};
  }
}

void OffsetStore::AddPending(int64_t producer_id, const std::vector<CommittedOffset>& offsets) {
  for (const CommittedOffset& o : offsets) {
    if (o.offset) pending_[producer_id][o.partition] = {*o.offset, o.metadata};
  }
}

void OffsetStore::EndTransaction(int64_t producer_id, bool commit) {
  const auto pending = pending_.find(producer_id);
  if (pending == pending_.end()) return;
  if (commit) {
    for (auto& [partition, value] : pending->second) committed_[partition] = std::move(value);
  }
  pending_.erase(pending);
}

CommittedOffset OffsetStore::Read(const TopicPartition& partition) const {
  const auto found = committed_.find(partition);
  if (found == committed_.end()) return {.partition = partition};
  return {partition, found->second.offset, found->second.metadata};
}

bool OffsetStore::HasPending(const TopicPartition& partition) const {
  for (const auto& [producer_id, offsets] : pending_) {
    if (offsets.contains(partition)) return true;
  }
  return false;
}

std::vector<CommittedOffset> OffsetStore::All() const {
  std::vector<CommittedOffset> all;
  for (const auto& [partition, value] : committed_) {
    all.push_back({partition, value.offset, value.metadata});
  }
  return all;
}

void OffsetStore::ForgetTopic(const std::string& topic) {
  std::erase_if(committed_, [&](const auto& entry) { return entry.first.topic == topic; });
  for (auto& [producer_id, offsets] : pending_) {
    std::erase_if(offsets, [&](const auto& entry) { return entry.first.topic == topic; });
  }
}

}  // namespace sidestream::kafka::memory
