// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/group_member.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/overloaded.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kControlCommitInterval{1'000};
constexpr Milliseconds kPurgeInterval{30'000};
constexpr Milliseconds kOwnershipInterval{5'000};
constexpr Milliseconds kUnownedMax{10'000};
constexpr Milliseconds kRetryDelay{100};
constexpr Milliseconds kErrorLogInterval{5'000};

}  // namespace

GroupMember::GroupMember(const ApplicationSpec& application, Dependencies dependencies,
                         MemberRules rules)
    : application_(application),
      dependencies_(std::move(dependencies)),
      rules_(rules),
      worker_ready_(dependencies_.workers.size(), false),
      purged_at_(dependencies_.clock.Now()),
      heartbeat_(dependencies_.clock.Now().time_since_epoch()) {
  CHECK(!dependencies_.workers.empty());
}

GroupMember::~GroupMember() = default;

Status GroupMember::Start() {
  for (const SubTopologySpec& spec : application_.sub_topologies) {
    topics_.push_back(spec.anchor_topic());
  }
  topics_.push_back(application_.control_topic);
  must_look_first_ =
      std::ranges::any_of(application_.sub_topologies,
                          [](const SubTopologySpec& spec) { return !spec.former_anchors.empty(); });
  // The coordinator ignores what a static member that comes back subscribes to anew, unless it
  // comes from a member that it knows already (R2).
  std::vector<std::string> first = application_.recorded_topics;
  if (first.empty() || first.size() + 1 == topics_.size()) {
    return dependencies_.consumer.Subscribe(topics_);
  }
  next_topics_ = {topics_};
  first.push_back(application_.control_topic);
  return dependencies_.consumer.Subscribe(first);
}

void GroupMember::RequestStop() { stop_requested_ = true; }

void GroupMember::Step(Milliseconds wait) {
  heartbeat_ = dependencies_.clock.Now().time_since_epoch();
  if (stopped_) return;
  TakeMail();
  if (std::optional<kafka::ConsumerEvent> event = dependencies_.consumer.Poll(wait)) {
    OnEvent(std::move(*event));
  }
  OpenWaiting();
  if (stop_requested_ && !closing_) {
    closing_ = true;
    dependencies_.consumer.StartClose();
  }
  MaybeCompleteAssign();
  MaybeCompleteRevoke();
  if (closing_ && dependencies_.consumer.closed()) {
    // Closing revokes what is held; a close without an event leaves tasks to be dropped.
    for (auto& [id, held] : held_) Stop(id, held, /*lost=*/true);
    if (std::exchange(leading_, false)) dependencies_.leader.StopLeading();
    stopped_ = held_.empty();
  } else if (!closing_) {
    CommitControlPosition();
    PurgeRepartitions();
    CheckOwnership();
  }
  PublishViews();
  heartbeat_ = dependencies_.clock.Now().time_since_epoch();
}

void GroupMember::OnEvent(kafka::ConsumerEvent event) {
  std::visit(Overloaded{
                 [this](const kafka::Assigned& e) { OnAssigned(e); },
                 [this](const kafka::Revoking& e) { OnRevoking(e); },
                 [this](const kafka::SeekDone& e) { OnSeekDone(e); },
                 [this](const kafka::CommitDone& e) { OnCommitDone(e); },
                 [this](const kafka::ConsumerError& e) { OnConsumerError(e); },
             },
             event);
}

void GroupMember::OnAssigned(const kafka::Assigned& event) {
  counters_.rebalances.fetch_add(1, std::memory_order_relaxed);
  joined_ = true;
  CHECK(!assigning_ && !revoking_) << "a second rebalance event before the first was answered";
  PublishPermit(/*withdraw=*/false);
  assigning_.emplace();
  for (const TopicPartition& anchor : event.partitions) {
    if (anchor.topic == application_.control_topic) {
      assigning_->partitions.push_back(anchor);
      leading_ = true;
      control_committed_.reset();
      dependencies_.leader.StartLeading();
      continue;
    }
    const SubTopologySpec* spec = FindSubTopology(application_, anchor.topic);
    if (spec == nullptr) continue;
    for (TopicPartition& input : InputsOf(*spec, anchor.partition)) {
      assigning_->partitions.push_back(std::move(input));
    }
    assigning_->added.push_back({anchor.topic, anchor.partition});
  }
  GiveBackOthers(event.partitions);
  MaybeCompleteAssign();
}

/// A static member that comes back gets what it had, also where it had that as another version. It takes
/// two subscriptions, as in Start(): the coordinator knows the one that it came back with already.
void GroupMember::GiveBackOthers(const std::vector<TopicPartition>& given) {
  const bool others = std::ranges::any_of(given, [&](const TopicPartition& partition) {
    return std::ranges::find(topics_, partition.topic) == topics_.end();
  });
  if (!others || !next_topics_.empty()) return;
  log::Info("tasks", "this instance has partitions of another version, it joins anew");
  next_topics_ = {{topics_.begin(), topics_.end() - 1}, topics_};
}

/// A fetch can slip out between assign and pause, and at a number outside of the log it would be
/// an error: the partitions come up at the starts of their logs.
void GroupMember::MaybeCompleteAssign() {
  if (!assigning_) return;
  std::vector<kafka::PartitionOffset> positions;
  if (!assigning_->partitions.empty()) {
    if (dependencies_.clock.Now() < assigning_->not_before) return;
    if (!assigning_->log_starts) {
      assigning_->log_starts =
          dependencies_.admin.ListOffsets(assigning_->partitions, kafka::OffsetSpec::kEarliest,
                                          kafka::IsolationLevel::kReadUncommitted);
    }
    auto answer = assigning_->log_starts->Poll();
    if (!answer) return;
    assigning_->log_starts.reset();
    if (answer->status().code() == StatusCode::kUnavailable) {
      assigning_->not_before = dependencies_.clock.Now() + kRetryDelay;
      return;
    }
    if (!answer->ok()) return Fail(answer->status());
    positions = std::move(*answer).value();
  }
  const std::vector<TaskId> added = std::move(assigning_->added);
  assigning_.reset();
  if (Status done = dependencies_.consumer.CompleteAssign(positions); !done.ok()) return Fail(done);
  log::Info("tasks", "assigned {} tasks{}", added.size(), leading_ ? ", leading" : "");
  for (const TaskId& id : added) Hold(id);
  if (next_topics_.empty()) return;
  const std::vector<std::string> topics = std::move(next_topics_.front());
  next_topics_.pop_front();
  // The group is another one in a moment.
  group_reply_.reset();
  ownership_checked_at_ = dependencies_.clock.Now();
  if (Status joined = dependencies_.consumer.Subscribe(topics); !joined.ok()) Fail(joined);
}

void GroupMember::Hold(const TaskId& id) {
  CHECK(!held_.contains(id)) << id;
  Held& held = held_[id];
  held.worker = LeastLoadedWorker();
  held.inputs = InputsOf(*FindSubTopology(application_, id.anchor_topic), id.partition);
  PublishHeld();
}

size_t GroupMember::LeastLoadedWorker() const {
  std::vector<size_t> load(dependencies_.workers.size(), 0);
  for (const auto& [id, held] : held_) ++load[held.worker];
  return static_cast<size_t>(std::min_element(load.begin(), load.end()) - load.begin());
}

/// Opens the tasks whose worker has become ready (its producer ended what a predecessor of
/// the same name left open: recipe 10.6, step 1).
void GroupMember::OpenWaiting() {
  if (must_look_first_) return;
  for (auto& [id, held] : held_) {
    if (held.stage == Stage::kOpening && held.ticket == 0 && worker_ready_[held.worker]) {
      Open(id, held);
    }
  }
}

void GroupMember::Open(const TaskId& id, Held& held) {
  held.ticket = next_ticket_++;
  tickets_[held.ticket] = id;
  dependencies_.registry.Post(OpenTask{held.ticket, id});
}

void GroupMember::OnRevoking(const kafka::Revoking& event) {
  counters_.rebalances.fetch_add(1, std::memory_order_relaxed);
  CHECK(!revoking_) << "a second rebalance event before the first was answered";
  revoking_ = event;
  PublishPermit(/*withdraw=*/event.lost);
  for (const TopicPartition& anchor : event.partitions) {
    if (anchor.topic == application_.control_topic) {
      if (leading_) dependencies_.leader.StopLeading();
      leading_ = false;
      continue;
    }
    const auto found = held_.find({anchor.topic, anchor.partition});
    if (found == held_.end()) continue;
    if (event.lost) counters_.tasks_lost.fetch_add(1, std::memory_order_relaxed);
    awaited_.insert(found->first);
    Stop(found->first, found->second, event.lost);
  }
  log::Info("tasks", "{} {} tasks", event.lost ? "lost" : "giving back", awaited_.size());
  MaybeCompleteRevoke();
}

void GroupMember::Stop(const TaskId& id, Held& held, bool lost) {
  const Stage before = std::exchange(held.stage, Stage::kStopping);
  switch (before) {
    case Stage::kOpening:
      // Not asked for yet, or the registry answers OpeningCancelled or TaskOpened.
      if (held.ticket == 0) {
        dependencies_.mail.Post(TaskStopped{id});
      } else {
        dependencies_.registry.Post(CancelOpening{held.ticket});
      }
      return;
    case Stage::kSeeking: {
      const Status closed = held.opened->Close(/*dirty=*/true);
      if (!closed.ok()) log::Error("tasks", "closing task {}: {}", ToString(id), closed.ToString());
      dependencies_.mail.Post(TaskStopped{id});
      return;
    }
    case Stage::kStarting:
    case Stage::kRunning:
      dependencies_.workers[held.worker]->Post(StopTask{id, lost});
      return;
    case Stage::kStopping:
      return;
  }
}

void GroupMember::Gone(const TaskId& id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  if (found->second.ticket != 0) tickets_.erase(found->second.ticket);
  held_.erase(found);
  awaited_.erase(id);
  PublishHeld();
}

void GroupMember::PublishHeld() {
  std::vector<TaskId> held;
  for (const auto& [id, task] : held_) held.push_back(id);
  const std::lock_guard lock(held_mutex_);
  held_tasks_ = std::move(held);
}

std::vector<TaskId> GroupMember::HeldTasks() const {
  const std::lock_guard lock(held_mutex_);
  return held_tasks_;
}

void GroupMember::MaybeCompleteRevoke() {
  if (!revoking_ || (rules_.revoke_after_answers && !awaited_.empty())) return;
  std::vector<TopicPartition> partitions;
  for (const TopicPartition& anchor : revoking_->partitions) {
    const SubTopologySpec* spec = FindSubTopology(application_, anchor.topic);
    if (spec == nullptr) {
      // Anything else it had as another version, and never took.
      if (anchor.topic == application_.control_topic) partitions.push_back(anchor);
      continue;
    }
    for (TopicPartition& input : InputsOf(*spec, anchor.partition)) {
      purged_below_.erase(input);
      committed_before_.erase(input);
      partitions.push_back(std::move(input));
    }
  }
  revoking_.reset();
  if (Status done = dependencies_.consumer.CompleteRevoke(partitions); !done.ok()) Fail(done);
}

void GroupMember::PublishPermit(bool withdraw) {
  Permit permit;
  permit.epoch = ++permit_epoch_;
  if (!rules_.check_permit) {
    permit.membership = dependencies_.consumer.Membership();
  } else if (!withdraw && !dependencies_.consumer.AssignmentLost()) {
    permit.membership = dependencies_.consumer.Membership();
    if (permit.membership && !permit.membership->usable()) permit.membership.reset();
  }
  for (Worker* worker : dependencies_.workers) worker->Post(SetPermit{permit});
}

void GroupMember::TakeMail() {
  for (ToMember& message : dependencies_.mail.TakeAll()) {
    std::visit(Overloaded{
                   [this](WorkerReady& m) { worker_ready_[m.worker] = true; },
                   [this](TaskReady& m) { OnTaskReady(m); },
                   [this](TaskStopped& m) { Gone(m.id); },
                   [this](ReopenTask& m) { OnReopen(m); },
                   [this](CommitOffsets& m) {
                     const uint64_t token = next_commit_++;
                     commits_[token] = {m.worker, m.token};
                     dependencies_.consumer.StartCommit(token, std::move(m.offsets));
                   },
                   [this](PauseInput& m) {
                     const Status paused = dependencies_.consumer.Pause({&m.partition, 1});
                     if (!paused.ok()) log::Warning("tasks", "pause: {}", paused.ToString());
                   },
                   [this](ResumeInput& m) {
                     const Status resumed = dependencies_.consumer.Resume({&m.partition, 1});
                     if (!resumed.ok()) log::Warning("tasks", "resume: {}", resumed.ToString());
                   },
                   [this](TaskFinished& m) {
                     const auto found = held_.find(m.id);
                     if (found != held_.end()) found->second.finished = true;
                   },
                   [this](InstanceFailed& m) { Fail(m.status); },
                   [this](TaskOpened& m) { OnOpened(m); },
                   [this](OpeningCancelled& m) {
                     const auto found = tickets_.find(m.ticket);
                     if (found != tickets_.end()) Gone(TaskId(found->second));
                   },
               },
               message);
  }
}

void GroupMember::OnOpened(TaskOpened& message) {
  const TaskId id = message.task->id();
  Held& held = held_.at(id);
  CHECK(held.ticket == message.ticket);
  if (held.stage == Stage::kStopping) {
    const Status closed = message.task->Close(/*dirty=*/true);
    if (!closed.ok()) log::Error("tasks", "closing task {}: {}", ToString(id), closed.ToString());
    return Gone(id);
  }
  tickets_.erase(held.ticket);
  held.opened = std::move(message.task);
  held.stage = Stage::kSeeking;
  std::vector<kafka::PartitionOffset> positions;
  for (size_t i = 0; i < held.opened->input_count(); ++i) {
    positions.push_back({held.opened->input(i), held.opened->position(i)});
  }
  dependencies_.consumer.StartSeek(positions);
}

void GroupMember::OnSeekDone(const kafka::SeekDone& event) {
  for (auto& [id, held] : held_) {
    if (held.stage != Stage::kSeeking || event.partitions.empty() ||
        std::find(held.inputs.begin(), held.inputs.end(), event.partitions.front()) ==
            held.inputs.end()) {
      continue;
    }
    if (!event.status.ok()) return Fail(event.status.WithContext("seek for task " + ToString(id)));
    held.stage = Stage::kStarting;
    if (!rules_.hand_over_in_order) ForwardAndResume(held);
    dependencies_.workers[held.worker]->Post(StartTask{std::move(held.opened)});
    return;
  }
}

void GroupMember::OnTaskReady(const TaskReady& message) {
  const auto found = held_.find(message.id);
  if (found == held_.end() || found->second.stage != Stage::kStarting) return;
  if (rules_.hand_over_in_order) ForwardAndResume(found->second);
  found->second.stage = Stage::kRunning;
}

void GroupMember::ForwardAndResume(Held& held) {
  for (const TopicPartition& input : held.inputs) {
    const Status forwarded =
        dependencies_.consumer.Forward(input, dependencies_.workers[held.worker]->queue());
    if (!forwarded.ok()) return Fail(forwarded);
  }
  if (Status resumed = dependencies_.consumer.Resume(held.inputs); !resumed.ok()) Fail(resumed);
}

void GroupMember::OnReopen(const ReopenTask& message) {
  const auto found = held_.find(message.id);
  if (found == held_.end()) return;
  Held& held = found->second;
  if (held.stage == Stage::kStopping) return;  // the worker answers the stop as well
  counters_.tasks_reopened.fetch_add(1, std::memory_order_relaxed);
  if (Status paused = dependencies_.consumer.Pause(held.inputs); !paused.ok()) return Fail(paused);
  held.stage = Stage::kOpening;
  Open(message.id, held);
}

void GroupMember::OnCommitDone(const kafka::CommitDone& event) {
  const auto found = commits_.find(event.token);
  if (found == commits_.end()) {
    if (!control_commit_ || control_commit_->token != event.token) return;
    if (event.status.ok()) {
      control_committed_ = control_commit_->position;
    } else {
      log::Debug("tasks", "control position not committed: {}", event.status.ToString());
    }
    control_commit_.reset();
    return;
  }
  dependencies_.workers[found->second.worker]->Post(
      OffsetsCommitted{found->second.token, event.status});
  commits_.erase(found);
}

void GroupMember::OnConsumerError(const kafka::ConsumerError& event) {
  if (event.status.code() == StatusCode::kFenced) {
    // KIP-345 fences by the last join that arrives, so a process that was stalled, or whose broker
    // was, may be fenced by a late join of its own. A restart mends that; exit 78 would forbid it.
    return Fail(Status::Fatal(
        "this instance lost its place in the group to a newer join under its own name: either this "
        "process or its broker was stalled for longer than the session, then a restart mends it; "
        "or another process uses the same instance name, then give each its own: " +
        event.status.message()));
  }
  if (event.status.code() == StatusCode::kStopped) {
    // Out of the log: of a task that another has owned since, when this process stood still beyond
    // its session, and whose repartition topic was purged behind it. Whether records are really
    // gone is for the task registry to say, which looks at what the group committed (R4).
    return Fail(Status::Fatal(
        "a position that this instance read from is no longer in the log: either this process "
        "stood still for longer than its session, or records were deleted before they were read, "
        "which the next start will say: " +
        event.status.message()));
  }
  if (event.status.code() != StatusCode::kUnavailable) return Fail(event.status);
  const MonotonicTime now = dependencies_.clock.Now();
  if (now - error_logged_at_ < kErrorLogInterval) return;
  error_logged_at_ = now;
  log::Warning("tasks", "consumer: {}", event.status.message());
}

void GroupMember::CommitControlPosition() {
  const MonotonicTime now = dependencies_.clock.Now();
  if (!leading_ || revoking_ || control_commit_ || !dependencies_.control.caught_up() ||
      now - control_commit_at_ < kControlCommitInterval) {
    return;
  }
  const Offset position = dependencies_.control.position();
  if (control_committed_ == position) return;
  control_commit_at_ = now;
  control_commit_ = ControlCommit{next_commit_++, position};
  dependencies_.consumer.StartCommit(control_commit_->token,
                                     {{{application_.control_topic, 0}, position, ""}});
}

/// Deletes what has been read and committed from the repartition topics of this instance's
/// tasks. By the group's committed offsets, so never ahead of a commit.
void GroupMember::PurgeRepartitions() {
  if (purge_reply_) {
    const auto answer = purge_reply_->Poll();
    if (!answer) return;
    purge_reply_.reset();
    if (!answer->ok()) {
      log::Warning("tasks", "purge: {}", answer->status().ToString());
    } else {
      counters_.purges.fetch_add(1, std::memory_order_relaxed);
    }
    return;
  }
  if (purge_offsets_) {
    auto answer = purge_offsets_->Poll();
    if (!answer) return;
    purge_offsets_.reset();
    if (!answer->ok()) return;
    purgeable_ = std::move(*answer).value();
    purge_control_end_ = dependencies_.admin.ListOffsets({{application_.control_topic, 0}},
                                                         kafka::OffsetSpec::kLatest,
                                                         kafka::IsolationLevel::kReadUncommitted);
    return;
  }
  if (purge_control_end_) {
    const auto answer = purge_control_end_->Poll();
    if (!answer) return;
    purge_control_end_.reset();
    if (!answer->ok()) return purgeable_.reset();
    purge_read_to_ = (**answer).front().offset;
  }
  if (purgeable_) {
    if (dependencies_.control.position() < *purge_read_to_) return;
    PurgeBelow(*std::exchange(purgeable_, {}));
    return;
  }
  AskWhatToPurge();
}

void GroupMember::PurgeBelow(const std::vector<kafka::CommittedOffset>& offsets) {
  const std::shared_ptr<const checkpoint::Checkpoint> latest =
      rules_.keep_for_checkpoints ? dependencies_.control.LatestCheckpoint() : nullptr;
  std::vector<kafka::PartitionOffset> below;
  for (const kafka::CommittedOffset& committed : offsets) {
    if (!committed.offset) continue;
    Offset done = *committed.offset;
    if (!application_.exactly_once) {
      // A late copy of an older commit may take it back (TaskStart::repeat_offsets), and below
      // the log's start no task is opened.
      done = std::min(done, std::exchange(committed_before_[committed.partition], done));
    }
    if (latest != nullptr) done = std::min(done, latest->NeededFrom(committed.partition).value_or(done));
    Offset& purged = purged_below_[committed.partition];
    if (done <= purged) continue;
    purged = done;
    below.push_back({committed.partition, done});
  }
  if (!below.empty()) purge_reply_ = dependencies_.admin.DeleteRecords(std::move(below));
}

void GroupMember::AskWhatToPurge() {
  const MonotonicTime now = dependencies_.clock.Now();
  if (now - purged_at_ < kPurgeInterval) return;
  purged_at_ = now;
  std::vector<TopicPartition> partitions;
  for (const auto& [id, held] : held_) {
    if (held.stage != Stage::kRunning) continue;
    const SubTopologySpec& spec = *FindSubTopology(application_, id.anchor_topic);
    for (const InputSpec& input : spec.inputs) {
      if (input.repartition && id.partition < input.partitions) {
        partitions.push_back({input.topic, id.partition});
      }
    }
  }
  if (partitions.empty()) return;
  purge_offsets_ = dependencies_.admin.CommittedOffsets(application_.id, std::move(partitions),
                                                        /*require_stable=*/false);
}

std::vector<TopicPartition> GroupMember::UnownedIn(const kafka::GroupDescription& group) const {
  std::set<TopicPartition> unowned{{application_.control_topic, 0}};
  for (const SubTopologySpec& spec : application_.sub_topologies) {
    for (Partition p = 0; p < spec.task_count(); ++p) unowned.insert({spec.anchor_topic(), p});
  }
  for (const kafka::GroupMember& member : group.members) {
    for (const TopicPartition& partition : member.assignment) unowned.erase(partition);
  }
  return {unowned.begin(), unowned.end()};
}

bool GroupMember::RefusesOtherAnchors(const kafka::GroupDescription& group) {
  std::set<std::string> by_hand;
  for (const SubTopologySpec& spec : application_.sub_topologies) {
    for (const InputSpec& input : spec.inputs) by_hand.insert(input.topic);
  }
  for (const SubTopologySpec& spec : application_.sub_topologies) {
    by_hand.erase(spec.anchor_topic());
  }
  const auto self = dependencies_.consumer.Membership();
  for (const kafka::GroupMember& member : group.members) {
    if (self && member.member_id == self->member_id()) continue;
    for (const TopicPartition& partition : member.assignment) {
      if (!by_hand.contains(partition.topic)) continue;
      Fail(Status::InvalidConfig(
          "another version of the topology runs and owns the same tasks through another input: "
          "stop all of its instances first, then start this one: member=" +
          member.client_id + " partition=" + ToString(partition)));
      return true;
    }
  }
  return false;
}

void GroupMember::CheckOwnership() {
  const MonotonicTime now = dependencies_.clock.Now();
  if (!group_reply_) {
    const Milliseconds interval = must_look_first_ ? kRetryDelay : kOwnershipInterval;
    if (!joined_ || revoking_ || !next_topics_.empty() || now - ownership_checked_at_ < interval) return;
    ownership_checked_at_ = now;
    group_reply_ = dependencies_.admin.DescribeGroup(application_.id);
  }
  const auto answer = group_reply_->Poll();
  if (!answer) return;
  group_reply_.reset();
  if (!answer->ok() || (*answer)->state != "Stable") return unowned_since_.reset();
  const kafka::GroupDescription& group = **answer;
  if (rules_.refuse_other_anchors && RefusesOtherAnchors(group)) return;
  must_look_first_ = false;
  const std::vector<TopicPartition> unowned = UnownedIn(group);
  unowned_count_ = unowned.size();
  if (unowned.empty()) {
    unowned_too_long_ = false;
    return unowned_since_.reset();
  }
  if (!unowned_since_) unowned_since_ = now;
  if (now - *unowned_since_ < kUnownedMax || !rules_.rejoin_for_unowned) return;
  unowned_since_ = now;
  unowned_too_long_ = true;
  log::Error("tasks", "no member of the group owns {} tasks, the first is {}", unowned.size(),
             ToString(unowned.front()));
  log::Info("tasks", "joining the group again");
  if (Status joined = dependencies_.consumer.Subscribe(topics_); !joined.ok()) Fail(joined);
}

void GroupMember::PublishViews() {
  size_t running = 0;
  size_t finished = 0;
  for (const auto& [id, held] : held_) {
    if (held.stage == Stage::kRunning) ++running;
    if (held.finished) ++finished;
  }
  held_count_ = held_.size();
  running_count_ = running;
  finished_count_ = finished;
  ready_ = joined_ && !assigning_ && !revoking_ && !closing_ && running == held_.size();
  if (ready_) was_ready_ = true;
}

void GroupMember::Fail(const Status& why) {
  const std::lock_guard lock(failure_mutex_);
  if (!failure_.ok()) return;  // the first one is the cause
  log::Error("tasks", "the instance stops: {}", why.ToString());
  failure_ = why;
}

Status GroupMember::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

}  // namespace sidestream::tasks
