// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/letter.h"

#include <algorithm>
#include <charconv>

#include "operators/dead_letter/letter_headers.h"

namespace sidestream::app {
namespace {

constexpr size_t kRecordsPerPoll = 1'000;
constexpr Milliseconds kPoll{100};

std::optional<std::string> Copy(std::optional<std::string_view> bytes) {
  return bytes ? std::optional(std::string(*bytes)) : std::nullopt;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

/// The reading of several partitions, each up to where it ended at the beginning.
class LetterReading {
 public:
  LetterReading(kafka::LogReader& reader, std::map<TopicPartition, Offset> ends, Waiting& waiting,
                const std::function<bool(Letter)>& visit)
      : reader_(reader), ends_(std::move(ends)), waiting_(waiting), visit_(visit) {}

  Status Run(Milliseconds silence_max) {
    MonotonicTime heard = waiting_.clock().Now();
    while (!ends_.empty()) {
      auto chunks = reader_.Poll(kRecordsPerPoll, Milliseconds(0));
      if (!chunks.ok() && chunks.status().code() != StatusCode::kUnavailable) {
        return chunks.status();
      }
      const size_t left = ends_.size();
      size_t records = 0;
      for (size_t i = 0; chunks.ok() && i < chunks->size(); ++i) {
        records += (*chunks)[i]->records().size();
        Visit(*(*chunks)[i]);
      }
      RETURN_IF_ERROR(DropEnded());
      if (records > 0 || ends_.size() < left) heard = waiting_.clock().Now();
      if (waiting_.stopping()) return Status::Unavailable("interrupted");
      if (waiting_.clock().Now() - heard > silence_max) {
        return Status::Unavailable("the cluster does not answer: wanted=dead letters");
      }
      if (records == 0) waiting_.Pass(kPoll);
    }
    return Status::Ok();
  }

 private:
  void Visit(const kafka::RecordChunk& chunk) {
    const auto end = ends_.find(chunk.partition());
    for (size_t i = 0; end != ends_.end() && i < chunk.records().size(); ++i) {
      const kafka::Record& record = chunk.records()[i];
      if (record.offset >= end->second) return;
      if (!visit_({chunk.partition(), record.offset, CopyOf(chunk, i)})) {
        end->second = Offset(0);
        return;
      }
    }
  }

  Status DropEnded() {
    for (auto it = ends_.begin(); it != ends_.end();) {
      const std::optional<Offset> position = reader_.Position(it->first);
      if (position.value_or(Offset(0)) < it->second) {
        ++it;
        continue;
      }
      RETURN_IF_ERROR(reader_.Unassign(it->first));
      it = ends_.erase(it);
    }
    return Status::Ok();
  }

  kafka::LogReader& reader_;
  std::map<TopicPartition, Offset> ends_;
  Waiting& waiting_;
  const std::function<bool(Letter)>& visit_;
};

}  // namespace

OwnedRecord CopyOf(const kafka::RecordChunk& chunk, size_t index) {
  const kafka::Record& record = chunk.records()[index];
  OwnedRecord copy;
  copy.key = Copy(record.key);
  copy.value = Copy(record.value);
  copy.timestamp = record.timestamp;
  for (const Header& header : chunk.Headers(index)) {
    copy.headers.emplace_back(std::string(header.name), Copy(header.value));
  }
  return copy;
}

std::string Letter::HeaderOr(std::string_view name, std::string_view absent) const {
  const auto found = std::find_if(record.headers.rbegin(), record.headers.rend(),
                                  [&](const auto& header) { return header.first == name; });
  return found == record.headers.rend() ? std::string(absent) : found->second.value_or("");
}

std::optional<int64_t> Letter::NumberIn(std::string_view name) const {
  return ParseNumber(HeaderOr(name));
}

std::optional<kafka::PartitionOffset> Letter::Source() const {
  const std::string topic = HeaderOr(operators::kErrorTopic);
  const auto number = NumberIn(operators::kErrorPartition);
  const auto at = NumberIn(operators::kErrorOffset);
  if (topic.empty() || !number || !at) return std::nullopt;
  return kafka::PartitionOffset{{topic, static_cast<Partition>(*number)}, Offset(*at)};
}

Timestamp Letter::SourceTimestamp() const {
  const auto own = NumberIn(operators::kLetterTimestamp);
  return own ? Timestamp(*own) : record.timestamp;
}

int64_t Letter::replays() const { return NumberIn(operators::kReplayCount).value_or(0); }

bool LetterFilter::Takes(const Letter& letter) const {
  return (step.empty() || letter.HeaderOr(operators::kErrorStep) == step) &&
         (topic.empty() || letter.HeaderOr(operators::kErrorTopic) == topic) &&
         (!key || letter.record.key == key) && (!since || letter.SourceTimestamp() >= *since);
}

Status ReadLetters(kafka::Cluster& cluster, kafka::Admin& admin,
                   const std::vector<kafka::PartitionOffset>& from, Waiting& waiting,
                   const Patience& patience, const std::function<bool(Letter)>& visit) {
  std::vector<TopicPartition> partitions;
  for (const kafka::PartitionOffset& position : from) partitions.push_back(position.partition);
  ASSIGN_OR_RETURN(const auto latest, Ask<std::vector<kafka::PartitionOffset>>(
                                          [&] {
                                            return admin.ListOffsets(
                                                partitions, kafka::OffsetSpec::kLatest,
                                                kafka::IsolationLevel::kReadCommitted);
                                          },
                                          "ends of the dead letters", waiting, patience));
  ASSIGN_OR_RETURN(const std::unique_ptr<kafka::LogReader> reader,
                   cluster.NewLogReader("dlq-reader"));
  std::map<TopicPartition, Offset> ends;
  for (size_t i = 0; i < from.size(); ++i) {
    if (from[i].offset >= latest[i].offset) continue;
    RETURN_IF_ERROR(reader->Assign(from[i]));
    ends.emplace(from[i].partition, latest[i].offset);
  }
  return LetterReading(*reader, std::move(ends), waiting, visit).Run(patience.total);
}

}  // namespace sidestream::app
