// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/commands/letter_box.h"

#include <algorithm>

#include "app/letter_replay.h"
#include "app/load.h"
#include "topology/build_plan.h"
#include "topology/test_reader.h"

namespace sidestream::app {
namespace {

using kafka::PartitionOffset;

/// "2h" is two hours ago, else RFC 3339.
Result<std::optional<Timestamp>> ParseSince(const std::string& text, const Clock& clock) {
  if (text.empty()) return std::optional<Timestamp>();
  if (const auto ago = topology::ParseDuration(text)) {
    return std::optional(clock.WallTime() - ago->count());
  }
  if (const auto time = topology::ParseAt(text); time && text.find('T') != std::string::npos) {
    return time;
  }
  return Status::InvalidConfig("--since is a duration such as 2h, or 2026-01-31T10:00:00Z: " +
                               text);
}

}  // namespace

Result<std::unique_ptr<LetterBox>> LetterBox::Open(const Arguments& arguments,
                                                   CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  const topology::PlanResult plan = loaded.ok() ? PlanOf(loaded) : topology::PlanResult{};
  if (plan.plan == nullptr) return Status::InvalidConfig("the topology has errors");
  const Patience patience{.total = arguments.connect_timeout};
  std::unique_ptr<LetterBox> box(new LetterBox(context, patience));
  box->application_ = loaded.model.application.id;
  box->topic_ = topology::DeadLetterTopicOf(loaded.model);
  for (const topology::UserTopic& topic : plan.plan->user_topics) {
    if (topic.read) box->inputs_.insert(topic.name);
  }
  box->filter_.step = arguments.dlq.step;
  box->filter_.topic = arguments.dlq.topic;
  box->filter_.key = arguments.dlq.key;
  ASSIGN_OR_RETURN(box->filter_.since, ParseSince(arguments.dlq.since, context.waiting.clock()));
  ASSIGN_OR_RETURN(box->cluster_, context.connect(loaded.model.kafka));
  ASSIGN_OR_RETURN(box->admin_, box->cluster_->NewAdmin(box->application_ + "-dlq"));
  ASSIGN_OR_RETURN(const auto topics,
                   Ask<std::vector<kafka::TopicDescription>>(
                       [&] { return box->admin_->DescribeTopics({box->topic_}); },
                       "the topic of the letters", context.waiting, patience));
  for (Partition partition = 0; partition < topics.front().partitions; ++partition) {
    box->partitions_.push_back({box->topic_, partition});
  }
  RETURN_IF_ERROR(box->Refresh());
  return box;
}

Status LetterBox::Refresh() {
  replayed_.clear();
  earliest_.clear();
  if (partitions_.empty()) return Status::Ok();
  ASSIGN_OR_RETURN(const auto earliest,
                   Ask<std::vector<PartitionOffset>>(
                       [&] {
                         return admin_->ListOffsets(partitions_, kafka::OffsetSpec::kEarliest,
                                                    kafka::IsolationLevel::kReadCommitted);
                       },
                       "beginnings of the dead letters", context_.waiting, patience_));
  ASSIGN_OR_RETURN(const auto committed, Ask<std::vector<kafka::CommittedOffset>>(
                                             [&] {
                                               return admin_->CommittedOffsets(
                                                   ReplayGroup(application_), partitions_,
                                                   /*require_stable=*/true);
                                             },
                                             "what was put back", context_.waiting, patience_));
  for (size_t i = 0; i < partitions_.size(); ++i) {
    ASSIGN_OR_RETURN(std::vector<LetterRun> runs, DecodeRuns(committed[i].metadata));
    earliest_[partitions_[i]] = earliest[i].offset;
    const Offset base = std::max(committed[i].offset.value_or(Offset(0)), earliest[i].offset);
    replayed_.emplace(partitions_[i], ReplayedLetters(base, std::move(runs)));
  }
  return Status::Ok();
}

Status LetterBox::Read(bool all, const std::function<bool(Letter, bool)>& visit) {
  std::vector<PartitionOffset> from;
  for (const TopicPartition& partition : partitions_) {
    from.push_back({partition, all ? earliest_.at(partition) : replayed_.at(partition).base()});
  }
  if (from.empty()) return Status::Ok();
  return ReadLetters(*cluster_, *admin_, from, context_.waiting, patience_, [&](Letter letter) {
    const bool replayed = replayed_.at(letter.partition).Contains(letter.offset);
    return visit(std::move(letter), replayed);
  });
}

}  // namespace sidestream::app
