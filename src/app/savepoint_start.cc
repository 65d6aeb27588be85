// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "app/savepoint_fit.h"
#include "base/internal_record.h"
#include "checkpoint/control_log.h"
#include "checkpoint/control_record.h"
#include "snapshot/in_flight.h"
#include "time/commit_stamp.h"

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

constexpr Milliseconds kPollWait{50};
// No report of a delivery comes for so long.
constexpr Milliseconds kSilenceMax{60'000};
constexpr size_t kCommitBytes = 256 * 1024;
constexpr char kResetHint[] = "; `sidestream reset` with this topology makes it new";

}  // namespace

/// Records to the new application's topics, outside of transactions: nobody reads them before the
/// positions are there.
class SavepointStart::Writer {
 public:
  static Result<std::unique_ptr<Writer>> Make(kafka::Cluster& cluster, const std::string& id,
                                              Waiting& waiting) {
    ASSIGN_OR_RETURN(auto producer, cluster.NewProducer({.client_id = id + "-savepoint"}));
    auto writer = std::make_unique<Writer>(std::move(producer), waiting);
    writer->producer_->StartInit();
    RETURN_IF_ERROR(writer->Finish());
    return writer;
  }

  Writer(std::unique_ptr<kafka::Producer> producer, Waiting& waiting)
      : producer_(std::move(producer)), waiting_(waiting) {}

  Status Write(const TopicPartition& to, std::optional<std::string_view> key,
               std::optional<std::string_view> value) {
    const auto [handle, added] = topics_.try_emplace(to.topic);
    if (added) handle->second = producer_->RegisterTopic(to.topic);
    const MonotonicTime deadline = waiting_.clock().Now() + kSilenceMax;
    for (;;) {
      const Status queued = producer_->Produce(
          {.topic = handle->second, .partition = to.partition, .key = key, .value = value});
      if (queued.code() != StatusCode::kUnavailable) return queued;
      // The local queue is full; no operation is under way whose answer this could take.
      producer_->Poll(kPollWait);
      RETURN_IF_ERROR(Wait(deadline));
    }
  }

  /// Everything written is in the logs.
  Status Flush() {
    producer_->StartFlush();
    RETURN_IF_ERROR(Finish());
    const auto& failure = producer_->first_failure();
    if (!failure) return {};
    return failure->status.WithContext(
        fmt::format("a record was refused: {}-{}", failure->topic, failure->partition));
  }

 private:
  Status Finish() {
    const MonotonicTime deadline = waiting_.clock().Now() + kSilenceMax;
    for (;;) {
      if (const std::optional<Status> done = producer_->Poll(kPollWait)) return *done;
      RETURN_IF_ERROR(Wait(deadline));
    }
  }

  Status Wait(MonotonicTime deadline) {
    if (waiting_.stopping()) return Status::Unavailable("interrupted");
    if (waiting_.clock().Now() >= deadline) {
      return Status::Unavailable("the cluster does not take what is written to it");
    }
    waiting_.Pass(Milliseconds(1));
    return {};
  }

  std::unique_ptr<kafka::Producer> producer_;
  Waiting& waiting_;
  std::map<std::string, kafka::TopicHandle> topics_;
};

SavepointStart::SavepointStart(const tasks::ApplicationSpec& application,
                               Dependencies dependencies, fs::path work_dir,
                               std::function<void(const SavepointProgress&)> tell)
    : application_(application),
      dependencies_(dependencies),
      work_dir_(std::move(work_dir)),
      tell_(std::move(tell)) {}

SavepointStart::~SavepointStart() {
  std::error_code ignored;
  fs::remove_all(work_dir_, ignored);
}

Status SavepointStart::Run(const snapshot::Manifest& manifest,
                           const checkpoint::OriginRecord& origin) {
  RETURN_IF_ERROR(ReadTopicIds(manifest));
  ASSIGN_OR_RETURN(const auto offsets, OffsetsOf(manifest));
  ASSIGN_OR_RETURN(writer_,
                   Writer::Make(dependencies_.cluster, application_.id, dependencies_.waiting));
  progress_ = {.tasks = manifest.tasks.size()};
  for (const snapshot::KeptTask& task : manifest.tasks) {
    RETURN_IF_ERROR(CopyTask(manifest, task).WithContext("task " + ToString(task.id)));
    ++progress_.tasks_done;
    tell_(progress_);
  }
  RETURN_IF_ERROR(writer_->Flush());
  RETURN_IF_ERROR(CommitPositions(offsets));
  // Last: it says that all of it is there.
  const auto record = checkpoint::EncodeControlRecord(checkpoint::CheckpointRecord(origin));
  RETURN_IF_ERROR(writer_->Write({application_.control_topic, 0}, record.key, record.value));
  return writer_->Flush();
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
  ASSIGN_OR_RETURN(const auto topics,
                   Ask<std::vector<kafka::TopicDescription>>(
                       [&] { return dependencies_.admin.DescribeTopics(names); }, "topics",
                       dependencies_.waiting, dependencies_.patience));
  for (const kafka::TopicDescription& topic : topics) topic_ids_[topic.name] = topic.id;
  return {};
}

