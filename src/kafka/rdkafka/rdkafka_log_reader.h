// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LogReader port over librdkafka's simple consumer: no group id, hence no coordinator and no
// rights on a group; every partition at an explicit offset into one queue.
//
// Threading: as LogReader.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/consumer.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/handle.h"
#include "kafka/rdkafka/rdkafka_chunk.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaLogReader final : public LogReader {
 public:
  static Result<std::unique_ptr<LogReader>> Make(const Properties& properties);
  explicit RdkafkaLogReader(std::shared_ptr<Client> client);
  ~RdkafkaLogReader() override;

  Status Assign(const PartitionOffset& position) override;
  Status Unassign(const TopicPartition& partition) override;
  Result<std::vector<std::unique_ptr<RecordChunk>>> Poll(size_t records_max,
                                                         Milliseconds wait) override;
  std::optional<Offset> Position(const TopicPartition& partition) const override;

 private:
  struct Reading {
    TopicObject topic;
    Offset next;
  };
  void Follow(const RecordChunk& chunk);

  const std::shared_ptr<Client> client_;
  const Queue queue_;
  BatchReader reader_;
  std::map<TopicPartition, Reading> reading_;
  std::optional<Status> error_;
};

}  // namespace sidestream::kafka::rdkafka
