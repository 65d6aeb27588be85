// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether the user may do what the plan does: read its inputs, write its outputs, work with its
// internal topics, join its group.
//
// Not asked, because brokers do not list them for what is not there yet: the right to create
// internal topics, and those on transactional ids.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <string>

#include "app/waiting.h"
#include "base/clock.h"
#include "kafka/rights.h"
#include "topology/finding.h"
#include "topology/plan.h"

namespace sidestream::app {

/// Adds a finding for each right that is missing; `place_of` says where a topic is declared. A
/// cluster that does not list rights gives none.
void CheckRights(const topology::Plan& plan, kafka::RightsReader& reader, Waiting& waiting,
                 Milliseconds limit,
                 const std::function<topology::Position(const std::string&)>& place_of,
                 topology::Findings& findings);

}  // namespace sidestream::app
