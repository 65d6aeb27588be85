// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// docs/language.md: every field of the table, with pieces of example topologies that use it.
//
// Threading: a pure function.

#pragma once

#include <span>
#include <string>

namespace sidestream::topology {

/// A topology file; its first line is a comment that says what it shows.
struct ExampleTopology {
  std::string name;  // "word-count.yaml"
  std::string text;
};

/// `folder`: where the examples lie, seen from the page.
std::string LanguagePage(std::span<const ExampleTopology> examples, const std::string& folder);

}  // namespace sidestream::topology
