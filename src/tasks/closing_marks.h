// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ClosingMarks: what the tasks of a transaction say of their time when it ends, as one mark per
// partition of a repartition topic. Only tasks whose offsets are in the same transaction speak:
// nothing else fences an owner that has been replaced (R3).
//
// Threading: confined to the worker's thread.

#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "kafka/record_sink.h"
#include "time/mark.h"
#include "transaction/transaction_writer.h"

namespace sidestream::tasks {

class ClosingMarks {
 public:
  /// `upstream_tasks`: of the plan; `said`: of one task, in ascending order for each topic.
  void Add(kafka::SinkTopic topic, Partition partition, uint32_t upstream_tasks,
           const time::UpstreamTime& said);
  /// The records to be written behind all data of the transaction.
  std::vector<transaction::ClosingRecord> Take();

 private:
  std::map<std::pair<kafka::SinkTopic, Partition>, time::Mark> marks_;
};

}  // namespace sidestream::tasks
