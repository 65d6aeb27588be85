// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// reset: the whole application forgets everything. A dry run unless --apply is given.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "app/cluster_topics.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/reset_positions.h"
#include "app/settings.h"
#include "topology/build_plan.h"
#include "topology/internal_topics.h"

namespace sidestream::app {
namespace {

/// What there is to delete, and where the inputs are read from afterwards.
struct Targets {
  kafka::GroupDescription group;
  std::vector<std::string> topics;   // of the plan, that exist
  std::vector<std::string> orphans;  // of steps that are no longer in the plan
  std::filesystem::path state;       // empty: there is none
  std::vector<kafka::CommittedOffset> positions;  // of partitions that do not begin as start_from

  std::vector<std::string> AllTopics() const {
    std::vector<std::string> all = topics;
    all.insert(all.end(), orphans.begin(), orphans.end());
    return all;
  }
};

/// The internal topics of the plan save the dead letters, which are records of the user;
/// partition counts do not matter for their names.
Result<std::vector<std::string>> InternalTopicNames(const topology::LoadedTopology& loaded) {
  const topology::PlanResult result = PlanOf(loaded);
  if (result.plan == nullptr) {
    return Status::InvalidConfig("the topology has errors: see `sidestream validate`");
  }
  std::vector<std::string> names;
  for (const topology::InternalTopic& topic : result.plan->internal_topics) {
    if (topic.kind != topology::InternalTopic::Kind::kDeadLetters) names.push_back(topic.name);
  }
  return names;
}

/// What steps left behind that were renamed or taken out. A topic of a declared stream is none,
/// whatever its name and whether a pipeline uses it or not.
Result<std::vector<std::string>> FindOrphans(const topology::Model& model,
                                             const std::vector<std::string>& internal,
                                             kafka::Admin& admin, Waiting& waiting,
                                             const Patience& patience) {
  const std::string& id = model.application.id;
  std::vector<std::string> known = internal;
  for (const topology::StreamModel& stream : model.streams) {
    for (const topology::Named& topic : stream.topics) known.push_back(topic.text);
  }
  ASSIGN_OR_RETURN(const std::vector<kafka::TopicDescription> topics,
                   Ask<std::vector<kafka::TopicDescription>>(
                       [&] { return admin.ListTopics(id + "-"); }, "topics", waiting, patience));
  std::vector<std::string> orphans;
  for (const kafka::TopicDescription& topic : topics) {
    if (!topology::IsStepTopicOf(id, topic.name)) continue;
    if (std::find(known.begin(), known.end(), topic.name) != known.end()) continue;
    orphans.push_back(topic.name);
  }
  return orphans;
}

std::filesystem::path StateOf(const topology::Model& model) {
  std::error_code error;
  const std::filesystem::path path =
      std::filesystem::path(model.application.state_dir) / model.application.id;
  return std::filesystem::is_directory(path, error) ? path : std::filesystem::path();
}

Result<Targets> FindTargets(const topology::LoadedTopology& loaded, const ResetArguments& reset,
                            kafka::Admin& admin, Waiting& waiting, const Patience& patience) {
  Targets targets;
  ASSIGN_OR_RETURN(targets.positions, FindResetPositions(loaded, reset, admin, waiting, patience));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, InternalTopicNames(loaded));
  ASSIGN_OR_RETURN(const TopicStates topics, ReadTopics(admin, names, waiting, patience));
  for (const auto& [name, state] : topics) {
    if (state.description.exists) targets.topics.push_back(name);
  }
  ASSIGN_OR_RETURN(targets.orphans, FindOrphans(loaded.model, names, admin, waiting, patience));
  ASSIGN_OR_RETURN(
      targets.group,
      Ask<kafka::GroupDescription>([&] { return admin.DescribeGroup(loaded.model.application.id); },
                                   "the consumer group", waiting, patience));
  targets.state = StateOf(loaded.model);
  return targets;
}

void Print(const Targets& targets, const char* verb, const char* set, std::ostream& out) {
  if (targets.group.state != "Dead") {
    out << fmt::format("{} group {} and its offsets\n", verb, targets.group.group);
  }
  for (const std::string& topic : targets.topics) out << fmt::format("{} topic {}\n", verb, topic);
  for (const std::string& topic : targets.orphans) {
    out << fmt::format("{} topic {}, an orphan: no step of the topology has it\n", verb, topic);
  }
  if (!targets.state.empty()) {
    out << fmt::format("{} directory {}\n", verb, targets.state.string());
  }
  for (const kafka::CommittedOffset& position : targets.positions) {
    out << fmt::format("{} the offset of the group: {} is read from {}\n", set,
                       ToString(position.partition), position.offset->value());
  }
}

bool Empty(const Targets& targets) {
  return targets.group.state == "Dead" && targets.AllTopics().empty() && targets.state.empty() &&
         targets.positions.empty();
}

/// The group first: without offsets an instance that starts in between begins anew, and
/// with offsets but without changelogs it would stop with an error.
Status Delete(const Targets& targets, kafka::Admin& admin, Waiting& waiting,
              const Patience& patience) {
  const auto deleted = Ask<kafka::Done>([&] { return admin.DeleteGroup(targets.group.group); },
                                        "deletion of the consumer group", waiting, patience);
  if (!deleted.ok()) return deleted.status();
  RETURN_IF_ERROR(DeleteTopics(admin, targets.AllTopics(), waiting, patience));
  if (!targets.positions.empty()) {
    const auto committed = Ask<kafka::Done>(
        [&] { return admin.CommitOffsets(targets.group.group, targets.positions); },
        "new offsets of the group", waiting, patience);
    if (!committed.ok()) return committed.status();
  }
  if (targets.state.empty()) return Status::Ok();
  std::error_code error;
  std::filesystem::remove_all(targets.state, error);
  if (error) {
    return Status::Fatal(fmt::format("cannot delete the state directory: path={} error={}",
                                     targets.state.string(), error.message()));
  }
  return Status::Ok();
}

int RefuseMembers(const kafka::GroupDescription& group, CommandContext& context) {
  context.err << fmt::format(
      "sidestream: the group has members, stop all instances first: group={}\n", group.group);
  for (const kafka::GroupMember& member : group.members) {
    context.err << fmt::format("  {} {}\n", member.client_id,
                               member.instance_id.empty() ? member.member_id : member.instance_id);
  }
  context.err << "  an instance with a stable name counts until its session time-out is over\n";
  return kExitFailed;
}

}  // namespace

int Reset(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto cluster = context.connect(loaded.model.kafka);
  if (!cluster.ok()) return Failed(cluster.status(), context);
  const auto admin = (*cluster)->NewAdmin(loaded.model.application.id + "-reset");
  if (!admin.ok()) return Failed(admin.status(), context);
  const Patience patience{.total = arguments.connect_timeout};
  const auto targets = FindTargets(loaded, arguments.reset, **admin, context.waiting, patience);
  if (!targets.ok()) return Failed(targets.status(), context);
  if (!targets->group.members.empty()) return RefuseMembers(targets->group, context);
  if (Empty(*targets)) {
    context.out << fmt::format("nothing to delete: {} has no group, topics or state here\n",
                               loaded.model.application.id);
    return kExitOk;
  }
  if (!arguments.apply) {
    Print(*targets, "would delete", "would set", context.out);
    context.err << "nothing was changed; add --apply to do it\n";
    return kExitOk;
  }
  const Status deleted = Delete(*targets, **admin, context.waiting, patience);
  if (!deleted.ok()) return Failed(deleted, context);
  Print(*targets, "deleted", "set", context.out);
  return kExitOk;
}

}  // namespace sidestream::app
