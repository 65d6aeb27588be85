// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/store_restorer.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/internal_record.h"
#include "base/log.h"
#include "changelog/log_fitness.h"
#include "changelog/sorted_chunk.h"

namespace sidestream::changelog {
namespace {

using statestore::Change;
using statestore::TaskState;

// What a task waits for, in this order. A reader that stops sends it back to kOffsets.
enum class Phase { kTopics, kOffsets, kSettings, kReading };

// A position that falls out of the log again and again is not ours to chase.
constexpr int kReaderStopsMax = 3;

}  // namespace

struct StoreRestorer::StoreReplay {
  size_t store = 0;
  TopicPartition changelog;
  TopicId id;
  Offset log_start;
  /// I1: captured once, stays when the offsets are asked for again.
  std::optional<Offset> end;
  bool full = false;
  bool reading = false;
  bool done = false;
  /// Everything below was read.
  Offset position;
  /// As far as it was counted for the progress.
  Offset counted;
  /// Rows that the state does not have yet, and the highest sequence among them (I5).
  std::optional<SortedChunk> chunk;
  CommitSequence chunk_sequence;
  MonotonicTime progressed_at;
};

struct StoreRestorer::TaskReplay {
  TaskId task;
  TaskState* state = nullptr;
  Phase phase = Phase::kTopics;
  std::vector<StoreReplay> stores;
  std::optional<Status> failure;

  kafka::Admin::Reply<std::vector<kafka::TopicDescription>> topics;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> starts;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> ends;
  std::optional<std::vector<kafka::PartitionOffset>> known_starts;
  kafka::Admin::Reply<std::map<std::string, std::string>> settings;
  /// Stores whose settings are still to be asked for.
  std::vector<StoreReplay*> unsettled;
  std::optional<MonotonicTime> silent_since;
  MonotonicTime ask_at;

  int reader_stops = 0;
  int64_t restored_records = 0;
  int32_t full_restores = 0;

