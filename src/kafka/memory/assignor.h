// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The two assignors, as pure functions. They run in the client model: the elected leader
// of a group computes, the broker only carries the result.
//
// Threading: none needed.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"

namespace sidestream::kafka::memory {

/// What a member tells the group when it joins.
struct Subscription {
  std::vector<std::string> topics;
  /// Held now; for cooperative-sticky only.
  std::vector<TopicPartition> owned;
  /// Generation in which `owned` was given; -1: none.
  int32_t generation = -1;
};

struct AssignorMember {
  std::string member_id;
  std::string instance_id;  // empty: dynamic
  Subscription subscription;
};

using Assignment = std::map<std::string, std::vector<TopicPartition>>;  // by member id

/// Per topic a run of partitions for each subscriber, in the order of instance id, then member
/// id. `partitions`: visible topics and their counts.
Assignment AssignRange(const std::vector<AssignorMember>& members,
                       const std::map<std::string, int32_t>& partitions);

/// Balanced within one partition among members of equal subscription, moving as few as it can;
/// a partition that another member holds is left out of this round (it comes in the next one,
/// after its holder has let go).
Assignment AssignCooperativeSticky(const std::vector<AssignorMember>& members,
                                   const std::map<std::string, int32_t>& partitions);

}  // namespace sidestream::kafka::memory
