// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/log_survey.h"

#include <utility>

#include "base/check.h"

namespace sidestream::changelog {

LogSurvey::LogSurvey(kafka::Admin& admin, const Clock& clock, const TaskId& task,
                     const statestore::TaskState& state, LogSurveyOptions options)
    : admin_(admin), clock_(clock), task_(task), state_(state), options_(options) {
  for (size_t i = 0; i < state.store_count(); ++i) {
    const std::string& topic = state.spec(i).changelog_topic;
    if (!topic.empty()) logs_.push_back({.store = i, .changelog = {topic, task.partition}});
  }
}

std::optional<Status> LogSurvey::Step(MonotonicTime now) {
  if (!silent_since_) silent_since_ = now;
  if (now < ask_at_) return std::nullopt;
  // A phase whose answer is there at once leads to the next within the same step.
  while (phase_ != Phase::kSurveyed) {
    const Phase before = phase_;
    Status taken = phase_ == Phase::kTopics    ? TakeTopics()
                   : phase_ == Phase::kOffsets ? TakeOffsets()
                                               : TakeSettings();
    if (!taken.ok()) {
      ForgetQuestions();
      if (taken.code() != StatusCode::kUnavailable) {
        return taken.WithContext("restore of task " + ToString(task_));
      }
      if (now - *silent_since_ >= options_.give_up_after) {
        return taken.WithContext("restore gave up waiting: task " + ToString(task_));
      }
      ask_at_ = now + options_.ask_again_after;
      return std::nullopt;
    }
    if (phase_ == before) return std::nullopt;
  }
  return Status::Ok();
}

void LogSurvey::AskAgain() {
  ForgetQuestions();
  phase_ = Phase::kOffsets;
  silent_since_.reset();
}

void LogSurvey::ForgetQuestions() {
  topics_.reset();
  starts_.reset();
  ends_.reset();
  known_starts_.reset();
  settings_.reset();
}

KnownStore LogSurvey::Known(const SurveyedLog& log) const {
  return {.task = task_,
          .store = state_.spec(log.store).name,
          .changelog = log.changelog,
          .position = state_.position(log.store)};
}

Status LogSurvey::TakeTopics() {
  if (topics_ == nullptr) {
    std::vector<std::string> names;
    for (const SurveyedLog& log : logs_) names.push_back(log.changelog.topic);
    topics_ = admin_.DescribeTopics(std::move(names));
  }
  auto answer = topics_->Poll();
  if (!answer) return {};
  if (!answer->ok()) return answer->status();
  CHECK((*answer)->size() == logs_.size()) << "one description per topic";
  for (size_t i = 0; i < logs_.size(); ++i) {
    const kafka::TopicDescription& topic = (**answer)[i];
    RETURN_IF_ERROR(CheckTopic(Known(logs_[i]), topic));
    logs_[i].id = topic.id;
  }
  topics_.reset();
  phase_ = Phase::kOffsets;
  return {};
}

Status LogSurvey::TakeOffsets() {
  if (starts_ == nullptr && !known_starts_) {
    std::vector<TopicPartition> changelogs;
    for (const SurveyedLog& log : logs_) changelogs.push_back(log.changelog);
    starts_ = admin_.ListOffsets(changelogs, kafka::OffsetSpec::kEarliest,
                                 kafka::IsolationLevel::kReadUncommitted);
    ends_ = admin_.ListOffsets(std::move(changelogs), kafka::OffsetSpec::kLatest, options_.end);
  }
  if (!known_starts_) {
    auto starts = starts_->Poll();
    if (!starts) return {};
    if (!starts->ok()) return starts->status();
    starts_.reset();
    known_starts_ = std::move(*starts).value();
  }
  auto ends = ends_->Poll();
  if (!ends) return {};
  if (!ends->ok()) return ends->status();
  ends_.reset();
  const Offsets starts = std::move(*known_starts_);
  known_starts_.reset();
  RETURN_IF_ERROR(TakeStarts(starts, **ends));
  phase_ = Phase::kSettings;
  return {};
}

Status LogSurvey::TakeStarts(const Offsets& starts, const Offsets& ends) {
  CHECK(starts.size() == logs_.size() && ends.size() == logs_.size()) << "one offset per changelog";
  unsettled_.clear();
  for (size_t i = 0; i < logs_.size(); ++i) {
    SurveyedLog& log = logs_[i];
    log.start = starts[i].offset;
    if (!log.end) log.end = ends[i].offset;
    RETURN_IF_ERROR(CheckEnd(Known(log), *log.end));
    const auto position = state_.position(log.store).changelog_position;
    log.full = !position.has_value();
    // Only what is read can lack something, so only then the topic's settings are of interest.
    const bool reads = position ? *position < *log.end || *position < log.start
                                : log.start > Offset(0) ||
                                      (options_.all_settings && *log.end > log.start);
    if (!log.done && reads) unsettled_.push_back(&log);
  }
  return {};
}

Status LogSurvey::TakeSettings() {
  while (!unsettled_.empty()) {
    SurveyedLog& log = *unsettled_.back();
    if (settings_ == nullptr) settings_ = admin_.DescribeTopicSettings(log.changelog.topic);
    auto answer = settings_->Poll();
    if (!answer) return {};
    if (!answer->ok()) return answer->status();
    settings_.reset();
    ASSIGN_OR_RETURN(const bool full,
                     NeedsFullRestore(Known(log), log.start, **answer, clock_.WallTime()));
    if (full) log.full = true;
    log.age_max = AgeMax(**answer);
    unsettled_.pop_back();
  }
  phase_ = Phase::kSurveyed;
  return {};
}

}  // namespace sidestream::changelog