Result<std::vector<kafka::CommittedOffset>> SavepointStart::OffsetsOf(
    const snapshot::Manifest& manifest) {
  std::vector<kafka::CommittedOffset> offsets;
  for (const snapshot::KeptTask& task : manifest.tasks) {
    for (const snapshot::KeptInput& input : task.inputs) {
      const std::string topic =
          NameHere(manifest, input.partition.topic, input.repartition, application_);
      const tasks::SubTopologySpec* reader = ReaderOf(application_, topic);
      if (reader == nullptr) continue;
      ASSIGN_OR_RETURN(std::optional<time::CommitStamp> stamp,
                       time::DecodeCommitStamp(input.stamp));
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
      offsets.push_back({.partition = {topic, input.partition.partition},
                         .offset = input.repartition ? Offset(0) : input.position,
                         .metadata = time::EncodeCommitStamp(*stamp)});
    }
  }
  return offsets;
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
  return {};
}

Status SavepointStart::CopyStores(const snapshot::Manifest& manifest,
                                  const snapshot::KeptTask& task) {
  const fs::path image = work_dir_ / "image";
  std::error_code error;
  fs::remove_all(image, error);
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
  for (const snapshot::KeptStore& kept : manifest.stores) {
    const StorePlace place = StoreOf(application_, kept.name);
    if (place.spec == nullptr || place.spec->changelog_topic.empty()) continue;
    stores.push_back(*place.spec);
    stores.back().fingerprint = kept.fingerprint;
  }
  ASSIGN_OR_RETURN(
      const auto state,
      dependencies_.states.OpenImage(
          image, {.application = manifest.application, .task = task.id}, stores));
  std::string value;
  for (size_t i = 0; i < stores.size(); ++i) {
    const TopicPartition to{stores[i].changelog_topic, task.id.partition};
    Status written;
    const auto write = [&](std::string_view key, std::string_view row) {
      if (!written.ok()) return;
      value.clear();
      // Not beyond that of any position.
      EncodeChangelogValue({.sequence = CommitSequence(1), .row = row}, value);
      written = writer_->Write(to, key, value);
      ++progress_.rows;
    };
    RETURN_IF_ERROR(state->Scan(i, write));
    RETURN_IF_ERROR(written);
  }
  return state->Close(/*dirty=*/true, dependencies_.waiting.clock().WallTime());
}

Status SavepointStart::CopyInFlight(const snapshot::KeptInput& input, const TopicPartition& to) {
  for (const snapshot::StoredFile& file : input.in_flight) {
    ASSIGN_OR_RETURN(const std::string bytes, dependencies_.catalog.FetchBytes(file));
    const auto write = [&](const snapshot::InFlightRecord& record) {
      ++progress_.in_flight_records;
      return writer_->Write(to, record.key, record.value);
    };
    RETURN_IF_ERROR(snapshot::ReadInFlightFile(bytes, write));
  }
  return {};
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
  // Something else was written to it or to the group: what was started, or begun to be.
  std::vector<TopicPartition> internal;
  std::set<std::string> inputs;
  std::vector<TopicPartition> positions;
  for (const tasks::SubTopologySpec& part : application.sub_topologies) {
    for (const tasks::InputSpec& input : part.inputs) {
      if (!inputs.insert(input.topic).second) continue;
      for (Partition p = 0; p < input.partitions; ++p) {
        positions.push_back({input.topic, p});
        if (input.repartition) internal.push_back({input.topic, p});
      }
    }
    for (const statestore::StoreSpec& store : part.stores) {
      if (store.changelog_topic.empty()) continue;
      for (Partition p = 0; p < part.task_count(); ++p) {
        internal.push_back({store.changelog_topic, p});
      }
    }
  }
  internal.push_back({application.control_topic, 0});
  ASSIGN_OR_RETURN(
      const auto ends,
      Ask<std::vector<kafka::PartitionOffset>>(
          [&] {
            return admin.ListOffsets(internal, kafka::OffsetSpec::kLatest,
                                     kafka::IsolationLevel::kReadUncommitted);
          },
          "ends of internal topics", waiting, patience));
  for (const kafka::PartitionOffset& end : ends) {
    if (end.offset.value() == 0) continue;
    return Status::InvalidConfig(fmt::format(
        "application {} is not new, so it cannot start from a savepoint: {} has records{}",
        application.id, ToString(end.partition), kResetHint));
  }
  ASSIGN_OR_RETURN(const auto committed,
                   Ask<std::vector<kafka::CommittedOffset>>(
                       [&] {
                         return admin.CommittedOffsets(application.id, positions,
                                                       /*require_stable=*/false);
                       },
                       "positions of the group", waiting, patience));
  for (const kafka::CommittedOffset& offset : committed) {
    if (!offset.offset) continue;
    return Status::InvalidConfig(fmt::format(
        "application {} is not new, so it cannot start from a savepoint: its group has read {}{}",
        application.id, ToString(offset.partition), kResetHint));
  }
  return std::optional<checkpoint::OriginRecord>();
}

}  // namespace sidestream::app
