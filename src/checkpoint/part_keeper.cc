// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/part_keeper.h"

#include "base/log.h"
#include "base/overloaded.h"
#include "checkpoint/control_record.h"

namespace sidestream::checkpoint {
namespace {
constexpr Milliseconds kRetryDelay{500};
}  // namespace

PartKeeper::PartKeeper(kafka::Cluster& cluster, CutStorage* storage, const ControlView& view,
                       const Clock& clock, PartKeeperOptions options)
    : cluster_(cluster),
      storage_(storage),
      view_(view),
      clock_(clock),
      options_(std::move(options)) {}

PartKeeper::~PartKeeper() = default;

void PartKeeper::Expect(const CutRecord& cut) {
  const std::lock_guard lock(mutex_);
  expected_[cut.task] = cut.life;
}

void PartKeeper::ImageTaken(CutRecord cut, Status image) {
  const std::lock_guard lock(mutex_);
  mail_.push_back({std::move(cut), std::move(image), false});
}

void PartKeeper::Step() {
  TakeMail();
  if (const std::shared_ptr<const Checkpoint> latest = view_.LatestCheckpoint()) Follow(*latest);
  PollStorage();
  Write();
}

void PartKeeper::TakeMail() {
  std::vector<Part> mail;
  {
    const std::lock_guard lock(mutex_);
    mail.swap(mail_);
  }
  for (Part& part : mail) {
    // Late news of one that is over already.
    if (part.cut.number < number_ || part.cut.number <= forgotten_) {
      Forget(part.cut.number);
      continue;
    }
    if (part.cut.number > number_) {
      if (!parts_.empty()) Forget(number_);
      number_ = part.cut.number;
    }
    const TaskId task = part.cut.task;
    parts_.insert_or_assign(task, std::move(part));
  }
}

void PartKeeper::Follow(const Checkpoint& latest) {
  if (latest.number() < number_) return;  // its BEGIN is read before its CUT is written
  if (latest.number() > number_ && !parts_.empty()) Forget(number_);
  switch (latest.stage) {
    case CheckpointStage::kUndecided:
    case CheckpointStage::kComplete:
      break;
    case CheckpointStage::kCut:
      for (auto& [task, part] : parts_) {
        if (!part.storing) Store(latest, part);
      }
      AnnounceLost(latest);
      break;
    case CheckpointStage::kRevoked:
    case CheckpointStage::kAborted:
    case CheckpointStage::kFailed:
      if (latest.number() > forgotten_) Forget(latest.number());
      break;
  }
  std::erase_if(unwritten_, [&](const StoredRecord& record) {
    return record.number != latest.number() || latest.finished();
  });
}

void PartKeeper::AnnounceLost(const Checkpoint& latest) {
  std::erase_if(lost_, [&](const auto& lost) { return lost.first != latest.number(); });
  for (const auto& [task, cut] : latest.cuts) {
    if (cut->instance != options_.instance || latest.stored.contains(task)) continue;
    {
      const std::lock_guard lock(mutex_);
      const auto ours = expected_.find(task);
      if (ours != expected_.end() && ours->second == cut->life) continue;
    }
    if (!lost_.emplace(latest.number(), task).second) continue;
    Announce({.number = latest.number(),
              .task = task,
              .life = cut->life,
              .part = "",
              .digest = "",
              .bytes = 0,
              .failure = "the instance that was to store it was started anew"});
  }
}

void PartKeeper::Store(const Checkpoint& latest, Part& part) {
  const auto counts = latest.cuts.find(part.cut.task);
  if (counts == latest.cuts.end() || counts->second->life != part.cut.life) return;
  part.storing = true;
  if (storage_ == nullptr || !part.image.ok()) {
    return Announce({.number = latest.number(),
                     .task = part.cut.task,
                     .life = part.cut.life,
                     .part = "",
                     .digest = "",
                     .bytes = 0,
                     .failure = storage_ == nullptr ? "this instance has no checkpoint location"
                                                    : part.image.ToString()});
  }
  TaskPart to_store{latest.begin, part.cut, {}};
  for (const CutEnd& end : latest.done.ends) {
    for (const CutInput& input : part.cut.inputs) {
      if (input.partition == end.partition) to_store.ends.push_back(end);
    }
  }
  storage_->Store(std::move(to_store));
}

void PartKeeper::PollStorage() {
  if (storage_ == nullptr) return;
  for (StorageAnswer& answer : storage_->Poll()) {
    std::visit(Overloaded{
                   [this](PartStored& stored) {
                     const auto part = parts_.find(stored.task);
                     if (part == parts_.end() || stored.number != number_) return;
                     Announce({.number = stored.number,
                               .task = stored.task,
                               .life = part->second.cut.life,
                               .part = std::move(stored.part),
                               .digest = std::move(stored.digest),
                               .bytes = stored.bytes,
                               .failure = stored.status.ok() ? "" : stored.status.ToString()});
                   },
                   [this](CheckpointCompleted& completed) { completed_ = std::move(completed); },
               },
               answer);
  }
}

void PartKeeper::Announce(StoredRecord record) {
  if (!record.failure.empty()) {
    log::Warning("checkpoint", "checkpoint {}: task {} cannot be stored: {}",
                 record.number.value(), ToString(record.task), record.failure);
    record.part.clear();
  }
  unwritten_.push_back(std::move(record));
}

void PartKeeper::Forget(CheckpointNumber number) {
  forgotten_ = std::max(forgotten_, number);
  if (storage_ != nullptr) storage_->Forget(number);
  if (number == number_) parts_.clear();
  std::erase_if(unwritten_, [&](const StoredRecord& record) { return record.number == number; });
}

void PartKeeper::Complete(StoredCut cut) {
  completed_.reset();
  storage_->Complete(std::move(cut));
}

std::optional<CheckpointCompleted> PartKeeper::TakeCompleted() {
  return std::exchange(completed_, {});
}

void PartKeeper::Write() {
  const auto retry = [this](const Status& why) {
    log::Info("checkpoint", "STORED is written again: {}", why.ToString());
    producer_.reset();
    writing_ = Writing::kNone;
    retry_at_ = clock_.Now() + kRetryDelay;
    unwritten_.insert(unwritten_.end(), unconfirmed_.begin(), unconfirmed_.end());
    unconfirmed_.clear();
  };
  if (writing_ == Writing::kNone) {
    if (unwritten_.empty() || clock_.Now() < retry_at_) return;
    kafka::ProducerOptions options;
    options.client_id = options_.client_id;
    auto made = cluster_.NewProducer(options);
    if (!made.ok()) return retry(made.status());
    producer_ = std::move(made).value();
    topic_ = producer_->RegisterTopic(options_.control_topic);
    producer_->StartInit();
    writing_ = Writing::kInitializing;
  }
  const std::optional<Status> answer = producer_->Poll(Milliseconds(0));
  if (writing_ != Writing::kReady) {
    if (!answer) return;
    if (!answer->ok()) return retry(*answer);
    if (writing_ == Writing::kFlushing && producer_->first_failure()) {
      return retry(producer_->first_failure()->status);
    }
    unconfirmed_.clear();
    writing_ = Writing::kReady;
  }
  if (unwritten_.empty()) return;
  if (const Status begun = producer_->Begin(); !begun.ok()) return retry(begun);
  unconfirmed_.swap(unwritten_);
  for (const StoredRecord& record : unconfirmed_) {
    const EncodedControlRecord encoded = EncodeControlRecord(CheckpointRecord(record));
    kafka::OutgoingRecord outgoing;
    outgoing.topic = topic_;
    outgoing.key = encoded.key;
    outgoing.value = encoded.value;
    if (const Status produced = producer_->Produce(outgoing); !produced.ok()) {
      return retry(produced);
    }
  }
  producer_->StartFlush();
  writing_ = Writing::kFlushing;
}

}  // namespace sidestream::checkpoint
