// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Makes a new application out of a snapshot, before its first instance starts: rows of state go to
// its changelogs, records in flight to its repartition topics, then its group gets the positions
// with their commit stamps, and last the control topic says that all of it is there. From there on it
// is an application that was stopped in order.
//
// Invariants
//  - Only one start writes: the last one that took the transactional id "<app>-savepoint". One that
//    finds itself fenced leaves the application to the other (kFenced).
//  - What a start that was cut short left is emptied by the next one; positions are the same again.
//    An application that has run says so on its control topic, and nothing of it is touched.
//
// Threading: confined to the command's thread.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/patient_producer.h"
#include "app/savepoint_spread.h"
#include "app/waiting.h"
#include "base/status.h"
#include "checkpoint/checkpoint_record.h"
#include "kafka/cluster.h"
#include "snapshot/catalog.h"
#include "snapshot/image_directory.h"
#include "snapshot/in_flight.h"
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

  /// `application` is borrowed. `internal_topics`: as they are created. `images`: where images of
  /// state lie meanwhile, on the volume of the state directory. `tell` is called after each task.
  SavepointStart(const tasks::ApplicationSpec& application,
                 std::vector<kafka::NewTopic> internal_topics, Dependencies dependencies,
                 std::filesystem::path images,
                 std::function<void(const SavepointProgress&)> tell);

  /// Writes everything; `origin` says on the control topic from where. Requires: FitSavepoint() has
  /// no problem. kInvalidConfig: a source topic is another one than at the savepoint. kFenced:
  /// another start is under way, or was faster: ReadOrigin() says what becomes of it.
  Status Run(const snapshot::Manifest& manifest, const checkpoint::OriginRecord& origin);

 private:
  Status Empty();
  Status CopyTask(const snapshot::Manifest& manifest, const snapshot::KeptTask& task);
  Status CopyStores(const snapshot::Manifest& manifest, const snapshot::KeptTask& task);
  Status CopyStore(const snapshot::KeptTask& task, const statestore::StoreSpec& store,
                   size_t index, statestore::TaskState& state);
  Status WriteRow(const statestore::StoreSpec& store, Partition partition, std::string_view key,
                  std::string_view row);
  Status WriteCommonRows();
  Status CopyInFlight(const snapshot::KeptInput& input, const TopicPartition& to);
  Status WriteInFlight(const TopicPartition& to, const snapshot::InFlightRecord& record);
  Result<std::vector<kafka::CommittedOffset>> OffsetsOf(const snapshot::Manifest& manifest);
  Status AddPosition(const snapshot::Manifest& manifest, const snapshot::KeptInput& input,
                     std::vector<SpreadPosition>& positions) const;
  Status CommitPositions(const std::vector<kafka::CommittedOffset>& offsets);
  Status ReadTopicIds(const snapshot::Manifest& manifest);

  const tasks::ApplicationSpec& application_;
  const std::vector<kafka::NewTopic> internal_topics_;
  Dependencies dependencies_;
  snapshot::ImageDirectory images_;
  const std::function<void(const SavepointProgress&)> tell_;
  std::unique_ptr<PatientProducer> writer_;
  /// Of the topics of `manifest` by their names here.
  std::map<std::string, TopicId> topic_ids_;
  /// Topics with another number of partitions, and the stores behind them.
  std::map<std::string, PartitionCounts> spread_;
  std::map<std::string, StoreSpread> store_spreads_;
  std::string changelog_value_;
  SavepointProgress progress_;
};

/// Whether the application is as new as a start from a snapshot needs it. Empty result: it is.
/// A record: it was started from that one, and goes on. kInvalidConfig: it has run before.
Result<std::optional<checkpoint::OriginRecord>> ReadOrigin(
    const tasks::ApplicationSpec& application, kafka::Cluster& cluster, kafka::Admin& admin,
    Waiting& waiting, const Patience& patience);

}  // namespace sidestream::app
