// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/control_log.h"

#include <utility>

#include "base/log.h"

namespace sidestream::checkpoint {
namespace {
constexpr Milliseconds kRetryDelay{200};
constexpr size_t kRecordsPerStep = 1'000;
}  // namespace

ControlLog::ControlLog(kafka::Admin& admin, kafka::LogReader& reader, const Clock& clock,
                       std::string topic)
    : admin_(admin), reader_(reader), clock_(clock), partition_{std::move(topic), 0} {}

ControlLog::~ControlLog() = default;

void ControlLog::Step(Milliseconds wait) {
  if (!failure().ok()) return;
  if (assigned_) return Read(wait);
  if (clock_.Now() >= retry_at_) Begin();
}

/// Asks for both ends of the log: reading starts at the first, and the second is what
/// caught_up() waits for, open transactions of a leader that died included.
void ControlLog::Begin() {
  if (!start_reply_ && !log_start_) {
    start_reply_ = admin_.ListOffsets({partition_}, kafka::OffsetSpec::kEarliest,
                                      kafka::IsolationLevel::kReadUncommitted);
  }
  if (!end_reply_ && !log_end_) {
    end_reply_ = admin_.ListOffsets({partition_}, kafka::OffsetSpec::kLatest,
                                    kafka::IsolationLevel::kReadUncommitted);
  }
  const auto take = [this](auto& reply, std::optional<Offset>& into) {
    if (!reply) return;
    const auto answer = reply->Poll();
    if (!answer) return;
    reply.reset();
    if (answer->ok()) {
      into = (**answer).front().offset;
    } else if (answer->status().code() == StatusCode::kUnavailable) {
      retry_at_ = clock_.Now() + kRetryDelay;
    } else {
      const std::lock_guard lock(mutex_);
      failure_ = answer->status().WithContext("control topic");
    }
  };
  take(start_reply_, log_start_);
  take(end_reply_, log_end_);
  if (!log_start_ || !log_end_) return;
  const Status assigned = reader_.Assign({partition_, *log_start_});
  const std::lock_guard lock(mutex_);
  if (!assigned.ok()) {
    failure_ = assigned.WithContext("control topic");
    return;
  }
  assigned_ = true;
  position_ = *log_start_;
  caught_up_ = *log_start_ >= *log_end_;
}

void ControlLog::Read(Milliseconds wait) {
  auto chunks = reader_.Poll(kRecordsPerStep, wait);
  const std::lock_guard lock(mutex_);
  if (!chunks.ok()) {
    if (chunks.status().code() != StatusCode::kUnavailable) {
      failure_ = chunks.status().WithContext("control topic");
    }
    return;
  }
  bool checkpoints_changed = false;
  for (const std::unique_ptr<kafka::RecordChunk>& chunk : *chunks) {
    for (const kafka::Record& raw : chunk->records()) {
      if (!raw.value) {
        checkpoints_.Erase(raw.key.value_or(""));
        continue;
      }
      const auto record = DecodeControlRecord(raw.key.value_or(""), *raw.value);
      if (!record.ok()) {
        failure_ = record.status();
        return;
      }
      if (!*record) continue;
      checkpoints_changed |= std::holds_alternative<CheckpointRecord>(**record);
      Apply(**record, raw);
    }
  }
  if (checkpoints_changed && checkpoints_.latest() != nullptr) {
    latest_checkpoint_ = std::make_shared<const Checkpoint>(*checkpoints_.latest());
  }
  if (checkpoints_changed) ++checkpoint_changes_;
  position_ = reader_.Position(partition_).value_or(position_);
  caught_up_ = caught_up_ || position_ >= *log_end_;
}

void ControlLog::Apply(const ControlRecord& record, const kafka::Record& raw) {
  if (const auto* plan = std::get_if<PlanRecord>(&record)) {
    plan_ = *plan;
  } else if (const auto* adopted = std::get_if<AdoptedRecord>(&record)) {
    adopted_[adopted->topic] = adopted->id;
  } else if (const auto* end = std::get_if<EndRecord>(&record)) {
    for (size_t i = 0; i < end->ends.size(); ++i) {
      // The first decision stands: a second leader that did not see it must not move it.
      ends_.emplace(TopicPartition{end->topic, static_cast<Partition>(i)}, end->ends[i]);
    }
  } else if (const auto* store = std::get_if<StoreRecord>(&record)) {
    stores_[store->store] = *store;
  } else if (const auto* of_checkpoint = std::get_if<CheckpointRecord>(&record)) {
    checkpoints_.Apply(*of_checkpoint, raw.timestamp);
    const Checkpoint* const latest = checkpoints_.latest();
    stop_at_savepoint_ = latest != nullptr && latest->begin.stop &&
                         latest->stage == CheckpointStage::kComplete &&
                         // What stood there at the start is of an earlier run, which stopped.
                         (stop_at_savepoint_ || raw.offset >= *log_end_);
  } else if (std::holds_alternative<FinishedRecord>(record)) {
    finished_ = true;
  }
}

Status ControlLog::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool ControlLog::caught_up() const {
  const std::lock_guard lock(mutex_);
  return caught_up_;
}

std::optional<TopicId> ControlLog::AdoptedId(const std::string& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = adopted_.find(topic);
  return found == adopted_.end() ? std::nullopt : std::optional<TopicId>(found->second);
}

std::optional<Offset> ControlLog::End(const TopicPartition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = ends_.find(partition);
  return found == ends_.end() ? std::nullopt : std::optional<Offset>(found->second);
}

std::optional<StoreRecord> ControlLog::Store(const std::string& store) const {
  const std::lock_guard lock(mutex_);
  const auto found = stores_.find(store);
  return found == stores_.end() ? std::nullopt : std::optional<StoreRecord>(found->second);
}

std::vector<StoreRecord> ControlLog::Stores() const {
  const std::lock_guard lock(mutex_);
  std::vector<StoreRecord> stores;
  for (const auto& [name, store] : stores_) stores.push_back(store);
  return stores;
}

bool ControlLog::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_;
}

std::shared_ptr<const Checkpoint> ControlLog::LatestCheckpoint() const {
  const std::lock_guard lock(mutex_);
  return latest_checkpoint_;
}

bool ControlLog::stop_at_savepoint() const {
  const std::lock_guard lock(mutex_);
  return stop_at_savepoint_;
}

std::map<uint64_t, SavepointRequest> ControlLog::SavepointRequests() const {
  const std::lock_guard lock(mutex_);
  return checkpoints_.requests();
}

std::vector<std::string> ControlLog::OutdatedKeys() const {
  const std::lock_guard lock(mutex_);
  return checkpoints_.OutdatedKeys();
}

std::optional<OriginRecord> ControlLog::origin() const {
  const std::lock_guard lock(mutex_);
  return checkpoints_.origin();
}

std::optional<uint64_t> ControlLog::plan_hash() const {
  const std::lock_guard lock(mutex_);
  return plan_ ? std::optional(plan_->hash) : std::nullopt;
}

std::optional<PlanRecord> ControlLog::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

Offset ControlLog::position() const {
  const std::lock_guard lock(mutex_);
  return position_;
}

}  // namespace sidestream::checkpoint
