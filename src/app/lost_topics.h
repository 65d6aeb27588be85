// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Internal topics that an application has worked with and that somebody deleted since. What they
// held is gone: a start that made them again would go on as if it had never been there.
//
// Place in the flow: asked by FindChange(); `run` and `plan` refuse what it names.
//
// Threading: free functions.

#pragma once

#include <string>
#include <vector>

#include "app/application_change.h"
#include "app/startup_check.h"
#include "app/waiting.h"
#include "base/status.h"
#include "checkpoint/control_record.h"
#include "kafka/admin.h"

namespace sidestream::app {

/// Of the missing internal topics: changelogs of `stores` that go on, and repartition topics of
/// `recorded`, the last leader's plan.
std::vector<std::string> LostTopics(const StartReport& report, const std::vector<StoreFate>& stores,
                                    const checkpoint::PlanRecord& recorded);

/// Whether the group has offsets that an instance committed. Requires `report.plan`.
Result<bool> HasCommitted(const StartReport& report, kafka::Admin& admin, Waiting& waiting,
                          const Patience& patience);

}  // namespace sidestream::app
