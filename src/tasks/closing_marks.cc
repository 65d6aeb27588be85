// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/closing_marks.h"

#include <string>

#include "base/internal_record.h"

namespace sidestream::tasks {

void ClosingMarks::Add(kafka::SinkTopic topic, Partition partition, uint32_t upstream_tasks,
                       const time::UpstreamTime& said) {
  time::Mark& mark = marks_[{topic, partition}];
  mark.upstream_tasks = upstream_tasks;
  mark.entries.push_back(said);
}

std::vector<transaction::ClosingRecord> ClosingMarks::Take() {
  std::vector<transaction::ClosingRecord> records;
  std::string payload;
  for (const auto& [place, mark] : marks_) {
    payload.clear();
    time::EncodeMark(mark, payload);
    transaction::ClosingRecord& record = records.emplace_back();
    record.topic = place.first;
    record.partition = place.second;
    EncodeMarkValue(payload, record.value);
  }
  marks_.clear();
  return records;
}

}  // namespace sidestream::tasks
