// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/stream_task.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/internal_record.h"
#include "base/log.h"
#include "kafka/consumer.h"
#include "kafka/partitioner.h"
#include "tasks/event_time_report.h"
#include "transaction/transaction_writer.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kFlushInterval{std::chrono::hours(1)};
// A request lives no longer: the consumer's socket.timeout.ms.
constexpr Milliseconds kRepeatInterval{60'000};
// Asking costs some aborted transactions.
constexpr Milliseconds kDeniedFor{60'000};
// A fetch that finds nothing is answered sooner (fetch.wait.max.ms).
constexpr Milliseconds kFirstFetch{2'000};
// Record batch and record overhead of Kafka's format v2, rounded up.
constexpr size_t kRecordOverheadBytes = 128;

/// Repartition topics; but processing time needs no marks, it is the reader's clock.
std::vector<size_t> MarkedOutputsOf(const SubTopologySpec& spec) {
  std::vector<size_t> marked;
  const bool clock =
      std::all_of(spec.inputs.begin(), spec.inputs.end(), [](const InputSpec& input) {
        return input.watermark.kind == time::WatermarkPolicy::Kind::kClock;
      });
  for (size_t i = 0; i < spec.outputs.size() && !clock; ++i) {
    if (spec.outputs[i].repartition) marked.push_back(i);
  }
  return marked;
}

std::vector<int32_t> PartitionsOf(const SubTopologySpec& spec, const std::vector<size_t>& outputs) {
  std::vector<int32_t> partitions;
  for (const size_t output : outputs) partitions.push_back(spec.outputs[output].partitions);
  return partitions;
}

std::vector<time::TaskTime::Input> InputTimesOf(const SubTopologySpec& spec,
                                                const std::vector<InputStart>& inputs,
                                                const ClockReading& now,
                                                time::UpstreamRules rules) {
  using Kind = time::WatermarkPolicy::Kind;
  std::vector<time::TaskTime::Input> times;
  for (const InputStart& input : inputs) {
    const InputSpec& of = spec.inputs[input.spec_index];
    if (of.repartition && of.watermark.kind != Kind::kClock) {
      times.emplace_back(time::UpstreamVector(static_cast<uint32_t>(of.upstream_tasks),
                                              input.upstreams, now, rules));
    } else {
      times.emplace_back(time::SourceTime(of.watermark, input.time, now));
    }
  }
  return times;
}

}  // namespace

StreamTask::StreamTask(const SubTopologySpec& spec, TaskStart start, const Clock& clock,
                       Random& random)
    : spec_(spec),
      id_(std::move(start.id)),
      life_(start.life),
      clock_(clock),
      random_(random),
      anchor_hash_(time::AnchorHash(spec.anchor_topic())),
      sequence_(start.sequence),
      commit_first_(start.commit_first),
      state_(std::move(start.state)),
      program_(std::move(start.program)),
      may_wait_(program_->MayWait()),
      alignment_(start.alignment),
      follows_event_time_(program_->FollowsEventTime()),
      reach_ms_(program_->ResultReach()),
      now_(Read(clock)),
      time_(InputTimesOf(spec, start.inputs, now_, start.rules.upstreams), start.watermark),
      committed_time_(time_),
      settled_watermark_(start.watermark),
      generation_(start.generation),
      marked_outputs_(MarkedOutputsOf(spec)),
      marks_(PartitionsOf(spec, marked_outputs_), {.advance = start.mark_interval}, now_.steady,
             start.rules.marks),
      repeat_offsets_(start.repeat_offsets),
      recommit_interval_(start.recommit_interval),
      started_at_(now_.steady),
      flushed_at_(clock.Now()),
      committed_at_(clock.Now()) {
  CHECK(!start.inputs.empty());
  CHECK((state_ != nullptr) == !spec.stores.empty());
  for (InputStart& input : start.inputs) {
    InputQueue queue(input.position);
    inputs_.push_back({std::move(input), std::move(queue), now_.steady, std::nullopt, kEndOfTime});
  }
  (void)time_.Update(now_);
  program_->Restart(time_.watermark());
}

StreamTask::~StreamTask() = default;

void StreamTask::Attach(transaction::TransactionWriter& writer, const kafka::Consumer& consumer) {
  writer_ = &writer;
  consumer_ = &consumer;
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
    const std::string_view bytes = record.value.value_or("");
    const Result<RepartitionKind> kind = KindOfRepartitionValue(bytes);
    if (!kind.ok() || *kind != RepartitionKind::kData) return true;
    const Result<RepartitionRecord> hop = DecodeRepartitionValue(bytes, headers_);
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
      if (inputs_.size() == 1 && input.limit == kEndOfTime) return std::optional(i);
      input.head_time = EventTime(i, ReadHead(i));
    }
    if (input.head_time->known && input.head_time->at > input.limit) {
      alignment_->Wait();
      continue;
    }
    if (!chosen || input.head_time->at < smallest) {
      chosen = i;
      smallest = input.head_time->at;
    }
  }
  return chosen;
}

