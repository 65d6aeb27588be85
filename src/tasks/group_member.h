// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// GroupMember: the instance's seat in the consumer group. Owns the consumer, serves
// rebalances, hands tasks to workers and permits to commit.
//
// A held task:
//   kOpening ──▶ kSeeking ──▶ kStarting ──▶ kRunning
//      ▲   (registry)   (consumer)   (worker: drops, Ready; forward, resume)
//      └──── reopen (worker closed it dirty: pause, open again)
//   any ──▶ kStopping ──▶ gone, then CompleteRevoke for the whole event
//
// Invariants
//  G1. Hand-over in the order of kafka/consumer.h; never forward before the seek has answered.
//  G2. Revoke: the partitions are given back after every affected task has answered.
//  G3. Permits come from here only: one at each event of the group, none while membership is
//      not usable.
//  G4. A task that nobody owns for ten seconds of a stable group is an error, and every member that
//      sees it joins again: only the group leader's join starts a round. (Cooperative moves take
//      two rounds, and a static member that restarts between them gets its old assignment back
//      without a second round.)
//  G5. A task of the anchor's partition p owns partition p of every input (hand-added).
//  G6. A member that was given what we add by hand is of another version, with other anchors: this
//      instance ends. Where anchors have changed, the group is looked at before the first task opens.
//      What this instance itself was given as another version, under its static name, it gives back.
//  G7. Nothing is purged that a checkpoint still has to copy: once the committed offsets are known, the
//      control topic is read to the end that it has by then, so that what let a task go on behind its
//      cut is known too (model: PURGE).
//
// Threading: Step() on one thread; Post() and views from any.

#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "checkpoint/control_view.h"
#include "kafka/cluster.h"
#include "tasks/mailbox.h"
#include "tasks/messages.h"
#include "tasks/sub_topology.h"
#include "tasks/task_registry.h"
#include "tasks/worker.h"

namespace sidestream::tasks {

/// Told when this instance begins and ceases to own the control partition.
class LeaderDuty {
 public:
  virtual ~LeaderDuty() = default;
  virtual void StartLeading() = 0;
  virtual void StopLeading() = 0;
};

/// Rules that negative tests switch off, to show that the oracles catch it.
struct MemberRules {
  /// G1: forward and resume only when the worker is ready.
  bool hand_over_in_order = true;
  /// G2: off, partitions are given back while their tasks still run.
  bool revoke_after_answers = true;
  /// G3: off, whatever membership the client holds is a permit.
  bool check_permit = true;
  /// G4.
  bool rejoin_for_unowned = true;
  /// G6.
  bool refuse_other_anchors = true;
  /// G7.
  bool keep_for_checkpoints = true;
};

/// Written by the stepping thread, read by any.
struct MemberCounters {
  std::atomic<int64_t> rebalances{0};
  std::atomic<int64_t> tasks_lost{0};
  std::atomic<int64_t> tasks_reopened{0};
  /// Requests to delete what was consumed from repartition topics.
  std::atomic<int64_t> purges{0};
};

class GroupMember {
 public:
  struct Dependencies {
    kafka::Consumer& consumer;
    kafka::Admin& admin;
    TaskRegistry& registry;
    std::vector<Worker*> workers;
    LeaderDuty& leader;
    const checkpoint::ControlView& control;
    const Clock& clock;
    Mailbox<ToMember>& mail;
  };

  GroupMember(const ApplicationSpec& application, Dependencies dependencies,
              MemberRules rules = {});
  ~GroupMember();

  /// Joins the group; once.
  Status Start();
  /// Stops all tasks at a record boundary, commits, leaves. Goes on through Step().
  void RequestStop();
  void Step(Milliseconds wait);

  /// The group has been left and every task closed.
  bool stopped() const { return stopped_.load(); }
  /// Why the instance cannot go on; ok while it can.
  Status failure() const;
  /// Joined, and every task that the group gave is running.
  bool ready() const { return ready_.load(); }
  /// It has been ready: offsets and state of every task that the group gave first were checked.
  bool was_ready() const { return was_ready_.load(); }
  size_t held_tasks() const { return held_count_.load(); }
  std::vector<TaskId> HeldTasks() const;
  size_t running_tasks() const { return running_count_.load(); }
  /// Anchor partitions that no member of the group was given, as of the last look.
  size_t unowned_tasks() const { return unowned_count_.load(); }
  /// G4: there are unowned tasks, and there were for so long that it is an error.
  bool unowned_too_long() const { return unowned_too_long_.load(); }
  size_t finished_tasks() const { return finished_count_.load(); }
  MonotonicTime heartbeat() const { return MonotonicTime(heartbeat_.load()); }
  const MemberCounters& counters() const { return counters_; }

