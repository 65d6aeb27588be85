// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Copies records in flight from a repartition partition to files of a snapshot, and counts them.
//
// Threading: on the thread of reader and catalog; blocks.

#pragma once

#include <functional>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/consumer.h"
#include "snapshot/catalog.h"

namespace sidestream::snapshot {

/// Fills `in_flight` of `input` with the committed records of [position, end). kUnavailable: the
/// cluster does not give them; kStopped: they are gone. `pause`: lets time pass while nothing comes.
/// `check_wanted` is asked in between; its error ends the copy.
Status CopyInFlight(kafka::LogReader& reader, const std::function<void(Milliseconds)>& pause,
                    const std::function<Status()>& check_wanted, Catalog& catalog,
                    KeptInput& input);

}  // namespace sidestream::snapshot
