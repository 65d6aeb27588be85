// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Formats that leave the placing to others.

#include <fmt/format.h>

#include "topology/graph/formats.h"

namespace sidestream::topology::graph {
namespace {

/// A quoted string of DOT. Control characters become blanks: graphviz has no escape for them.
std::string DotText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return quoted + "\"";
}

/// Label of two lines.
std::string DotLabel(std::string_view title, std::string_view detail) {
  std::string label = DotText(title);
  label.pop_back();
  return label + "\\n" + DotText(detail).substr(1);
}

/// A quoted text of mermaid. It reads entities, markdown and some HTML in there, so all but plain
/// characters are written as numbers.
std::string MermaidText(std::string_view text) {
  std::string quoted;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || (byte >= '0' && byte <= '9') ||
                       (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || c == ' ' ||
                       c == '.' || c == ',' || c == '-' || c == ':' || c == '_';
    if (plain) {
      quoted += c;
    } else if (byte >= ' ') {
      quoted += fmt::format("#{};", byte);
    } else {
      quoted += ' ';
    }
  }
  return quoted;
}

std::string_view DotShape(VertexKind kind) {
  switch (kind) {
    case VertexKind::kSource:
    case VertexKind::kSink:
      return "shape=cds";
    case VertexKind::kRepartitionSource:
    case VertexKind::kRepartitionSink:
      return "shape=cds, style=dashed";
    case VertexKind::kStore:
      return "shape=cylinder";
    case VertexKind::kStep:
      return "shape=box";
  }
  return "";
}

std::string MermaidShape(VertexKind kind, const std::string& text) {
  switch (kind) {
    case VertexKind::kStore:
      return fmt::format("[(\"{}\")]", text);
    case VertexKind::kStep:
      return fmt::format("[\"{}\"]", text);
    default:
      return fmt::format("([\"{}\"])", text);
  }
}

std::string_view MermaidArrow(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kFlow:
      return "-->";
    case EdgeKind::kState:
      return "-.-";
    case EdgeKind::kTopic:
      return "==>";
  }
  return "";
}

/// Calls `begin`, then `vertex` with the index of each of its vertices, for each sub-topology.
template <typename Begin, typename EachVertex>
void ForEachCluster(const Graph& graph, const Begin& begin, const EachVertex& vertex) {
  for (size_t sub = 0; sub < graph.sub_topologies.size(); ++sub) {
    begin(sub);
    for (size_t i = 0; i < graph.vertices.size(); ++i) {
      if (graph.vertices[i].sub_topology == static_cast<int32_t>(sub)) vertex(i);
    }
  }
}

}  // namespace

std::string ToDot(const Graph& graph) {
  std::string text = fmt::format(
      "digraph {} {{\n  rankdir=TB;\n  node [fontname=monospace, fontsize=11];\n"
      "  edge [fontname=monospace, fontsize=10];\n",
      DotText(graph.application));
  bool open = false;
  const auto begin = [&](size_t sub) {
    if (open) text += "  }\n";
    open = true;
    text += fmt::format("  subgraph cluster_{0} {{\n    label=\"sub-topology {0}, tasks: {1}\";\n",
                        sub, graph.sub_topologies[sub].tasks);
  };
  ForEachCluster(graph, begin, [&](size_t i) {
    const Vertex& vertex = graph.vertices[i];
    text += fmt::format("    n{} [{}, label={}];\n", i, DotShape(vertex.kind),
                        DotLabel(vertex.title, vertex.detail));
  });
  if (open) text += "  }\n";
  for (const Edge& edge : graph.edges) {
    std::string attributes;
    if (edge.kind == EdgeKind::kState) attributes = " [dir=none, style=dotted]";
    if (edge.kind == EdgeKind::kTopic) attributes = " [style=dashed]";
    if (!edge.label.empty()) attributes = fmt::format(" [label={}]", DotText(edge.label));
    text += fmt::format("  n{} -> n{}{};\n", edge.from, edge.to, attributes);
  }
  return text + "}\n";
}

std::string ToMermaid(const Graph& graph) {
  std::string text = "flowchart TB\n";
  bool open = false;
  const auto begin = [&](size_t sub) {
    if (open) text += "  end\n";
    open = true;
    text += fmt::format("  subgraph s{0}[\"sub-topology {0}, tasks: {1}\"]\n", sub,
                        graph.sub_topologies[sub].tasks);
  };
  ForEachCluster(graph, begin, [&](size_t i) {
    const Vertex& vertex = graph.vertices[i];
    const std::string label = MermaidText(vertex.title) + "<br/>" + MermaidText(vertex.detail);
    text += fmt::format("    n{}{}\n", i, MermaidShape(vertex.kind, label));
  });
  if (open) text += "  end\n";
  for (const Edge& edge : graph.edges) {
    const std::string label =
        edge.label.empty() ? "" : fmt::format("|\"{}\"|", MermaidText(edge.label));
    text += fmt::format("  n{} {}{} n{}\n", edge.from, MermaidArrow(edge.kind), label, edge.to);
  }
  return text;
}

}  // namespace sidestream::topology::graph
