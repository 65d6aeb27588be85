// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether the user may do what the plan does: read its inputs, write its outputs, work with its
// internal topics, join its group, open transactions.
//
// Brokers list rights on what is there (KIP-430). Topics that are to be created and transactional
// ids are in no list, so these are tried: the creation without effect, and a transactional id of
// our own that no instance uses.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/waiting.h"
#include "base/clock.h"
#include "kafka/cluster.h"
#include "kafka/rights.h"
#include "topology/finding.h"
#include "topology/plan.h"

namespace sidestream::app {

/// Says where a topic is declared.
using TopicPlaces = std::function<topology::Position(const std::string&)>;

/// Adds a finding for each topic of the plan that the user may not describe with its settings,
/// which makes every question about several topics fail. False: none; it is not for want of rights.
bool CheckVisible(const topology::Plan& plan, kafka::Admin& admin, kafka::RightsReader& reader,
                  Waiting& waiting, Milliseconds limit, const TopicPlaces& place_of,
                  topology::Findings& findings);

/// Adds a finding for each right that is missing. A cluster that does not list rights gives none.
void CheckRights(const topology::Plan& plan, kafka::RightsReader& reader, Waiting& waiting,
                 Milliseconds limit, const TopicPlaces& place_of, topology::Findings& findings);

/// Adds a finding when the cluster would not create `topics`.
void CheckCreation(std::vector<kafka::NewTopic> topics, kafka::RightsReader& reader,
                   Waiting& waiting, Milliseconds limit, topology::Findings& findings);

/// Adds a finding when the user may not use the transactional ids of the plan. Leaves an id
/// "<app>-validate" behind, which the brokers forget after transactional.id.expiration.ms.
void CheckTransactionalIds(const topology::Plan& plan, kafka::Cluster& cluster, Waiting& waiting,
                           Milliseconds limit, topology::Findings& findings);

}  // namespace sidestream::app
