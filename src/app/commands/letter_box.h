// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What `dlq list` and `dlq replay` share: the topic of the letters, and which of them have been put
// back.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/letter.h"
#include "app/replayed_letters.h"
#include "kafka/admin.h"

namespace sidestream::app {

class LetterBox {
 public:
  /// kInvalidConfig also when the files have errors, which are reported.
  static Result<std::unique_ptr<LetterBox>> Open(const Arguments& arguments,
                                                 CommandContext& context);

  const std::string& application() const { return application_; }
  const std::string& topic() const { return topic_; }
  /// Topics that the application reads; only there letters go back.
  const std::set<std::string>& inputs() const { return inputs_; }
  const LetterFilter& filter() const { return filter_; }
  kafka::Cluster& cluster() { return *cluster_; }
  kafka::Admin& admin() { return *admin_; }

  /// The partitions of the letters; none while there is no topic.
  const std::vector<TopicPartition>& partitions() const { return partitions_; }
  /// What was put back of a partition, as of Open() or the last Refresh().
  ReplayedLetters& replayed(const TopicPartition& partition) { return replayed_.at(partition); }
  /// Asks again, as the only one who may put letters back.
  Status Refresh();

  /// Visits letters in the order of each partition: with `all` those too that were put back, else
  /// from the first that was not. `visit` says whether to go on with the partition.
  Status Read(bool all, const std::function<bool(Letter, bool replayed)>& visit);

 private:
  LetterBox(CommandContext& context, const Patience& patience)
      : context_(context), patience_(patience) {}

  CommandContext& context_;
  const Patience patience_;
  std::string application_;
  std::string topic_;
  std::set<std::string> inputs_;
  LetterFilter filter_;
  std::unique_ptr<kafka::Cluster> cluster_;
  std::unique_ptr<kafka::Admin> admin_;
  std::vector<TopicPartition> partitions_;
  std::map<TopicPartition, Offset> earliest_;
  std::map<TopicPartition, ReplayedLetters> replayed_;
};

}  // namespace sidestream::app
