// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidestream::kafka::rdkafka {
namespace {

// Worst first: what stops the reader must not hide behind what heals.
bool IsWorse(const Status& status, const std::optional<Status>& than) {
  return !than || (than->code() == StatusCode::kUnavailable &&
                   status.code() != StatusCode::kUnavailable);
}

}  // namespace

Result<std::unique_ptr<LogReader>> RdkafkaLogReader::Make(const Properties& properties) {
  ASSIGN_OR_RETURN(std::shared_ptr<Client> client,
                   Client::Make(RD_KAFKA_CONSUMER, properties, {}));
  return std::unique_ptr<LogReader>(std::make_unique<RdkafkaLogReader>(std::move(client)));
}

RdkafkaLogReader::RdkafkaLogReader(std::shared_ptr<Client> client)
    : client_(std::move(client)),
      queue_(rd_kafka_queue_new(client_->get())),
      reader_(queue_.get()) {}

RdkafkaLogReader::~RdkafkaLogReader() {
  while (!reading_.empty()) {
    // A copy: the entry goes away inside.
    const TopicPartition partition = reading_.begin()->first;
    if (!Unassign(partition).ok()) reading_.erase(partition);
  }
}

Status RdkafkaLogReader::Assign(const PartitionOffset& position) {
  CHECK(position.offset.value() >= 0) << position.partition << " has no numeric offset";
  RETURN_IF_ERROR(Unassign(position.partition));
  TopicObject topic(
      rd_kafka_topic_new(client_->get(), position.partition.topic.c_str(), nullptr));
  if (topic == nullptr) {
    return Status::Fatal(fmt::format("topic is refused: topic={} error={}",
                                     position.partition.topic,
                                     rd_kafka_err2str(rd_kafka_last_error())));
  }
  if (rd_kafka_consume_start_queue(topic.get(), position.partition.partition,
                                   position.offset.value(), queue_.get()) != 0) {
    return Status::Fatal(fmt::format("reading does not start: partition={} error={}",
                                     ToString(position.partition),
                                     rd_kafka_err2str(rd_kafka_last_error())));
  }
  reading_.emplace(position.partition, Reading{std::move(topic), position.offset});
  return Status::Ok();
}

Status RdkafkaLogReader::Unassign(const TopicPartition& partition) {
  const auto found = reading_.find(partition);
  if (found == reading_.end()) return Status::Ok();
  // What it has queued is outdated from here on.
  const int failed = rd_kafka_consume_stop(found->second.topic.get(), partition.partition);
  reading_.erase(found);
  if (failed == 0) return Status::Ok();
  return Status::Fatal(fmt::format("reading does not stop: partition={} error={}",
                                   ToString(partition), rd_kafka_err2str(rd_kafka_last_error())));
}

Result<std::vector<std::unique_ptr<RecordChunk>>> RdkafkaLogReader::Poll(size_t records_max,
                                                                         Milliseconds wait) {
  rd_kafka_poll(client_->get(), 0);  // client-level errors
  if (error_) return std::exchange(error_, std::nullopt).value();
  Batch batch = reader_.Take(records_max, wait);
  for (const auto& chunk : batch.chunks) Follow(*chunk);
  for (const QueueError& error : batch.errors) {
    if (!error.partition.topic.empty() && !reading_.contains(error.partition)) continue;
    Status status =
        ReaderStatus(error.code, fmt::format("{}: partition={} offset={}", error.text,
                                             ToString(error.partition), error.offset.value()));
    if (IsWorse(status, error_)) error_ = std::move(status);
  }
  // Records first: the error comes at the next call, so nothing that was read is lost.
  if (batch.chunks.empty()) {
    if (error_) return std::exchange(error_, std::nullopt).value();
    if (const auto problem = client_->LastProblem();
        problem && problem->code() == StatusCode::kInvalidConfig) {
      return *problem;
    }
  }
  return std::move(batch.chunks);
}

void RdkafkaLogReader::Follow(const RecordChunk& chunk) {
  const auto found = reading_.find(chunk.partition());
  if (found == reading_.end()) return;
  Offset& next = found->second.next;
  if (!chunk.records().empty()) next = std::max(next, chunk.records().back().offset + 1);
  if (chunk.end_position()) next = std::max(next, *chunk.end_position());
}

std::optional<Offset> RdkafkaLogReader::Position(const TopicPartition& partition) const {
  const auto found = reading_.find(partition);
  if (found == reading_.end()) return std::nullopt;
  // The library counts markers that it swallowed; ours counts before its first one.
  const PartitionList list = ToList(std::span<const TopicPartition>(&partition, 1));
  if (rd_kafka_position(client_->get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR && list->elems[0].offset >= 0) {
    return std::max(found->second.next, Offset(list->elems[0].offset));
  }
  return found->second.next;
}

}  // namespace sidestream::kafka::rdkafka
