// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/task_registry.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "tasks/image_restore.h"
#include "tasks/stream_task.h"

namespace sidestream::tasks {
namespace {

constexpr Milliseconds kRetryDelay{100};
constexpr Milliseconds kRetryLogInterval{5'000};
constexpr char kResetHint[] = "; stop all instances and run `sidestream reset`, or restore what was changed";

// Above that of any owner before: by the stamp, and where somebody took the stamps away, by the
// seconds since 1970.
uint32_t NextGeneration(uint32_t last, Timestamp now) {
  const auto seconds = static_cast<uint32_t>(std::max<int64_t>(now.value(), 0) / 1000);
  return std::max(last + 1, seconds);
}

bool IsAligned(const SubTopologySpec& spec) {
  return std::any_of(spec.inputs.begin(), spec.inputs.end(),
                     [](const InputSpec& input) { return input.watermark.max_drift.has_value(); });
}

// A start checks the topics and plans with them as they are.
Status OtherTopic(const std::string& topic) {
  return Status::Fatal(
      "an input topic was deleted, or its number of partitions changed, since the start; start "
      "again to have it checked: topic=" +
      topic);
}

}  // namespace

struct TaskRegistry::Opening {
  enum class Stage { kOffsets, kTopics, kLogEnds, kState, kRestoring, kSeeking };

  uint64_t ticket = 0;
  const SubTopologySpec* spec = nullptr;
  TaskStart start;
  Stage stage = Stage::kOffsets;
  MonotonicTime not_before{};
  MonotonicTime retry_logged_at{};
  /// Given up while its state is with a restorer.
  bool cancelled = false;
  /// It was looked for an image already, or is.
  bool sought = false;
  std::unique_ptr<ImageRestore> image;
  RestoreSource source = RestoreSource::kDirectory;

  std::vector<TopicPartition> inputs;
  std::vector<kafka::CommittedOffset> committed;
  /// The offsets that something was seen to contradict (R4).
  std::vector<kafka::CommittedOffset> doubted;
  std::vector<std::optional<time::CommitStamp>> stamps;
  std::vector<kafka::PartitionOffset> log_starts;
  std::vector<kafka::PartitionOffset> log_ends;

