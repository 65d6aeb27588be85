// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Compares what an application wrote with what a test of the file expects.
//
// Threading: free functions.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "harness/embedded_application.h"
#include "harness/stream_codec.h"
#include "harness/test_result.h"
#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::harness {

/// Why `records`, all of one stream in the order in which they came out, are not what is
/// expected; empty when they are.
std::vector<TestFailure> CompareRecords(const topology::TestExpectation& expected,
                                        StreamCodec& codec,
                                        const std::vector<CollectedRecord>& records,
                                        const topology::SourceFiles& files);

/// The same of dead letters (`$dlq`). `streams` by topic: a letter from there is read in the
/// stream's formats; a text stands for the bytes as they are, too.
Result<std::vector<std::string>> CompareLetters(
    const topology::TestExpectation& expected,
    const std::map<std::string, const topology::StreamModel*>& streams,
    const std::vector<CollectedRecord>& records, const topology::SourceFiles& files);

}  // namespace sidestream::harness
