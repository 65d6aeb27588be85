// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From where an application reads its inputs after a `reset`, by the words of Kafka's own tool
// (kafka-streams-application-reset).
//
// Threading: confined to the command's thread.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "app/waiting.h"
#include "base/clock.h"
#include "base/status.h"
#include "kafka/admin.h"

namespace sidestream::topology {
struct LoadedTopology;
}

namespace sidestream::app {

/// Of the partitions that do not begin as `start_from` says, in a topology without errors. What is
/// outside of a log becomes its start or end. Requires that nothing is deleted yet: positions may be
/// relative to what the group committed. Errors as Ask(); kInvalidConfig for a topic that is not read.
Result<std::vector<kafka::CommittedOffset>> FindResetPositions(
    const topology::LoadedTopology& loaded, const ResetArguments& reset, kafka::Admin& admin,
    Waiting& waiting, const Patience& patience);

/// RFC 3339, or without an offset, as Kafka's tool takes it: then it is UTC.
std::optional<Timestamp> ParseResetTime(std::string_view text);
/// "7d", or ISO 8601 as Kafka's tool takes it: PnDTnHnMnS.
std::optional<Milliseconds> ParseResetDuration(std::string_view text);

}  // namespace sidestream::app
