// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// TaskRegistry: opens tasks. Reads what the group has committed for the task, checks it
// against the topics, opens the state and restores it; the result is a StreamTask that may
// run, or a reason why it must not.
//
//   kOffsets ──▶ kTopics ──▶ kLogEnds ──▶ (kControl) ──▶ kState ──▶ kRestoring ──▶ opened
//                                                          ▲            ▲ │ much is to be read
//                                           image placed ──┴── none ────┴─▼ kSeeking (image_restore.h)
//      any ──▶ cancelled | failed (the instance stops: nothing was moved)
//
// Invariants
//  R1. Offsets are read require-stable and task by task: a zombie's pending offset must not
//      hold up the others. They are read after the worker's producer is initialised.
//  R2. Exactly-once: no sequence in meta or changelog may exceed the stamp's, else offsets were
//      changed from outside: stop, move nothing. A smaller one is normal.
//  R3. Same topic id and a position beyond the log's end: the broker lost data: stop. Another
//      id: the topic was recreated: stop. A missing offset of an adopted input: stop.
//  R4. What contradicts the committed offsets is believed only when they still stand after it was
//      seen: an opener that was evicted without knowing it meets the commits of the new owner.
//  R5. The control topic is read to the log end that it has after the offsets are stable: a CUT of an
//      earlier owner is known before the task runs (checkpoint/participant.h C3).
//
// Threading: Step() on one thread; Post() from any.

#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "changelog/restore_pool.h"
#include "checkpoint/control_view.h"
#include "kafka/cluster.h"
#include "statestore/image_source.h"
#include "statestore/task_state.h"
#include "tasks/mailbox.h"
#include "tasks/messages.h"
#include "tasks/standbys.h"
#include "tasks/sub_topology.h"
#include "time/commit_stamp.h"

namespace sidestream::tasks {

/// Rules that negative tests switch off, to show that the oracles catch it.
struct RegistryRules {
  /// R1.
  bool stable_offsets = true;
  /// R2.
  bool compare_sequences = true;
  /// R3: off, a topic that is another one, or lost records, is read on.
  bool same_topic = true;
  /// R4.
  bool look_again = true;
  TaskRules task;
  changelog::RestoreRules restore;
};

/// What a task's stores were brought up from: its own directory as it was left, its changelogs from the
/// start, an image at the checkpoints' location, the copy of a standby.
enum class RestoreSource { kDirectory, kChangelog, kLocation, kCopy };
inline constexpr size_t kRestoreSources = 4;

/// Written by the stepping thread, read by any.
struct RegistryCounters {
  std::atomic<int64_t> opened{0};
  /// Of those, tasks with stores, by RestoreSource.
  std::array<std::atomic<int64_t>, kRestoreSources> restores{};
  /// Of restores that have ended; those under way are in Progress().
  std::atomic<int64_t> restored_records{0};
};

class TaskRegistry {
 public:
  struct Dependencies {
    kafka::Admin& admin;
    changelog::RestorePool& restores;
    statestore::TaskStateFactory& states;
    const checkpoint::ControlView& control;
    const Clock& clock;
    Random& random;
    Alignment& alignment;
    /// Null: no standbys are kept.
    Standbys* standbys;
    /// Null: there is nothing to restore from but the changelogs.
    statestore::ImageSource* images;
    Mailbox<ToMember>& member;
  };

  /// `application` and everything in `dependencies` is borrowed and outlives the registry.
  TaskRegistry(const ApplicationSpec& application, Dependencies dependencies,
               RegistryRules rules = {});
  ~TaskRegistry();

  void Post(ToRegistry message) { mail_.Post(std::move(message)); }
  void Step();
  /// Nothing is being opened.
  bool idle() const { return openings_.empty(); }
  changelog::StoreRestorer::ProgressReport Progress() const {
    return dependencies_.restores.Progress();
  }
  const RegistryCounters& counters() const { return counters_; }

 private:
  struct Opening;

  void TakeMail();
  void Advance(Opening& opening);
  void TakeOffsets(Opening& opening);
  void TakeTopics(Opening& opening);
  void AskLogEnds(Opening& opening);
  void TakeLogEnds(Opening& opening);
  void OpenState(Opening& opening);
  void Restore(Opening& opening, changelog::FarRestore far);
  void Seek(Opening& opening, std::vector<changelog::LogAhead> logs);
  void SeekImage(Opening& opening);
  void PlaceImage(Opening& opening, const std::filesystem::path& folder);
  void NoteSource(Opening& opening, const changelog::RestoreOutcome& outcome);
  void OnRestored(const changelog::RestoreOutcome& outcome);
  Status ReadStamps(Opening& opening);
  Status CheckTopics(Opening& opening, const std::vector<kafka::TopicDescription>& topics);
  Status CheckSameTopic(const kafka::TopicDescription& topic,
                        const kafka::CommittedOffset& committed,
                        const std::optional<time::CommitStamp>& stamp) const;
  Status PlaceInputs(Opening& opening);
  Status CheckSequence(Opening& opening, CommitSequence highest);
  void Finish(Opening& opening);
  void Fail(Opening& opening, const Status& why);
  void OnCancelled(Opening& opening, const Status& how);
  /// `dirty`: nothing that was not durable before is kept.
  void Drop(Opening& opening, bool dirty);
  void RetryLater(Opening& opening, const Status& why);
  void NoteWait(Opening& opening, std::string_view what);
  bool LookAgain(Opening& opening, const Status& why);

  const ApplicationSpec& application_;
  Dependencies dependencies_;
  const RegistryRules rules_;
  /// Draws TaskStart::life.
  Random lives_;
  Mailbox<ToRegistry> mail_;
  std::map<uint64_t, std::unique_ptr<Opening>> openings_;
  /// Failed openings whose cancelling is still to be answered.
  std::set<uint64_t> failed_;
  RegistryCounters counters_;
};

/// The sub-topology whose tasks `anchor_topic` names, or null.
const SubTopologySpec* FindSubTopology(const ApplicationSpec& application,
                                       const std::string& anchor_topic);

/// The partitions that a task reads: the anchor's and those added by hand, in the order of the
/// spec's inputs. An input with fewer partitions than the anchor is left out for the tasks
/// that it has no partition for.
std::vector<TopicPartition> InputsOf(const SubTopologySpec& spec, Partition partition);

}  // namespace sidestream::tasks