StreamTask::HeadTime StreamTask::EventTime(size_t index, const operators::InputRecord& record) {
  const InputSpec& spec = SpecOf(index);
  if (spec.repartition) {
    const std::string_view bytes = record.value.value_or("");
    const Result<RepartitionKind> kind = KindOfRepartitionValue(bytes);
    // A mark is no event: it is taken as soon as it is there.
    if (kind.ok() && *kind == RepartitionKind::kMark) return {kNoTimestamp, false};
    if (spec.dated == Dated::kByRecord) {
      const Result<RepartitionRecord> hop = DecodeRepartitionValue(bytes, headers_);
      return {hop.ok() ? hop->event_time : record.timestamp, hop.ok()};
    }
  }
  // Never behind the watermark, also when the wall clock is put back.
  if (spec.dated == Dated::kAtEntry) return {std::max(now_.wall, time_.watermark() + 1), true};
  const Result<Timestamp> time = program_->EventTime(inputs_[index].start.spec_index, record);
  return {time.ok() ? *time : record.timestamp, time.ok()};
}

Result<size_t> StreamTask::Process(size_t records_max) {
  if (commit_first_) return size_t{0};
  now_ = Read(clock_);
  if (alignment_ != nullptr) Align();
  size_t done = 0;
  while (done < records_max) {
    ASSIGN_OR_RETURN(const std::optional<size_t> index, ChooseInput());
    if (!index) break;
    RETURN_IF_ERROR(ProcessHead(*index));
    ++done;
  }
  RETURN_IF_ERROR(FollowTime());
  return done;
}

void StreamTask::Align() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!IsAligned(i)) continue;
    const time::SourceTime& source = *time_.source(i);
    alignment_->Publish(inputs_[i].start.partition, source.progress(), source.watermark());
    inputs_[i].limit = alignment_->LimitOf(inputs_[i].start.partition);
  }
}

Status StreamTask::ProcessHead(size_t index) {
  Input& input = inputs_[index];
  operators::InputRecord record = ReadHead(index);
  HeadTime time{record.timestamp, true};
  if (SpecOf(index).repartition) {
    const std::string_view bytes = record.value.value_or("");
    ASSIGN_OR_RETURN(const RepartitionKind kind, KindOfRepartitionValue(bytes));
    if (kind == RepartitionKind::kMark) return TakeMark(index, bytes);
    if (SpecOf(index).dated == Dated::kAtEntry) {
      time = input.head_time ? *input.head_time : EventTime(index, record);
    }
    ASSIGN_OR_RETURN(const RepartitionRecord hop, DecodeRepartitionValue(bytes, headers_));
    record.timestamp = SpecOf(index).dated == Dated::kAtEntry ? time.at : hop.event_time;
    record.own_timestamp = hop.event_time;
    record.key_kind = hop.key_kind;
    record.headers = hop.headers;
    record.value = hop.value;
    if (hop.origin) {
      record.topic = hop.origin->topic;
      record.partition = hop.origin->partition;
      record.offset = hop.origin->offset;
    }
  } else {
    time = input.head_time ? *input.head_time : EventTime(index, record);
    record.timestamp = time.at;
  }
  RETURN_IF_ERROR(ProcessRecord(index, record, time.known));
  input.head_time.reset();
  input.queue.Pop();
  return Status::Ok();
}

/// The record is handled under the watermark before it; then the watermark moves.
Status StreamTask::ProcessRecord(size_t index, const operators::InputRecord& record, bool timed) {
  const size_t number = inputs_[index].start.spec_index;
  time::SourceTime* const source = time_.source(index);
  const bool states =
      source != nullptr && source->policy().kind == time::WatermarkPolicy::Kind::kStated;
  const std::optional<Timestamp> stated =
      states ? program_->StatedWatermark(number, record) : std::nullopt;
  if (source != nullptr && timed && record.timestamp <= time_.watermark() &&
      record.timestamp > source->watermark()) {
    ++late_after_idle_;
  }
  RETURN_IF_ERROR(program_->Process(number, record, *this));
  ++counters_.records;
  if (source == nullptr) return Status::Ok();
  const Timestamp before = source->watermark();
  const time::Progress progress = source->progress();
  bool usable = true;
  if (timed) {
    usable = source->Take(record.timestamp, now_);
  } else {
    source->Hear(now_);
  }
  if (stated) usable = source->State(*stated, now_) && usable;
  if (!usable) ++ahead_;
  if (source->watermark() == before && source->progress() == progress) return Status::Ok();
  return follows_event_time_ ? MoveEventTime() : Status::Ok();
}