  KnownStore Known(const StoreReplay& store) const {
    return {.task = task,
            .store = state->spec(store.store).name,
            .changelog = store.changelog,
            .position = state->position(store.store)};
  }
  std::vector<TopicPartition> Changelogs() const {
    std::vector<TopicPartition> changelogs;
    for (const StoreReplay& store : stores) changelogs.push_back(store.changelog);
    return changelogs;
  }
  bool done() const {
    return std::all_of(stores.begin(), stores.end(),
                       [](const StoreReplay& store) { return store.done; });
  }
};

StoreRestorer::StoreRestorer(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock,
                             StoreRestorerOptions options, RestoreRules rules)
    : admin_(admin), reader_(reader), clock_(clock), options_(options), rules_(rules) {}

StoreRestorer::~StoreRestorer() {
  for (auto& [id, task] : tasks_) StopReading(*task);
}

void StoreRestorer::Register(const TaskId& task, TaskState& state) {
  auto replay = std::make_unique<TaskReplay>();
  replay->task = task;
  replay->state = &state;
  for (size_t i = 0; i < state.store_count(); ++i) {
    const std::string& topic = state.spec(i).changelog_topic;
    // Nothing to replay from: what the directory holds is all there is.
    if (topic.empty()) {
      state.FinishRestore(i);
      continue;
    }
    replay->stores.push_back({.store = i, .changelog = {topic, task.partition}});
  }
  const bool added = tasks_.emplace(task, std::move(replay)).second;
  CHECK(added) << "registered twice: " << task;
}

std::optional<RestoreOutcome> StoreRestorer::Cancel(const TaskId& task) {
  const auto found = tasks_.find(task);
  if (found == tasks_.end()) return std::nullopt;
  TaskReplay& replay = *found->second;
  for (StoreReplay& store : replay.stores) {
    const Status kept = Ingest(replay, store);
    if (!kept.ok() && !replay.failure) replay.failure = kept;
  }
  if (!replay.failure) replay.failure = Status::TaskMigrated("the restore was cancelled");
  RestoreOutcome outcome = Finish(replay);
  tasks_.erase(found);
  PublishProgress();
  return outcome;
}

std::vector<RestoreOutcome> StoreRestorer::Step(MonotonicTime now) {
  for (auto& [id, task] : tasks_) {
    if (!task->failure && !task->done() && task->phase != Phase::kReading) Prepare(*task, now);
  }
  ReadBatch();
  std::vector<RestoreOutcome> outcomes;
  for (auto task = tasks_.begin(); task != tasks_.end();) {
    TaskReplay& replay = *task->second;
    for (StoreReplay& store : replay.stores) {
      if (replay.failure || !store.reading) continue;
      const Status advanced = AdvanceStore(replay, store, now);
      if (!advanced.ok()) replay.failure = advanced;
    }
    if (!replay.failure && !replay.done()) {
      ++task;
      continue;
    }
    outcomes.push_back(Finish(replay));
    task = tasks_.erase(task);
  }
  PublishProgress();
  return outcomes;
}

StoreRestorer::ProgressReport StoreRestorer::Progress() const {
  return {.restored_records = restored_records_.load(std::memory_order_relaxed),
          .remaining_records = remaining_records_.load(std::memory_order_relaxed),
          .passed_offsets = passed_offsets_.load(std::memory_order_relaxed),
          .collected_bytes = collected_bytes_.load(std::memory_order_relaxed)};
}

void StoreRestorer::PublishProgress() {
  int64_t restored = 0;
  int64_t remaining = 0;
  size_t collected = 0;
  for (const auto& [id, task] : tasks_) {
    restored += task->restored_records;
    for (const StoreReplay& store : task->stores) {
      if (store.chunk) collected += store.chunk->bytes();
      if (store.reading) remaining += std::max<int64_t>(0, *store.end - store.position);
    }
  }
  restored_records_.store(restored, std::memory_order_relaxed);
  remaining_records_.store(remaining, std::memory_order_relaxed);
  collected_bytes_.store(static_cast<int64_t>(collected), std::memory_order_relaxed);
}

// --- Before reading: does the log fit the state, and from where to where? ---

void StoreRestorer::Prepare(TaskReplay& task, MonotonicTime now) {
  if (!task.silent_since) task.silent_since = now;
  if (now < task.ask_at) return;
  // A phase whose answer is there at once leads to the next within the same step.
  for (Phase before = task.phase; !task.failure; before = task.phase) {
    switch (task.phase) {
      case Phase::kTopics:
        TakeTopics(task, now);
        break;
      case Phase::kOffsets:
        TakeOffsets(task, now);
        break;
      case Phase::kSettings:
        TakeSettings(task, now);
        break;
      case Phase::kReading:
        return;
    }
    if (task.phase == before || now < task.ask_at) return;
  }
}

void StoreRestorer::AskAgain(TaskReplay& task, MonotonicTime now, const Status& why) {
  task.topics.reset();
  task.starts.reset();
  task.ends.reset();
  task.settings.reset();
  if (why.code() != StatusCode::kUnavailable) {
    task.failure = why.WithContext("restore of task " + ToString(task.task));
  } else if (now - *task.silent_since >= options_.give_up_after) {
    task.failure = why.WithContext("restore gave up waiting: task " + ToString(task.task));
  }
  task.ask_at = now + options_.ask_again_after;
}

void StoreRestorer::TakeTopics(TaskReplay& task, MonotonicTime now) {
  if (task.topics == nullptr) {
    std::vector<std::string> names;
    for (const StoreReplay& store : task.stores) names.push_back(store.changelog.topic);
    task.topics = admin_.DescribeTopics(std::move(names));
  }
  auto answer = task.topics->Poll();
  if (!answer) return;
  if (!answer->ok()) return AskAgain(task, now, answer->status());
  CHECK((*answer)->size() == task.stores.size()) << "one description per topic";
  for (size_t i = 0; i < task.stores.size(); ++i) {
    StoreReplay& store = task.stores[i];
    const kafka::TopicDescription& topic = (**answer)[i];
    const Status checked = CheckTopic(task.Known(store), topic);
    if (!checked.ok()) return AskAgain(task, now, checked);
    store.id = topic.id;
  }
  task.topics.reset();
  task.phase = Phase::kOffsets;
}

void StoreRestorer::TakeOffsets(TaskReplay& task, MonotonicTime now) {
  if (task.starts == nullptr && !task.known_starts) {
    task.starts = admin_.ListOffsets(task.Changelogs(), kafka::OffsetSpec::kEarliest,
                                     kafka::IsolationLevel::kReadUncommitted);
    task.ends = admin_.ListOffsets(task.Changelogs(), kafka::OffsetSpec::kLatest, rules_.end);
  }
  if (!task.known_starts) {
    auto starts = task.starts->Poll();
    if (!starts) return;
    if (!starts->ok()) return AskAgain(task, now, starts->status());
    task.known_starts = std::move(*starts).value();
  }
  auto ends = task.ends->Poll();
  if (!ends) return;
  const std::vector<kafka::PartitionOffset> starts = std::move(*task.known_starts);
  task.known_starts.reset();
  if (!ends->ok()) return AskAgain(task, now, ends->status());
  task.starts.reset();
  task.ends.reset();
  CHECK(starts.size() == task.stores.size() && (*ends)->size() == task.stores.size())
      << "one offset per changelog";
  task.unsettled.clear();
  for (size_t i = 0; i < task.stores.size(); ++i) {
    StoreReplay& store = task.stores[i];
    store.log_start = starts[i].offset;
    if (!store.end) store.end = (**ends)[i].offset;
    const Status checked = CheckEnd(task.Known(store), *store.end);
    if (!checked.ok()) return AskAgain(task, now, checked);
    const auto position = task.state->position(store.store).changelog_position;
    store.full = !position.has_value();
    // Only a tail can lack deletes, so only then the topic's settings are of interest.
    if (!store.done && position && (*position < *store.end || *position < store.log_start)) {
      task.unsettled.push_back(&store);
    }
  }
  task.phase = Phase::kSettings;
}

void StoreRestorer::TakeSettings(TaskReplay& task, MonotonicTime now) {
  while (!task.unsettled.empty()) {
    StoreReplay& store = *task.unsettled.back();
    if (task.settings == nullptr) {
      task.settings = admin_.DescribeTopicSettings(store.changelog.topic);
    }
    auto answer = task.settings->Poll();
    if (!answer) return;
    if (!answer->ok()) return AskAgain(task, now, answer->status());
    task.settings.reset();
    const Result<bool> full =
        NeedsFullRestore(task.Known(store), store.log_start, **answer, clock_.WallTime());
    if (!full.ok()) return AskAgain(task, now, full.status());
    if (*full) store.full = true;
    task.unsettled.pop_back();
  }
  for (StoreReplay& store : task.stores) {
    if (store.done) continue;
    const Status started = StartReading(task, store, now);
    if (!started.ok()) {
      task.failure = started;
      return;
    }
  }
  task.phase = Phase::kReading;
}

Status StoreRestorer::StartReading(TaskReplay& task, StoreReplay& store, MonotonicTime now) {
  TaskState& state = *task.state;
  if (store.full) {
    RETURN_IF_ERROR(state.BeginFullRestore(store.store, clock_.WallTime()));
    ++task.full_restores;
  }
  RETURN_IF_ERROR(state.SetChangelogId(store.store, store.id));
  store.position = state.position(store.store).changelog_position.value_or(store.log_start);
  store.counted = store.position;
  store.progressed_at = now;
  store.chunk.reset();
  store.chunk_sequence = CommitSequence();
  if (store.position >= *store.end) return FinishStore(task, store);
  if (*store.end - store.position >= options_.ingest_from) store.chunk.emplace();
  log::Info("changelog", "restoring: store={} task={} from={} to={}", state.spec(store.store).name,
            ToString(task.task), store.position.value(), store.end->value());
  RETURN_IF_ERROR(reader_.Assign({.partition = store.changelog, .offset = store.position}));
  store.reading = true;
  reading_[store.changelog] = {&task, &store};
  return {};
}

// --- Reading ---

void StoreRestorer::ReadBatch() {
  read_something_ = false;
  if (reading_.empty()) return;
  auto chunks = reader_.Poll(options_.batch_records_max, options_.poll_wait);
  if (!chunks.ok()) return ReaderFailed(chunks.status());
  for (const auto& chunk : *chunks) {
    const auto found = reading_.find(chunk->partition());
    // Left over from a partition that is no longer read.
    if (found == reading_.end()) continue;
    auto [task, store] = found->second;
    if (task->failure) continue;
    read_something_ = true;
    Status applied =
        store->chunk ? CollectChunk(*task, *store, *chunk) : ApplyChunk(*task, *store, *chunk);
    if (applied.ok() && store->chunk) applied = BoundChunks();
    if (!applied.ok()) task->failure = applied;
  }
}

Status StoreRestorer::DecodeRow(const StoreReplay& store, const kafka::Record& record, Change& row,
                                CommitSequence& highest) {
  const auto where = [&] {
    return fmt::format("changelog={} offset={}", ToString(store.changelog), record.offset.value());
  };
  if (!record.key) {
    return Status::Stopped("a changelog record without key is not ours: " + where());
  }
  row = {.key = *record.key, .value = std::nullopt};
  if (!record.value) return {};
  const Result<ChangelogRecord> decoded = DecodeChangelogValue(*record.value);
  if (!decoded.ok()) {
    // Moving the directory aside would meet the same bytes again.
    const StatusCode code = decoded.status().code() == StatusCode::kTaskCorrupted
                                ? StatusCode::kStopped
                                : decoded.status().code();
    return Status(code, decoded.status().message()).WithContext(where());
  }
  row.value = decoded->row;
  highest = std::max(highest, decoded->sequence);
  return {};
}

Status StoreRestorer::ApplyChunk(TaskReplay& task, StoreReplay& store,
                                 const kafka::RecordChunk& chunk) {
  rows_.clear();
  CommitSequence highest;
  Offset behind = store.position;
  for (const kafka::Record& record : chunk.records()) {
    // I1: what lies beyond the end was appended after us. Below the position: left over from
    // before a seek, applied already.
    if (record.offset >= *store.end) break;
    if (record.offset < store.position) continue;
    behind = record.offset + 1;
    RETURN_IF_ERROR(DecodeRow(store, record, rows_.emplace_back(), highest));
  }
  if (chunk.end_position()) behind = std::max(behind, std::min(*chunk.end_position(), *store.end));
  if (rows_.empty()) return {};
  RETURN_IF_ERROR(task.state->ApplyRestored(store.store, rows_, behind, highest));
  store.position = behind;
  task.restored_records += static_cast<int64_t>(rows_.size());
  return {};
}

Status StoreRestorer::CollectChunk(TaskReplay& task, StoreReplay& store,
                                   const kafka::RecordChunk& chunk) {
  Change row;
  for (const kafka::Record& record : chunk.records()) {
    if (record.offset >= *store.end) break;
    if (record.offset < store.position) continue;
    RETURN_IF_ERROR(DecodeRow(store, record, row, store.chunk_sequence));
    store.chunk->Add(row.key, row.value);
    store.position = record.offset + 1;
    ++task.restored_records;
  }
  return {};
}

/// Makes room when all stores together have collected what they may: the one with the most.
Status StoreRestorer::BoundChunks() {
  size_t bytes = 0;
  std::pair<TaskReplay*, StoreReplay*> largest{};
  for (const auto& [changelog, reading] : reading_) {
    const StoreReplay& store = *reading.second;
    if (!store.chunk) continue;
    bytes += store.chunk->bytes();
    if (largest.second == nullptr || store.chunk->bytes() > largest.second->chunk->bytes()) {
      largest = reading;
    }
  }
  if (bytes < options_.chunk_bytes_max) return {};
  const Status ingested = Ingest(*largest.first, *largest.second);
  if (!ingested.ok()) largest.first->failure = ingested;
  return {};
}

/// Brings in what was collected for the store, if there is any.
Status StoreRestorer::Ingest(TaskReplay& task, StoreReplay& store) {
  if (!store.chunk || store.chunk->empty()) return {};
  const Status ingested = task.state->IngestRestored(store.store, store.chunk->Sort(),
                                                     store.position, store.chunk_sequence);
  store.chunk->Clear();
  return ingested;
}

Status StoreRestorer::AdvanceStore(TaskReplay& task, StoreReplay& store, MonotonicTime now) {
  // I2: the reader's position, because it steps over markers and aborted records. An EOF event at
  // the last stable offset leaves it below the end.
  const std::optional<Offset> read = reader_.Position(store.changelog);
  const Offset position = std::max(store.position, read.value_or(store.position));
  if (position >= *store.end) {
    StopReading(store);
    return FinishStore(task, store);
  }
  if (position > store.counted) {
    store.position = position;
    store.progressed_at = now;
    CountPassed(store);
  } else if (now - store.progressed_at >= options_.transaction_wait) {
    store.progressed_at = now;
    log::Info("changelog", "waiting for a transaction to end: store={} task={} position={} end={}",
              task.state->spec(store.store).name, ToString(task.task), position.value(),
              store.end->value());
  }
  return {};
}

Status StoreRestorer::FinishStore(TaskReplay& task, StoreReplay& store) {
  TaskState& state = *task.state;
  RETURN_IF_ERROR(Ingest(task, store));
  const auto position = state.position(store.store).changelog_position;
  if (!position || *position < *store.end) {
    RETURN_IF_ERROR(state.ApplyRestored(store.store, {}, *store.end, CommitSequence()));
  }
  state.FinishRestore(store.store);
  store.position = *store.end;
  CountPassed(store);
  store.done = true;
  return {};
}

void StoreRestorer::CountPassed(StoreReplay& store) {
  passed_offsets_.fetch_add(std::max<int64_t>(0, store.position - store.counted),
                            std::memory_order_relaxed);
  store.counted = store.position;
}

void StoreRestorer::ReaderFailed(const Status& status) {
  if (status.code() == StatusCode::kUnavailable) {
    log::Debug("changelog", "restore reader: {}", status.message());
    return;
  }
  for (auto& [id, task] : tasks_) {
    if (task->phase != Phase::kReading || task->failure) continue;
    StopReading(*task);
    // Out of range: the log's start may have moved past us. Looking at the offsets again says
    // whether that is a full restore or a stop.
    if (status.code() == StatusCode::kStopped && ++task->reader_stops <= kReaderStopsMax) {
      task->phase = Phase::kOffsets;
      task->silent_since.reset();
    } else {
      task->failure = status;
    }
  }
}

void StoreRestorer::StopReading(StoreReplay& store) {
  if (!store.reading) return;
  store.reading = false;
  reading_.erase(store.changelog);
  const Status left = reader_.Unassign(store.changelog);
  if (!left.ok()) log::Warning("changelog", "restore reader: {}", left.message());
}

void StoreRestorer::StopReading(TaskReplay& task) {
  for (StoreReplay& store : task.stores) StopReading(store);
}

RestoreOutcome StoreRestorer::Finish(TaskReplay& task) {
  StopReading(task);
  Status status = task.failure.value_or(Status::Ok());
  if (status.ok() && task.full_restores > 0 && task.restored_records > 0) {
    // What took long to read is worth keeping over a crash.
    status = task.state->Flush(clock_.WallTime());
  }
  if (status.ok() && task.restored_records > 0) {
    log::Info("changelog", "restored: task={} records={} full_stores={}", ToString(task.task),
              task.restored_records, task.full_restores);
  }
  return {.task = task.task,
          .status = std::move(status),
          .highest_sequence = task.state->sequence(),
          .restored_records = task.restored_records,
          .full_restores = task.full_restores};
}

}  // namespace sidestream::changelog
