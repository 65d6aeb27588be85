// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The pictures of some golden topologies, and what no picture may do: lay one thing over another,
// or let a text of the file out of its quotes.
//
// SIDESTREAM_UPDATE_GOLDEN=1 writes what came; look at it before you commit it.

#include "topology/graph/graph.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/text_file.h"
#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/graph/formats.h"
#include "topology/loader.h"

namespace sidestream::topology::graph {
namespace {

namespace fs = std::filesystem;
using testing::ReadText;

Graph GraphOf(const std::string& yaml) {
  FakeSurroundings surroundings;
  surroundings.variables["BROKERS"] = "kafka:9092";
  const LoadedTopology loaded = LoadTopologyTexts({{"topology.yaml", yaml}}, surroundings);
  EXPECT_TRUE(loaded.ok()) << Render(loaded.findings);
  const PlanResult result =
      BuildPlan(loaded.model, loaded.files, DeclaredPartitionCounts(loaded.model, 3));
  EXPECT_NE(result.plan, nullptr) << Render(result.findings);
  return result.plan == nullptr ? Graph() : MakeGraph(*result.plan);
}

class GraphGoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GraphGoldenTest, EveryFormatIsAsItWas) {
  const fs::path folder = fs::path(SIDESTREAM_SOURCE_DIR) / "tests/golden/topology" / GetParam();
  const Graph graph = GraphOf(ReadText(folder / "topology.yaml"));
  const Layout layout = MakeLayout(graph);
  const std::pair<const char*, std::string> formats[] = {{"graph.txt", ToAscii(graph, layout)},
                                                         {"graph.svg", ToSvg(graph, layout)},
                                                         {"graph.json", ToJson(graph, layout)},
                                                         {"graph.dot", ToDot(graph)},
                                                         {"graph.mmd", ToMermaid(graph)}};
  for (const auto& [name, text] : formats) {
    if (std::getenv("SIDESTREAM_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(folder / name, std::ios::binary) << text;
    }
    EXPECT_EQ(text, ReadText(folder / name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, GraphGoldenTest,
                         ::testing::Values("word_count", "order_routing", "merge_and_hops",
                                           "balance"),
                         [](const auto& parameter) { return parameter.param; });

/// What stands in each cell: the boxes; fails when two of them meet.
std::set<std::pair<int32_t, int32_t>> CellsOf(const Layout& layout) {
  std::set<std::pair<int32_t, int32_t>> cells;
  for (const Box& box : layout.boxes) {
    for (int32_t x = box.at.x; x < box.at.x + box.width; ++x) {
      for (int32_t y = box.at.y; y < box.at.y + box.height; ++y) {
        EXPECT_TRUE(cells.emplace(x, y).second) << "two boxes at " << x << "," << y;
      }
    }
  }
  return cells;
}

/// The lines run right-angled through free cells, from below their box to above the other one.
void ExpectCleanLines(const Graph& graph, const Layout& layout) {
  const auto boxes = CellsOf(layout);
  for (size_t i = 0; i < layout.lines.size(); ++i) {
    const std::vector<Cell>& line = layout.lines[i];
    if (line.empty()) continue;
    const Box& from = layout.boxes[static_cast<size_t>(graph.edges[i].from)];
    const Box& to = layout.boxes[static_cast<size_t>(graph.edges[i].to)];
    EXPECT_EQ(line.front().y, from.at.y + from.height);
    EXPECT_TRUE(line.front().x > from.at.x && line.front().x < from.at.x + from.width);
    EXPECT_EQ(line.back().y, to.at.y - 1);
    EXPECT_TRUE(line.back().x > to.at.x && line.back().x < to.at.x + to.width);
    for (size_t k = 0; k + 1 < line.size(); ++k) {
      Cell cell = line[k];
      const Cell& end = line[k + 1];
      ASSERT_TRUE(cell.x == end.x || cell.y == end.y);
      ASSERT_LE(cell.y, end.y);
      while (!(cell == end)) {
        EXPECT_FALSE(boxes.contains({cell.x, cell.y})) << "edge " << i << " through a box";
        cell.x += (end.x > cell.x) - (end.x < cell.x);
        cell.y += (end.y > cell.y) - (end.y < cell.y);
      }
    }
  }
}

/// Some sub-topologies with random edges within and topics between them, also backwards.
Graph RandomGraph(Random& random) {
  Graph graph;
  graph.application = "random";
  const int64_t clusters = 1 + random.Below(4);
  for (int64_t c = 0; c < clusters; ++c) {
    graph.sub_topologies.push_back({1});
    const auto first = static_cast<int32_t>(graph.vertices.size());
    const int64_t count = 2 + random.Below(12);
    for (int64_t i = 0; i < count; ++i) {
      Vertex vertex;
      vertex.kind = i == 0           ? VertexKind::kSource
                    : i == count - 1 ? VertexKind::kSink
                                     : VertexKind::kStep;
      vertex.title = std::string(static_cast<size_t>(1 + random.Below(20)), 'a');
      vertex.sub_topology = static_cast<int32_t>(c);
      graph.vertices.push_back(vertex);
      // The sink takes from one step; a step from some that stand before it.
      const int64_t parents = i == 0 ? 0 : i == count - 1 ? 1 : 1 + random.Below(3);
      for (int64_t p = 0; p < parents; ++p) {
        graph.edges.push_back({first + static_cast<int32_t>(random.Below(i)),
                               first + static_cast<int32_t>(i), EdgeKind::kFlow, ""});
      }
    }
  }
  for (size_t from = 0; from < graph.vertices.size(); ++from) {
    if (graph.vertices[from].kind != VertexKind::kSink) continue;
    for (size_t to = 0; to < graph.vertices.size(); ++to) {
      if (graph.vertices[to].kind != VertexKind::kSource || !random.OneIn(2)) continue;
      graph.edges.push_back(
          {static_cast<int32_t>(from), static_cast<int32_t>(to), EdgeKind::kTopic, ""});
    }
  }
  return graph;
}

TEST(GraphLayoutTest, NothingLiesOverAnythingElse) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Graph graph = RandomGraph(random);
    const Layout layout = MakeLayout(graph);
    ExpectCleanLines(graph, layout);
    for (size_t i = 0; i < layout.boxes.size(); ++i) {
      const Box& box = layout.boxes[i];
      const Box& frame = layout.frames[static_cast<size_t>(graph.vertices[i].sub_topology)];
      EXPECT_TRUE(box.at.x > frame.at.x && box.at.x + box.width < frame.at.x + frame.width);
      EXPECT_TRUE(box.at.y > frame.at.y && box.at.y + box.height < frame.at.y + frame.height);
      EXPECT_LE(frame.at.x + frame.width, layout.width);
      EXPECT_LE(frame.at.y + frame.height, layout.height);
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(GraphLayoutTest, AChainIsAStraightLineAndItsStoreStandsAside) {
  const Graph graph = GraphOf(R"(version: 1
application: { id: x }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - filter: value.ok
      - name: totals
        aggregate: { group_by: key, fields: { n: count() } }
    to: out
)");
  const Layout layout = MakeLayout(graph);
  for (size_t i = 0; i < graph.edges.size(); ++i) {
    const bool straight = layout.lines[i].front().x == layout.lines[i].back().x;
    EXPECT_EQ(straight, graph.edges[i].kind == EdgeKind::kFlow) << i;
  }
}

TEST(GraphLayoutTest, ATopicThatIsReadAndWrittenClosesACycleThatIsNotDrawn) {
  const Graph graph = GraphOf(R"(version: 1
application: { id: x }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  there: { from: in, to: out }
  back: { from: out, steps: [ { filter: 'false' } ], to: in }
)");
  const Layout layout = MakeLayout(graph);
  int topics = 0;
  int drawn = 0;
  for (size_t i = 0; i < graph.edges.size(); ++i) {
    if (graph.edges[i].kind != EdgeKind::kTopic) continue;
    ++topics;
    if (!layout.lines[i].empty()) ++drawn;
  }
  EXPECT_EQ(topics, 2);
  EXPECT_LT(drawn, 2);
  ExpectCleanLines(graph, layout);
}

// Names are letters, digits and a few signs; expressions are any text.
Graph WithHostileTexts(const std::string& text) {
  Graph graph;
  graph.application = text;
  graph.sub_topologies.push_back({1});
  graph.vertices.push_back(
      {.kind = VertexKind::kSource, .id = text, .title = text, .detail = text});
  graph.vertices.push_back({.kind = VertexKind::kStore, .id = "b", .title = text, .detail = text});
  graph.edges.push_back({0, 1, EdgeKind::kFlow, text});
  return graph;
}

TEST(GraphFormatsTest, NoTextBreaksOutOfItsQuotes) {
  const std::string hostile =
      "\"]; x\\\" } <script>alert(1)</script> & ]]> #quot; %% \n end \x01 subgraph `**é";
  const Graph graph = WithHostileTexts(hostile);
  const Layout layout = MakeLayout(graph);

  const std::string svg = ToSvg(graph, layout);
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(svg.find('\x01'), std::string::npos);
  EXPECT_EQ(svg.find("& "), std::string::npos);

  const std::string dot = ToDot(graph);
  // As many lines as with harmless texts: a line break in a quoted string is blank.
  const std::string plain = ToDot(WithHostileTexts("a"));
  EXPECT_EQ(std::count(dot.begin(), dot.end(), '\n'), std::count(plain.begin(), plain.end(), '\n'));
  for (size_t at = dot.find("x\\"); at != std::string::npos; at = dot.find("x\\", at + 1)) {
    EXPECT_EQ(dot.substr(at, 6), "x\\\\\\\" ") << "a quote that is not escaped";
  }

  const std::string mermaid = ToMermaid(graph);
  for (const char* word : {"<script", "]]>", "%%", "`", "**", "#quot"}) {
    EXPECT_EQ(mermaid.find(word), std::string::npos) << word;
  }

  const auto json = nlohmann::json::parse(ToJson(graph, layout));
  EXPECT_EQ(json.at("vertices").at(0).at("title"), hostile);

  for (const char c : ToAscii(graph, layout)) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ');
  }
}

}  // namespace
}  // namespace sidestream::topology::graph
