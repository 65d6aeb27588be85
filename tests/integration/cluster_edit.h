// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What owners and strangers do to a real cluster while nobody tells Sidestream: topics made, grown
// and deleted, records written, offsets of a group committed. In place of Kafka's own tools, each
// of which costs the start of a JVM.
//
// Place in the flow: beside the program under test, never inside it.
//
// Threading: confined to one thread.
//
// Invariant: what returns has happened; what the cluster refuses ends the process with the reason.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "tests/integration/cluster_view.h"

namespace sidestream::integration {

struct FedRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  Partition partition = 0;
  /// Empty: the producer's clock.
  std::optional<Timestamp> timestamp = std::nullopt;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
};

/// What a user may do with a resource, in the words of kafka-acls.sh: "topic", "group",
/// "transactional-id"; "Read".
struct Access {
  std::string resource;
  std::string name;
  /// Of every name that begins so.
  bool prefixed = false;
  std::string operation;
};

class ClusterEdit {
 public:
  /// `view` is borrowed; `properties` are those it was made with.
  ClusterEdit(ClusterView& view, ClusterView::Properties properties);

  using Settings = std::map<std::string, std::string>;
  void CreateTopic(const std::string& topic, int32_t partitions, const Settings& settings = {});
  void DeleteTopic(const std::string& topic);
  /// `total` is the new count, above the old one.
  void GrowTopic(const std::string& topic, int32_t total);
  /// Sets these, and leaves the topic's others.
  void SetTopic(const std::string& topic, const Settings& settings);

  /// Writes in order, `pause` between two records.
  void Feed(const std::string& topic, const std::vector<FedRecord>& records,
            Milliseconds pause = Milliseconds(0));

  /// These wait while the group has members: it counts one that has just ended.
  void CommitOffset(const std::string& group, const TopicPartition& partition, int64_t offset,
                    const std::string& metadata = "");
  void DeleteGroup(const std::string& group);

  void Grant(const std::string& user, const Access& access);
  void TakeAway(const std::string& user, const Access& access);

 private:
  ClusterView& view_;
  const ClusterView::Properties properties_;
  SystemClock clock_;
  std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace sidestream::integration
