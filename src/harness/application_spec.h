// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From a plan to what tasks run: plain data, with a program factory per sub-topology.
//
// Threading: free functions.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "tasks/sub_topology.h"
#include "topology/model.h"
#include "topology/plan.h"

namespace sidestream::harness {

/// What output topics take, by name; a topic that is not there takes Kafka's defaults.
using TopicLimits = std::map<std::string, tasks::OutputLimits>;

tasks::ApplicationSpec MakeApplicationSpec(const std::shared_ptr<const topology::Plan>& plan,
                                           const topology::ApplicationModel& model,
                                           const TopicLimits& limits);

/// What a topic with these settings takes (Kafka's names); its defaults where one is not told.
tasks::OutputLimits OutputLimitsOf(const std::map<std::string, std::string>& settings);

}  // namespace sidestream::harness
