// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of the table of finding codes, one file per group of families. Internal to
// finding_codes.cc, which joins them.
//
// Threading: immutable static data.

#pragma once

#include <span>

#include "topology/finding_codes.h"

namespace sidestream::topology {

std::span<const FindingRule> FileFindingRules();     // SS1xxx
std::span<const FindingRule> FieldFindingRules();    // SS2xxx
std::span<const FindingRule> MeaningFindingRules();  // SS3xxx to SS5xxx
std::span<const FindingRule> DoubtFindingRules();    // SS6xxx

}  // namespace sidestream::topology
