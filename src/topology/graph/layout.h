// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where everything of a graph stands, in cells of a character grid: the pictures for terminals and
// for browsers are drawn from the same places.
//
// Sub-topologies are frames. Within one, what is read stands in the first row and what is written
// in the last, so lines between frames cross no box. A line that would close a cycle of
// sub-topologies is left out: both of its ends name the topic.
//
// Threading: values and a pure function.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "topology/graph/graph.h"
#include "topology/graph/layers.h"

namespace sidestream::topology::graph {

struct Box {
  Cell at;  // top left
  int32_t width = 0;
  int32_t height = 0;
};

struct Layout {
  /// Per vertex; two lines of text within a border.
  std::vector<Box> boxes;
  /// Per vertex: what stands in its box.
  std::vector<std::string> titles;
  std::vector<std::string> details;
  /// Per edge: the name of a branch, beside the end of its line.
  std::vector<std::string> labels;
  /// Per edge, from above to below; empty: not drawn.
  std::vector<std::vector<Cell>> lines;
  /// Per sub-topology, around its boxes.
  std::vector<Box> frames;
  std::vector<std::string> frame_titles;
  int32_t width = 0;
  int32_t height = 0;
};

Layout MakeLayout(const Graph& graph);

/// Characters of a UTF-8 text.
int32_t Columns(std::string_view text);

}  // namespace sidestream::topology::graph
