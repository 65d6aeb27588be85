// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/graph/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/overloaded.h"

namespace sidestream::topology::graph {
namespace {

std::string Partitions(int32_t count) {
  return fmt::format("{} partition{}", count, count == 1 ? "" : "s");
}

std::string Names(const std::vector<FieldExpression>& fields) {
  std::vector<std::string> names;
  for (const FieldExpression& field : fields) {
    names.push_back(fmt::format("{}", fmt::join(field.path, ".")));
  }
  return fmt::format("{{ {} }}", fmt::join(names, ", "));
}

class GraphMaker {
 public:
  explicit GraphMaker(const Plan& plan) : plan_(plan) {
    for (const ProgramSource& source : plan.sources) texts_[source.program.get()] = &source.text;
  }

  Graph Make() {
    graph_.application = plan_.application_id;
    for (const SubTopology& sub : plan_.sub_topologies) AddSubTopology(sub);
    for (const auto& [topic, writers] : writers_) {
      const auto readers = readers_.find(topic);
      if (readers == readers_.end()) continue;
      for (const int32_t writer : writers) {
        for (const int32_t reader : readers->second) {
          graph_.edges.push_back({writer, reader, EdgeKind::kTopic, ""});
        }
      }
    }
    return std::move(graph_);
  }

 private:
  int32_t Add(Vertex vertex) {
    graph_.vertices.push_back(std::move(vertex));
    return static_cast<int32_t>(graph_.vertices.size()) - 1;
  }

  void AddSubTopology(const SubTopology& sub) {
    graph_.sub_topologies.push_back({sub.partitions});
    const auto first_input = static_cast<int32_t>(graph_.vertices.size());
    for (const Input& input : sub.inputs) AddInput(sub, input);
    const auto first_node = static_cast<int32_t>(graph_.vertices.size());
    for (const Node& node : sub.nodes) AddNode(sub, node);
    for (size_t i = 0; i < sub.inputs.size(); ++i) {
      for (const int32_t child : sub.inputs[i].children) {
        Connect(first_input + static_cast<int32_t>(i), first_node + child);
      }
    }
    for (size_t i = 0; i < sub.nodes.size(); ++i) {
      AddEdges(sub, sub.nodes[i], first_node + static_cast<int32_t>(i), first_node);
    }
    for (size_t i = 0; i < sub.inputs.size(); ++i) {
      if (sub.inputs[i].held_store < 0) continue;
      AddStore(sub, sub.inputs[i].held_store, first_input + static_cast<int32_t>(i));
    }
    if (sub.dead_letters) AddDeadLetters(sub);
  }

  void AddInput(const SubTopology& sub, const Input& input) {
    const bool hop = input.kind == Input::Kind::kRepartition;
    const int32_t index =
        Add({.kind = hop ? VertexKind::kRepartitionSource : VertexKind::kSource,
             .id = fmt::format("{}:source:{}", sub.index, input.topic),
             .title = hop ? input.topic : input.alias,
             .detail = hop ? fmt::format("repartition topic, {}", Partitions(input.partitions))
                           : fmt::format("topic {}, {}", input.topic, Partitions(input.partitions)),
             .topic = input.topic,
             .sub_topology = sub.index});
    readers_[input.topic].push_back(index);
  }

  void AddNode(const SubTopology& sub, const Node& node) {
    Vertex vertex{.id = node.name,
                  .title = node.name,
                  .detail = Summary(node),
                  .location = node.location,
                  .sub_topology = sub.index};
    if (const auto* sink = std::get_if<SinkNode>(&node.operation)) {
      vertex.kind = VertexKind::kSink;
      vertex.title = sink->alias;
      vertex.topic = sink->topic;
    } else if (const auto* hop = std::get_if<RepartitionNode>(&node.operation)) {
      vertex.kind = VertexKind::kRepartitionSink;
      vertex.title = hop->topic;
      vertex.topic = hop->topic;
    }
    const std::string topic = vertex.topic;
    const int32_t index = Add(std::move(vertex));
    if (!topic.empty()) writers_[topic].push_back(index);
  }

  void Connect(int32_t from, int32_t to, EdgeKind kind = EdgeKind::kFlow, std::string label = "") {
    graph_.edges.push_back({from, to, kind, std::move(label)});
  }

  void AddEdges(const SubTopology& sub, const Node& node, int32_t from, int32_t first_node) {
    for (const int32_t child : node.children) Connect(from, first_node + child);
    for (const Node::Side& side : node.sides) {
      for (const int32_t child : side.children) {
        Connect(from, first_node + child, EdgeKind::kFlow, side.name);
      }
    }
    if (const auto* branch = std::get_if<BranchNode>(&node.operation)) {
      for (const BranchNode::Branch& entry : branch->branches) {
        for (const int32_t child : entry.children) {
          Connect(from, first_node + child, EdgeKind::kFlow, entry.name);
        }
      }
    }
    std::visit(
        [&](const auto& operation) {
          if constexpr (requires { operation.store; }) AddStore(sub, operation.store, from);
        },
        node.operation);
  }

