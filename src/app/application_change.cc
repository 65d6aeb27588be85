// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/application_change.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "app/lost_topics.h"
#include "checkpoint/control_log.h"
#include "checkpoint/control_view.h"
#include "harness/application_spec.h"
#include "tasks/anchor_choice.h"
#include "topology/internal_topics.h"
#include "topology/step_prints.h"

namespace sidestream::app {
namespace {

using checkpoint::StoreRecord;
using topology::InternalTopic;

/// Records of a changelog partition that are read to say how large they are.
constexpr size_t kSample = 500;
constexpr Milliseconds kSampleTime{2'000};

/// What the control topic says.
struct Recorded {
  std::map<std::string, StoreRecord> stores;
  std::optional<checkpoint::PlanRecord> plan;
};

bool Exists(const TopicStates& topics, const std::string& topic) {
  const auto found = topics.find(topic);
  return found != topics.end() && found->second.description.exists;
}

Result<Recorded> ReadControl(const std::string& topic, kafka::Cluster& cluster,
                             kafka::Admin& admin, Waiting& waiting, const Patience& patience) {
  ASSIGN_OR_RETURN(const auto reader, cluster.NewLogReader(topic + "-look"));
  checkpoint::ControlLog log(admin, *reader, waiting.clock(), topic);
  const MonotonicTime deadline = waiting.clock().Now() + patience.total;
  while (!log.caught_up()) {
    log.Step(Milliseconds(0));
    if (Status failure = log.failure(); !failure.ok()) return failure;
    if (log.caught_up()) break;
    if (waiting.stopping() || waiting.clock().Now() >= deadline) {
      return Status::Unavailable("the control topic cannot be read: topic=" + topic);
    }
    waiting.Pass(Milliseconds(5));
  }
  Recorded recorded;
  recorded.plan = log.plan();
  for (StoreRecord& store : log.Stores()) recorded.stores.emplace(store.store, store);
  return recorded;
}

std::vector<StepFate> StepFates(const checkpoint::PlanRecord& recorded,
                                const std::vector<checkpoint::PlannedStep>& planned) {
  std::map<std::string, uint64_t> before;
  for (const checkpoint::PlannedStep& step : recorded.steps) before[step.name] = step.fingerprint;
  std::vector<StepFate> fates;
  for (const checkpoint::PlannedStep& step : planned) {
    const auto found = before.find(step.name);
    fates.push_back({step.name, found == before.end()                ? StepChange::kNew
                                : found->second == step.fingerprint ? StepChange::kSame
                                                                    : StepChange::kChanged});
    if (found != before.end()) before.erase(found);
  }
  for (const checkpoint::PlannedStep& step : recorded.steps) {
    if (before.contains(step.name)) fates.push_back({step.name, StepChange::kGone});
  }
  return fates;
}

StoreFate FateOf(const topology::Store& store, const StoreRecord* recorded) {
  StoreFate fate{.store = store.name, .changelog = store.changelog_topic};
  if (recorded == nullptr) {
    fate.fate = Fate::kNew;
    fate.reason = "begins empty";
    return fate;
  }
  const LayoutChange change = checkpoint::ChangeOf(*recorded, store.layout);
  fate.fate = change.kind == LayoutChange::Kind::kSame      ? Fate::kKept
              : change.kind == LayoutChange::Kind::kEvolved ? Fate::kMigrated
                                                            : Fate::kReplaced;
  fate.reason = Describe(change);
  fate.loses = change.loses() && !recorded->dropped;
  return fate;
}

std::vector<StoreFate> StoreFates(const topology::Plan& plan, const Recorded& recorded) {
  std::vector<StoreFate> fates;
  std::set<std::string> planned;
  for (const topology::SubTopology& sub : plan.sub_topologies) {
    for (const topology::Store& store : sub.stores) {
      planned.insert(store.name);
      const auto found = recorded.stores.find(store.name);
      fates.push_back(FateOf(store, found == recorded.stores.end() ? nullptr : &found->second));
    }
  }
  for (const auto& [name, store] : recorded.stores) {
    if (planned.contains(name)) continue;
    StoreFate fate{.store = name,
                   .changelog = topology::ChangelogTopicName(plan.application_id, name)};
    fate.fate = store.dropped ? Fate::kOrphaned : Fate::kDropped;
    fate.reason = store.dropped ? "its step left the topology earlier"
                                : "the topology has no such step any more";
    fate.loses = !store.dropped;
    fates.push_back(std::move(fate));
  }
  return fates;
}

std::vector<TopicPartition> PartitionsOf(const std::string& topic, int32_t partitions) {
  std::vector<TopicPartition> all;
  for (Partition p = 0; p < partitions; ++p) all.push_back({topic, p});
  return all;
}

using Offsets = std::vector<kafka::PartitionOffset>;

Result<Offsets> Ends(kafka::Admin& admin, const std::vector<TopicPartition>& partitions,
                     kafka::OffsetSpec spec, Waiting& waiting, const Patience& patience) {
  return Ask<Offsets>(
      [&] { return admin.ListOffsets(partitions, spec, kafka::IsolationLevel::kReadUncommitted); },
      "ends of topics", waiting, patience);
}

/// Mean size of the first records of a partition; a cluster that gives none in time is not waited
/// for.
int64_t MeanRecordBytes(const kafka::PartitionOffset& start, kafka::Cluster& cluster,
                        Waiting& waiting) {
  auto reader = cluster.NewLogReader(start.partition.topic + "-sample");
  if (!reader.ok() || !(*reader)->Assign(start).ok()) return 0;
  const MonotonicTime deadline = waiting.clock().Now() + kSampleTime;
  while (waiting.clock().Now() < deadline && !waiting.stopping()) {
    const auto chunks = (*reader)->Poll(kSample, Milliseconds(0));
    int64_t records = 0;
    int64_t bytes = 0;
    for (size_t i = 0; chunks.ok() && i < chunks->size(); ++i) {
      for (const kafka::Record& record : (*chunks)[i]->records()) {
        ++records;
        bytes += static_cast<int64_t>(record.key.value_or("").size() +
                                      record.value.value_or("").size());
      }
    }
    if (records > 0) return bytes / records;
    waiting.Pass(Milliseconds(5));
  }
  return 0;
}

/// How much a changelog holds.
Status Measure(int32_t partitions, kafka::Cluster& cluster, kafka::Admin& admin, Waiting& waiting,
               const Patience& patience, StoreFate& fate) {
  const std::vector<TopicPartition> all = PartitionsOf(fate.changelog, partitions);
  ASSIGN_OR_RETURN(const Offsets starts,
                   Ends(admin, all, kafka::OffsetSpec::kEarliest, waiting, patience));
  ASSIGN_OR_RETURN(const Offsets ends,
                   Ends(admin, all, kafka::OffsetSpec::kLatest, waiting, patience));
  const kafka::PartitionOffset* fullest = nullptr;
  int64_t most = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    const int64_t records = ends[i].offset - starts[i].offset;
    fate.records += records;
    if (records <= most) continue;
    most = records;
    fullest = &starts[i];
  }
  if (fullest != nullptr) fate.bytes = MeanRecordBytes(*fullest, cluster, waiting) * fate.records;
  return Status::Ok();
}

/// Repartition records behind the committed offsets: nobody reads them any more.
Result<int64_t> Unread(const kafka::TopicDescription& topic, const std::string& group,
                       kafka::Admin& admin, Waiting& waiting, const Patience& patience) {
  const std::vector<TopicPartition> all = PartitionsOf(topic.name, topic.partitions);
  ASSIGN_OR_RETURN(const Offsets starts,
                   Ends(admin, all, kafka::OffsetSpec::kEarliest, waiting, patience));
  ASSIGN_OR_RETURN(const Offsets ends,
                   Ends(admin, all, kafka::OffsetSpec::kLatest, waiting, patience));
  ASSIGN_OR_RETURN(const std::vector<kafka::CommittedOffset> committed,
                   Ask<std::vector<kafka::CommittedOffset>>(
                       [&] { return admin.CommittedOffsets(group, all, false); },
                       "committed offsets", waiting, patience));
  int64_t unread = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const Offset from = std::max(committed[i].offset.value_or(Offset(0)), starts[i].offset);
    unread += std::max<int64_t>(ends[i].offset - from, 0);
  }
  return unread;
}

/// Topics of ours that no step has: with the stores among them as orphans.
Status FindLeftTopics(const topology::LoadedTopology& loaded, const topology::Plan& plan,
                      kafka::Admin& admin, Waiting& waiting, const Patience& patience,
                      ApplicationChange& change) {
  const std::string& id = plan.application_id;
  std::set<std::string> known;
  for (const InternalTopic& topic : plan.internal_topics) known.insert(topic.name);
  for (const topology::StreamModel& stream : loaded.model.streams) {
    for (const topology::Named& topic : stream.topics) known.insert(topic.text);
  }
  std::set<std::string> changelogs;
  for (const StoreFate& store : change.stores) changelogs.insert(store.changelog);
  ASSIGN_OR_RETURN(const std::vector<kafka::TopicDescription> topics,
                   Ask<std::vector<kafka::TopicDescription>>(
                       [&] { return admin.ListTopics(id + "-"); }, "topics", waiting, patience));
  for (const kafka::TopicDescription& topic : topics) {
    const bool ours = topology::IsStepTopicOf(id, topic.name) || changelogs.contains(topic.name);
    if (!ours || known.contains(topic.name)) continue;
    LeftTopic left{.topic = topic.name};
    if (topic.name.ends_with("-repartition")) {
      ASSIGN_OR_RETURN(left.unread, Unread(topic, id, admin, waiting, patience));
    } else if (!changelogs.contains(topic.name)) {
      const size_t begin = id.size() + 1;
      const size_t end = topic.name.size() - std::string_view("-changelog").size();
      change.stores.push_back({.store = topic.name.substr(begin, end - begin),
                               .changelog = topic.name,
                               .fate = Fate::kOrphaned,
                               .reason = "nobody knows whose it is"});
    }
    change.left_topics.push_back(std::move(left));
  }
  return Status::Ok();
}

/// Why instances of the old version and this one must not run side by side.
Status FindReasonsToStop(const topology::LoadedTopology& loaded, const StartReport& report,
                         kafka::Admin& admin, Waiting& waiting, const Patience& patience,
                         ApplicationChange& change) {
  for (const StoreFate& store : change.stores) {
    const bool other_rows = store.fate == Fate::kMigrated || store.fate == Fate::kReplaced ||
                            store.fate == Fate::kDropped;
    if (!other_rows) continue;
    change.stop_first.push_back(fmt::format("the state of {} is {}: the old version would go on "
                                            "with what is no more",
                                            store.store, FateName(store.fate)));
  }
  tasks::ApplicationSpec spec =
      harness::MakeApplicationSpec(report.plan, loaded.model.application, {});
  ASSIGN_OR_RETURN(
      const std::vector<kafka::CommittedOffset> committed,
      Ask<std::vector<kafka::CommittedOffset>>(
          [&] {
            return admin.CommittedOffsets(spec.id, tasks::InputPartitions(spec), false);
          },
          "committed offsets", waiting, patience));
  if (const Status settled = tasks::SettleAnchors(committed, true, spec); !settled.ok()) {
    change.stop_first.push_back(settled.message());
  }
  return Status::Ok();
}

}  // namespace

