// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "app/cluster_topics.h"
#include "app/savepoint_fit.h"
#include "base/internal_record.h"
#include "base/log.h"
#include "checkpoint/control_log.h"
#include "checkpoint/control_record.h"
#include "kafka/partitioner.h"
#include "tasks/anchor_choice.h"
#include "time/commit_stamp.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds kPollWait{50};
// No report of a delivery comes for so long.
constexpr Milliseconds kSilenceMax{60'000};
constexpr Milliseconds kTransactionTimeout{60'000};
constexpr size_t kCommitBytes = 256 * 1024;
constexpr char kResetHint[] = "; `sidestream reset` with this topology makes it new";

bool IsOurs(const snapshot::Manifest& manifest, const std::string& topic) {
  return std::any_of(manifest.topics.begin(), manifest.topics.end(), [&](const auto& kept) {
    return kept.topic == topic && kept.repartition;
  });
}

}  // namespace

SavepointStart::SavepointStart(const tasks::ApplicationSpec& application,
                               std::vector<kafka::NewTopic> internal_topics,
                               Dependencies dependencies, fs::path images,
                               std::function<void(const SavepointProgress&)> tell)
    : application_(application),
      internal_topics_(std::move(internal_topics)),
      dependencies_(dependencies),
      images_(std::move(images)),
      tell_(std::move(tell)) {}

Status SavepointStart::Run(const snapshot::Manifest& manifest,
                           const checkpoint::OriginRecord& origin) {
  const std::string name = application_.id + "-savepoint";
  ASSIGN_OR_RETURN(writer_, PatientProducer::Make(dependencies_.cluster,
                                                  {.client_id = name,
                                                   .transactional_id = name,
                                                   .transaction_timeout = kTransactionTimeout},
                                                  dependencies_.waiting, kSilenceMax));
  // Whoever wrote before can write no more, and may have come to its end.
  ASSIGN_OR_RETURN(const auto made,
                   ReadOrigin(application_, dependencies_.cluster, dependencies_.admin,
                              dependencies_.waiting, dependencies_.patience));
  if (made) return Status::Fenced("another start of the application was faster");
  RETURN_IF_ERROR(Empty());
  spread_ = SpreadTopics(manifest, application_);
  RETURN_IF_ERROR(ReadTopicIds(manifest));
  ASSIGN_OR_RETURN(const auto offsets, OffsetsOf(manifest));
  progress_ = {.tasks = manifest.tasks.size()};
  for (const snapshot::KeptTask& task : manifest.tasks) {
    RETURN_IF_ERROR(CopyTask(manifest, task).WithContext("task " + ToString(task.id)));
    ++progress_.tasks_done;
    tell_(progress_);
  }
  RETURN_IF_ERROR(WriteCommonRows());
  RETURN_IF_ERROR(writer_->Finish());
  RETURN_IF_ERROR(CommitPositions(offsets));
  // Last: it says that all of it is there.
  const auto record = checkpoint::EncodeControlRecord(checkpoint::CheckpointRecord(origin));
  RETURN_IF_ERROR(writer_->Write({application_.control_topic, 0}, record.key, record.value));
  return writer_->Finish();
}

/// Of a start that was cut short. Created anew, since of a compacted topic no records can be deleted.
Status SavepointStart::Empty() {
  // Not those that others than tasks write or read: dead letters stay.
  std::set<std::string> written;
  for (const tasks::SubTopologySpec& part : application_.sub_topologies) {
    for (const tasks::InputSpec& input : part.inputs) {
      if (input.repartition) written.insert(input.topic);
    }
    for (const statestore::StoreSpec& store : part.stores) written.insert(store.changelog_topic);
  }
  std::vector<TopicPartition> partitions;
  for (const kafka::NewTopic& topic : internal_topics_) {
    if (!written.contains(topic.name)) continue;
    for (Partition p = 0; p < topic.partitions; ++p) partitions.push_back({topic.name, p});
  }
  Waiting& waiting = dependencies_.waiting;
  const Patience& patience = dependencies_.patience;
  ASSIGN_OR_RETURN(const auto ends, Ask<std::vector<kafka::PartitionOffset>>(
                                        [&] {
                                          return dependencies_.admin.ListOffsets(
                                              partitions, kafka::OffsetSpec::kLatest,
                                              kafka::IsolationLevel::kReadUncommitted);
                                        },
                                        "ends of internal topics", waiting, patience));
  std::set<std::string> left;
  for (const kafka::PartitionOffset& end : ends) {
    if (end.offset > Offset(0)) left.insert(end.partition.topic);
  }
  if (left.empty()) return {};
  std::vector<kafka::NewTopic> anew;
  for (const kafka::NewTopic& topic : internal_topics_) {
    if (!left.contains(topic.name)) continue;
    log::Info("app", "emptying what a start that was cut short left: topic={}", topic.name);
    anew.push_back(topic);
  }
  RETURN_IF_ERROR(DeleteTopics(dependencies_.admin, {left.begin(), left.end()}, waiting, patience));
  return CreateTopics(dependencies_.admin, std::move(anew), waiting, patience);
}

/// A commit has to fit into one batch of the broker.
Status SavepointStart::CommitPositions(const std::vector<kafka::CommittedOffset>& offsets) {
  for (size_t begin = 0; begin < offsets.size();) {
    size_t bytes = 0;
    size_t end = begin;
    for (; end < offsets.size() && bytes < kCommitBytes; ++end) {
      bytes += offsets[end].metadata.size() + offsets[end].partition.topic.size();
    }
    const std::vector<kafka::CommittedOffset> some(offsets.begin() + static_cast<ptrdiff_t>(begin),
                                                   offsets.begin() + static_cast<ptrdiff_t>(end));
    const auto committed = Ask<kafka::Done>(
        [&] { return dependencies_.admin.CommitOffsets(application_.id, some); },
        "commit of the positions", dependencies_.waiting, dependencies_.patience);
    RETURN_IF_ERROR(committed.status());
    begin = end;
  }
  return {};
}

Status SavepointStart::ReadTopicIds(const snapshot::Manifest& manifest) {
  std::vector<std::string> names;
  for (const snapshot::KeptTopic& topic : manifest.topics) {
    std::string here = NameHere(manifest, topic.topic, topic.repartition, application_);
    if (ReaderOf(application_, here) != nullptr) names.push_back(std::move(here));
  }
  for (const snapshot::KeptInput& input : manifest.unread) {
    const std::string& topic = input.partition.topic;
    if (ReaderOf(application_, topic) == nullptr || std::ranges::count(names, topic) > 0) continue;
    names.push_back(topic);
  }
  ASSIGN_OR_RETURN(const auto topics,
                   Ask<std::vector<kafka::TopicDescription>>(
                       [&] { return dependencies_.admin.DescribeTopics(names); }, "topics",
                       dependencies_.waiting, dependencies_.patience));
  for (const kafka::TopicDescription& topic : topics) topic_ids_[topic.name] = topic.id;
  return {};
}

Result<std::vector<kafka::CommittedOffset>> SavepointStart::OffsetsOf(
    const snapshot::Manifest& manifest) {
  std::vector<SpreadPosition> positions;
  for (const snapshot::KeptTask& task : manifest.tasks) {
    for (const snapshot::KeptInput& input : task.inputs) {
      RETURN_IF_ERROR(AddPosition(manifest, input, positions));
    }
  }
  for (const snapshot::KeptInput& input : manifest.unread) {
    RETURN_IF_ERROR(AddPosition(manifest, input, positions));
  }
  if (!spread_.empty()) positions = SpreadPositions(std::move(positions), spread_);
  std::vector<kafka::CommittedOffset> offsets;
  for (const SpreadPosition& position : positions) {
    offsets.push_back({position.partition, position.offset,
                       time::EncodeCommitStamp(position.stamp)});
  }
  return offsets;
}

/// None where nobody reads the topic.
Status SavepointStart::AddPosition(const snapshot::Manifest& manifest,
                                   const snapshot::KeptInput& input,
                                   std::vector<SpreadPosition>& positions) const {
  const std::string topic =
      NameHere(manifest, input.partition.topic, input.repartition, application_);
  const tasks::SubTopologySpec* reader = ReaderOf(application_, topic);
  if (reader == nullptr) return {};
  ASSIGN_OR_RETURN(std::optional<time::CommitStamp> stamp, time::DecodeCommitStamp(input.stamp));
  if (!stamp) return Status::Stopped("a position of the snapshot has no commit stamp");
  const TopicId& id = topic_ids_.at(topic);
  if (!input.repartition && stamp->topic_id.known() && id.known() && stamp->topic_id != id) {
    return Status::InvalidConfig(fmt::format(
        "source topic {} was deleted and created again since the savepoint: its positions mean "
        "nothing any more",
        topic));
  }
  stamp->topic_id = id;
  stamp->anchor_hash = time::AnchorHash(reader->anchor_topic());
  // Records in flight are the first of their partition.
  positions.push_back({.partition = {topic, input.partition.partition},
                       .repartition = input.repartition,
                       .offset = input.repartition ? Offset(0) : input.position,
                       .stamp = std::move(*stamp)});
  return {};
}

Status SavepointStart::CopyTask(const snapshot::Manifest& manifest,
                                const snapshot::KeptTask& task) {
  if (!task.image.empty()) RETURN_IF_ERROR(CopyStores(manifest, task));
  for (const snapshot::KeptInput& input : task.inputs) {
    const std::string topic =
        NameHere(manifest, input.partition.topic, input.repartition, application_);
    if (input.in_flight.empty() || ReaderOf(application_, topic) == nullptr) continue;
    RETURN_IF_ERROR(CopyInFlight(input, {topic, input.partition.partition}));
  }
  return writer_->Finish();  // as above, of the next one's state
}

Status SavepointStart::CopyStores(const snapshot::Manifest& manifest,
                                  const snapshot::KeptTask& task) {
  ASSIGN_OR_RETURN(const fs::path image, images_.Prepare(manifest.number, task.id));
  std::error_code error;
  fs::create_directories(image, error);
  if (error) {
    return Status::Fatal(
        fmt::format("cannot be written: path={} error={}", image.string(), error.message()));
  }
  for (const snapshot::StoredFile& file : task.image) {
    RETURN_IF_ERROR(dependencies_.catalog.Fetch(file, image / file.name));
    if (dependencies_.waiting.stopping()) return Status::Unavailable("interrupted");
  }
  std::vector<statestore::StoreSpec> stores;
  std::vector<bool> fed_alike;
  const tasks::SubTopologySpec* const reader = ReaderOf(
      application_, NameHere(manifest, task.id.anchor_topic, IsOurs(manifest, task.id.anchor_topic),
                             application_));
  for (const snapshot::KeptStore& kept : manifest.stores) {
    const StorePlace place = StoreOf(application_, kept.name);
    if (place.spec == nullptr || place.spec->changelog_topic.empty()) continue;
    stores.push_back(*place.spec);
    stores.back().fingerprint = kept.fingerprint;
    fed_alike.push_back(place.part == reader);
  }
  ASSIGN_OR_RETURN(
      const auto state,
      dependencies_.states.OpenImage(
          image, {.application = manifest.application, .task = task.id}, stores));
  for (size_t i = 0; i < stores.size(); ++i) {
    if (fed_alike[i]) {
      RETURN_IF_ERROR(CopyStore(task, stores[i], i, *state));
      continue;
    }
    bool empty = true;
    RETURN_IF_ERROR(state->Scan(i, [&](std::string_view, std::string_view) { empty = false; }));
    if (empty) continue;
    return Status::InvalidConfig(fmt::format(
        "the records of step {} come from another topic than at the savepoint, where its keys lay by "
        "those of {}: give the step another name to begin it without state",
        stores[i].name, task.id.anchor_topic));
  }
  RETURN_IF_ERROR(state->Close(/*dirty=*/true, dependencies_.waiting.clock().WallTime()));
  images_.Remove(manifest.number, task.id);
  return {};
}

Status SavepointStart::CopyStore(const snapshot::KeptTask& task,
                                 const statestore::StoreSpec& store, size_t index,
                                 statestore::TaskState& state) {
  const PartitionCounts* const counts =
      CountsOf(*StoreOf(application_, store.name).part, spread_);
  StoreSpread* const spread =
      counts == nullptr ? nullptr
                        : &store_spreads_.try_emplace(store.name, store, *counts).first->second;
  Status written;
  const auto write = [&](std::string_view key, std::string_view row) {
    if (!written.ok()) return;
    std::optional<Partition> partition = task.id.partition;
    if (spread != nullptr) {
      const auto placed = spread->Place(key, row);
      if (!placed.ok()) {
        written = placed.status();
        return;
      }
      partition = *placed;
    }
    if (partition) written = WriteRow(store, *partition, key, row);
  };
  RETURN_IF_ERROR(state.Scan(index, write));
  if (spread != nullptr) spread->EndTask();
  return written;
}

Status SavepointStart::WriteRow(const statestore::StoreSpec& store, Partition partition,
                                std::string_view key, std::string_view row) {
  changelog_value_.clear();
  // Not beyond that of any position.
  EncodeChangelogValue({.sequence = CommitSequence(1), .row = row}, changelog_value_);
  ++progress_.rows;
  return writer_->Write({store.changelog_topic, partition}, key, changelog_value_);
}

Status SavepointStart::WriteCommonRows() {
  for (const auto& [name, spread] : store_spreads_) {
    ASSIGN_OR_RETURN(const auto rows, spread.Common());
    for (const auto& [key, row] : rows) {
      for (Partition p = 0; p < spread.partitions(); ++p) {
        RETURN_IF_ERROR(WriteRow(spread.store(), p, key, row));
      }
    }
  }
  return {};
}

Status SavepointStart::CopyInFlight(const snapshot::KeptInput& input, const TopicPartition& to) {
  for (const snapshot::StoredFile& file : input.in_flight) {
    RETURN_IF_ERROR(writer_->Finish());  // fetching may outlast a transaction
    ASSIGN_OR_RETURN(const std::string bytes, dependencies_.catalog.FetchBytes(file));
    RETURN_IF_ERROR(snapshot::ReadInFlightFile(
        bytes, [&](const snapshot::InFlightRecord& record) { return WriteInFlight(to, record); }));
  }
  return {};
}

Status SavepointStart::WriteInFlight(const TopicPartition& to,
                                     const snapshot::InFlightRecord& record) {
  TopicPartition there = to;
  if (!spread_.empty()) {
    // What a mark says is of tasks that are others now.
    ASSIGN_OR_RETURN(const RepartitionKind kind,
                     KindOfRepartitionValue(record.value.value_or("")));
    if (kind == RepartitionKind::kMark) return {};
    if (const auto counts = spread_.find(to.topic); counts != spread_.end()) {
      there.partition = record.key ? kafka::PartitionOf(*record.key, counts->second.now)
                                   : to.partition % counts->second.now;
    }
  }
  ++progress_.in_flight_records;
  return writer_->Write(there, record.key, record.value);
}

Result<std::optional<checkpoint::OriginRecord>> ReadOrigin(
    const tasks::ApplicationSpec& application, kafka::Cluster& cluster, kafka::Admin& admin,
    Waiting& waiting, const Patience& patience) {
  ASSIGN_OR_RETURN(const auto reader, cluster.NewLogReader(application.id + "-savepoint"));
  checkpoint::ControlLog control(admin, *reader, waiting.clock(), application.control_topic);
  const MonotonicTime deadline = waiting.clock().Now() + patience.total;
  while (!control.caught_up()) {
    RETURN_IF_ERROR(control.failure());
    if (waiting.stopping()) return Status::Unavailable("interrupted");
    if (waiting.clock().Now() >= deadline) {
      return Status::Unavailable("the control topic cannot be read");
    }
    control.Step(kPollWait);
    waiting.Pass(Milliseconds(1));
  }
  if (control.origin()) return control.origin();
  // What a leader writes first.
  if (control.plan() || !control.Stores().empty()) {
    return Status::InvalidConfig(fmt::format(
        "application {} is not new, so it cannot start from a savepoint: it has run before{}",
        application.id, kResetHint));
  }
  ASSIGN_OR_RETURN(const auto committed,
                   Ask<std::vector<kafka::CommittedOffset>>(
                       [&] {
                         return admin.CommittedOffsets(application.id,
                                                       tasks::InputPartitions(application),
                                                       /*require_stable=*/false);
                       },
                       "positions of the group", waiting, patience));
  for (const kafka::CommittedOffset& offset : committed) {
    if (!offset.offset) continue;
    // With a stamp it is of a start that was cut short.
    const auto stamp = time::DecodeCommitStamp(offset.metadata);
    if (stamp.ok() && *stamp) continue;
    return Status::InvalidConfig(fmt::format(
        "application {} is not new, so it cannot start from a savepoint: its group has read {}{}",
        application.id, ToString(offset.partition), kResetHint));
  }
  return std::optional<checkpoint::OriginRecord>();
}

}  // namespace sidestream::app
