// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/instance.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "tasks/drain_levels.h"
#include "tasks/part_threads.h"
#include "tasks/watchdog.h"
#include "time/commit_stamp.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kThreadWait{20};
// Openings wait for answers of the cluster; an idle instance should hardly wake up.
constexpr Milliseconds kOpeningPause{1};
constexpr Milliseconds kIdlePause{10};
constexpr Milliseconds kWatchInterval{100};
constexpr Milliseconds kStandbyPause{100};
// The client library may keep a call for good (its issue 5456).
constexpr Milliseconds kLastStepMax{5'000};
constexpr char kMemberName[] = "group member";
// At least once, where the session is a long one.
constexpr Milliseconds kDeliveryMax{30'000};

/// The member's view of the leader.
class ControlTopicDuty final : public LeaderDuty {
 public:
  explicit ControlTopicDuty(checkpoint::Leader& leader) : leader_(leader) {}
  void StartLeading() override { leader_.StartLeading(); }
  void StopLeading() override { leader_.StopLeading(); }

 private:
  checkpoint::Leader& leader_;
};

checkpoint::LeaderOptions LeaderOptionsOf(const ApplicationSpec& application,
                                          const InstanceOptions& options) {
  checkpoint::LeaderOptions leader;
  leader.application_id = application.id;
  leader.client_id = application.id + "-" + options.name + "-leader";
  leader.control_topic = application.control_topic;
  leader.plan_hash = options.plan_hash;
  leader.plan_text = options.plan_text;
  leader.plan_steps = options.plan_steps;
  leader.may_lose_state = application.may_lose_state;
  leader.emptied_stores = application.emptied_stores;
  leader.dropped_stores = application.dropped_stores;
  leader.transaction_timeout = options.transaction_timeout;
  for (const SubTopologySpec& spec : application.sub_topologies) {
    for (const InputSpec& input : spec.inputs) {
      leader.inputs.push_back({input.topic, input.partitions, input.repartition, input.bounded});
    }
    checkpoint::PlannedTask& planned = leader.checkpoints.planned[spec.anchor_topic()];
    for (const InputSpec& input : spec.inputs) planned.inputs[input.topic] = input.partitions;
    for (const statestore::StoreSpec& store : spec.stores) {
      leader.stores.push_back({store.name, store.layout});
      planned.stores.insert(store.name);
    }
  }
  leader.checkpoints.drain = DrainOf(application.sub_topologies);
  leader.checkpoints.interval = application.checkpoint_interval;
  leader.checkpoints.is_of_source = [](std::string_view metadata) {
    // One that does not decode stays: a start from the snapshot refuses it, and says why.
    const auto stamp = time::DecodeCommitStamp(metadata);
    return !stamp.ok() || !*stamp || (*stamp)->upstreams.empty();
  };
  return leader;
}

/// The broker weighs a batch, not its records, against the topic's limit.
int64_t SmallestLimitOf(const ApplicationSpec& application) {
  int64_t smallest = 0;
  for (const SubTopologySpec& spec : application.sub_topologies) {
    for (const OutputSpec& output : spec.outputs) {
      const int64_t limit = output.limits.message_bytes_max;
      if (smallest == 0 || limit < smallest) smallest = limit;
    }
  }
  return smallest;
}

/// Waits for a time or for the end, whichever comes first.
class Pause {
 public:
  void For(Milliseconds time) {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, time);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
};

}  // namespace

Instance::Instance(const ApplicationSpec& application, Dependencies dependencies,
                   InstanceOptions options, uint64_t seed)
    : application_(application),
      dependencies_(dependencies),
      options_(std::move(options)),
      random_(seed) {}

Instance::~Instance() {
  // Tasks borrow from consumer, admin and readers; the queues go before the consumer.
  member_.reset();
  registry_.reset();
  workers_.clear();
}

Result<std::unique_ptr<Instance>> Instance::Create(const ApplicationSpec& application,
                                                   Dependencies dependencies,
                                                   InstanceOptions options, uint64_t seed) {
  std::unique_ptr<Instance> instance(
      new Instance(application, dependencies, std::move(options), seed));
  RETURN_IF_ERROR(instance->MakeClients());
  RETURN_IF_ERROR(instance->MakeParts());
  return instance;
}

Status Instance::MakeClients() {
  const std::string client_id = application_.id + "-" + options_.name;
  kafka::ConsumerOptions consumer = options_.consumer;
  consumer.group = application_.id;
  consumer.client_id = client_id;
  if (options_.stable_name) consumer.instance_id = options_.name;
  kafka::Cluster& cluster = dependencies_.cluster;
  ASSIGN_OR_RETURN(consumer_, cluster.NewConsumer(consumer));
  ASSIGN_OR_RETURN(admin_, cluster.NewAdmin(client_id + "-admin"));
  for (size_t i = 0; i < options_.restore_lanes; ++i) {
    ASSIGN_OR_RETURN(restore_readers_.emplace_back(),
                     cluster.NewLogReader(client_id + "-restore-" + std::to_string(i)));
  }
  ASSIGN_OR_RETURN(control_reader_, cluster.NewLogReader(client_id + "-control"));
  return Status::Ok();
}

Status Instance::MakeParts() {
  const Clock& clock = dependencies_.clock;
  const std::string client_id = application_.id + "-" + options_.name;
  control_ = std::make_unique<checkpoint::ControlLog>(*admin_, *control_reader_, clock,
                                                      application_.control_topic);
  parts_ = std::make_unique<checkpoint::PartKeeper>(
      dependencies_.cluster, dependencies_.cuts, *control_, clock,
      checkpoint::PartKeeperOptions{options_.name, client_id + "-parts",
                                    application_.control_topic});
  leader_ = std::make_unique<checkpoint::Leader>(dependencies_.cluster, *admin_, *control_, *parts_,
                                                 clock, LeaderOptionsOf(application_, options_));
  duty_ = std::make_unique<ControlTopicDuty>(*leader_);
  alignment_ = std::make_unique<Alignment>(application_, *admin_, clock);
  changelog::StoreRestorerOptions restore;
  restore.chunk_bytes_max = options_.restore_bytes / restore_readers_.size();
  restore.ask_elsewhere_from = options_.seek_images_from;
  std::vector<kafka::LogReader*> readers;
  for (const auto& reader : restore_readers_) readers.push_back(reader.get());
  restores_ = std::make_unique<changelog::RestorePool>(*admin_, readers, clock, restore,
                                                       options_.rules.registry.restore);
  if (application_.standby_replicas > 0) {
    StandbyOptions standby{.name = options_.name,
                           .address = options_.address,
                           .client_id = client_id,
                           .restore_bytes = options_.restore_bytes,
                           .seek_images_from = options_.seek_images_from};
    ASSIGN_OR_RETURN(standbys_,
                     Standbys::Create(application_,
                                      {dependencies_.cluster, *admin_, dependencies_.states,
                                       *control_, clock, dependencies_.images},
                                      std::move(standby)));
    standbys_gone_ = false;
  }
  registry_ = std::make_unique<TaskRegistry>(
      application_,
      TaskRegistry::Dependencies{*admin_, *restores_, dependencies_.states, *control_, clock,
                                 random_, *alignment_, standbys_.get(), dependencies_.images,
                                 member_mail_},
      options_.rules.registry);
  std::vector<Worker*> workers;
  for (size_t i = 0; i < options_.workers; ++i) {
    WorkerOptions worker;
    worker.index = i;
    worker.commit_interval = application_.commit_interval;
    worker.input_bytes_max = options_.input_bytes_max;
    worker.rules = options_.rules.worker;
    worker.writer.exactly_once = application_.exactly_once;
    worker.writer.rules = options_.rules.writer;
    worker.writer.operation_timeout = options_.transaction_timeout;
    worker.writer.producer.transaction_timeout = options_.transaction_timeout;
    worker.writer.producer.batch_bytes_max = SmallestLimitOf(application_);
    worker.writer.producer.client_id =
        application_.id + "-" + options_.name + "-" + std::to_string(i);
    if (application_.exactly_once) {
      worker.writer.producer.transactional_id = worker.writer.producer.client_id;
    } else {
      // The rest of a session is for the heartbeats, of which one may be late.
      worker.writer.producer.delivery_timeout =
          std::min(options_.consumer.session_timeout / 3, kDeliveryMax);
    }
    worker.control_topic = application_.control_topic;
    worker.instance = options_.name;
    workers_.push_back(
        std::make_unique<Worker>(Worker::Dependencies{dependencies_.cluster, *consumer_, *control_,
                                                      *parts_, clock, member_mail_},
                                 consumer_->NewQueue(), std::move(worker)));
    for (const SubTopologySpec& spec : application_.sub_topologies) {
      workers_.back()->RegisterTopics(spec);
    }
    workers.push_back(workers_.back().get());
  }
  member_ = std::make_unique<GroupMember>(
      application_,
      GroupMember::Dependencies{*consumer_, *admin_, *registry_, std::move(workers), *duty_,
                                *control_, clock, member_mail_},
      options_.rules.member);
  return Status::Ok();
}

Status Instance::Start() { return member_->Start(); }

Status Instance::failure() const {
  if (Status status = member_->failure(); !status.ok()) return status;
  if (Status status = control_->failure(); !status.ok()) return status;
  return leader_->failure();
}

std::vector<TaskReport> Instance::EventTimes() const {
  std::vector<TaskReport> reports;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    for (TaskReport& report : worker->EventTimes()) reports.push_back(std::move(report));
  }
  return reports;
}

