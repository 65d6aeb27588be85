// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Instance: one process's share of an application: a group member, its workers, the registry
// that opens tasks, the control log and the leader, wired together. Nothing here owns a
// thread: Step() runs everything once in the caller's (simulation, `test`), RunThreads() gives
// each part its own.
//
// Who owns whom: Instance owns clients (consumer, admin, readers), workers own their producers
// and tasks, tasks own their state. Stopping order: tasks (commit), group (leave), clients.
//
// Threading: Step() and construction on one thread, or RunThreads() once; RequestStop(),
// RequestAbort() and views from any.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "changelog/restore_pool.h"
#include "checkpoint/leader.h"
#include "kafka/cluster.h"
#include "statestore/image_source.h"
#include "statestore/task_state.h"
#include "tasks/alignment.h"
#include "tasks/group_member.h"
#include "tasks/standbys.h"
#include "tasks/sub_topology.h"
#include "tasks/task_registry.h"
#include "tasks/worker.h"

namespace sidestream::tasks {

/// Every rule that a negative test can switch off.
struct Rules {
  WorkerRules worker;
  transaction::WriterRules writer;
  MemberRules member;
  RegistryRules registry;
};

struct InstanceOptions {
  /// Part of client and transactional ids; unique in the application.
  std::string name;
  /// The name survives restarts: static membership.
  bool stable_name = false;
  size_t workers = 1;
  /// group, client_id and instance_id are filled in.
  kafka::ConsumerOptions consumer;
  Milliseconds transaction_timeout{10'000};
  /// Restores side by side, each with a thread and a reader.
  size_t restore_lanes = 1;
  /// What they may collect together on the way into the stores.
  size_t restore_bytes = size_t{64} << 20;
  /// With so many offsets to read, a restore looks for an image of the stores.
  int64_t seek_images_from = changelog::kAskElsewhereFrom;
  /// As WorkerOptions::input_bytes_max.
  size_t input_bytes_max = WorkerOptions().input_bytes_max;
  /// Where the HTTP listener answers, for the other instances.
  std::string address;
  uint64_t plan_hash = 0;
  std::string plan_text;
  std::vector<checkpoint::PlannedStep> plan_steps;
  Rules rules;
};

class Instance final : public EventTimeView {
 public:
  struct Dependencies {
    kafka::Cluster& cluster;
    statestore::TaskStateFactory& states;
    const Clock& clock;
    /// Null: nothing is begun here, and what is cut here is not kept.
    checkpoint::CutStorage* cuts = nullptr;
    /// Null: tasks are restored from their changelogs only.
    statestore::ImageSource* images = nullptr;
  };

  /// Makes the clients; nothing is joined yet. `application` and `dependencies` are borrowed and
  /// outlive the instance.
  static Result<std::unique_ptr<Instance>> Create(const ApplicationSpec& application,
                                                  Dependencies dependencies,
                                                  InstanceOptions options, uint64_t seed);
  ~Instance() override;

  /// Joins the group.
  Status Start();
  /// Stop in order: commit, close, leave. From any thread.
  void RequestStop() { stop_requested_ = true; }
  /// Runs every part once without waiting.
  void Step();
  /// Runs the parts that `runs` names, as threads of which some lag behind: 0 is the background
  /// with the restores, then the workers, the last one (part_count() - 1) the member.
  void StepSome(const std::function<bool(size_t part)>& runs);
  size_t part_count() const { return workers_.size() + 2; }

  /// Gives each part a thread and returns when the instance has stopped, failed or finished:
  /// `stop_timeout` bounds an orderly stop. A part that hangs ends the process (watchdog).
  Status RunThreads(Milliseconds stop_timeout);
  /// Gives up an orderly stop that RunThreads() waits for.
  void RequestAbort() { abort_requested_ = true; }

  /// The group is left, every task closed, and no write of the leader is under way.
  bool stopped() const { return member_->stopped() && !leader_->leading() && standbys_gone_; }
  /// All bounded inputs of the application are processed. Of an application that had finished
  /// before this start only once its tasks are open: what was changed from outside is met first.
  bool finished() const { return control_->finished() && member_->was_ready(); }
  /// A savepoint after which the application is to stop is complete.
  bool stops_at_savepoint() const { return control_->stop_at_savepoint(); }
  Status failure() const;
  bool ready() const { return member_->ready(); }
  bool started() const { return control_->caught_up(); }
  std::vector<TaskReport> EventTimes() const override;

  const GroupMember& member() const { return *member_; }
  const TaskRegistry& registry() const { return *registry_; }
  /// Null: none are kept.
  const Standbys* standbys() const { return standbys_.get(); }
  const checkpoint::Leader& leader() const { return *leader_; }
  const checkpoint::ControlView& control() const { return *control_; }
  size_t worker_count() const { return workers_.size(); }
  /// For views and oracles on the stepping thread.
  Worker& worker(size_t index) { return *workers_[index]; }

 private:
  Instance(const ApplicationSpec& application, Dependencies dependencies, InstanceOptions options,
           uint64_t seed);
  Status MakeClients();
  Status MakeParts();
  void StepBackground();
  void StepRestores();
  void StepStandbys();

  const ApplicationSpec& application_;
  Dependencies dependencies_;
  const InstanceOptions options_;
  Random random_;
  Mailbox<ToMember> member_mail_;
  std::atomic<bool> stop_requested_{false};
  std::atomic<bool> abort_requested_{false};

  std::unique_ptr<kafka::Consumer> consumer_;
  std::unique_ptr<kafka::Admin> admin_;
  std::vector<std::unique_ptr<kafka::LogReader>> restore_readers_;
  std::unique_ptr<kafka::LogReader> control_reader_;
  std::unique_ptr<checkpoint::ControlLog> control_;
  std::unique_ptr<checkpoint::PartKeeper> parts_;
  std::unique_ptr<checkpoint::Leader> leader_;
  std::unique_ptr<LeaderDuty> duty_;
  std::unique_ptr<Alignment> alignment_;
  std::unique_ptr<changelog::RestorePool> restores_;
  std::unique_ptr<Standbys> standbys_;
  MonotonicTime standbys_stepped_at_{};
  std::atomic<bool> standbys_gone_{true};
  std::unique_ptr<TaskRegistry> registry_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<GroupMember> member_;
};

}  // namespace sidestream::tasks
