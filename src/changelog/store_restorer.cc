// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/store_restorer.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/internal_record.h"
#include "base/log.h"
#include "changelog/log_survey.h"
#include "changelog/sorted_chunk.h"

namespace sidestream::changelog {
namespace {

using statestore::Change;
using statestore::TaskState;

// A position that falls out of the log again and again is not ours to chase.
constexpr int kReaderStopsMax = 3;

}  // namespace

struct StoreRestorer::StoreReplay {
  explicit StoreReplay(SurveyedLog& surveyed) : log(surveyed) {}

  SurveyedLog& log;
  bool reading = false;
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
  TaskReplay(LogSurvey log_survey, const TaskId& id, TaskState& task_state, FarRestore far)
      : task(id), state(&task_state), asks(far == FarRestore::kAsk), survey(std::move(log_survey)) {
    for (SurveyedLog& log : survey.logs()) stores.emplace_back(log);
  }

  const TaskId task;
  TaskState* const state;
  const bool asks;
  LogSurvey survey;
  bool surveyed = false;
  std::vector<StoreReplay> stores;
  std::optional<Status> failure;
  /// It is not read here, or not yet.
  std::vector<LogAhead> ahead;

  int reader_stops = 0;
  int64_t restored_records = 0;
  int32_t full_restores = 0;

  bool done() const {
    return std::all_of(stores.begin(), stores.end(),
                       [](const StoreReplay& store) { return store.log.done; });
  }
};

StoreRestorer::StoreRestorer(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock,
                             StoreRestorerOptions options, RestoreRules rules)
    : admin_(admin), reader_(reader), clock_(clock), options_(options), rules_(rules) {}

StoreRestorer::~StoreRestorer() {
  for (auto& [id, task] : tasks_) StopReading(*task);
}

void StoreRestorer::Register(const TaskId& task, TaskState& state, FarRestore far) {
  LogSurvey survey(admin_, clock_, task, state,
                   {.end = rules_.end,
                    .give_up_after = options_.give_up_after,
                    .ask_again_after = options_.ask_again_after,
                    .all_settings = far == FarRestore::kAsk});
  for (size_t i = 0; i < state.store_count(); ++i) {
    // Nothing to replay from: what the directory holds is all there is.
    if (state.spec(i).changelog_topic.empty()) state.FinishRestore(i);
  }
  auto replay = std::make_unique<TaskReplay>(std::move(survey), task, state, far);
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
    if (!task->failure && !task->done() && !task->surveyed) Prepare(*task, now);
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
    if (!replay.failure && !replay.done() && replay.ahead.empty()) {
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
      if (store.reading) remaining += std::max<int64_t>(0, *store.log.end - store.position);
    }
  }
  restored_records_.store(restored, std::memory_order_relaxed);
  remaining_records_.store(remaining, std::memory_order_relaxed);
  collected_bytes_.store(static_cast<int64_t>(collected), std::memory_order_relaxed);
}

void StoreRestorer::Prepare(TaskReplay& task, MonotonicTime now) {
  const std::optional<Status> surveyed = task.survey.Step(now);
  if (!surveyed) return;
  Status begun = *surveyed;
  // Asked once: a survey that is repeated is of a task that reads already.
  if (begun.ok() && task.asks && task.reader_stops == 0) {
    task.ahead = FarAhead(task);
    if (!task.ahead.empty()) return;
  }
  for (StoreReplay& store : task.stores) {
    if (begun.ok() && !store.log.done) begun = StartReading(task, store, now);
  }
  if (begun.ok()) {
    task.surveyed = true;
  } else {
    task.failure = begun;
  }
}

/// Empty where it is not much.
std::vector<LogAhead> StoreRestorer::FarAhead(const TaskReplay& task) const {
  std::vector<LogAhead> ahead;
  if (task.stores.size() != task.state->store_count()) return ahead;  // X5
  for (const SurveyedLog& log : task.survey.logs()) {
    const std::optional<Offset> position = task.state->position(log.store).changelog_position;
    ahead.push_back({.store = task.state->spec(log.store),
                     .id = log.id,
                     .start = log.start,
                     .from = log.full ? log.start : position.value_or(log.start),
                     .end = *log.end,
                     .age_max = log.age_max});
  }
  if (OffsetsOf(ahead) < options_.ask_elsewhere_from) return {};
  return ahead;
}

