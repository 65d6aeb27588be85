// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LetterReplay: puts records back to the topics that they were read from, and remembers in the same
// transaction which letters those were: as a member of the group <application>-dlq-replay, so that
// of two replays at once only one can commit.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/letter.h"
#include "app/waiting.h"
#include "base/status.h"
#include "kafka/cluster.h"

namespace sidestream::app {

/// "<application>-dlq-replay": group and transactional id.
std::string ReplayGroup(const std::string& application);

/// A record on its way back.
struct PutBack {
  TopicPartition to;
  OwnedRecord record;
};

class LetterReplay {
 public:
  /// Joins the group over all partitions of `letters`. Everything is borrowed.
  static Result<std::unique_ptr<LetterReplay>> Join(kafka::Cluster& cluster,
                                                    const std::string& application,
                                                    const std::string& letters, Waiting& waiting,
                                                    const Patience& patience);
  ~LetterReplay();

  /// What the group gave; another replay may have the rest.
  const std::vector<TopicPartition>& partitions() const { return partitions_; }

  /// Puts `records` back and commits `positions`, both or none.
  Status Commit(std::span<const PutBack> records, std::vector<kafka::CommittedOffset> positions);

 private:
  LetterReplay(Waiting& waiting, const Patience& patience)
      : waiting_(waiting), patience_(patience) {}
  Status JoinGroup(const std::string& letters);
  Status PollMember();
  /// Runs an operation of the producer to its end.
  Status Finish(const std::function<void()>& start);
  Status Send(const PutBack& record);
  Status CommitOpen(std::span<const PutBack> records,
                    const std::vector<kafka::CommittedOffset>& positions);
  void Leave();

  Waiting& waiting_;
  const Patience patience_;
  std::unique_ptr<kafka::Consumer> member_;
  std::unique_ptr<kafka::Producer> producer_;
  std::map<std::string, kafka::TopicHandle> topics_;
  std::vector<TopicPartition> partitions_;
  bool assigned_ = false;
};

}  // namespace sidestream::app
