// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The formats of `sidestream graph`. Every name and text is escaped for the format it goes into:
// a text from a topology file can break out of none of them.
//
// Threading: pure functions.

#pragma once

#include <string>

#include "topology/graph/layout.h"

namespace sidestream::topology::graph {

/// Boxes and lines of ASCII characters (texts of the file keep theirs). Topics have [ ] as sides,
/// stores ( ). Where lines cross, the one downwards is whole.
std::string ToAscii(const Graph& graph, const Layout& layout);

/// A picture for browsers, with the full texts as tool tips.
std::string ToSvg(const Graph& graph, const Layout& layout);

/// The model with its places, for other programs.
std::string ToJson(const Graph& graph, const Layout& layout);

/// For graphviz and for mermaid, which place everything themselves.
std::string ToDot(const Graph& graph);
std::string ToMermaid(const Graph& graph);

}  // namespace sidestream::topology::graph
