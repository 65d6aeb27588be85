// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Compares what an application wrote with what a test of the file expects.
//
// Threading: free functions.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "harness/embedded_application.h"
#include "harness/stream_codec.h"
#include "harness/test_result.h"
#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::harness {

/// The codec that a record is read with: one for a stream, several where records of many meet.
using CodecOf = std::function<StreamCodec&(const CollectedRecord&)>;

/// Why `records`, in the order in which they came out, are not what is expected; empty when they
/// are.
std::vector<TestFailure> CompareRecords(const topology::TestExpectation& expected,
                                        const CodecOf& codec_of,
                                        const std::vector<CollectedRecord>& records,
                                        const topology::SourceFiles& files);

}  // namespace sidestream::harness