void Instance::StepBackground() {
  control_->Step(Milliseconds(0));
  parts_->Step();
  leader_->Step();
  // Before the registry, which may ask it for a directory of its own.
  StepStandbys();
  registry_->Step();
  alignment_->Step();
}

/// Every tenth of a second; a task that waits for a standby's directory is not kept waiting.
void Instance::StepStandbys() {
  if (!standbys_) return;
  const MonotonicTime now = dependencies_.clock.Now();
  if (registry_->idle() && now - standbys_stepped_at_ < kStandbyPause) return;
  standbys_stepped_at_ = now;
  std::map<TaskId, checkpoint::PresentTask> owned;
  for (const TaskId& id : member_->HeldTasks()) owned[id].id = id;
  for (TaskReport& report : EventTimes()) {
    const auto found = owned.find(report.task);
    if (found != owned.end()) found->second.stores = std::move(report.stores);
  }
  std::vector<checkpoint::PresentTask> present;
  for (auto& [id, task] : owned) present.push_back(std::move(task));
  standbys_->Step(present, stop_requested_);
  standbys_gone_ = stop_requested_ && standbys_->idle();
}

void Instance::StepRestores() {
  if (standbys_) standbys_->StepLane();
  for (size_t lane = 0; lane < restores_->lane_count(); ++lane) restores_->StepLane(lane);
}