std::string_view FateName(Fate fate) {
  switch (fate) {
    case Fate::kKept:
      return "kept";
    case Fate::kMigrated:
      return "migrated";
    case Fate::kNew:
      return "new";
    case Fate::kReplaced:
      return "replaced";
    case Fate::kDropped:
      return "dropped";
    case Fate::kOrphaned:
      return "orphaned";
  }
  return "";
}

bool ApplicationChange::differs() const {
  const bool step = std::ranges::any_of(
      steps, [](const StepFate& fate) { return fate.change != StepChange::kSame; });
  const bool store = std::ranges::any_of(stores, [](const StoreFate& fate) {
    return fate.fate != Fate::kKept && fate.fate != Fate::kOrphaned;
  });
  return step || store || first_start || !topics_to_create.empty();
}

std::vector<std::string> ApplicationChange::Losses() const {
  std::vector<std::string> losses;
  for (const StoreFate& store : stores) {
    if (!store.loses) continue;
    losses.push_back(
        fmt::format("state of {} is {}: {}", store.store, FateName(store.fate), store.reason));
  }
  for (const LeftTopic& topic : left_topics) {
    if (topic.unread == 0) continue;
    losses.push_back(fmt::format("about {} records on their way in {} would never be processed",
                                 topic.unread, topic.topic));
  }
  return losses;
}