Status StoreRestorer::StartReading(TaskReplay& task, StoreReplay& store, MonotonicTime now) {
  TaskState& state = *task.state;
  if (store.log.full) {
    RETURN_IF_ERROR(state.BeginFullRestore(store.log.store, clock_.WallTime()));
    ++task.full_restores;
  }
  RETURN_IF_ERROR(state.SetChangelogId(store.log.store, store.log.id));
  store.position = state.position(store.log.store).changelog_position.value_or(store.log.start);
  store.counted = store.position;
  store.progressed_at = now;
  store.chunk.reset();
  store.chunk_sequence = CommitSequence();
  if (store.position >= *store.log.end) return FinishStore(task, store);
  if (*store.log.end - store.position >= options_.ingest_from) store.chunk.emplace();
  if (options_.tells || store.log.full) {
    log::Info("changelog", "restoring: store={} task={} from={} to={}",
              state.spec(store.log.store).name, ToString(task.task), store.position.value(),
              store.log.end->value());
  }
  RETURN_IF_ERROR(reader_.Assign({.partition = store.log.changelog, .offset = store.position}));
  store.reading = true;
  reading_[store.log.changelog] = {&task, &store};
  return {};
}

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
    return fmt::format("changelog={} offset={}", ToString(store.log.changelog),
                       record.offset.value());
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
    if (record.offset >= *store.log.end) break;
    if (record.offset < store.position) continue;
    behind = record.offset + 1;
    RETURN_IF_ERROR(DecodeRow(store, record, rows_.emplace_back(), highest));
  }
  if (chunk.end_position())
    behind = std::max(behind, std::min(*chunk.end_position(), *store.log.end));
  if (rows_.empty()) return {};
  RETURN_IF_ERROR(task.state->ApplyRestored(store.log.store, rows_, behind, highest));
  store.position = behind;
  task.restored_records += static_cast<int64_t>(rows_.size());
  return {};
}

Status StoreRestorer::CollectChunk(TaskReplay& task, StoreReplay& store,
                                   const kafka::RecordChunk& chunk) {
  Change row;
  for (const kafka::Record& record : chunk.records()) {
    if (record.offset >= *store.log.end) break;
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
  const Status ingested = task.state->IngestRestored(store.log.store, store.chunk->Sort(),
                                                     store.position, store.chunk_sequence);
  store.chunk->Clear();
  return ingested;
}

Status StoreRestorer::AdvanceStore(TaskReplay& task, StoreReplay& store, MonotonicTime now) {
  // I2: the reader's position, because it steps over markers and aborted records. An EOF event at
  // the last stable offset leaves it below the end.
  const std::optional<Offset> read = reader_.Position(store.log.changelog);
  const Offset position = std::max(store.position, read.value_or(store.position));
  if (position >= *store.log.end) {
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
              task.state->spec(store.log.store).name, ToString(task.task), position.value(),
              store.log.end->value());
  }
  return {};
}

Status StoreRestorer::FinishStore(TaskReplay& task, StoreReplay& store) {
  TaskState& state = *task.state;
  RETURN_IF_ERROR(Ingest(task, store));
  const auto position = state.position(store.log.store).changelog_position;
  if (!position || *position < *store.log.end) {
    RETURN_IF_ERROR(state.ApplyRestored(store.log.store, {}, *store.log.end, CommitSequence()));
  }
  state.FinishRestore(store.log.store);
  store.position = *store.log.end;
  CountPassed(store);
  store.log.done = true;
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
    if (!task->surveyed || task->failure) continue;
    StopReading(*task);
    // Out of range: the log's start may have moved past us. Looking at the offsets again says
    // whether that is a full restore or a stop.
    if (status.code() == StatusCode::kStopped && ++task->reader_stops <= kReaderStopsMax) {
      task->surveyed = false;
      task->survey.AskAgain();
    } else {
      task->failure = status;
    }
  }
}

void StoreRestorer::StopReading(StoreReplay& store) {
  if (!store.reading) return;
  store.reading = false;
  reading_.erase(store.log.changelog);
  const Status left = reader_.Unassign(store.log.changelog);
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
  if (options_.tells && status.ok() && task.restored_records > 0) {
    log::Info("changelog", "restored: task={} records={} full_stores={}", ToString(task.task),
              task.restored_records, task.full_restores);
  }
  return {.task = task.task,
          .status = std::move(status),
          .highest_sequence = task.state->sequence(),
          .restored_records = task.restored_records,
          .full_restores = task.full_restores,
          .ahead = std::move(task.ahead)};
}

}  // namespace sidestream::changelog
