// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A plan as a graph to look at: what is read, the steps, their stores, what is written, by
// sub-topology. Every format of `sidestream graph` is made from this one model.
//
// Place in the flow: MakeGraph takes a plan; MakeLayout (layout.h) places a graph; formats.h
// writes it.
//
// Threading: values and free functions.
//
// Invariants
//  G1. Vertices of one sub-topology stand together, in the plan's order: inputs, nodes, stores,
//      dead letters.
//  G2. Within a sub-topology edges lead from an earlier layer of steps to a later one: no cycles.
//      Edges between sub-topologies go through a topic, from its writer to its reader; through
//      topics of the user they can form cycles.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/plan.h"

namespace sidestream::topology::graph {

enum class VertexKind : uint8_t {
  kSource,             // a topic of the user that is read
  kRepartitionSource,  // a repartition topic that is read
  kStep,
  kStore,
  kSink,             // a topic of the user that is written
  kRepartitionSink,  // a repartition topic that is written
};

/// "source", "repartition_source" …: in JSON and as a class in SVG.
std::string_view VertexKindName(VertexKind kind);

struct Vertex {
  VertexKind kind = VertexKind::kStep;
  /// Unique in the graph, the same for the same file.
  std::string id;
  std::string title;
  /// What it does, on one line: "filter value.ok".
  std::string detail;
  /// Topic read or written, changelog of a store; empty for steps.
  std::string topic;
  /// Where the step stands; empty for all others.
  std::string location;
  int32_t sub_topology = 0;
};

enum class EdgeKind : uint8_t {
  kFlow,   // records go from one step to the next
  kState,  // a step and its store
  kTopic,  // written by one sub-topology, read by another (or the same)
};

/// "flow", "state", "topic".
std::string_view EdgeKindName(EdgeKind kind);

struct Edge {
  int32_t from = 0;
  int32_t to = 0;
  EdgeKind kind = EdgeKind::kFlow;
  std::string label;  // name of a branch
};

struct Graph {
  struct SubTopology {
    int32_t tasks = 0;
  };
  std::string application;
  std::vector<SubTopology> sub_topologies;
  std::vector<Vertex> vertices;
  std::vector<Edge> edges;
};

Graph MakeGraph(const Plan& plan);

}  // namespace sidestream::topology::graph
