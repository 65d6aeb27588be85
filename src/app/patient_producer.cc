// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/patient_producer.h"

#include <fmt/format.h>

#include <utility>

namespace sidestream::app {
namespace {

constexpr Milliseconds kPollWait{50};
constexpr Milliseconds kPause{1};
constexpr size_t kTransactionBytes = size_t{8} << 20;

}  // namespace

Result<std::unique_ptr<PatientProducer>> PatientProducer::Make(
    kafka::Cluster& cluster, const kafka::ProducerOptions& options, Waiting& waiting,
    Milliseconds silence_max) {
  ASSIGN_OR_RETURN(auto made, cluster.NewProducer(options));
  std::unique_ptr<PatientProducer> producer(new PatientProducer(
      std::move(made), !options.transactional_id.empty(), waiting, silence_max));
  RETURN_IF_ERROR(producer->Do([&] { producer->producer_->StartInit(); }));
  return producer;
}

Status PatientProducer::Write(const TopicPartition& to, std::optional<std::string_view> key,
                              std::optional<std::string_view> value) {
  if (transactional_ && open_bytes_ >= kTransactionBytes) RETURN_IF_ERROR(Finish());
  if (!open_) RETURN_IF_ERROR(producer_->Begin());
  open_ = true;
  open_bytes_ += (key ? key->size() : 0) + (value ? value->size() : 0);
  const auto [handle, added] = topics_.try_emplace(to.topic);
  if (added) handle->second = producer_->RegisterTopic(to.topic);
  const MonotonicTime deadline = waiting_.clock().Now() + silence_max_;
  for (;;) {
    const Status queued = producer_->Produce(
        {.topic = handle->second, .partition = to.partition, .key = key, .value = value});
    if (queued.code() != StatusCode::kUnavailable) return queued;
    // The local queue is full; no operation is under way whose answer this could take.
    producer_->Poll(kPollWait);
    RETURN_IF_ERROR(Pass(deadline));
  }
}

Status PatientProducer::Finish() {
  if (!open_) return {};
  RETURN_IF_ERROR(Do([this] { producer_->StartFlush(); }));
  if (const auto& failure = producer_->first_failure()) {
    return failure->status.WithContext(
        fmt::format("a record was refused: {}-{}", failure->topic, failure->partition));
  }
  if (transactional_) RETURN_IF_ERROR(Do([this] { producer_->StartCommit(); }));
  open_ = false;
  open_bytes_ = 0;
  return {};
}

Status PatientProducer::Do(const std::function<void()>& start) {
  const MonotonicTime deadline = waiting_.clock().Now() + silence_max_;
  start();
  for (;;) {
    const std::optional<Status> done = producer_->Poll(kPollWait);
    if (done && done->code() != StatusCode::kUnavailable) return *done;
    RETURN_IF_ERROR(Pass(deadline));
    if (done) start();
  }
}

Status PatientProducer::Pass(MonotonicTime deadline) {
  if (waiting_.stopping()) return Status::Unavailable("interrupted");
  if (waiting_.clock().Now() >= deadline) {
    return Status::Unavailable("the cluster does not take what is written to it");
  }
  waiting_.Pass(kPause);
  return {};
}

}  // namespace sidestream::app
