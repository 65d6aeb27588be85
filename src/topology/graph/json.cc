// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <nlohmann/json.hpp>

#include "topology/graph/formats.h"

namespace sidestream::topology::graph {
namespace {

using Json = nlohmann::ordered_json;

Json Place(const Box& box) {
  return {{"x", box.at.x}, {"y", box.at.y}, {"width", box.width}, {"height", box.height}};
}

}  // namespace

std::string ToJson(const Graph& graph, const Layout& layout) {
  Json json = {{"application", graph.application}, {"width", layout.width},
               {"height", layout.height},          {"sub_topologies", Json::array()},
               {"vertices", Json::array()},        {"edges", Json::array()}};
  for (size_t i = 0; i < graph.sub_topologies.size(); ++i) {
    json["sub_topologies"].push_back({{"index", i},
                                      {"tasks", graph.sub_topologies[i].tasks},
                                      {"place", Place(layout.frames[i])}});
  }
  for (size_t i = 0; i < graph.vertices.size(); ++i) {
    const Vertex& vertex = graph.vertices[i];
    Json entry = {{"id", vertex.id},
                  {"kind", VertexKindName(vertex.kind)},
                  {"sub_topology", vertex.sub_topology},
                  {"title", vertex.title},
                  {"detail", vertex.detail}};
    if (!vertex.topic.empty()) entry["topic"] = vertex.topic;
    if (!vertex.location.empty()) entry["location"] = vertex.location;
    entry["place"] = Place(layout.boxes[i]);
    json["vertices"].push_back(std::move(entry));
  }
  for (size_t i = 0; i < graph.edges.size(); ++i) {
    const Edge& edge = graph.edges[i];
    Json entry = {{"from", graph.vertices[static_cast<size_t>(edge.from)].id},
                  {"to", graph.vertices[static_cast<size_t>(edge.to)].id},
                  {"kind", EdgeKindName(edge.kind)}};
    if (!edge.label.empty()) entry["label"] = edge.label;
    entry["line"] = Json::array();
    for (const Cell& cell : layout.lines[i]) entry["line"].push_back(Json::array({cell.x, cell.y}));
    json["edges"].push_back(std::move(entry));
  }
  // Texts of a file are UTF-8; replacing what is not beats throwing.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sidestream::topology::graph
