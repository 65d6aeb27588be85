// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/stream_task.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/internal_record.h"
#include "base/log.h"
#include "kafka/partitioner.h"
#include "transaction/transaction_writer.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kFlushInterval{std::chrono::hours(1)};
// KIP-211: offsets of hand-added topics expire; a quarter of the shortest sensible retention.
constexpr Milliseconds kRecommitInterval{std::chrono::hours(6)};
// A request lives no longer: the consumer's socket.timeout.ms.
constexpr Milliseconds kRepeatInterval{60'000};
// Asking costs some aborted transactions.
constexpr Milliseconds kDeniedFor{60'000};
// Record batch and record overhead of Kafka's format v2, rounded up.
constexpr size_t kRecordOverheadBytes = 128;

}  // namespace

StreamTask::StreamTask(const SubTopologySpec& spec, TaskStart start, const Clock& clock,
                       Random& random)
    : spec_(spec),
      id_(std::move(start.id)),
      clock_(clock),
      random_(random),
      anchor_hash_(time::AnchorHash(spec.anchor_topic())),
      sequence_(start.sequence),
      commit_first_(start.commit_first),
      state_(std::move(start.state)),
      program_(std::move(start.program)),
      may_wait_(program_->MayWait()),
      repeat_offsets_(start.repeat_offsets),
      flushed_at_(clock.Now()),
      committed_at_(clock.Now()) {
  CHECK(!start.inputs.empty());
  CHECK((state_ != nullptr) == !spec.stores.empty());
  for (InputStart& input : start.inputs) {
    const InputTime time{input.progress, input.highest_timestamp};
    InputQueue queue(input.position);
    inputs_.push_back({std::move(input), std::move(queue), time, time, clock.Now(), std::nullopt});
  }
}

StreamTask::~StreamTask() = default;

void StreamTask::Attach(transaction::TransactionWriter& writer) {
  writer_ = &writer;
  for (const OutputSpec& output : spec_.outputs) {
    output_topics_.push_back(writer.RegisterTopic(output.topic));
  }
  for (const statestore::StoreSpec& store : spec_.stores) {
    changelog_topics_.push_back(writer.RegisterTopic(store.changelog_topic));
  }
}

void StreamTask::Add(size_t index, std::unique_ptr<kafka::RecordChunk> chunk) {
  inputs_[index].heard_at = clock_.Now();
  inputs_[index].queue.Add(std::move(chunk));
}

bool StreamTask::AtEnd(const Input& input) const {
  return input.start.end && input.queue.position() >= *input.start.end;
}

bool StreamTask::HasHead(size_t index) {
  Input& input = inputs_[index];
  const kafka::Record* head = input.queue.Head();
  if (head == nullptr) return false;
  // The end may lie among transaction markers, which have no record.
  if (input.start.end && head->offset >= *input.start.end) input.queue.AdvanceTo(*input.start.end);
  return !AtEnd(input);
}

operators::InputRecord StreamTask::ReadHead(size_t index) {
  Input& input = inputs_[index];
  const kafka::Record* head = input.queue.Head();
  operators::InputRecord record;
  record.topic = input.start.partition.topic;
  record.partition = input.start.partition.partition;
  record.offset = head->offset;
  record.key = head->key;
  record.value = head->value;
  record.timestamp = head->timestamp;
  record.own_timestamp = head->timestamp;
  record.headers = input.queue.HeadHeaders();
  return record;
}

Result<bool> StreamTask::HeadReady(size_t index) {
  if (!may_wait_) return true;
  operators::InputRecord record = ReadHead(index);
  if (SpecOf(index).repartition) {
    // What is no data, or cannot be decoded, waits for nothing.
    const Result<RepartitionRecord> hop =
        DecodeRepartitionValue(record.value.value_or(""), headers_);
    if (!hop.ok()) return true;
    record.key_kind = hop->key_kind;
    record.headers = hop->headers;
    record.value = hop->value;
  }
  const Status ready = program_->Ready(inputs_[index].start.spec_index, record);
  if (ready.ok()) return true;
  if (ready.code() == StatusCode::kUnavailable) return false;
  return ready;
}

Result<std::optional<size_t>> StreamTask::ChooseInput() {
  std::optional<size_t> chosen;
  Timestamp smallest;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    Input& input = inputs_[i];
    if (!HasHead(i)) {
      // Data below the last stable offset may still come, and may be older (K2).
      if (inputs_.size() > 1 && !input.queue.at_end() && !AtEnd(input)) {
        return std::optional<size_t>();
      }
      continue;
    }
    if (!input.head_time) {
      ASSIGN_OR_RETURN(const bool ready, HeadReady(i));
      if (!ready) return std::optional<size_t>();
      if (inputs_.size() == 1) return std::optional(i);
      input.head_time = EventTime(i, ReadHead(i));
    }
    if (!chosen || *input.head_time < smallest) {
      chosen = i;
      smallest = *input.head_time;
    }
  }
  return chosen;
}

