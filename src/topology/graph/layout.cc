// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/graph/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sidestream::topology::graph {
namespace {

constexpr int32_t kTextColumnsMax = 44;
constexpr int32_t kBoxHeight = 4;
constexpr int32_t kBoxGap = 3;
constexpr int32_t kFrameGap = 4;
// Border and one free column on each side; border and a row for arrow heads above.
constexpr Cell kFrameInset{2, 2};
// Records first: their line is straight, the store steps aside.
constexpr int32_t kFlowWeight = 256;
constexpr int32_t kStateWeight = 1;

size_t At(int32_t index) { return static_cast<size_t>(index); }

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

/// On one line, without control characters, cut where it is too long.
std::string ShortText(std::string_view text) {
  std::string line;
  bool blank = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      blank = !line.empty();
      continue;
    }
    if (std::exchange(blank, false)) line += ' ';
    line += c;
  }
  if (Columns(line) <= kTextColumnsMax) return line;
  size_t end = 0;
  for (int32_t columns = 0; columns <= kTextColumnsMax - 3; ++end) {
    if (!IsContinuation(line[end])) ++columns;
  }
  return line.substr(0, end - 1) + "...";
}

bool IsSink(VertexKind kind) {
  return kind == VertexKind::kSink || kind == VertexKind::kRepartitionSink;
}

class LayoutMaker {
 public:
  explicit LayoutMaker(const Graph& graph) : graph_(graph) {
    layout_.boxes.resize(graph.vertices.size());
    layout_.lines.resize(graph.edges.size());
    for (const Vertex& vertex : graph.vertices) {
      layout_.titles.push_back(ShortText(vertex.title));
      layout_.details.push_back(ShortText(vertex.detail));
    }
    for (size_t i = 0; i < graph.vertices.size(); ++i) {
      layout_.boxes[i] = {
          {}, std::max(Columns(layout_.titles[i]), Columns(layout_.details[i])) + 4, kBoxHeight};
    }
    for (const Edge& edge : graph.edges) {
      // The name of a branch stands beside the arrow head, above the box.
      layout_.labels.push_back(ShortText(edge.label));
      const int32_t label = Columns(layout_.labels.back());
      int32_t& width = layout_.boxes[At(edge.to)].width;
      if (label > 0) width = std::max(width, 2 * label + 6);
    }
  }

  Layout Make() {
    for (size_t i = 0; i < graph_.sub_topologies.size(); ++i) {
      ArrangeInside(static_cast<int32_t>(i));
    }
    ArrangeFrames();
    return std::move(layout_);
  }

 private:
  int32_t SubTopologyOf(int32_t vertex) const { return graph_.vertices[At(vertex)].sub_topology; }
  int32_t Middle(int32_t vertex) const { return layout_.boxes[At(vertex)].width / 2; }

