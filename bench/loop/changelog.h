// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The read side of a loop's changelog.
//
// Threading: the caller's thread.

#pragma once

#include <functional>
#include <string>

#include "bench/loop/session.h"

namespace sidestream::bench {

/// Reads a partition of the topic up to its end of now, by a reader of its own.
void ReadChangelog(const SessionOptions& options, const std::string& topic, int32_t partition,
                   const std::function<void(const rd_kafka_message_t&)>& visit);

}  // namespace sidestream::bench
