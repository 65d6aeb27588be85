// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which input owns the tasks of a sub-topology (its anchor) when an earlier version of the topology
// has run: commit stamps record the anchor, and two versions with different anchors would each own
// every task, and both commit (R1).
//
// Invariants
//  A1. A recorded anchor is kept while it is an input with the most partitions.
//  A2. While the group has members no anchor changes.
//
// Place in the flow: before an Instance is made. Threading: free functions.

#pragma once

#include <span>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "kafka/record.h"
#include "tasks/sub_topology.h"

namespace sidestream::tasks {

/// The partitions whose committed offsets SettleAnchors() wants.
std::vector<TopicPartition> InputPartitions(const ApplicationSpec& application);

/// Sets anchors, former anchors and recorded topics of `application`. kInvalidConfig: another
/// version has to be stopped first.
Status SettleAnchors(std::span<const kafka::CommittedOffset> committed, bool group_has_members,
                     ApplicationSpec& application);

}  // namespace sidestream::tasks