  kafka::Admin::Reply<std::vector<kafka::CommittedOffset>> offsets_reply;
  kafka::Admin::Reply<std::vector<kafka::TopicDescription>> topics_reply;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> starts_reply;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> ends_reply;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> control_reply;
  std::vector<kafka::PartitionOffset> control_end;
};

const SubTopologySpec* FindSubTopology(const ApplicationSpec& application,
                                       const std::string& anchor_topic) {
  for (const SubTopologySpec& spec : application.sub_topologies) {
    if (spec.anchor_topic() == anchor_topic) return &spec;
  }
  return nullptr;
}

std::vector<TopicPartition> InputsOf(const SubTopologySpec& spec, Partition partition) {
  std::vector<TopicPartition> inputs;
  for (const InputSpec& input : spec.inputs) {
    if (partition < input.partitions) inputs.push_back({input.topic, partition});
  }
  return inputs;
}

TaskRegistry::TaskRegistry(const ApplicationSpec& application, Dependencies dependencies,
                           RegistryRules rules)
    : application_(application),
      dependencies_(dependencies),
      rules_(rules),
      lives_(dependencies.random.Next()) {}

TaskRegistry::~TaskRegistry() {
  for (auto& [ticket, opening] : openings_) Drop(*opening, /*dirty=*/true);
}

void TaskRegistry::TakeMail() {
  for (ToRegistry& message : mail_.TakeAll()) {
    if (const auto* open = std::get_if<OpenTask>(&message)) {
      auto opening = std::make_unique<Opening>();
      opening->ticket = open->ticket;
      opening->spec = FindSubTopology(application_, open->id.anchor_topic);
      CHECK(opening->spec != nullptr) << open->id;
      opening->start.id = open->id;
      opening->inputs = InputsOf(*opening->spec, open->id.partition);
      // A short wait is normal at a first start, and not worth a line for each task.
      opening->retry_logged_at = dependencies_.clock.Now();
      Opening& added = *(openings_[open->ticket] = std::move(opening));
      // A task that the plan does not know.
      if (added.inputs.empty()) Fail(added, OtherTopic(open->id.anchor_topic));
    } else {
      const uint64_t ticket = std::get<CancelOpening>(message).ticket;
      if (failed_.erase(ticket) > 0) {
        dependencies_.member.Post(OpeningCancelled{ticket});
        continue;
      }
      const auto found = openings_.find(ticket);
      // Opened just before: the member has the task in its mail and closes it itself.
      if (found == openings_.end()) continue;
      if (found->second->stage == Opening::Stage::kRestoring) {
        found->second->cancelled = true;
        dependencies_.restores.Cancel(found->second->start.id);
        continue;
      }
      Drop(*found->second, /*dirty=*/true);
      openings_.erase(found);
      dependencies_.member.Post(OpeningCancelled{ticket});
    }
  }
}

void TaskRegistry::Step() {
  TakeMail();
  const MonotonicTime now = dependencies_.clock.Now();
  std::vector<uint64_t> tickets;
  for (const auto& [ticket, opening] : openings_) tickets.push_back(ticket);
  for (const uint64_t ticket : tickets) {
    const auto found = openings_.find(ticket);
    if (found != openings_.end() && now >= found->second->not_before) Advance(*found->second);
  }
  if (dependencies_.restores.idle()) return;
  for (const auto& outcome : dependencies_.restores.TakeOutcomes()) OnRestored(outcome);
}

void TaskRegistry::Advance(Opening& opening) {
  switch (opening.stage) {
    case Opening::Stage::kOffsets:
      return TakeOffsets(opening);
    case Opening::Stage::kTopics:
      return TakeTopics(opening);
    case Opening::Stage::kLogEnds:
      return TakeLogEnds(opening);
    case Opening::Stage::kState:
      return OpenState(opening);
    case Opening::Stage::kRestoring:
      return;
    case Opening::Stage::kSeeking:
      return SeekImage(opening);
  }
}

void TaskRegistry::RetryLater(Opening& opening, const Status& why) {
  opening.not_before = dependencies_.clock.Now() + kRetryDelay;
  NoteWait(opening, why.message());
}

void TaskRegistry::NoteWait(Opening& opening, std::string_view what) {
  const MonotonicTime now = dependencies_.clock.Now();
  if (now - opening.retry_logged_at < kRetryLogInterval) return;
  opening.retry_logged_at = now;
  log::Info("tasks", "opening task {}: waiting: {}", ToString(opening.start.id), what);
}

/// False: the offsets are the same as when they were first contradicted (R4).
bool TaskRegistry::LookAgain(Opening& opening, const Status& why) {
  if (!rules_.look_again) return false;
  const auto same = [](const kafka::CommittedOffset& a, const kafka::CommittedOffset& b) {
    return a.offset == b.offset && a.metadata == b.metadata;
  };
  if (std::equal(opening.committed.begin(), opening.committed.end(), opening.doubted.begin(),
                 opening.doubted.end(), same)) {
    return false;
  }
  opening.doubted = opening.committed;
  Drop(opening, /*dirty=*/false);
  opening.stage = Opening::Stage::kOffsets;
  RetryLater(opening, why);
  return true;
}

void TaskRegistry::TakeOffsets(Opening& opening) {
  if (!dependencies_.control.caught_up()) return;
  if (!opening.offsets_reply) {
    opening.offsets_reply = dependencies_.admin.CommittedOffsets(application_.id, opening.inputs,
                                                                 rules_.stable_offsets);
  }
  auto answer = opening.offsets_reply->Poll();
  if (!answer) return;
  opening.offsets_reply.reset();
  if (answer->status().code() == StatusCode::kUnavailable) {
    return RetryLater(opening, answer->status());
  }
  if (!answer->ok()) return Fail(opening, answer->status());
  opening.committed = std::move(*answer).value();
  if (Status read = ReadStamps(opening); !read.ok()) return Fail(opening, read);
  opening.stage = Opening::Stage::kTopics;
  Advance(opening);
}

Status TaskRegistry::ReadStamps(Opening& opening) {
  const uint64_t anchor = time::AnchorHash(opening.spec->anchor_topic());
  opening.stamps.clear();
  opening.start.sequence = CommitSequence();
  for (const kafka::CommittedOffset& committed : opening.committed) {
    Result<std::optional<time::CommitStamp>> stamp = time::DecodeCommitStamp(committed.metadata);
    if (!stamp.ok()) return stamp.status().WithContext(ToString(committed.partition));
    if (*stamp && (*stamp)->anchor_hash != anchor &&
        !opening.spec->former_anchors.contains((*stamp)->anchor_hash)) {
      return Status::InvalidConfig(
          "another version of this topology owned the task with another anchor topic; stop its "
          "instances first: partition=" +
          ToString(committed.partition) + " anchor=" + opening.spec->anchor_topic());
    }
    if (*stamp) opening.start.sequence = std::max(opening.start.sequence, (*stamp)->sequence);
    opening.stamps.push_back(std::move(*stamp));
  }
  return Status::Ok();
}

void TaskRegistry::TakeTopics(Opening& opening) {
  if (!opening.topics_reply) {
    std::vector<std::string> names;
    for (const TopicPartition& input : opening.inputs) names.push_back(input.topic);
    names.push_back(application_.control_topic);
    opening.topics_reply = dependencies_.admin.DescribeTopics(std::move(names));
  }
  auto answer = opening.topics_reply->Poll();
  if (!answer) return;
  opening.topics_reply.reset();
  if (answer->status().code() == StatusCode::kUnavailable) {
    return RetryLater(opening, answer->status());
  }
  if (!answer->ok()) return Fail(opening, answer->status());
  const Status checked = CheckTopics(opening, **answer);
  if (checked.code() == StatusCode::kStopped && LookAgain(opening, checked)) return;
  if (!checked.ok()) return Fail(opening, checked);
  opening.stage = Opening::Stage::kLogEnds;
  AskLogEnds(opening);
  Advance(opening);
}

Status TaskRegistry::CheckTopics(Opening& opening,
                                 const std::vector<kafka::TopicDescription>& topics) {
  if (!topics.back().exists) {
    return Status::Stopped("the control topic was deleted: topic=" + application_.control_topic +
                           kResetHint);
  }
  opening.start.inputs.clear();
  size_t next = 0;
  for (size_t i = 0; i < opening.spec->inputs.size(); ++i) {
    const InputSpec& input = opening.spec->inputs[i];
    if (opening.start.id.partition >= input.partitions) continue;
    const kafka::TopicDescription& topic = topics[next];
    if (!topic.exists || topic.partitions != input.partitions) {
      return OtherTopic(input.topic);
    }
    const kafka::CommittedOffset& committed = opening.committed[next];
    if (rules_.same_topic) {
      RETURN_IF_ERROR(CheckSameTopic(topic, committed, opening.stamps[next]));
    }
    InputStart start;
    start.spec_index = i;
    start.partition = committed.partition;
    start.topic_id = topic.id;
    opening.start.inputs.push_back(std::move(start));
    ++next;
  }
  return Status::Ok();
}

Status TaskRegistry::CheckSameTopic(const kafka::TopicDescription& topic,
                                    const kafka::CommittedOffset& committed,
                                    const std::optional<time::CommitStamp>& stamp) const {
  const std::string again = "an input topic was deleted and created again: topic=" + topic.name;
  if (stamp && stamp->topic_id.known() && topic.id.known() && stamp->topic_id != topic.id) {
    return Status::Stopped(again + " committed id=" + ToString(stamp->topic_id) +
                           " id=" + ToString(topic.id) + kResetHint);
  }
  // Kafka drops the group's offsets with a topic, so a stamp need not be left to tell.
  const std::optional<TopicId> adopted = dependencies_.control.AdoptedId(topic.name);
  if (adopted && topic.id.known() && *adopted != topic.id) {
    return Status::Stopped(again + " adopted id=" + ToString(*adopted) +
                           " id=" + ToString(topic.id) + kResetHint);
  }
  if (!committed.offset && adopted) {
    return Status::Stopped("the group lost the offset of an input that it had read: partition=" +
                           ToString(committed.partition) + kResetHint);
  }
  return Status::Ok();
}

void TaskRegistry::AskLogEnds(Opening& opening) {
  opening.log_starts.clear();
  opening.log_ends.clear();
  opening.control_end.clear();
  opening.starts_reply = dependencies_.admin.ListOffsets(
      opening.inputs, kafka::OffsetSpec::kEarliest, kafka::IsolationLevel::kReadUncommitted);
  opening.ends_reply = dependencies_.admin.ListOffsets(opening.inputs, kafka::OffsetSpec::kLatest,
                                                       kafka::IsolationLevel::kReadUncommitted);
  // Model: hw=clen at the restart, after pos=coff[w].
  opening.control_reply = dependencies_.admin.ListOffsets({{application_.control_topic, 0}},
                                                          kafka::OffsetSpec::kLatest,
                                                          kafka::IsolationLevel::kReadUncommitted);
}

void TaskRegistry::TakeLogEnds(Opening& opening) {
  const auto take = [](kafka::Admin::Reply<std::vector<kafka::PartitionOffset>>& reply,
                       std::vector<kafka::PartitionOffset>& into) {
    if (!reply) return Status::Ok();
    auto answer = reply->Poll();
    if (!answer) return Status::Ok();
    reply.reset();
    if (!answer->ok()) return answer->status();
    into = std::move(*answer).value();
    return Status::Ok();
  };
  for (const Status& status : {take(opening.starts_reply, opening.log_starts),
                               take(opening.ends_reply, opening.log_ends),
                               take(opening.control_reply, opening.control_end)}) {
    if (status.ok()) continue;
    if (status.code() != StatusCode::kUnavailable) return Fail(opening, status);
    RetryLater(opening, status);
    return AskLogEnds(opening);
  }
  if (opening.log_starts.empty() || opening.log_ends.empty() || opening.control_end.empty()) return;
  if (dependencies_.control.position() < opening.control_end.front().offset) {
    return NoteWait(opening, "a transaction on the control topic to end");
  }
  const Status placed = PlaceInputs(opening);
  if (placed.code() == StatusCode::kUnavailable) return RetryLater(opening, placed);
  if (placed.code() == StatusCode::kStopped && LookAgain(opening, placed)) return;
  if (!placed.ok()) return Fail(opening, placed);
  opening.stage = Opening::Stage::kState;
  Advance(opening);
}

Status TaskRegistry::PlaceInputs(Opening& opening) {
  const uint64_t anchor = time::AnchorHash(opening.spec->anchor_topic());
  opening.start.commit_first = false;
  opening.start.watermark = kNoWatermark;
  opening.start.generation = 0;
  for (size_t i = 0; i < opening.start.inputs.size(); ++i) {
    InputStart& input = opening.start.inputs[i];
    const InputSpec& spec = opening.spec->inputs[input.spec_index];
    const Offset start = opening.log_starts[i].offset;
    const Offset end = opening.log_ends[i].offset;
    const std::optional<Offset> committed = opening.committed[i].offset;
    const std::optional<time::CommitStamp>& stamp = opening.stamps[i];
    if (spec.bounded) {
      input.end = dependencies_.control.End(input.partition);
      if (!input.end) {
        return Status::Unavailable("the leader has not written the end positions yet");
      }
    }
    // Of another version: until every stamp names our anchor nobody else is let in (anchor_choice.h).
    const bool ours = stamp && stamp->anchor_hash == anchor;
    if (!committed || !ours) opening.start.commit_first = true;
    input.position = committed ? *committed
                     : spec.repartition || spec.start_from == StartFrom::kEarliest ? start
                                                                                    : end;
    if (stamp) {
      input.time.progress = stamp->progress;
      if (stamp->progress != time::Progress::kUnknown) {
        input.time.highest = stamp->highest_timestamp;
      }
      input.time.watermark = stamp->watermark;
      input.time.heard = stamp->heard;
      input.upstreams = stamp->upstreams;
      opening.start.watermark = std::max(opening.start.watermark, stamp->task_watermark);
      opening.start.generation = std::max(opening.start.generation, stamp->generation);
    }
    if (rules_.same_topic && committed && *committed > end) {
      return Status::Stopped("the broker lost data: the committed offset lies beyond the log: partition=" +
                             ToString(input.partition) + " committed=" +
                             std::to_string(committed->value()) +
                             " log end=" + std::to_string(end.value()) + kResetHint);
    }
    if (committed && *committed < start) {
      return Status::Stopped("records were deleted before they were read: partition=" +
                             ToString(input.partition) + " committed=" +
                             std::to_string(committed->value()) +
                             " log start=" + std::to_string(start.value()) + kResetHint);
    }
  }
  return Status::Ok();
}

void TaskRegistry::OpenState(Opening& opening) {
  if (opening.spec->stores.empty()) return Finish(opening);
  // What a standby holds becomes the task's, where it lies (asked again at the next step).
  if (dependencies_.standbys != nullptr && !dependencies_.standbys->Release(opening.start.id)) {
    opening.source = RestoreSource::kCopy;
    return;
  }
  for (const statestore::StoreSpec& store : opening.spec->stores) {
    const Status known = dependencies_.control.CheckStore(store.name, store.layout, application_.may_lose_state);
    if (known.code() == StatusCode::kUnavailable) return RetryLater(opening, known);
    if (!known.ok()) return Fail(opening, known);
  }
  Result<std::unique_ptr<statestore::TaskState>> state =
      dependencies_.states.Open(opening.start.id, opening.spec->stores);
  if (state.status().code() == StatusCode::kUnavailable) return RetryLater(opening, state.status());
  if (!state.ok()) return Fail(opening, state.status());
  opening.start.state = std::move(state).value();
  const bool seek = dependencies_.images != nullptr && !opening.sought;
  Restore(opening, seek ? changelog::FarRestore::kAsk : changelog::FarRestore::kRead);
}

void TaskRegistry::Restore(Opening& opening, changelog::FarRestore far) {
  opening.stage = Opening::Stage::kRestoring;
  dependencies_.restores.Register(opening.start.id, *opening.start.state, far);
}

void TaskRegistry::Seek(Opening& opening, std::vector<changelog::LogAhead> logs) {
  opening.sought = true;
  opening.stage = Opening::Stage::kSeeking;
  opening.image = std::make_unique<ImageRestore>(
      *dependencies_.images, dependencies_.clock, opening.start.id,
      changelog::RestoreAhead{.logs = std::move(logs),
                              .committed = opening.start.sequence,
                              .tasks = opening.spec->task_count()});
}

void TaskRegistry::SeekImage(Opening& opening) {
  const std::optional<std::filesystem::path> found = opening.image->Step();
  if (!found) return;
  if (found->empty()) {
    Restore(opening, changelog::FarRestore::kRead);
  } else {
    PlaceImage(opening, *found);
  }
  opening.image.reset();
}

void TaskRegistry::PlaceImage(Opening& opening, const std::filesystem::path& folder) {
  Drop(opening, /*dirty=*/false);
  opening.stage = Opening::Stage::kState;
  const Status placed = dependencies_.states.PlaceImage(opening.start.id, folder);
  if (placed.ok()) {
    opening.source = RestoreSource::kLocation;
  } else {
    log::Warning("tasks", "task {}: the image cannot be placed, the changelogs are read: {}",
                 ToString(opening.start.id), placed.message());
  }
}

void TaskRegistry::NoteSource(Opening& opening, const changelog::RestoreOutcome& outcome) {
  constexpr std::array<const char*, kRestoreSources> kNames = {"directory", "changelog", "location",
                                                               "copy"};
  // An image may lack a store that is new since.
  const bool all = outcome.full_restores == static_cast<int32_t>(opening.spec->stores.size());
  if (outcome.full_restores > 0 && (all || opening.source != RestoreSource::kLocation)) {
    opening.source = RestoreSource::kChangelog;
  }
  const auto source = static_cast<size_t>(opening.source);
  counters_.restores[source].fetch_add(1, std::memory_order_relaxed);
  if (outcome.restored_records == 0 && opening.source != RestoreSource::kLocation) return;
  log::Info("tasks", "task {}: restored {} records, {} stores from the start, source={}",
            ToString(opening.start.id), outcome.restored_records, outcome.full_restores,
            kNames[source]);
}

void TaskRegistry::OnRestored(const changelog::RestoreOutcome& outcome) {
  const auto found =
      std::find_if(openings_.begin(), openings_.end(),
                   [&](const auto& entry) { return entry.second->start.id == outcome.task; });
  CHECK(found != openings_.end()) << outcome.task;
  Opening& opening = *found->second;
  counters_.restored_records.fetch_add(outcome.restored_records, std::memory_order_relaxed);
  if (opening.cancelled) return OnCancelled(opening, outcome.status);
  switch (outcome.status.code()) {
    case StatusCode::kOk:
      break;
    case StatusCode::kTaskCorrupted: {
      Drop(opening, /*dirty=*/true);
      const Status moved =
          dependencies_.states.MoveAside(opening.start.id, outcome.status.message());
      if (!moved.ok()) return Fail(opening, moved);
      opening.stage = Opening::Stage::kState;
      return;
    }
    case StatusCode::kUnavailable:
      Drop(opening, /*dirty=*/false);
      opening.stage = Opening::Stage::kState;
      return RetryLater(opening, outcome.status);
    default:
      return Fail(opening, outcome.status);
  }
  if (!outcome.ahead.empty()) return Seek(opening, outcome.ahead);
  const CommitSequence highest = std::max(outcome.highest_sequence, opening.start.state->sequence());
  const Status fits = CheckSequence(opening, highest);
  if (!fits.ok() && LookAgain(opening, fits)) return;
  if (!fits.ok()) return Fail(opening, fits);
  NoteSource(opening, outcome);
  Finish(opening);
}

Status TaskRegistry::CheckSequence(Opening& opening, CommitSequence highest) {
  // The first commit of a task stamps its start positions, before there can be any state.
  const bool stamp_missing = opening.start.sequence == CommitSequence() && highest > CommitSequence();
  if (!application_.exactly_once && !stamp_missing) {
    // The changelog is written before the offsets are committed, so it may well be ahead.
    opening.start.sequence = std::max(opening.start.sequence, highest);
    return Status::Ok();
  }
  if (!rules_.compare_sequences || highest <= opening.start.sequence) return Status::Ok();
  return Status::Stopped(
      "the group's offsets were changed outside of Sidestream: the task's state is ahead of them: "
      "task=" +
      ToString(opening.start.id) + " state sequence=" + std::to_string(highest.value()) +
      " committed sequence=" + std::to_string(opening.start.sequence.value()) + kResetHint);
}

void TaskRegistry::Finish(Opening& opening) {
  Result<std::unique_ptr<operators::TaskProgram>> program =
      opening.spec->programs->New(opening.start.id.partition);
  if (!program.ok()) return Fail(opening, program.status());
  opening.start.program = std::move(program).value();
  opening.start.repeat_offsets = !application_.exactly_once;
  opening.start.life = lives_.Next();
  opening.start.generation =
      NextGeneration(opening.start.generation, dependencies_.clock.WallTime());
  opening.start.rules = rules_.task;
  opening.start.mark_interval = application_.mark_interval;
  opening.start.recommit_interval = application_.recommit_interval;
  opening.start.alignment = IsAligned(*opening.spec) ? &dependencies_.alignment : nullptr;
  const uint64_t ticket = opening.ticket;
  counters_.opened.fetch_add(1, std::memory_order_relaxed);
  auto task = std::make_unique<StreamTask>(*opening.spec, std::move(opening.start),
                                           dependencies_.clock, dependencies_.random);
  dependencies_.member.Post(TaskOpened{ticket, std::move(task)});
  openings_.erase(ticket);
}

/// The group took the task in the middle of its restore: what was read stays, for the next time.
void TaskRegistry::OnCancelled(Opening& opening, const Status& how) {
  const bool kept = how.ok() || how.code() == StatusCode::kTaskMigrated;
  Drop(opening, /*dirty=*/!kept);
  const uint64_t ticket = opening.ticket;
  openings_.erase(ticket);
  dependencies_.member.Post(OpeningCancelled{ticket});
}

void TaskRegistry::Drop(Opening& opening, bool dirty) {
  if (!opening.start.state) return;
  const Status closed = opening.start.state->Close(dirty, dependencies_.clock.WallTime());
  if (!closed.ok()) {
    log::Error("tasks", "closing task {}: {}", ToString(opening.start.id), closed.ToString());
  }
  opening.start.state.reset();
}

void TaskRegistry::Fail(Opening& opening, const Status& why) {
  const Status status = why.WithContext("task " + ToString(opening.start.id));
  Drop(opening, /*dirty=*/true);
  failed_.insert(opening.ticket);
  openings_.erase(opening.ticket);
  dependencies_.member.Post(InstanceFailed{status});
}

}  // namespace sidestream::tasks
