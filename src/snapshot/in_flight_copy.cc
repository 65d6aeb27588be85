// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/in_flight_copy.h"

#include <string>

#include "snapshot/in_flight.h"

namespace sidestream::snapshot {
namespace {

constexpr size_t kRecordsPerPoll = 1'000;
constexpr Milliseconds kPollWait{100};
constexpr Milliseconds kIdlePause{10};
// A minute without anything new.
constexpr int kIdlePollsMax = 600;

class Copy {
 public:
  Copy(kafka::LogReader& reader, const std::function<void(Milliseconds)>& pause,
       const std::function<Status()>& check_wanted, Catalog& catalog, KeptInput& input)
      : reader_(reader),
        pause_(pause),
        check_wanted_(check_wanted),
        catalog_(catalog),
        input_(input) {}

  Status Run() {
    int idle = 0;
    for (Offset at = input_.position; at < input_.end;) {
      RETURN_IF_ERROR(check_wanted_());
      auto chunks = reader_.Poll(kRecordsPerPoll, kPollWait);
      if (!chunks.ok() && chunks.status().code() != StatusCode::kUnavailable) return chunks.status();
      if (chunks.ok()) {
        for (const auto& chunk : *chunks) RETURN_IF_ERROR(Add(*chunk));
      }
      const Offset now = reader_.Position(input_.partition).value_or(at);
      idle = now > at ? 0 : idle + 1;
      if (idle > kIdlePollsMax) {
        return Status::Unavailable("records in flight cannot be read: partition=" +
                                   ToString(input_.partition) +
                                   " offset=" + std::to_string(at.value()));
      }
      if (idle > 0) pause_(kIdlePause);
      at = now;
    }
    return Finish();
  }

 private:
  Status Add(const kafka::RecordChunk& chunk) {
    for (const kafka::Record& record : chunk.records()) {
      if (record.offset >= input_.end) break;
      file_.Add({.key = record.key, .value = record.value});
      ++input_.in_flight_records;
      if (file_.full()) RETURN_IF_ERROR(Finish());
    }
    return {};
  }

  Status Finish() {
    if (file_.empty()) return {};
    ASSIGN_OR_RETURN(StoredFile stored, catalog_.AddBytes(file_.bytes(),
                                                          std::to_string(input_.in_flight.size())));
    input_.in_flight.push_back(std::move(stored));
    file_ = InFlightFile();
    return {};
  }

  kafka::LogReader& reader_;
  const std::function<void(Milliseconds)>& pause_;
  const std::function<Status()>& check_wanted_;
  Catalog& catalog_;
  KeptInput& input_;
  InFlightFile file_;
};

}  // namespace

Status CopyInFlight(kafka::LogReader& reader, const std::function<void(Milliseconds)>& pause,
                    const std::function<Status()>& check_wanted, Catalog& catalog,
                    KeptInput& input) {
  if (input.position >= input.end) return {};
  RETURN_IF_ERROR(reader.Assign({input.partition, input.position}));
  const Status copied = Copy(reader, pause, check_wanted, catalog, input).Run();
  RETURN_IF_ERROR(reader.Unassign(input.partition));
  return copied;
}

}  // namespace sidestream::snapshot
