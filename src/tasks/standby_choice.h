// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which instances keep a standby of a task: rendezvous hashing over those that are there. Every
// instance computes it for itself; nobody decides for the others, and where two disagree for a
// while there is a standby too many or too few.
//
// Threading: free functions.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/ids.h"

namespace sidestream::tasks {

/// `instances` in the order in which they come into question for `task`. When one comes or goes,
/// the others keep their order.
std::vector<std::string> RankInstances(const TaskId& task, const std::set<std::string>& instances);

/// Whether `self`, one of `instances`, is among the first `replicas` without the owner (empty: not
/// known).
bool IsStandby(const TaskId& task, const std::string& self, const std::string& owner,
               const std::set<std::string>& instances, size_t replicas);

}  // namespace sidestream::tasks
