// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SnapshotStorage: keeps what checkpoints cut. Images of state wait on the local disk; on a thread
// of its own their files and the records in flight go to the location, then the part of the task,
// and at the leader the manifest.
//
// Place in the flow: checkpoint/cut_storage.h. One for each instance.
//
// Threading: as CutStorage says. What blocks runs in Work(): on the thread of RunThread(), or in the
// caller's where everything is stepped by hand.

#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "checkpoint/cut_storage.h"
#include "kafka/cluster.h"
#include "snapshot/catalog.h"
#include "snapshot/image_directory.h"
#include "snapshot/location.h"
#include "statestore/image_source.h"

namespace sidestream::snapshot {

struct StorageOptions {
  std::string application;
  std::string client_id;
  /// Setting application.state.dir.
  std::filesystem::path state_dir;
  /// Of checkpoints, and of savepoints that name none; empty: there is none, and they fail.
  std::string location;
  /// Periodic checkpoints that are kept.
  size_t retain = 3;
};

class SnapshotStorage final : public checkpoint::CutStorage {
 public:
  /// `cluster` and what `surroundings` borrows outlive the storage.
  SnapshotStorage(kafka::Cluster& cluster, LocationSurroundings surroundings,
                  StorageOptions options);
  /// Gives up what is under way, and what waits.
  ~SnapshotStorage() override;

  /// Works on a thread of its own from now on. Once.
  void RunThread();
  /// Does what was asked first. False: there is nothing to do.
  bool Work();

  Status TakeImage(checkpoint::CheckpointNumber number, const TaskId& task,
                   statestore::TaskState* state, Timestamp now) override;
  void Store(checkpoint::TaskPart part) override;
  void Complete(checkpoint::StoredCut cut) override;
  void Forget(checkpoint::CheckpointNumber number) override;
  std::vector<checkpoint::StorageAnswer> Poll() override;

 private:
  using Job = std::variant<checkpoint::TaskPart, checkpoint::StoredCut>;
  /// A location that was opened, with the catalog over it.
  struct Place {
    std::unique_ptr<Location> location;
    std::unique_ptr<Catalog> catalog;
    /// The checkpoint for which it was looked through last.
    std::optional<int64_t> begun;
  };

  /// Those, and the end of this storage for that of the process.
  LocationSurroundings UntilTheEnd(LocationSurroundings surroundings);
  static int64_t NumberOf(const Job& job);
  /// It was forgotten while it ran: its manifest, if it was written, goes again.
  void TakeBack(const Job& job);
  /// Nobody waits for the job that runs.
  Status CheckWanted();
  void Push(Job job);
  checkpoint::PartStored StorePart(const checkpoint::TaskPart& part);
  Status StoreFiles(const checkpoint::TaskPart& part, checkpoint::PartStored& answer);
  std::vector<statestore::ImageStore> TakeImageStores(int64_t number, const TaskId& task);
  Result<std::vector<StoredFile>> StoreImage(Catalog& catalog, const std::filesystem::path& image);
  Result<kafka::LogReader*> Reader();
  checkpoint::CheckpointCompleted WriteManifest(const checkpoint::StoredCut& cut);
  Result<Manifest> ManifestOf(Catalog& catalog, const checkpoint::StoredCut& cut);
  Result<Manifest> MakeManifest(Catalog& catalog, const checkpoint::StoredCut& cut);
  Result<Place*> PlaceOf(const checkpoint::BeginRecord& begin);

  kafka::Cluster& cluster_;
  const LocationSurroundings surroundings_;
  const StorageOptions options_;
  ImageDirectory images_;

  // Of Work() alone.
  std::map<std::string, Place> places_;
  std::unique_ptr<kafka::LogReader> reader_;

  std::mutex mutex_;
  std::condition_variable woken_;
  // Guarded by mutex_.
  std::deque<Job> jobs_;
  /// How far the images that wait here have applied their changelogs.
  std::map<std::pair<int64_t, TaskId>, std::vector<statestore::ImageStore>> image_stores_;
  std::optional<int64_t> running_;
  /// Forgotten while a job of it ran.
  bool running_forgotten_ = false;
  std::vector<checkpoint::StorageAnswer> answers_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace sidestream::snapshot