std::set<std::string> ApplicationChange::Stores(Fate fate) const {
  std::set<std::string> names;
  for (const StoreFate& store : stores) {
    if (store.fate == fate) names.insert(store.store);
  }
  return names;
}

std::vector<checkpoint::PlannedStep> PlannedSteps(const topology::LoadedTopology& loaded) {
  std::vector<checkpoint::PlannedStep> steps;
  for (topology::StepPrint& print : topology::StepPrints(loaded.root)) {
    steps.push_back({std::move(print.name), print.fingerprint});
  }
  return steps;
}

Status MeasureRestore(const StartReport& report, kafka::Cluster& cluster, kafka::Admin& admin,
                      Waiting& waiting, const Patience& patience, ApplicationChange& change) {
  for (StoreFate& store : change.stores) {
    const auto found = report.topics.find(store.changelog);
    if (store.fate != Fate::kKept && store.fate != Fate::kMigrated) continue;
    if (found == report.topics.end() || !found->second.description.exists) continue;
    RETURN_IF_ERROR(Measure(found->second.description.partitions, cluster, admin, waiting,
                            patience, store));
  }
  return Status::Ok();
}

Result<ApplicationChange> FindChange(const topology::LoadedTopology& loaded,
                                     const StartReport& report, kafka::Cluster& cluster,
                                     kafka::Admin& admin, Waiting& waiting,
                                     const Patience& patience) {
  const topology::Plan& plan = *report.plan;
  ApplicationChange change;
  change.application = plan.application_id;
  Recorded recorded;
  if (Exists(report.topics, plan.control_topic)) {
    ASSIGN_OR_RETURN(recorded,
                     ReadControl(plan.control_topic, cluster, admin, waiting, patience));
  } else {
    ASSIGN_OR_RETURN(const bool committed, HasCommitted(report, admin, waiting, patience));
    if (committed) change.lost_topics.push_back(plan.control_topic);
  }
  change.first_start = !recorded.plan.has_value() && recorded.stores.empty();
  change.steps = StepFates(recorded.plan.value_or(checkpoint::PlanRecord()), PlannedSteps(loaded));
  change.stores = StoreFates(plan, recorded);
  for (const kafka::NewTopic& topic : report.missing_internal) {
    change.topics_to_create.push_back(topic.name);
  }
  std::ranges::move(
      LostTopics(report, change.stores, recorded.plan.value_or(checkpoint::PlanRecord())),
      std::back_inserter(change.lost_topics));
  RETURN_IF_ERROR(FindLeftTopics(loaded, plan, admin, waiting, patience, change));
  ASSIGN_OR_RETURN(const kafka::GroupDescription group,
                   Ask<kafka::GroupDescription>([&] { return admin.DescribeGroup(plan.group_id); },
                                                "the consumer group", waiting, patience));
  change.members = group.members.size();
  RETURN_IF_ERROR(FindReasonsToStop(loaded, report, admin, waiting, patience, change));
  return change;
}

}  // namespace sidestream::app
