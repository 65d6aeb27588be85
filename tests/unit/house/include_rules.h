// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Who may include whom: the table of src/README.md as code. It judges every
// #include line of src/; a folder or a vendor that is in no table is a finding,
// so that a new one is a decision and not an accident.
//
// Threading: none. Pure functions over text.

#pragma once

#include <string>
#include <vector>

#include "tests/unit/house/source_tree.h"

namespace sidestream::house {

/// Findings of one file of src/, each "path:line: what is wrong".
std::vector<std::string> JudgeIncludes(const SourceFile& file);

/// Findings over all files together: a header that shows a vendor's types and is included where
/// that vendor may not be.
std::vector<std::string> JudgeVendorsInHeaders(const std::vector<SourceFile>& files);

}  // namespace sidestream::house
