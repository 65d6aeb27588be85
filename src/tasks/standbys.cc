// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/standbys.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "tasks/standby_choice.h"

namespace sidestream::tasks {
namespace {

bool Follows(const std::vector<checkpoint::PresentTask>& tasks, const TaskId& task) {
  return std::any_of(tasks.begin(), tasks.end(),
                     [&](const checkpoint::PresentTask& present) { return present.id == task; });
}

/// A standby says where it stands once it has been at the end.
bool HasCaughtUp(const checkpoint::PresenceRecord& instance, const TaskId& task) {
  return std::any_of(instance.tasks.begin(), instance.tasks.end(),
                     [&](const checkpoint::PresentTask& present) {
                       return present.standby && present.id == task && !present.stores.empty();
                     });
}

}  // namespace

Result<std::unique_ptr<Standbys>> Standbys::Create(const ApplicationSpec& application,
                                                   Dependencies dependencies,
                                                   StandbyOptions options) {
  ASSIGN_OR_RETURN(auto presence_reader,
                   dependencies.cluster.NewLogReader(options.client_id + "-presence"));
  ASSIGN_OR_RETURN(auto restore_reader,
                   dependencies.cluster.NewLogReader(options.client_id + "-standby"));
  return std::unique_ptr<Standbys>(new Standbys(application, dependencies, std::move(options),
                                                std::move(presence_reader),
                                                std::move(restore_reader)));
}

Standbys::Standbys(const ApplicationSpec& application, Dependencies dependencies,
                   StandbyOptions options, std::unique_ptr<kafka::LogReader> presence_reader,
                   std::unique_ptr<kafka::LogReader> restore_reader)
    : replicas_(static_cast<size_t>(application.standby_replicas)),
      options_(std::move(options)),
      presence_reader_(std::move(presence_reader)),
      restore_reader_(std::move(restore_reader)),
      presence_({dependencies.cluster, dependencies.admin, *presence_reader_, dependencies.clock},
                application.presence_topic, options_.client_id + "-presence"),
      restores_(dependencies.admin, {restore_reader_.get()}, dependencies.clock,
                {.chunk_bytes_max = options_.restore_bytes,
                 .ask_elsewhere_from = options_.seek_images_from,
                 .tells = false}),
      keeper_(application, {dependencies.admin, restores_, dependencies.states,
                            dependencies.control, dependencies.clock, dependencies.images}) {
  CHECK(replicas_ > 0);
  for (const SubTopologySpec& spec : application.sub_topologies) {
    const bool follows = std::any_of(spec.stores.begin(), spec.stores.end(), [](const auto& store) {
      return !store.changelog_topic.empty();
    });
    for (Partition p = 0; follows && p < spec.task_count(); ++p) {
      tasks_.push_back({spec.anchor_topic(), p});
    }
  }
}

void Standbys::Step(const std::vector<checkpoint::PresentTask>& owned, bool stopping) {
  const std::vector<checkpoint::PresentTask> kept = keeper_.Present();
  checkpoint::PresenceRecord own{
      .instance = options_.name, .address = options_.address, .stopping = stopping};
  own.tasks = owned;
  own.tasks.insert(own.tasks.end(), kept.begin(), kept.end());
  presence_.Step(own);
  if (stopping) {
    keeper_.WantedAre({});
  } else if (presence_.settled()) {
    keeper_.WantedAre(Choose(owned, kept));
  }
  keeper_.Step();
}

std::set<TaskId> Standbys::Choose(const std::vector<checkpoint::PresentTask>& owned,
                                  const std::vector<checkpoint::PresentTask>& kept) const {
  std::set<std::string> instances{options_.name};
  std::map<TaskId, std::string> owners;
  const std::map<std::string, checkpoint::PresenceRecord> others = presence_.Others();
  for (const auto& [name, other] : others) {
    if (!other.stopping) instances.insert(name);
    for (const checkpoint::PresentTask& task : other.tasks) {
      if (!task.standby) owners[task.id] = name;
    }
  }
  std::set<TaskId> chosen;
  for (const TaskId& task : tasks_) {
    if (Follows(owned, task)) continue;
    const bool kept_here = Follows(kept, task);
    const auto owner = owners.find(task);
    if (owner == owners.end()) {
      // On its way from one to the next: not a moment for changes.
      if (kept_here) chosen.insert(task);
      continue;
    }
    const auto caught_up = std::count_if(others.begin(), others.end(), [&](const auto& other) {
      return !other.second.stopping && HasCaughtUp(other.second, task);
    });
    const bool still_needed = kept_here && static_cast<size_t>(caught_up) < replicas_;  // Y1
    if (still_needed || IsStandby(task, options_.name, owner->second, instances, replicas_)) {
      chosen.insert(task);
    }
  }
  return chosen;
}

}  // namespace sidestream::tasks
