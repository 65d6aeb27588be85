// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// PartKeeper: what an instance does about the tasks it cut, once they have gone on: has their parts
// stored when DONE is read, writes STORED, and lets go of images when the checkpoint comes to
// nothing. The leader completes through it, so that CutStorage is asked from one thread.
//
// Place in the flow: between the workers (ImageTaken) and CutStorage; writes STORED with a producer
// of its own, without a transaction: by then the task may run elsewhere, and what STORED says does not
// depend on who runs it. The producer is made with the first part.
//
// Invariants
//  - STORED is written only for the CUT that counts (its life), and only after DONE.
//  - What an earlier process of this name cut is said to be lost: nobody has to wait for it.
//
// Threading: Expect() and ImageTaken() from any thread, all else on the background thread.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/control_view.h"
#include "checkpoint/cut_storage.h"
#include "kafka/cluster.h"

namespace sidestream::checkpoint {

struct PartKeeperOptions {
  /// As the CUT records of this instance name it.
  std::string instance;
  std::string client_id;
  std::string control_topic;
};

class PartKeeper {
 public:
  /// `cluster`, `storage`, `view` and `clock` are borrowed and outlive the keeper. `storage` may be
  /// null: then nothing can be stored.
  PartKeeper(kafka::Cluster& cluster, CutStorage* storage, const ControlView& view,
             const Clock& clock, PartKeeperOptions options);
  ~PartKeeper();

  /// A worker is about to commit `cut`; ImageTaken() follows unless it is aborted.
  void Expect(const CutRecord& cut);
  /// A worker committed `cut` and took the image (or could not). For the storage itself: TakeImage()
  /// of storage(), before this.
  void ImageTaken(CutRecord cut, Status image);
  CutStorage* storage() { return storage_; }

  void Step();

  // For the leader.
  void Complete(StoredCut cut);
  /// The answer to Complete(), once.
  std::optional<CheckpointCompleted> TakeCompleted();

 private:
  struct Part {
    CutRecord cut;
    Status image;
    bool storing = false;
  };

  void TakeMail();
  void Follow(const Checkpoint& latest);
  void Store(const Checkpoint& latest, Part& part);
  void AnnounceLost(const Checkpoint& latest);
  void PollStorage();
  void Announce(StoredRecord record);
  void Forget(CheckpointNumber number);
  void Write();

  kafka::Cluster& cluster_;
  CutStorage* const storage_;
  const ControlView& view_;
  const Clock& clock_;
  const PartKeeperOptions options_;

  std::mutex mutex_;
  std::vector<Part> mail_;  // guarded by mutex_, as expected_
  /// Lives that this process cut or is about to.
  std::map<TaskId, uint64_t> expected_;

  /// Of one checkpoint.
  CheckpointNumber number_;
  std::map<TaskId, Part> parts_;
  CheckpointNumber forgotten_;
  /// Announced as lost.
  std::set<std::pair<CheckpointNumber, TaskId>> lost_;
  std::optional<CheckpointCompleted> completed_;

  enum class Writing { kNone, kInitializing, kReady, kFlushing };
  Writing writing_ = Writing::kNone;
  std::unique_ptr<kafka::Producer> producer_;
  kafka::TopicHandle topic_;
  MonotonicTime retry_at_{};
  std::vector<StoredRecord> unwritten_;
  /// Written, and still to be confirmed.
  std::vector<StoredRecord> unconfirmed_;
};

}  // namespace sidestream::checkpoint