void Instance::Step() {
  StepSome([](size_t) { return true; });
}

void Instance::StepSome(const std::function<bool(size_t)>& runs) {
  if (stop_requested_) member_->RequestStop();
  if (runs(0)) {
    StepBackground();
    StepRestores();
  }
  for (size_t i = 0; i < workers_.size(); ++i) {
    if (runs(i + 1)) workers_[i]->Step(Milliseconds(0));
  }
  if (runs(part_count() - 1)) member_->Step(Milliseconds(0));
}

Status Instance::RunThreads(Milliseconds stop_timeout) {
  const Clock& clock = dependencies_.clock;
  PartThreads threads;
  std::vector<Watchdog::Watched> watched;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    Worker* part = worker.get();
    const std::string name = "worker " + std::to_string(watched.size());
    threads.Start(name, [part] { part->Step(kThreadWait); });
    watched.push_back({name, [part] { return part->heartbeat(); }});
  }
  threads.Start("background", [this] {
    Pause pause;
    StepBackground();
    pause.For(registry_->idle() ? kIdlePause : kOpeningPause);
  });
  for (size_t lane = 0; lane < restores_->lane_count(); ++lane) {
    threads.Start("restore lane " + std::to_string(lane), [this, lane] {
      Pause pause;
      if (const Milliseconds rest = restores_->StepLane(lane); rest.count() > 0) pause.For(rest);
    });
  }
  if (standbys_) {
    threads.Start("standby", [this] {
      Pause pause;
      if (const Milliseconds rest = standbys_->StepLane(); rest.count() > 0) pause.For(rest);
    });
  }
  threads.Start(kMemberName, [this] {
    if (stop_requested_) member_->RequestStop();
    Pause pause;
    // Who has left the group no longer waits for its events.
    if (member_->stopped()) pause.For(kThreadWait);
    member_->Step(kThreadWait);
  });
  watched.push_back({kMemberName, [this] { return member_->heartbeat(); }});
  // The group waits for a heartbeat as long as the session lasts.
  Watchdog watchdog(clock, options_.consumer.max_poll_interval,
                    options_.consumer.session_timeout / 2, std::move(watched));

  Pause pause;
  std::optional<MonotonicTime> stop_deadline;
  while (!stopped() && !abort_requested_) {
    pause.For(kWatchInterval);
    if (const std::optional<std::string> hang = watchdog.Check()) {
      log::Error("tasks", "ending the process: {}", *hang);
      std::_Exit(1);
    }
    if (finished() || stops_at_savepoint() || !failure().ok()) stop_requested_ = true;
    if (stop_requested_ && !stop_deadline) stop_deadline = clock.Now() + stop_timeout;
    if (stop_deadline && clock.Now() > *stop_deadline) {
      log::Error("tasks", "the stop took longer than {} ms; what is open is aborted by the broker",
                 stop_timeout.count());
      break;
    }
  }
  if (const std::vector<std::string> late = threads.Stop(kLastStepMax); !late.empty()) {
    log::Error("tasks", "ending the process without {}: a step does not end{}",
               fmt::format("{}", fmt::join(late, ", ")),
               failure().ok() ? "" : "; before that: " + failure().ToString());
    std::_Exit(1);
  }
  return failure();
}

}  // namespace sidestream::tasks