  /// Places the boxes of a sub-topology as if its frame stood in the corner.
  void ArrangeInside(int32_t sub_topology) {
    std::vector<int32_t> vertices;
    std::vector<int32_t> index_of(graph_.vertices.size(), -1);
    for (size_t i = 0; i < graph_.vertices.size(); ++i) {
      if (graph_.vertices[i].sub_topology != sub_topology) continue;
      index_of[i] = static_cast<int32_t>(vertices.size());
      vertices.push_back(static_cast<int32_t>(i));
    }
    std::vector<size_t> edges;
    std::vector<std::pair<int32_t, int32_t>> pairs;
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      if (edge.kind == EdgeKind::kTopic || SubTopologyOf(edge.from) != sub_topology) continue;
      edges.push_back(i);
      pairs.emplace_back(index_of[At(edge.from)], index_of[At(edge.to)]);
    }
    const std::vector<int32_t> layers = LongestPathLayers(vertices.size(), pairs).layers;
    int32_t last = 0;
    for (const int32_t layer : layers) last = std::max(last, layer);
    std::vector<Item> items;
    for (size_t i = 0; i < vertices.size(); ++i) {
      const Box& box = layout_.boxes[At(vertices[i])];
      const bool sink = IsSink(graph_.vertices[At(vertices[i])].kind);
      items.push_back({box.width, box.height, sink ? last : layers[i]});
    }
    std::vector<Link> links;
    for (const size_t i : edges) {
      const Edge& edge = graph_.edges[i];
      links.push_back({index_of[At(edge.from)], index_of[At(edge.to)], Middle(edge.from),
                       Middle(edge.to),
                       edge.kind == EdgeKind::kState ? kStateWeight : kFlowWeight});
    }
    Arrangement inside = ArrangeLayers(items, links, kBoxGap);
    for (size_t i = 0; i < vertices.size(); ++i) {
      layout_.boxes[At(vertices[i])].at = {inside.items[i].x + kFrameInset.x,
                                           inside.items[i].y + kFrameInset.y};
    }
    for (size_t i = 0; i < edges.size(); ++i) {
      for (Cell& cell : inside.links[i]) cell = {cell.x + kFrameInset.x, cell.y + kFrameInset.y};
      layout_.lines[edges[i]] = std::move(inside.links[i]);
    }
    const int32_t tasks = graph_.sub_topologies[At(sub_topology)].tasks;
    std::string title =
        fmt::format("sub-topology {}, {} task{}", sub_topology, tasks, tasks == 1 ? "" : "s");
    const int32_t width = std::max(inside.width, Columns(title) + 2);
    layout_.frames.push_back({{}, width + 2 * kFrameInset.x, inside.height + kFrameInset.y + 1});
    layout_.frame_titles.push_back(std::move(title));
  }

  void ArrangeFrames() {
    std::vector<size_t> edges;
    std::vector<std::pair<int32_t, int32_t>> pairs;
    for (size_t i = 0; i < graph_.edges.size(); ++i) {
      const Edge& edge = graph_.edges[i];
      if (edge.kind != EdgeKind::kTopic) continue;
      edges.push_back(i);
      pairs.emplace_back(SubTopologyOf(edge.from), SubTopologyOf(edge.to));
    }
    const Layering layering = LongestPathLayers(layout_.frames.size(), pairs);
    std::vector<Item> items;
    for (size_t i = 0; i < layout_.frames.size(); ++i) {
      items.push_back({layout_.frames[i].width, layout_.frames[i].height, layering.layers[i]});
    }
    std::vector<Link> links;
    std::vector<size_t> drawn;
    for (size_t i = 0; i < edges.size(); ++i) {
      if (layering.closes_cycle[i]) continue;
      const Edge& edge = graph_.edges[edges[i]];
      drawn.push_back(edges[i]);
      links.push_back({pairs[i].first, pairs[i].second,
                       layout_.boxes[At(edge.from)].at.x + Middle(edge.from),
                       layout_.boxes[At(edge.to)].at.x + Middle(edge.to), kFlowWeight});
    }
    Arrangement outside = ArrangeLayers(items, links, kFrameGap);
    MoveFrames(outside.items);
    for (size_t i = 0; i < drawn.size(); ++i) {
      const Edge& edge = graph_.edges[drawn[i]];
      std::vector<Cell> line = std::move(outside.links[i]);
      const Box& from = layout_.boxes[At(edge.from)];
      line.insert(line.begin(), {line.front().x, from.at.y + from.height});
      line.push_back({line.back().x, layout_.boxes[At(edge.to)].at.y - 1});
      layout_.lines[drawn[i]] = std::move(line);
    }
    layout_.width = outside.width;
    layout_.height = outside.height;
  }

  void MoveFrames(const std::vector<Cell>& places) {
    const auto move = [&](Cell& cell, int32_t sub_topology) {
      const Cell& by = places[At(sub_topology)];
      cell = {cell.x + by.x, cell.y + by.y};
    };
    for (size_t i = 0; i < layout_.frames.size(); ++i) {
      move(layout_.frames[i].at, static_cast<int32_t>(i));
    }
    for (size_t i = 0; i < layout_.boxes.size(); ++i) {
      move(layout_.boxes[i].at, graph_.vertices[i].sub_topology);
    }
    for (size_t i = 0; i < layout_.lines.size(); ++i) {
      for (Cell& cell : layout_.lines[i]) move(cell, SubTopologyOf(graph_.edges[i].from));
    }
  }

  const Graph& graph_;
  Layout layout_;
};

}  // namespace

Layout MakeLayout(const Graph& graph) { return LayoutMaker(graph).Make(); }

int32_t Columns(std::string_view text) {
  return static_cast<int32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

}  // namespace sidestream::topology::graph