  /// Several inputs of a stream share their store.
  void AddStore(const SubTopology& sub, int32_t store_index, int32_t user) {
    const Store& store = sub.stores[static_cast<size_t>(store_index)];
    const bool held = store.kind == Store::Kind::kHeldKeys;
    const auto [known, is_new] = stores_.try_emplace(store.name, 0);
    if (is_new) {
      known->second = Add({.kind = VertexKind::kStore,
                           .id = fmt::format("store:{}", store.name),
                           .title = store.name,
                           .detail = fmt::format("{}, {}", held ? "held keys" : "store",
                                                 Partitions(store.partitions)),
                           .topic = store.changelog_topic,
                           .sub_topology = sub.index});
    }
    Connect(user, known->second, EdgeKind::kState);
  }

  /// Without edges: any step whose policy says so puts records there.
  void AddDeadLetters(const SubTopology& sub) {
    Add({.kind = VertexKind::kSink,
         .id = fmt::format("{}:dead_letters", sub.index),
         .title = sub.dead_letters->name,
         .detail = fmt::format("dead letters, {}", Partitions(sub.dead_letters->partitions)),
         .topic = sub.dead_letters->name,
         .sub_topology = sub.index});
  }

  std::string Text(const ProgramPtr& program) const {
    const auto found = texts_.find(program.get());
    return found == texts_.end() ? "" : *found->second;
  }

  std::string TextOrNames(const ProgramPtr& program,
                          const std::vector<FieldExpression>& fields) const {
    return program == nullptr ? Names(fields) : Text(program);
  }

  std::string Summary(const Node& node) const {
    return std::visit(
        Overloaded{
            [&](const FilterNode& filter) { return "filter " + Text(filter.condition); },
            [&](const MapNode& map) { return "map " + TextOrNames(map.program, map.fields); },
            [&](const SetNode& set) { return "set " + Names(set.fields); },
            [&](const UnsetNode& unset) {
              std::vector<std::string> paths;
              for (const auto& path : unset.paths) {
                paths.push_back(fmt::format("{}", fmt::join(path, ".")));
              }
              return fmt::format("unset {}", fmt::join(paths, ", "));
            },
            [&](const HeadersNode& headers) {
              std::vector<std::string> names;
              for (const auto& [name, program] : headers.set) names.push_back(name);
              for (const std::string& name : headers.unset) names.push_back("-" + name);
              return fmt::format("headers {}", fmt::join(names, ", "));
            },
            [&](const FlatMapNode& flat_map) { return "flat_map " + Text(flat_map.program); },
            [&](const RekeyNode& rekey) {
              return "rekey " + TextOrNames(rekey.program, rekey.fields);
            },
            [&](const PeekNode& peek) { return "peek " + Text(peek.program); },
            [&](const BranchNode& branch) {
              return fmt::format("branch, {} ways", branch.branches.size());
            },
            [&](const MergeNode&) { return std::string("merge"); },
            [&](const AggregateNode& aggregate) {
              std::vector<std::string> calls;
              for (const AggregateCall& call : aggregate.calls) calls.push_back(call.text);
              return fmt::format("aggregate {}{}", fmt::join(calls, ", "),
                                 aggregate.window ? " in " + aggregate.window->text : "");
            },
            [&](const DedupNode& dedup) {
              return fmt::format("dedup {}", dedup.id == nullptr ? "key" : Text(dedup.id));
            },
            [&](const ProcessNode& process) { return "process " + process.script.name; },
            [&](const SinkNode& sink) {
              return fmt::format("topic {}, {}", sink.topic, Partitions(sink.partitions));
            },
            [&](const RepartitionNode& hop) {
              return fmt::format("repartition topic, {}", Partitions(hop.partitions));
            },
        },
        node.operation);
  }

  const Plan& plan_;
  Graph graph_;
  std::map<const expression::Program*, const std::string*> texts_;
  std::map<std::string, int32_t> stores_;  // vertices by name
  // Vertices by topic; sorted, so that edges come in one order.
  std::map<std::string, std::vector<int32_t>> writers_;
  std::map<std::string, std::vector<int32_t>> readers_;
};

}  // namespace

std::string_view VertexKindName(VertexKind kind) {
  switch (kind) {
    case VertexKind::kSource:
      return "source";
    case VertexKind::kRepartitionSource:
      return "repartition_source";
    case VertexKind::kStep:
      return "step";
    case VertexKind::kStore:
      return "store";
    case VertexKind::kSink:
      return "sink";
    case VertexKind::kRepartitionSink:
      return "repartition_sink";
  }
  return "";
}

std::string_view EdgeKindName(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::kFlow:
      return "flow";
    case EdgeKind::kState:
      return "state";
    case EdgeKind::kTopic:
      return "topic";
  }
  return "";
}

Graph MakeGraph(const Plan& plan) { return GraphMaker(plan).Make(); }

}  // namespace sidestream::topology::graph