Status StreamTask::TakeMark(size_t index, std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string_view payload, DecodeMarkValue(bytes));
  ASSIGN_OR_RETURN(const time::Mark mark, time::DecodeMark(payload));
  if (time::UpstreamVector* const hop = time_.hop(index)) hop->Take(mark, now_);
  inputs_[index].head_time.reset();
  inputs_[index].queue.Pop();
  return MoveEventTime();
}

Status StreamTask::MoveEventTime() {
  if (!time_.Update(now_)) return Status::Ok();
  if (follows_event_time_) {
    RETURN_IF_ERROR(program_->AdvanceEventTime(time_.watermark(), *this));
  }
  settled_watermark_ = time_.watermark();
  return Status::Ok();
}

/// Empty: nobody needs to know now.
std::optional<bool> StreamTask::CaughtUp(size_t index, const time::SourceTime& source) const {
  const Input& input = inputs_[index];
  if (!input.queue.empty()) return false;
  const std::optional<MonotonicTime> idle_at = source.idle_at();
  const bool due = idle_at && now_.steady >= *idle_at;
  if (!due && source.progress() != time::Progress::kIdle) return std::nullopt;
  // What the consumer knows of the end may be from before another owner of the partition.
  if (now_.steady - started_at_ < kFirstFetch) return std::nullopt;
  // Of the log, not of what can be read of it: behind the last stable offset more may wait (R6).
  const std::optional<Offset> end = consumer_->HighWatermark(input.start.partition);
  if (!end) return std::nullopt;
  return input.queue.position() >= *end;
}

Status StreamTask::FollowTime() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    time::SourceTime* const source = time_.source(i);
    if (source == nullptr) continue;
    // Steps over the end of what was fetched.
    (void)HasHead(i);
    if (AtEnd(inputs_[i])) {
      source->Finish(now_);
    } else {
      source->Wait(CaughtUp(i, *source), now_);
    }
  }
  RETURN_IF_ERROR(MoveEventTime());
  const std::optional<Timestamp> due = program_->NextWallTime();
  if (!due || now_.wall < *due) return Status::Ok();
  return program_->AdvanceWallTime(now_.wall, *this);
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
  const int64_t ahead = record.timestamp - now_.wall;
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
  const std::optional<std::string_view> place = record.placed_by ? record.placed_by : record.key;
  outgoing.partition =
      place ? kafka::PartitionOf(*place, output.partitions) : id_.partition % output.partitions;
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
  const auto marked = std::find(marked_outputs_.begin(), marked_outputs_.end(), record.output);
  if (marked != marked_outputs_.end() && marks_.MustOpen()) RETURN_IF_ERROR(WriteOpeningMarks());
  RETURN_IF_ERROR(writer_->Produce(output_topics_[record.output], outgoing));
  if (marked != marked_outputs_.end()) {
    marks_.Touch(static_cast<size_t>(marked - marked_outputs_.begin()), outgoing.partition);
  }
  produced_ = true;
  ++counters_.produced;
  return Status::Ok();
}

time::UpstreamTime StreamTask::EntryOf(const MarkSchedule::Said& said) const {
  return {.upstream_task = static_cast<uint32_t>(id_.partition),
          .generation = generation_,
          .progress = said.progress,
          .watermark = said.progress == time::Progress::kUnknown
                           ? Timestamp()
                           : time::WrittenWatermark(said.watermark)};
}

/// Before the first data record of a task that comes back from idleness, or has just started. That
/// record may be a result of the advance under way, which would be late behind its watermark.
Status StreamTask::WriteOpeningMarks() {
  time::Mark mark;
  mark.upstream_tasks = static_cast<uint32_t>(spec_.task_count());
  mark.entries.push_back(EntryOf(marks_.Open(settled_watermark_, now_.steady)));
  std::string payload;
  time::EncodeMark(mark, payload);
  std::string value;
  EncodeMarkValue(payload, value);
  for (const size_t output : marked_outputs_) {
    for (Partition p = 0; p < spec_.outputs[output].partitions; ++p) {
      RETURN_IF_ERROR(writer_->ProduceInternal(output_topics_[output], p, std::nullopt, value));
    }
  }
  produced_ = true;
  return Status::Ok();
}