Timestamp StreamTask::EventTime(size_t index, const operators::InputRecord& record) {
  if (SpecOf(index).repartition) {
    Result<RepartitionRecord> hop = DecodeRepartitionValue(record.value.value_or(""), headers_);
    return hop.ok() ? hop->event_time : record.timestamp;
  }
  const Result<Timestamp> time = program_->EventTime(inputs_[index].start.spec_index, record);
  return time.ok() ? *time : record.timestamp;
}

Result<size_t> StreamTask::Process(size_t records_max) {
  if (commit_first_) return size_t{0};
  limits_time_ = clock_.WallTime();
  size_t done = 0;
  while (done < records_max) {
    ASSIGN_OR_RETURN(const std::optional<size_t> index, ChooseInput());
    if (!index) break;
    RETURN_IF_ERROR(ProcessHead(*index));
    ++done;
  }
  return done;
}

Status StreamTask::ProcessHead(size_t index) {
  Input& input = inputs_[index];
  operators::InputRecord record = ReadHead(index);
  bool is_data = true;
  if (SpecOf(index).repartition) {
    const std::string_view bytes = record.value.value_or("");
    ASSIGN_OR_RETURN(const RepartitionKind kind, KindOfRepartitionValue(bytes));
    is_data = kind == RepartitionKind::kData;
    if (is_data) {
      ASSIGN_OR_RETURN(const RepartitionRecord hop, DecodeRepartitionValue(bytes, headers_));
      record.timestamp = hop.event_time;
      record.own_timestamp = hop.event_time;
      record.key_kind = hop.key_kind;
      record.headers = hop.headers;
      record.value = hop.value;
      if (hop.origin) {
        record.topic = hop.origin->topic;
        record.partition = hop.origin->partition;
        record.offset = hop.origin->offset;
      }
    }
  } else {
    record.timestamp = input.head_time ? *input.head_time : EventTime(index, record);
  }
  if (is_data) {
    RETURN_IF_ERROR(program_->Process(input.start.spec_index, record, *this));
    ++counters_.records;
    if (input.time.progress == time::Progress::kUnknown || record.timestamp > input.time.highest) {
      input.time = {time::Progress::kActive, record.timestamp};
    }
  }
  input.head_time.reset();
  input.queue.Pop();
  return Status::Ok();
}

statestore::KeyValueStore& StreamTask::Store(size_t index) { return state_->store(index); }

void StreamTask::CountDropped(std::string_view step, std::string_view reason) {
  ++counters_.dropped;
  if (!log::Enabled(log::Level::kDebug)) return;
  log::Debug("tasks", "task {}: dropped a record: step={} reason={}", ToString(id_), step, reason);
}

void StreamTask::CountDeadLetter(std::string_view step, std::string_view cause) {
  if (!log::Enabled(log::Level::kDebug)) return;
  log::Debug("tasks", "task {}: put a record aside: step={} cause={}", ToString(id_), step, cause);
}

void StreamTask::Refuse(const std::string& topic, Status why) {
  RefusedTopic refused{std::move(why), std::nullopt};
  if (refused.why.code() == StatusCode::kInvalidConfig) refused.until = clock_.Now() + kDeniedFor;
  refused_.insert_or_assign(topic, std::move(refused));
}

Status StreamTask::CheckLimits(const OutputSpec& output, const operators::OutputRecord& record,
                               size_t value_bytes) const {
  size_t bytes = kRecordOverheadBytes + value_bytes + (record.key ? record.key->size() : 0);
  if (!output.repartition) {
    for (const Header& header : record.headers) {
      bytes += header.name.size() + (header.value ? header.value->size() : 0) + 10;
    }
  }
  if (static_cast<int64_t>(bytes) > output.limits.message_bytes_max) {
    return Status::BadRecord(
        "the record is larger than the output topic allows: topic=" + output.topic +
        " bytes=" + std::to_string(bytes) +
        " max.message.bytes=" + std::to_string(output.limits.message_bytes_max));
  }
  if (output.repartition) return Status::Ok();
  if (output.limits.key_required && !record.key) {
    return Status::BadRecord("the record has no key, and the output topic is compacted: topic=" +
                             output.topic);
  }
  const int64_t ahead = record.timestamp - limits_time_;
  if (ahead > output.limits.timestamp_after_max.count() ||
      -ahead > output.limits.timestamp_before_max.count() || record.timestamp.value() < 0) {
    return Status::BadRecord(
        "the record is dated outside of what the output topic allows: topic=" + output.topic +
        " timestamp_ms=" + std::to_string(record.timestamp.value()));
  }
  return Status::Ok();
}

