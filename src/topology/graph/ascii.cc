// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <cstddef>
#include <utility>
#include <vector>

#include "topology/graph/formats.h"

namespace sidestream::topology::graph {
namespace {

/// A grid of characters, each a UTF-8 text. Lines remember where they go on, so that a bend or a
/// fork can be told from a crossing.
class Canvas {
 public:
  Canvas(int32_t width, int32_t height)
      : rows_(static_cast<size_t>(height), std::vector<Spot>(static_cast<size_t>(width))) {}

  void Write(Cell at, std::string_view text) {
    for (size_t i = 0; i < text.size();) {
      size_t end = i + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) ++end;
      if (Spot* spot = Find(at)) *spot = {std::string(text.substr(i, end - i)), 0, false};
      ++at.x;
      i = end;
    }
  }

  bool Empty(Cell at) const {
    const Spot* spot = Find(at);
    return spot != nullptr && spot->text.empty() && spot->ways == 0;
  }

  /// Through the cells of `line`; the bends and ends are marked.
  void Draw(const std::vector<Cell>& line) {
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      Cell cell = line[i];
      const Cell& end = line[i + 1];
      while (!(cell == end)) {
        Cell next = cell;
        next.x += (end.x > cell.x) - (end.x < cell.x);
        next.y += cell.x == end.x ? (end.y > cell.y) - (end.y < cell.y) : 0;
        Mark(cell, next.x > cell.x ? kRight : next.x < cell.x ? kLeft : kDown);
        Mark(next, next.x > cell.x ? kLeft : next.x < cell.x ? kRight : kUp);
        cell = next;
      }
    }
    // What comes out of a box and what goes into one goes on there.
    if (line.empty()) return;
    Mark(line.front(), kUp);
    Mark(line.back(), kDown);
    for (size_t i = 0; i < line.size(); ++i) {
      const bool first = i == 0;
      const bool last = i + 1 == line.size();
      const bool sideways =
          (!first && line[i - 1].x != line[i].x) || (!last && line[i + 1].x != line[i].x);
      const bool upright =
          first || last || line[i - 1].y != line[i].y || line[i + 1].y != line[i].y;
      Spot* spot = Find(line[i]);
      if (sideways && upright && spot != nullptr) spot->bend = true;
    }
  }

  std::string Text() const {
    std::string text;
    for (const std::vector<Spot>& row : rows_) {
      std::string line;
      for (const Spot& spot : row) line += Character(spot);
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
  }

 private:
  static constexpr unsigned kUp = 1, kDown = 2, kLeft = 4, kRight = 8;
  struct Spot {
    std::string text;
    unsigned ways = 0;
    bool bend = false;
  };

  const Spot* Find(Cell at) const {
    if (at.x < 0 || at.y < 0 || static_cast<size_t>(at.y) >= rows_.size()) return nullptr;
    const std::vector<Spot>& row = rows_[static_cast<size_t>(at.y)];
    return static_cast<size_t>(at.x) < row.size() ? &row[static_cast<size_t>(at.x)] : nullptr;
  }
  Spot* Find(Cell at) { return const_cast<Spot*>(std::as_const(*this).Find(at)); }

  void Mark(Cell at, unsigned way) {
    if (Spot* spot = Find(at)) spot->ways |= way;
  }

  static std::string_view Character(const Spot& spot) {
    if (spot.ways == 0) return spot.text.empty() ? " " : std::string_view(spot.text);
    if (spot.bend) return "+";
    if ((spot.ways & (kUp | kDown)) != 0) {
      // An arrow head stands where the line was drawn over.
      return spot.text == "v" ? "v" : "|";
    }
    return "-";
  }

  std::vector<std::vector<Spot>> rows_;
};

std::string Repeated(char c, int32_t count) {
  return std::string(static_cast<size_t>(count > 0 ? count : 0), c);
}

void DrawBorder(Canvas& canvas, const Box& box, std::string_view left, std::string_view right) {
  const std::string edge = "+" + Repeated('-', box.width - 2) + "+";
  canvas.Write(box.at, edge);
  for (int32_t y = 1; y + 1 < box.height; ++y) {
    canvas.Write({box.at.x, box.at.y + y}, left);
    canvas.Write({box.at.x + box.width - 1, box.at.y + y}, right);
  }
  canvas.Write({box.at.x, box.at.y + box.height - 1}, edge);
}

std::pair<std::string_view, std::string_view> Sides(VertexKind kind) {
  switch (kind) {
    case VertexKind::kStep:
      return {"|", "|"};
    case VertexKind::kStore:
      return {"(", ")"};
    default:
      return {"[", "]"};
  }
}

}  // namespace

std::string ToAscii(const Graph& graph, const Layout& layout) {
  Canvas canvas(layout.width, layout.height);
  for (const Box& frame : layout.frames) DrawBorder(canvas, frame, ":", ":");
  for (size_t i = 0; i < layout.boxes.size(); ++i) {
    const Box& box = layout.boxes[i];
    const auto [left, right] = Sides(graph.vertices[i].kind);
    DrawBorder(canvas, box, left, right);
    canvas.Write({box.at.x + 2, box.at.y + 1}, layout.titles[i]);
    canvas.Write({box.at.x + 2, box.at.y + 2}, layout.details[i]);
  }
  for (size_t i = 0; i < layout.lines.size(); ++i) {
    const std::vector<Cell>& line = layout.lines[i];
    if (line.empty()) continue;
    if (graph.edges[i].kind != EdgeKind::kState) canvas.Write(line.back(), "v");
    canvas.Draw(line);
  }
  // Over the lines that enter a frame: those can be followed without one cell.
  for (size_t i = 0; i < layout.frames.size(); ++i) {
    const Cell& corner = layout.frames[i].at;
    canvas.Write({corner.x + 2, corner.y}, " " + layout.frame_titles[i] + " ");
  }
  for (size_t i = 0; i < layout.lines.size(); ++i) {
    const std::string& label = layout.labels[i];
    if (layout.lines[i].empty() || label.empty()) continue;
    const Cell at{layout.lines[i].back().x + 2, layout.lines[i].back().y};
    bool free = true;
    for (int32_t x = 0; x < Columns(label); ++x) free = free && canvas.Empty({at.x + x, at.y});
    if (free) canvas.Write(at, label);
  }
  return canvas.Text();
}

}  // namespace sidestream::topology::graph
