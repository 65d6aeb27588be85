// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Layered drawing of an acyclic graph on a grid of cells: items stand in rows, links run downwards
// between them with horizontal stretches on tracks of their own.
//
// The steps are those of Sugiyama: layers are given; links over several layers get a place in each
// one between; the order within layers comes from barycentre sweeps; columns from weighted
// isotonic regression, which keeps the order and moves items as little as possible.
//
// Place in the flow: layout.h arranges each sub-topology with it, then the sub-topologies.
//
// Threading: a pure function; the same input gives the same drawing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sidestream::topology::graph {

struct Cell {
  int32_t x = 0;
  int32_t y = 0;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct Item {
  int32_t width = 1;
  int32_t height = 1;
  int32_t layer = 0;
};

/// Leaves `from` below the cell `from_port` cells right of its left side, and enters `to` from
/// above.
struct Link {
  int32_t from = 0;
  int32_t to = 0;
  int32_t from_port = 0;
  int32_t to_port = 0;
  /// How much the link wants to be straight.
  int32_t weight = 1;
};

struct Arrangement {
  /// Top left cell of each item.
  std::vector<Cell> items;
  /// Of each link: its cells at the start (below the upper item), at each bend, and at the end
  /// (above the lower item).
  std::vector<std::vector<Cell>> links;
  int32_t width = 0;
  int32_t height = 0;
};

/// Requires that each link leads to a higher layer than it comes from, and ports that lie within
/// their items. `gap`: free columns between items of a layer.
Arrangement ArrangeLayers(const std::vector<Item>& items, const std::vector<Link>& links,
                          int32_t gap);

/// Layer of each of `count` vertices: the longest path that leads to it. `edges` are pairs (from,
/// to); those that close a cycle are left out and marked in the result.
struct Layering {
  std::vector<int32_t> layers;
  std::vector<bool> closes_cycle;  // per edge
};
Layering LongestPathLayers(size_t count, const std::vector<std::pair<int32_t, int32_t>>& edges);

}  // namespace sidestream::topology::graph
