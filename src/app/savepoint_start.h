// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Makes a new application out of a snapshot, before its first instance starts: rows of state go to
// its changelogs, records in flight to its repartition topics, and last its group gets the positions
// with their commit stamps. From there on it is an application that was stopped in order.
//
// The internal topics exist and are empty. A run that is cut short leaves an application without
// positions, which is refused the next time: `reset` and again.
//
// Threading: confined to the command's thread.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/waiting.h"
#include "base/status.h"
#include "checkpoint/checkpoint_record.h"
#include "kafka/cluster.h"
#include "snapshot/catalog.h"
#include "statestore/task_state.h"
#include "tasks/sub_topology.h"

namespace sidestream::app {

/// What is done, for people.
struct SavepointProgress {
  size_t tasks = 0;
  size_t tasks_done = 0;
  int64_t rows = 0;
  int64_t in_flight_records = 0;
};

class SavepointStart {
 public:
  /// All borrowed.
  struct Dependencies {
    kafka::Cluster& cluster;
    kafka::Admin& admin;
    statestore::TaskStateFactory& states;
    snapshot::Catalog& catalog;
    Waiting& waiting;
    Patience patience;
  };

  /// `application` is borrowed. `work_dir`: for images, on the volume of the state directory; it is
  /// made, and removed again. `tell` is called after each task.
  SavepointStart(const tasks::ApplicationSpec& application, Dependencies dependencies,
                 std::filesystem::path work_dir,
                 std::function<void(const SavepointProgress&)> tell);
  ~SavepointStart();

  /// Writes everything; `origin` says on the control topic from where. Requires: FitSavepoint() has
  /// no problem. kInvalidConfig: a source topic is another one than at the savepoint.
  Status Run(const snapshot::Manifest& manifest, const checkpoint::OriginRecord& origin);

 private:
  class Writer;

  Status CopyTask(const snapshot::Manifest& manifest, const snapshot::KeptTask& task);
  Status CopyStores(const snapshot::Manifest& manifest, const snapshot::KeptTask& task);
  Status CopyInFlight(const snapshot::KeptInput& input, const TopicPartition& to);
  Result<std::vector<kafka::CommittedOffset>> OffsetsOf(const snapshot::Manifest& manifest);
  Status CommitPositions(const std::vector<kafka::CommittedOffset>& offsets);
  Status ReadTopicIds(const snapshot::Manifest& manifest);

  const tasks::ApplicationSpec& application_;
  Dependencies dependencies_;
  const std::filesystem::path work_dir_;
  const std::function<void(const SavepointProgress&)> tell_;
  std::unique_ptr<Writer> writer_;
  /// Of the topics of `manifest` by their names here.
  std::map<std::string, TopicId> topic_ids_;
  SavepointProgress progress_;
};

/// Whether the application is as new as a start from a snapshot needs it. Empty result: it is.
/// A record: it was started from that one, and goes on. kInvalidConfig: it has been something else.
Result<std::optional<checkpoint::OriginRecord>> ReadOrigin(
    const tasks::ApplicationSpec& application, kafka::Cluster& cluster, kafka::Admin& admin,
    Waiting& waiting, const Patience& patience);

}  // namespace sidestream::app
