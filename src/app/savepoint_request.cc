// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_request.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "app/patient_producer.h"
#include "checkpoint/control_record.h"

namespace sidestream::app {
namespace {

constexpr Milliseconds kPollWait{100};
constexpr size_t kRecordsPerPoll = 1'000;

/// Where the checkpoint is, as a line; the same line while nothing changed.
std::string ProgressOf(const checkpoint::Checkpoint& checkpoint) {
  const std::string number = std::to_string(checkpoint.number().value());
  switch (checkpoint.stage) {
    case checkpoint::CheckpointStage::kUndecided:
      return fmt::format("checkpoint {}: {} of {} tasks are cut{}", number, checkpoint.cuts.size(),
                         checkpoint.task_count(),
                         checkpoint.begin.drain ? ", the others process what these sent" : "");
    case checkpoint::CheckpointStage::kCut:
      return fmt::format("checkpoint {}: cut, {} of {} tasks are stored", number,
                         checkpoint.stored.size(), checkpoint.task_count());
    case checkpoint::CheckpointStage::kComplete:
      return fmt::format("checkpoint {}: complete", number);
    default:
      return fmt::format("checkpoint {}: {}: {}; it is tried again", number,
                         checkpoint::StageName(checkpoint.stage), checkpoint.why);
  }
}

}  // namespace

SavepointRequest::SavepointRequest(kafka::Cluster& cluster, kafka::Admin& admin, Waiting& waiting,
                                   const Patience& patience, std::string application,
                                   std::string control_topic)
    : cluster_(cluster),
      admin_(admin),
      waiting_(waiting),
      patience_(patience),
      application_(std::move(application)),
      control_{std::move(control_topic), 0} {}

Result<checkpoint::CompleteRecord> SavepointRequest::Run(
    const checkpoint::RequestRecord& request, Milliseconds limit,
    const std::function<void(const std::string&)>& tell) {
  RETURN_IF_ERROR(RequireMembers());
  RETURN_IF_ERROR(BeginReading());
  RETURN_IF_ERROR(Write(request));
  const MonotonicTime deadline = waiting_.clock().Now() + limit;
  std::string told;
  for (;;) {
    RETURN_IF_ERROR(Follow(request.id));
    const checkpoint::Checkpoint* latest = history_.latest();
    if (latest != nullptr && latest->begin.request == request.id) {
      if (std::string line = ProgressOf(*latest); line != told) tell(told = std::move(line));
      if (latest->stage == checkpoint::CheckpointStage::kComplete) return latest->complete;
    }
    if (waiting_.stopping() || waiting_.clock().Now() >= deadline) {
      const bool begun = latest != nullptr && latest->begin.request == request.id;
      return Status::Unavailable(fmt::format(
          "the savepoint is not complete yet; `sidestream savepoint list` shows it when it is: "
          "name={}{}",
          request.name,
          begun || !request.drain ? ""
                                  : "; it has not begun: an instance of a release that knows no "
                                    "--drain may lead the application"));
    }
    waiting_.Pass(Milliseconds(5));
  }
}

Status SavepointRequest::RequireMembers() {
  ASSIGN_OR_RETURN(const kafka::GroupDescription group,
                   Ask<kafka::GroupDescription>([&] { return admin_.DescribeGroup(application_); },
                                                "the consumer group", waiting_, patience_));
  if (!group.members.empty()) return {};
  return Status::Stopped(fmt::format(
      "no instance of the application runs, and only a running one can be cut: application={}",
      application_));
}

Status SavepointRequest::BeginReading() {
  ASSIGN_OR_RETURN(const auto ends, Ask<std::vector<kafka::PartitionOffset>>(
                                        [&] {
                                          return admin_.ListOffsets(
                                              {control_}, kafka::OffsetSpec::kLatest,
                                              kafka::IsolationLevel::kReadUncommitted);
                                        },
                                        "the end of the control topic", waiting_, patience_));
  ASSIGN_OR_RETURN(reader_, cluster_.NewLogReader(application_ + "-savepoint"));
  return reader_->Assign(ends.front());
}

Status SavepointRequest::Write(const checkpoint::RequestRecord& request) {
  ASSIGN_OR_RETURN(const auto producer,
                   PatientProducer::Make(cluster_, {.client_id = application_ + "-savepoint"},
                                         waiting_, patience_.total));
  const auto record = checkpoint::EncodeControlRecord(checkpoint::CheckpointRecord(request));
  RETURN_IF_ERROR(producer->Write(control_, record.key, record.value));
  return producer->Finish();
}

Status SavepointRequest::Follow(uint64_t request) {
  const auto chunks = reader_->Poll(kRecordsPerPoll, kPollWait);
  if (chunks.status().code() == StatusCode::kUnavailable) return {};
  RETURN_IF_ERROR(chunks.status());
  for (const auto& chunk : *chunks) {
    for (const kafka::Record& raw : chunk->records()) {
      if (!raw.value) continue;
      ASSIGN_OR_RETURN(const auto record,
                       checkpoint::DecodeControlRecord(raw.key.value_or(""), *raw.value));
      const auto* ours = record ? std::get_if<checkpoint::CheckpointRecord>(&*record) : nullptr;
      if (ours == nullptr) continue;
      const auto* refused = std::get_if<checkpoint::RefusedRecord>(ours);
      if (refused != nullptr && refused->id == request) {
        return Status::Stopped("the application refuses: " + refused->why);
      }
      history_.Apply(*ours, raw.timestamp);
    }
  }
  return {};
}

}  // namespace sidestream::app
