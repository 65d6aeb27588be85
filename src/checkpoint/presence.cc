// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/presence.h"

#include <utility>

#include "base/log.h"

namespace sidestream::checkpoint {
namespace {

constexpr Milliseconds kRetry{1'000};
constexpr Milliseconds kComplainEvery{60'000};
constexpr size_t kReadMax = 100;
// Names come and go; nobody runs so many instances.
constexpr size_t kInstancesMax = 10'000;

}  // namespace

Presence::Presence(Dependencies dependencies, std::string topic, std::string client_id)
    : dependencies_(dependencies),
      partition_{std::move(topic), 0},
      client_id_(std::move(client_id)) {}

Presence::~Presence() = default;

void Presence::Step(const PresenceRecord& own) {
  own_name_ = own.instance;
  Read();
  Write(own);
}

void Presence::Complain(const Status& why) {
  const MonotonicTime now = dependencies_.clock.Now();
  retry_at_ = now + kRetry;
  if (complained_at_ && now - *complained_at_ < kComplainEvery) return;
  complained_at_ = now;
  log::Warning("checkpoint", "presence: topic={} error={}", partition_.topic, why.ToString());
}

void Presence::Read() {
  const MonotonicTime now = dependencies_.clock.Now();
  if (now < retry_at_) return;
  if (!reading_since_) {
    if (!end_) {
      end_ = dependencies_.admin.ListOffsets({partition_}, kafka::OffsetSpec::kLatest,
                                             kafka::IsolationLevel::kReadUncommitted);
    }
    const auto answer = end_->Poll();
    if (!answer) return;
    end_.reset();
    if (!answer->ok()) return Complain(answer->status());
    const Status assigned =
        dependencies_.reader.Assign({partition_, answer->value().front().offset});
    if (!assigned.ok()) return Complain(assigned);
    reading_since_ = now;
  }
  const auto chunks = dependencies_.reader.Poll(kReadMax, Milliseconds(0));
  if (!chunks.ok()) {
    Complain(chunks.status());
    // Out of range: the log was cut, or made again.
    if (chunks.status().code() != StatusCode::kUnavailable) reading_since_.reset();
    return;
  }
  for (const auto& chunk : *chunks) {
    for (const kafka::Record& record : chunk->records()) Take(record);
  }
  std::erase_if(heard_, [now](const auto& entry) { return now - entry.second.at > kAliveFor; });
}

void Presence::Take(const kafka::Record& record) {
  if (!record.value) return;
  Result<PresenceRecord> decoded = DecodePresence(*record.value);
  // A newer release may share the group for a while; what is not ours is not ours to judge.
  if (!decoded.ok() || decoded->instance == own_name_) return;
  if (heard_.size() >= kInstancesMax && !heard_.contains(decoded->instance)) return;
  const std::string name = decoded->instance;
  heard_[name] = {std::move(decoded).value(), dependencies_.clock.Now()};
}

std::vector<TaskId> Presence::OutlineOf(const PresenceRecord& record) {
  std::vector<TaskId> owned;
  for (const PresentTask& task : record.tasks) {
    if (!task.standby) owned.push_back(task.id);
  }
  return owned;
}

void Presence::Write(const PresenceRecord& own) {
  const MonotonicTime now = dependencies_.clock.Now();
  if (now < retry_at_) return;
  if (!producer_) {
    auto made = dependencies_.cluster.NewProducer({.client_id = client_id_});
    if (!made.ok()) return Complain(made.status());
    producer_ = std::move(made).value();
    topic_ = producer_->RegisterTopic(partition_.topic);
    producer_->StartInit();
    initialized_ = false;
  }
  const std::optional<Status> done = producer_->Poll(Milliseconds(0));
  if (done && !done->ok()) {
    // The next one begins anew.
    if (done->code() == StatusCode::kUnavailable) {
      producer_->StartInit();
    } else {
      producer_.reset();
    }
    return Complain(*done);
  }
  if (done) initialized_ = true;
  if (!initialized_) return;
  // Said once, and with nothing behind it that would be under way at the end.
  if (own.stopping && written_stopping_) return;
  std::vector<TaskId> tasks = OutlineOf(own);
  const bool due = !written_at_ || now - *written_at_ >= kEvery;
  if (!due && tasks == written_tasks_ && own.stopping == written_stopping_) return;
  // What was not delivered by then is old.
  if (producer_->in_flight() > 0 && !due) return;
  const std::string value = EncodePresence(own);
  const Status queued =
      producer_->Produce({.topic = topic_, .partition = 0, .key = own.instance, .value = value});
  if (!queued.ok()) return Complain(queued);
  written_at_ = now;
  written_tasks_ = std::move(tasks);
  written_stopping_ = own.stopping;
}

std::map<std::string, PresenceRecord> Presence::Others() const {
  std::map<std::string, PresenceRecord> others;
  for (const auto& [name, heard] : heard_) others.emplace(name, heard.record);
  return others;
}

bool Presence::settled() const {
  return reading_since_ && dependencies_.clock.Now() - *reading_since_ >= kAliveFor;
}

}  // namespace sidestream::checkpoint
