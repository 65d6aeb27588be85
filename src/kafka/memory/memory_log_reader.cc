// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_log_reader.h"

#include <algorithm>

namespace sidestream::kafka::memory {

namespace {
using Guard = std::lock_guard<std::recursive_mutex>;
}  // namespace

MemoryLogReader::MemoryLogReader(Broker& broker, const std::string& client_id)
    : broker_(broker), fetcher_(broker, {client_id, alive_}) {}

MemoryLogReader::~MemoryLogReader() {
  const Guard lock(broker_.mutex());
  alive_.reset();
}

Status MemoryLogReader::Assign(const PartitionOffset& position) {
  const Guard lock(broker_.mutex());
  if (position.offset < Offset(0)) {
    return Status::Fatal("a position is numeric: partition=" + ToString(position.partition));
  }
  fetcher_.Start(position.partition, position.offset, /*paused=*/false);
  return Status::Ok();
}

Status MemoryLogReader::Unassign(const TopicPartition& partition) {
  const Guard lock(broker_.mutex());
  fetcher_.Stop(partition);
  return Status::Ok();
}

Result<std::vector<std::unique_ptr<RecordChunk>>> MemoryLogReader::Poll(size_t records_max,
                                                                        Milliseconds) {
  const Guard lock(broker_.mutex());
  broker_.Step();
  fetcher_.Fetch();
  broker_.Step();
  if (const auto error = fetcher_.TakeError()) return *error;
  std::vector<std::unique_ptr<RecordChunk>> chunks;
  if (fetcher_.empty()) return chunks;
  std::vector<TopicPartition> partitions = fetcher_.All();
  std::rotate(partitions.begin(),
              std::upper_bound(partitions.begin(), partitions.end(), last_served_),
              partitions.end());
  size_t budget = records_max;
  for (const TopicPartition& p : partitions) {
    const size_t before = chunks.size();
    fetcher_.Take(p, budget, chunks);
    if (chunks.size() > before) last_served_ = p;
    if (budget == 0) break;
  }
  return chunks;
}

std::optional<Offset> MemoryLogReader::Position(const TopicPartition& partition) const {
  const Guard lock(broker_.mutex());
  return fetcher_.Position(partition);
}

}  // namespace sidestream::kafka::memory
