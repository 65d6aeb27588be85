// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The committed offsets of one group, with those that open transactions hold pending.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "kafka/record.h"

namespace sidestream::kafka::memory {

class OffsetStore {
 public:
  void Commit(const std::vector<CommittedOffset>& offsets);
  /// Holds `offsets` until the producer's transaction ends; a later call overrides an earlier
  /// one, also when it is an old request that arrives late.
  void AddPending(int64_t producer_id, const std::vector<CommittedOffset>& offsets);
  /// The transaction's marker.
  void EndTransaction(int64_t producer_id, bool commit);

  CommittedOffset Read(const TopicPartition& partition) const;
  bool HasPending(const TopicPartition& partition) const;
  bool has_pending() const { return !pending_.empty(); }
  std::vector<CommittedOffset> All() const;
  /// Drops what is held for a deleted topic.
  void ForgetTopic(const std::string& topic);

 private:
  struct Value {
    Offset offset;
    std::string metadata;
  };
  std::map<TopicPartition, Value> committed_;
  std::map<int64_t, std::map<TopicPartition, Value>> pending_;
};

}  // namespace sidestream::kafka::memory
