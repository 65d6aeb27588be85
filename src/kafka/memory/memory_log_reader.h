// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The port LogReader on the in-process broker.
//
// Threading: as the port; every call takes the broker's mutex.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kafka/consumer.h"
#include "kafka/memory/partition_fetcher.h"

namespace sidestream::kafka::memory {

class MemoryLogReader final : public LogReader {
 public:
  /// `broker` is borrowed and outlives the reader.
  MemoryLogReader(Broker& broker, const std::string& client_id);
  ~MemoryLogReader() override;

  Status Assign(const PartitionOffset& position) override;
  Status Unassign(const TopicPartition& partition) override;
  Result<std::vector<std::unique_ptr<RecordChunk>>> Poll(size_t records_max,
                                                         Milliseconds wait) override;
  std::optional<Offset> Position(const TopicPartition& partition) const override;

 private:
  Broker& broker_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  PartitionFetcher fetcher_;
  TopicPartition last_served_;
};

}  // namespace sidestream::kafka::memory
