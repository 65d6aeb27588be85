// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "topology/graph/formats.h"

namespace sidestream::topology::graph {
namespace {

// Pixels of a cell.
constexpr int32_t kColumn = 8;
constexpr int32_t kRow = 16;

constexpr std::string_view kStyle = R"(
  text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1f2933; }
  .detail, .label, .frame-title { fill: #52606d; }
  .frame { fill: #f5f7fa; stroke: #cbd2d9; }
  .vertex { fill: #ffffff; stroke: #7b8794; }
  .source, .sink { fill: #e3f8ff; stroke: #2bb0ed; }
  .repartition_source, .repartition_sink { fill: #fffbea; stroke: #f0b429; }
  .store { fill: #e3f9e5; stroke: #3f9142; }
  .line { fill: none; stroke: #52606d; stroke-width: 1.5; }
  .topic { stroke: #f0b429; }
  .state { stroke-dasharray: 3 3; }
)";

/// For text and attributes. What XML 1.0 has no place for, even escaped, becomes a blank.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return escaped;
}

std::string Text(int32_t x, int32_t y, std::string_view shape, std::string_view text) {
  return fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", x, y, shape,
                     Escaped(text));
}

std::string Rectangle(const Box& box, std::string_view shape, int32_t radius) {
  return fmt::format(
      "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" class=\"{}\"/>\n",
      box.at.x * kColumn, box.at.y * kRow, box.width * kColumn, box.height * kRow, radius, shape);
}

/// From the border of the upper box to the border of the lower one, through the middles of cells.
std::string Line(const std::vector<Cell>& cells, EdgeKind kind) {
  std::string points;
  for (size_t i = 0; i < cells.size(); ++i) {
    const int32_t x = cells[i].x * kColumn + kColumn / 2;
    int32_t y = cells[i].y * kRow + kRow / 2;
    if (i == 0) points += fmt::format("{},{} ", x, cells[i].y * kRow);
    points += fmt::format("{},{} ", x, y);
    if (i + 1 == cells.size()) points += fmt::format("{},{}", x, (cells[i].y + 1) * kRow);
  }
  return fmt::format("<polyline points=\"{}\" class=\"line {}\"{}/>\n", points, EdgeKindName(kind),
                     kind == EdgeKind::kState ? "" : " marker-end=\"url(#arrow)\"");
}

std::string VertexGroup(const Vertex& vertex, const Box& box, const std::string& title,
                        const std::string& detail) {
  const int32_t x = (box.at.x + 2) * kColumn;
  const int32_t y = box.at.y * kRow;
  std::string tip = vertex.title + "\n" + vertex.detail;
  if (!vertex.location.empty()) tip += "\n" + vertex.location;
  std::string text =
      fmt::format("<g id=\"{}\">\n<title>{}</title>\n", Escaped(vertex.id), Escaped(tip));
  text += Rectangle(box, fmt::format("vertex {}", VertexKindName(vertex.kind)),
                    vertex.kind == VertexKind::kStep ? 3 : 12);
  text += Text(x, y + kRow + 11, "title", title);
  text += Text(x, y + 2 * kRow + 11, "detail", detail);
  return text + "</g>\n";
}

}  // namespace

std::string ToSvg(const Graph& graph, const Layout& layout) {
  const int32_t width = layout.width * kColumn;
  const int32_t height = layout.height * kRow;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"-1 -1 {2} {3}\" role=\"img\">\n<title>{4}</title>\n<style>{5}</style>\n"
      "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"6\" "
      "markerHeight=\"6\" orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#52606d\"/>"
      "</marker></defs>\n",
      width + 2, height + 2, width + 2, height + 2, Escaped(graph.application), kStyle);
  for (size_t i = 0; i < layout.frames.size(); ++i) {
    const Box& frame = layout.frames[i];
    text += Rectangle(frame, "frame", 6);
    text += Text((frame.at.x + 1) * kColumn, frame.at.y * kRow + 12, "frame-title",
                 layout.frame_titles[i]);
  }
  for (size_t i = 0; i < layout.lines.size(); ++i) {
    if (!layout.lines[i].empty()) text += Line(layout.lines[i], graph.edges[i].kind);
  }
  for (size_t i = 0; i < layout.boxes.size(); ++i) {
    text += VertexGroup(graph.vertices[i], layout.boxes[i], layout.titles[i], layout.details[i]);
  }
  for (size_t i = 0; i < layout.lines.size(); ++i) {
    if (layout.lines[i].empty() || layout.labels[i].empty()) continue;
    const Cell& end = layout.lines[i].back();
    text += Text((end.x + 2) * kColumn, end.y * kRow + 11, "label", layout.labels[i]);
  }
  return text + "</svg>\n";
}

}  // namespace sidestream::topology::graph