 private:
  enum class Stage { kOpening, kSeeking, kStarting, kRunning, kStopping };
  struct Held {
    Stage stage = Stage::kOpening;
    size_t worker = 0;
    uint64_t ticket = 0;
    std::vector<TopicPartition> inputs;
    std::unique_ptr<StreamTask> opened;
    bool finished = false;
  };

  void OnEvent(kafka::ConsumerEvent event);
  void OnAssigned(const kafka::Assigned& event);
  void MaybeCompleteAssign();
  void GiveBackOthers(const std::vector<TopicPartition>& given);
  void OnRevoking(const kafka::Revoking& event);
  void OnSeekDone(const kafka::SeekDone& event);
  void OnCommitDone(const kafka::CommitDone& event);
  void OnConsumerError(const kafka::ConsumerError& event);
  void TakeMail();
  void OnOpened(TaskOpened& message);
  void OnTaskReady(const TaskReady& message);
  void ForwardAndResume(Held& held);
  void OnReopen(const ReopenTask& message);
  void Hold(const TaskId& id);
  void Open(const TaskId& id, Held& held);
  void OpenWaiting();
  void Stop(const TaskId& id, Held& held, bool lost);
  void Gone(const TaskId& id);
  void MaybeCompleteRevoke();
  void PublishPermit(bool withdraw);
  void CommitControlPosition();
  void PurgeRepartitions();
  void AskWhatToPurge();
  void PurgeBelow(const std::vector<kafka::CommittedOffset>& offsets);
  void CheckOwnership();
  bool RefusesOtherAnchors(const kafka::GroupDescription& group);
  std::vector<TopicPartition> UnownedIn(const kafka::GroupDescription& group) const;
  void PublishViews();
  void PublishHeld();
  void Fail(const Status& why);
  size_t LeastLoadedWorker() const;

  const ApplicationSpec& application_;
  Dependencies dependencies_;
  const MemberRules rules_;

  std::map<TaskId, Held> held_;
  std::map<uint64_t, TaskId> tickets_;
  std::vector<bool> worker_ready_;
  uint64_t next_ticket_ = 1;
  /// An Assigned event that is not answered yet: it waits for the starts of the logs.
  struct Assigning {
    std::vector<TopicPartition> partitions;
    std::vector<TaskId> added;
    kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> log_starts;
    MonotonicTime not_before{};
  };
  std::optional<Assigning> assigning_;
  /// A Revoking event that is not answered yet.
  std::optional<kafka::Revoking> revoking_;
  std::set<TaskId> awaited_;
  int64_t permit_epoch_ = 0;
  bool leading_ = false;
  bool joined_ = false;
  bool stop_requested_ = false;
  bool closing_ = false;

  struct PendingCommit {
    size_t worker = 0;
    uint64_t token = 0;
  };
  std::map<uint64_t, PendingCommit> commits_;
  uint64_t next_commit_ = 1;
  /// How far the control topic is read, for whoever looks at the group's lag: nothing starts there.
  struct ControlCommit {
    uint64_t token = 0;
    Offset position;
  };
  std::optional<ControlCommit> control_commit_;
  MonotonicTime control_commit_at_{};
  /// Empty: nothing since this instance leads.
  std::optional<Offset> control_committed_;
  MonotonicTime purged_at_{};
  kafka::Admin::Reply<std::vector<kafka::CommittedOffset>> purge_offsets_;
  /// What may be purged, once the control topic is read to this end.
  std::optional<std::vector<kafka::CommittedOffset>> purgeable_;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> purge_control_end_;
  std::optional<Offset> purge_read_to_;
  kafka::Admin::Reply<kafka::Done> purge_reply_;
  std::map<TopicPartition, Offset> purged_below_;
  /// At least once: what the look before this one saw.
  std::map<TopicPartition, Offset> committed_before_;
  MonotonicTime error_logged_at_{};
  std::vector<std::string> topics_;
  /// What is to be subscribed to next, each when the one before has led to an assignment.
  std::deque<std::vector<std::string>> next_topics_;
  /// G6: the look that tasks wait for.
  bool must_look_first_ = false;
  kafka::Admin::Reply<kafka::GroupDescription> group_reply_;
  MonotonicTime ownership_checked_at_{};
  std::optional<MonotonicTime> unowned_since_;

  std::atomic<bool> stopped_{false};
  std::atomic<bool> ready_{false};
  std::atomic<size_t> held_count_{0};
  std::atomic<size_t> running_count_{0};
  std::atomic<bool> was_ready_{false};
  std::atomic<size_t> finished_count_{0};
  std::atomic<size_t> unowned_count_{0};
  std::atomic<bool> unowned_too_long_{false};
  std::atomic<MonotonicTime::duration> heartbeat_;
  MemberCounters counters_;

  mutable std::mutex held_mutex_;
  std::vector<TaskId> held_tasks_;  // guarded by held_mutex_

  mutable std::mutex failure_mutex_;
  Status failure_;  // guarded by failure_mutex_
};

}  // namespace sidestream::tasks
