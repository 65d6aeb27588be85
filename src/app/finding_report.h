// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Findings for other programs: one JSON document, SARIF 2.1.0 for code scanners, and annotations
// of a GitHub workflow. For people topology::Render has them.
//
// Threading: free functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topology/finding.h"

namespace sidestream::app {

/// { "errors": 1, "warnings": 0, "findings": [ { "code", "severity", "file", "line", ... } ] }
std::string FindingsAsJson(const std::vector<topology::Finding>& findings);

/// A SARIF log with one run. Every code of the table is a rule of it.
std::string FindingsAsSarif(const std::vector<topology::Finding>& findings,
                            std::string_view program_version);

/// A line per finding: "::error file=a.yaml,line=8,col=9,title=SS2001::...".
std::string FindingsAsGithub(const std::vector<topology::Finding>& findings);

}  // namespace sidestream::app
