// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The right answers of the kinds with windows: one result for each window that the end of the input
// closes, and none twice.
//
// Threading: one thread.

#pragma once

#include <memory>
#include <string_view>

#include "bench/loop/answer.h"

namespace sidestream::bench {

/// tumbling, hopping or sessions of the records [0, records); null for another kind. The input has
/// `partitions`: each has a watermark of its own.
std::unique_ptr<Answer> WindowAnswerOf(std::string_view kind, uint64_t records, int partitions);

}  // namespace sidestream::bench
