// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reads the cases of tests/golden and compares what came out with what is expected. Layout and match
// modes: tests/golden/README.md.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fake_processor_context.h"
#include "topology/model.h"

namespace sidestream::testing {

/// A line of an input or an expectation.
struct GoldenLine {
  ProducedRecord record;
  bool has_timestamp = false;
  bool has_headers = false;
  int32_t partition = -1;  // -1: where the key lies
};

/// Folders of all cases, in the order of their names.
std::vector<std::filesystem::path> GoldenCases();
std::string ReadAll(const std::filesystem::path& path);
/// "in" for input.ndjson, "more" for input.more.ndjson; empty when the file is none of `kind`.
std::string StreamOf(const std::filesystem::path& path, const std::string& kind,
                     const std::string& standard);
std::vector<GoldenLine> ReadLines(const std::filesystem::path& path,
                                  const topology::StreamModel& stream);
/// Whether the case compares the last record of each key only.
bool LastPerKey(const std::string& yaml);
/// Whether all inputs end behind their last record.
bool InputsEnd(const std::string& yaml);
/// Adds a test failure for every difference.
void Compare(const std::vector<ProducedRecord>& actual, const std::vector<GoldenLine>& expected,
             bool last_only);

}  // namespace sidestream::testing
