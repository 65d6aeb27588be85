// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/partition_fetcher.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::memory {

void PartitionFetcher::Reset(State& state, Offset position) {
  // Versions are never used twice, so that no late answer fits a partition begun anew.
  state.version = ++versions_;
  nothing_new_at_.reset();
  state.position = state.fetch_position = position;
  item_count_ -= state.items.size();
  state.items.clear();
  state.records = 0;
  state.last_eof.reset();
  state.failed = false;
}

void PartitionFetcher::Start(const TopicPartition& partition, Offset offset, bool paused) {
  State& state = partitions_[partition];
  Reset(state, offset);
  state.paused = paused;
}

void PartitionFetcher::Stop(const TopicPartition& partition) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return;
  item_count_ -= found->second.items.size();
  partitions_.erase(found);
}

bool PartitionFetcher::IsPaused(const TopicPartition& partition) const {
  const auto found = partitions_.find(partition);
  return found != partitions_.end() && found->second.paused;
}

std::vector<TopicPartition> PartitionFetcher::All() const {
  std::vector<TopicPartition> all;
  for (const auto& [partition, state] : partitions_) all.push_back(partition);
  return all;
}

void PartitionFetcher::Seek(const TopicPartition& partition, Offset offset) {
  if (const auto found = partitions_.find(partition); found != partitions_.end()) {
    Reset(found->second, offset);
  }
}

void PartitionFetcher::Pause(const TopicPartition& partition) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end() || found->second.paused) return;
  found->second.paused = true;
  Reset(found->second, found->second.position);
}

void PartitionFetcher::Resume(const TopicPartition& partition) {
  if (const auto found = partitions_.find(partition); found != partitions_.end()) {
    found->second.paused = false;
    nothing_new_at_.reset();
  }
}

/// Whether an answer could say anything that the last one did not.
bool PartitionFetcher::MayAnswerMore(const TopicPartition& partition, const State& state) const {
  if (state.last_eof != state.fetch_position) return true;
  const PartitionLog* log = broker_.topics().FindLog(partition);
  return log == nullptr || log->start() != state.log_start || log->end() != state.log_end ||
         log->last_stable() > state.fetch_position;
}

void PartitionFetcher::Fetch() {
  if (exchange_.Overdue(broker_.clock().Now())) exchange_.Cancel();
  if (exchange_.waiting() || nothing_new_at_ == broker_.topics().changes()) return;
  std::vector<Question> questions;
  for (const auto& [partition, state] : partitions_) {
    if (state.paused || state.failed) continue;
    if (state.records >= broker_.options().prefetch_records_max) continue;
    if (!MayAnswerMore(partition, state)) continue;
    questions.push_back({partition, state.fetch_position, state.version});
  }
  if (questions.empty()) {
    nothing_new_at_ = broker_.topics().changes();
    return;
  }
  exchange_.Send<std::vector<Answer>>(
      broker_.network(), ApiKey::kFetch, sender_, broker_.options().request_timeout,
      [&broker = broker_, questions = std::move(questions)](Reply<std::vector<Answer>> reply) {
        std::vector<Answer> answers;
        for (const Question& question : questions) {
          Answer answer{question, {.error = ErrorCode::kUnknownTopicOrPartition}};
          if (const PartitionLog* log = broker.topics().FindLog(question.partition)) {
            answer.result =
                log->Fetch(question.from, IsolationLevel::kReadCommitted,
                           broker.options().fetch_records_max, broker.options().fetch_bytes_max);
          }
          answers.push_back(std::move(answer));
        }
        reply(std::move(answers));
      },
      [this](std::vector<Answer> answers) { OnAnswers(std::move(answers)); });
}

void PartitionFetcher::OnAnswers(std::vector<Answer> answers) {
  for (Answer& answer : answers) {
    const auto found = partitions_.find(answer.question.partition);
    if (found == partitions_.end() || found->second.version != answer.question.version) continue;
    State& state = found->second;
    FetchResult& result = answer.result;
    if (result.error == ErrorCode::kUnknownTopicOrPartition) {
      if (!std::exchange(state.unknown, true)) {
        errors_.push_back(
            Status::Unavailable("unknown partition: " + ToString(answer.question.partition)));
      }
      continue;
    }
    state.unknown = false;
    high_watermarks_[answer.question.partition] = result.high_watermark;
    if (result.error != ErrorCode::kNone) {
      state.failed = true;
      errors_.push_back(Status::Stopped(
          "offset is out of the log's range: partition=" + ToString(answer.question.partition) +
          " offset=" + std::to_string(answer.question.from.value())));
      continue;
    }
    state.log_start = result.log_start;
    state.log_end = result.high_watermark;
    item_count_ += result.slices.size();
    for (BatchSlice& slice : result.slices) {
      state.records += slice.count;
      state.items.push_back({std::move(slice), std::nullopt});
    }
    state.fetch_position = result.next;
    if (result.next >= result.last_stable && state.last_eof != result.next) {
      state.last_eof = result.next;
      state.items.push_back({{}, result.next});
      ++item_count_;
    }
  }
}

void PartitionFetcher::PopItem(State& state) {
  state.items.pop_front();
  --item_count_;
}

void PartitionFetcher::Take(const TopicPartition& partition, size_t& budget,
                            std::vector<std::unique_ptr<RecordChunk>>& out) {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end() || found->second.paused) return;
  State& state = found->second;
  nothing_new_at_.reset();  // there may be room again
  while (!state.items.empty() && budget > 0) {
    auto chunk = std::make_unique<MemoryChunk>(partition);
    while (!state.items.empty() && budget > 0) {
      Item& item = state.items.front();
      if (item.eof) {
        chunk->set_end_position(*item.eof);
        state.position = *item.eof;
        PopItem(state);
        break;
      }
      BatchSlice part = item.slice;
      part.count = std::min(part.count, budget);
      chunk->Add(part);
      budget -= part.count;
      state.records -= part.count;
      state.position = part.offset + static_cast<int64_t>(part.count);
      if (part.count == item.slice.count) {
        PopItem(state);
      } else {
        item.slice.first += part.count;
        item.slice.count -= part.count;
        item.slice.offset = state.position;
      }
    }
    // An EOF event right behind the last record belongs to it, whatever the budget.
    if (budget == 0 && !chunk->end_position() && !state.items.empty() && state.items.front().eof) {
      chunk->set_end_position(*state.items.front().eof);
      state.position = *state.items.front().eof;
      PopItem(state);
    }
    out.push_back(std::move(chunk));
  }
}

std::optional<Offset> PartitionFetcher::Position(const TopicPartition& partition) const {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end()) return std::nullopt;
  const State& state = found->second;
  return state.items.empty() ? state.fetch_position : state.position;
}

std::optional<Offset> PartitionFetcher::HighWatermark(const TopicPartition& partition) const {
  const auto found = high_watermarks_.find(partition);
  if (found == high_watermarks_.end()) return std::nullopt;
  return found->second;
}

std::optional<Status> PartitionFetcher::TakeError() {
  if (errors_.empty()) return std::nullopt;
  const Status error = errors_.front();
  errors_.pop_front();
  return error;
}

}  // namespace sidestream::kafka::memory