Status StreamTask::Produce(const operators::OutputRecord& record) {
  const OutputSpec& output = spec_.outputs[record.output];
  kafka::OutgoingRecord outgoing;
  outgoing.key = record.key;
  outgoing.value = record.value;
  outgoing.partition = record.key ? kafka::PartitionOf(*record.key, output.partitions)
                                  : id_.partition % output.partitions;
  if (output.repartition) {
    RepartitionRecord hop;
    hop.event_time = record.timestamp;
    hop.key_kind = record.key_kind;
    hop.headers = record.headers;
    hop.origin = record.origin;
    hop.value = record.value;
    encoded_.clear();
    EncodeRepartitionValue(hop, encoded_);
    outgoing.value = encoded_;
  } else {
    outgoing.timestamp = record.timestamp;
    outgoing.headers = record.headers;
  }
  RETURN_IF_ERROR(CheckLimits(output, record, outgoing.value ? outgoing.value->size() : 0));
  if (!refused_.empty()) {
    const auto refused = refused_.find(output.topic);
    if (refused != refused_.end()) return refused->second.why;
  }
  RETURN_IF_ERROR(writer_->Produce(output_topics_[record.output], outgoing));
  produced_ = true;
  ++counters_.produced;
  return Status::Ok();
}

bool StreamTask::HasEffects() const {
  const bool repeat = repeat_offsets_ && !offsets_repeated_;
  return HasNews() ||
         clock_.Now() - committed_at_ >= (repeat ? kRepeatInterval : kRecommitInterval);
}

bool StreamTask::HasNews() const {
  if (commit_first_ || produced_) return true;
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [](const Input& input) { return input.queue.advanced(); });
}

size_t StreamTask::uncommitted_bytes() const { return state_ ? state_->uncommitted_bytes() : 0; }

Status StreamTask::PrepareCommit() {
  limits_time_ = clock_.WallTime();
  RETURN_IF_ERROR(program_->BeforeCommit(*this));
  if (!state_) return Status::Ok();
  const Result<int64_t> rows =
      changelog_.WriteChanges(*state_, id_.partition, sequence_ + 1, changelog_topics_, *writer_);
  return rows.status();
}

std::vector<kafka::CommittedOffset> StreamTask::OffsetsToCommit(bool unchanged_too) const {
  std::vector<kafka::CommittedOffset> offsets;
  for (const Input& input : inputs_) {
    if (!unchanged_too && !commit_first_ && !input.queue.advanced()) continue;
    time::CommitStamp stamp;
    stamp.sequence = sequence_ + 1;
    stamp.anchor_hash = anchor_hash_;
    stamp.topic_id = input.start.topic_id;
    stamp.progress = input.time.progress;
    stamp.highest_timestamp = input.time.highest;
    offsets.push_back(
        {input.start.partition, input.queue.position(), time::EncodeCommitStamp(stamp)});
  }
  return offsets;
}

Status StreamTask::Committed() {
  offsets_repeated_ = !HasNews();
  sequence_ = sequence_ + 1;
  if (state_) {
    statestore::AppliedCommit commit;
    commit.sequence = sequence_;
    for (size_t i = 0; i < spec_.stores.size(); ++i) {
      // What this writer delivered before the task moved away and came back lies behind.
      std::optional<Offset> end = writer_->DeliveredEnd(changelog_topics_[i], id_.partition);
      if (end && end <= state_->position(i).changelog_position) end.reset();
      commit.changelog_positions.push_back(end);
    }
    RETURN_IF_ERROR(state_->Apply(commit));
  }
  for (Input& input : inputs_) {
    input.queue.Commit();
    input.committed_time = input.time;
  }
  commit_first_ = false;
  produced_ = false;
  std::erase_if(refused_, [now = clock_.Now()](const auto& refused) {
    return !refused.second.until || now >= *refused.second.until;
  });
  committed_at_ = clock_.Now();
  return Status::Ok();
}

void StreamTask::Aborted() {
  program_->Restart(kNoWatermark);
  if (state_) state_->Rollback();
  for (Input& input : inputs_) {
    input.queue.Rollback();
    input.time = input.committed_time;
    input.head_time.reset();
  }
  produced_ = false;
}

bool StreamTask::HasOutput(const std::string& topic) const {
  return std::any_of(spec_.outputs.begin(), spec_.outputs.end(),
                     [&](const OutputSpec& output) { return output.topic == topic; });
}

bool StreamTask::WritesTo(const std::string& topic) const {
  return HasOutput(topic) ||
         std::any_of(spec_.stores.begin(), spec_.stores.end(),
                     [&](const auto& store) { return store.changelog_topic == topic; });
}

bool StreamTask::finished() const {
  return std::all_of(inputs_.begin(), inputs_.end(), [this](const Input& input) {
    return AtEnd(input) && !input.queue.advanced();
  });
}

Status StreamTask::MaybeFlush() {
  if (!state_ || clock_.Now() - flushed_at_ < kFlushInterval) return Status::Ok();
  flushed_at_ = clock_.Now();
  return state_->Flush(clock_.WallTime());
}

Status StreamTask::Close(bool dirty) {
  if (!state_) return Status::Ok();
  if (dirty) state_->Rollback();
  const Status closed = state_->Close(dirty, clock_.WallTime());
  state_.reset();
  return closed;
}

}  // namespace sidestream::tasks
