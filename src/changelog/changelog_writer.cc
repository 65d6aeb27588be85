// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/changelog_writer.h"

#include "base/check.h"
#include "base/internal_record.h"

namespace sidestream::changelog {

Result<int64_t> ChangelogWriter::WriteChanges(statestore::TaskState& state, Partition partition,
                                              CommitSequence sequence,
                                              const std::vector<kafka::SinkTopic>& topics,
                                              kafka::RecordSink& sink) {
  CHECK(topics.size() == state.store_count()) << "one changelog per store";
  int64_t records = 0;
  for (size_t store = 0; store < state.store_count(); ++store) {
    if (state.spec(store).changelog_topic.empty()) continue;
    Status status;
    state.ForEachChange(store, [&](const statestore::Change& change) {
      if (!status.ok()) return;
      std::optional<std::string_view> value;
      if (change.value) {
        value_.clear();
        EncodeChangelogValue({.sequence = sequence, .row = *change.value}, value_);
        value = value_;
      }
      status = sink.ProduceInternal(topics[store], partition, change.key, value);
      ++records;
    });
    RETURN_IF_ERROR(status);
  }
  return records;
}

}  // namespace sidestream::changelog