void StreamTask::CollectMarks(ClosingMarks& marks, bool to_all) {
  const MarkSchedule::Said said = Said();
  const MarkSchedule::Audience audience = marks_.AudienceOf(said, now_.steady, to_all);
  if (audience == MarkSchedule::Audience::kNobody) return;
  const time::UpstreamTime entry = EntryOf(said);
  for (size_t i = 0; i < marked_outputs_.size(); ++i) {
    const size_t output = marked_outputs_[i];
    for (Partition p = 0; p < spec_.outputs[output].partitions; ++p) {
      if (audience != MarkSchedule::Audience::kAll && !marks_.Touched(i, p)) continue;
      marks.Add(output_topics_[output], p, static_cast<uint32_t>(spec_.task_count()), entry);
    }
  }
  marks_.Tell(said, audience, now_.steady);
  produced_ = true;
}

bool StreamTask::HasEffects() const {
  const bool repeat = repeat_offsets_ && !offsets_repeated_;
  const Milliseconds age_max =
      repeat ? std::min(kRepeatInterval, recommit_interval_) : recommit_interval_;
  return HasNews() || clock_.Now() - committed_at_ >= age_max;
}

bool StreamTask::HasNews() const {
  if (commit_first_ || produced_ || (state_ && state_->HasChanges()) ||
      marks_.Due(Said(), now_.steady)) {
    return true;
  }
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [](const Input& input) { return input.queue.advanced(); });
}

size_t StreamTask::uncommitted_bytes() const { return state_ ? state_->uncommitted_bytes() : 0; }

Status StreamTask::PrepareCommit() {
  now_ = Read(clock_);
  // A bounded input may be at its end from the start.
  if (commit_first_) RETURN_IF_ERROR(FollowTime());
  RETURN_IF_ERROR(program_->BeforeCommit(*this));
  if (!state_) return Status::Ok();
  const Result<int64_t> rows =
      changelog_.WriteChanges(*state_, id_.partition, sequence_ + 1, changelog_topics_, *writer_);
  return rows.status();
}

std::vector<kafka::CommittedOffset> StreamTask::OffsetsToCommit(bool unchanged_too) const {
  std::vector<kafka::CommittedOffset> offsets;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    if (!unchanged_too && !commit_first_ && !input.queue.advanced()) continue;
    time::CommitStamp stamp;
    stamp.sequence = sequence_ + 1;
    stamp.anchor_hash = anchor_hash_;
    stamp.topic_id = input.start.topic_id;
    stamp.generation = generation_;
    stamp.task_watermark = time_.watermark();
    if (const time::SourceTime* const source = time_.source(i)) {
      stamp.progress = source->kept().progress;
      stamp.highest_timestamp = source->kept().highest;
      stamp.watermark = source->kept().watermark;
      stamp.heard = source->kept().heard;
    } else {
      stamp.upstreams = time_.hop(i)->Heard();
    }
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
  }
  committed_time_ = time_;
  marks_.Committed();
  commit_first_ = false;
  produced_ = false;
  std::erase_if(refused_, [now = clock_.Now()](const auto& refused) {
    return !refused.second.until || now >= *refused.second.until;
  });
  committed_at_ = clock_.Now();
  return Status::Ok();
}

void StreamTask::Aborted() {
  time_ = committed_time_;
  settled_watermark_ = time_.watermark();
  marks_.Aborted();
  program_->Restart(time_.watermark());
  if (state_) state_->Rollback();
  for (Input& input : inputs_) {
    input.queue.Rollback();
    input.head_time.reset();
  }
  produced_ = false;
}

TaskReport StreamTask::EventTimeReport() const {
  std::vector<TopicPartition> partitions;
  for (const Input& input : inputs_) partitions.push_back(input.start.partition);
  TaskReport report = ReportOf(id_, time_, partitions);
  for (size_t i = 0; state_ && i < state_->store_count(); ++i) {
    const auto position = state_->position(i).changelog_position;
    if (position) report.stores.push_back({state_->spec(i).name, *position});
  }
  return report;
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
  if (alignment_ != nullptr) {
    for (const Input& input : inputs_) alignment_->Release(input.start.partition);
  }
  if (!state_) return Status::Ok();
  if (dirty) state_->Rollback();
  const Status closed = state_->Close(dirty, clock_.WallTime());
  state_.reset();
  return closed;
}

}  // namespace sidestream::tasks
