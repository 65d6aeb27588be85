// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/graph/layers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "base/check.h"

namespace sidestream::topology::graph {
namespace {

constexpr int kSweeps = 8;

size_t At(int32_t index) { return static_cast<size_t>(index); }

/// A link between neighbouring layers: a whole link, or a piece of one.
struct Piece {
  int32_t from = 0;
  int32_t to = 0;
  int32_t from_port = 0;
  int32_t to_port = 0;
  int32_t weight = 1;
};

class Arranger {
 public:
  Arranger(const std::vector<Item>& items, const std::vector<Link>& links, int32_t gap)
      : items_(items), gap_(gap) {
    for (const Link& link : links) AddPieces(link);
    int32_t layers = 0;
    for (const Item& item : items_) layers = std::max(layers, item.layer + 1);
    layers_.resize(At(layers));
    for (size_t i = 0; i < items_.size(); ++i) {
      layers_[At(items_[i].layer)].push_back(static_cast<int32_t>(i));
    }
    up_.resize(items_.size());
    down_.resize(items_.size());
    for (size_t i = 0; i < pieces_.size(); ++i) {
      down_[At(pieces_[i].from)].push_back(i);
      up_[At(pieces_[i].to)].push_back(i);
    }
    real_items_ = items.size();
  }

  Arrangement Arrange() {
    Order();
    PlaceColumns();
    PlaceRows();
    return Result();
  }

 private:
  void AddPieces(const Link& link) {
    CHECK(items_[At(link.from)].layer < items_[At(link.to)].layer);
    std::vector<size_t> chain;
    Piece piece{link.from, link.to, link.from_port, link.to_port, link.weight};
    for (int32_t layer = items_[At(link.from)].layer + 1; layer < items_[At(link.to)].layer;
         ++layer) {
      // Long lines are the ones that want to be straight most.
      items_.push_back({.width = 1, .height = 0, .layer = layer});
      const auto between = static_cast<int32_t>(items_.size()) - 1;
      chain.push_back(pieces_.size());
      pieces_.push_back({piece.from, between, piece.from_port, 0, piece.weight * 2});
      piece.from = between;
      piece.from_port = 0;
    }
    chain.push_back(pieces_.size());
    pieces_.push_back({piece.from, link.to, piece.from_port, link.to_port, piece.weight});
    chains_.push_back(std::move(chain));
  }

  // --- order within the layers

  void Renumber() {
    place_.resize(items_.size());
    for (const std::vector<int32_t>& layer : layers_) {
      for (size_t i = 0; i < layer.size(); ++i) place_[At(layer[i])] = static_cast<double>(i);
    }
  }

  void SortByNeighbours(std::vector<int32_t>& layer, bool by_upper) {
    std::map<int32_t, double> wanted;
    for (const int32_t item : layer) {
      double sum = 0;
      const std::vector<size_t>& near = by_upper ? up_[At(item)] : down_[At(item)];
      for (const size_t piece : near) {
        sum += place_[At(by_upper ? pieces_[piece].from : pieces_[piece].to)];
      }
      wanted[item] = near.empty() ? place_[At(item)] : sum / static_cast<double>(near.size());
    }
    std::stable_sort(layer.begin(), layer.end(),
                     [&](int32_t a, int32_t b) { return wanted[a] < wanted[b]; });
  }

  int64_t Crossings() const {
    int64_t crossings = 0;
    for (size_t layer = 0; layer + 1 < layers_.size(); ++layer) {
      // Lower ends in the order of the upper ones: each inversion is a crossing. A Fenwick tree
      // counts them in n log n.
      std::vector<std::pair<double, double>> ends;
      for (const int32_t item : layers_[layer]) {
        for (const size_t piece : down_[At(item)]) {
          ends.emplace_back(place_[At(item)], place_[At(pieces_[piece].to)]);
        }
      }
      std::sort(ends.begin(), ends.end());
      std::vector<int64_t> tree(layers_[layer + 1].size() + 1);
      int64_t seen = 0;
      for (const auto& [_, lower] : ends) {
        const auto place = static_cast<size_t>(lower) + 1;
        int64_t not_behind = 0;
        for (size_t i = place; i > 0; i &= i - 1) not_behind += tree[i];
        crossings += seen - not_behind;
        for (size_t i = place; i < tree.size(); i += i & (~i + 1)) ++tree[i];
        ++seen;
      }
    }
    return crossings;
  }

  void Order() {
    Renumber();
    std::vector<std::vector<int32_t>> best = layers_;
    int64_t least = Crossings();
    for (int sweep = 0; sweep < kSweeps && least > 0; ++sweep) {
      const bool downwards = sweep % 2 == 0;
      for (size_t i = 1; i < layers_.size(); ++i) {
        SortByNeighbours(layers_[downwards ? i : layers_.size() - 1 - i], downwards);
        Renumber();
      }
      const int64_t crossings = Crossings();
      if (crossings < least) {
        least = crossings;
        best = layers_;
      }
    }
    layers_ = std::move(best);
  }

  // --- columns

  /// Column that `item` would like: below (above) its neighbours. Returns the weight of the wish.
  double Wish(int32_t item, bool by_upper, double& column) const {
    double sum = 0;
    double weight = 0;
    for (const size_t index : by_upper ? up_[At(item)] : down_[At(item)]) {
      const Piece& piece = pieces_[index];
      const int32_t other = by_upper ? piece.from : piece.to;
      const int32_t there = by_upper ? piece.from_port : piece.to_port;
      const int32_t here = by_upper ? piece.to_port : piece.from_port;
      sum += piece.weight * static_cast<double>(x_[At(other)] + there - here);
      weight += piece.weight;
    }
    if (weight > 0) column = sum / weight;
    return weight;
  }

  void PlaceLayer(const std::vector<int32_t>& layer, bool by_upper) {
    // x[i+1] >= x[i] + width + gap. Less the widths before it each x only has to be no smaller
    // than its left neighbour: least squares under that are the means of pooled blocks.
    struct Block {
      double sum;
      double weight;
      size_t size;
    };
    std::vector<Block> blocks;
    std::vector<int32_t> before(layer.size());
    int32_t total = 0;
    for (size_t i = 0; i < layer.size(); ++i) {
      before[i] = total;
      total += items_[At(layer[i])].width + gap_;
      double column = x_[At(layer[i])];
      // Without neighbours an item stays where it is, unless another one needs the place.
      const double weight = std::max(Wish(layer[i], by_upper, column), 0.01);
      blocks.push_back({(column - before[i]) * weight, weight, 1});
      while (blocks.size() > 1) {
        const Block last = blocks.back();
        Block& left = blocks[blocks.size() - 2];
        if (left.sum / left.weight <= last.sum / last.weight) break;
        left = {left.sum + last.sum, left.weight + last.weight, left.size + last.size};
        blocks.pop_back();
      }
    }
    size_t i = 0;
    for (const Block& block : blocks) {
      const auto column = static_cast<int32_t>(std::lround(block.sum / block.weight));
      for (size_t n = 0; n < block.size; ++n, ++i) x_[At(layer[i])] = column + before[i];
    }
  }

  void PlaceColumns() {
    x_.assign(items_.size(), 0);
    for (const std::vector<int32_t>& layer : layers_) PlaceLayer(layer, true);
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      const bool downwards = sweep % 2 == 1;
      for (size_t i = 1; i < layers_.size(); ++i) {
        PlaceLayer(layers_[downwards ? i : layers_.size() - 1 - i], downwards);
      }
    }
    int32_t left = x_.empty() ? 0 : *std::min_element(x_.begin(), x_.end());
    for (int32_t& x : x_) x -= left;
  }

  // --- rows and tracks

  int32_t Start(const Piece& piece) const { return x_[At(piece.from)] + piece.from_port; }
  int32_t End(const Piece& piece) const { return x_[At(piece.to)] + piece.to_port; }

  /// Pieces that leave one port share a track. Returns how many tracks the channel below `layer`
  /// needs.
  int32_t AssignTracks(const std::vector<int32_t>& layer) {
    std::map<int32_t, std::vector<size_t>> nets;  // by the column of the port
    for (const int32_t item : layer) {
      for (const size_t piece : down_[At(item)]) nets[Start(pieces_[piece])].push_back(piece);
    }
    std::erase_if(nets, [&](const auto& net) {
      return std::all_of(net.second.begin(), net.second.end(),
                         [&](size_t piece) { return End(pieces_[piece]) == net.first; });
    });
    // A line that ends in the column where another one starts has to be below that one's track.
    std::map<int32_t, std::set<int32_t>> above;
    for (const auto& [start, net] : nets) {
      for (const size_t piece : net) {
        const int32_t end = End(pieces_[piece]);
        if (end != start && nets.contains(end)) above[start].insert(end);
      }
    }
    int32_t track = 0;
    while (!nets.empty()) {
      auto next = std::find_if(nets.begin(), nets.end(), [&](const auto& net) {
        return std::none_of(above[net.first].begin(), above[net.first].end(),
                            [&](int32_t other) { return nets.contains(other); });
      });
      // A cycle of such wishes: somebody has to begin.
      if (next == nets.end()) next = nets.begin();
      for (const size_t piece : next->second) track_[piece] = track;
      ++track;
      nets.erase(next);
    }
    return track;
  }

  void PlaceRows() {
    track_.assign(pieces_.size(), -1);
    y_.assign(items_.size(), 0);
    int32_t row = 0;
    for (const std::vector<int32_t>& layer : layers_) {
      int32_t height = 0;
      bool links = false;
      for (const int32_t item : layer) {
        y_[At(item)] = row;
        height = std::max(height, items_[At(item)].height);
        links = links || !down_[At(item)].empty();
      }
      row += height;
      channel_.push_back(row);
      // Behind the tracks one row for the arrow heads.
      row += AssignTracks(layer) + (links ? 1 : 0);
    }
    height_ = row;
  }

  Arrangement Result() const {
    Arrangement result;
    for (size_t i = 0; i < real_items_; ++i) {
      result.items.push_back({x_[i], y_[i]});
      result.width = std::max(result.width, x_[i] + items_[i].width);
    }
    result.height = height_;
    for (const std::vector<size_t>& chain : chains_) {
      std::vector<Cell> line;
      const auto add = [&](Cell cell) {
        if (line.empty() || line.back() != cell) line.push_back(cell);
      };
      for (const size_t index : chain) {
        const Piece& piece = pieces_[index];
        const Item& upper = items_[At(piece.from)];
        const int32_t channel = channel_[At(upper.layer)];
        if (index == chain.front()) add({Start(piece), y_[At(piece.from)] + upper.height});
        if (Start(piece) != End(piece)) {
          add({Start(piece), channel + track_[index]});
          add({End(piece), channel + track_[index]});
        }
        if (index == chain.back()) add({End(piece), y_[At(piece.to)] - 1});
        for (const Cell& cell : line) result.width = std::max(result.width, cell.x + 1);
      }
      result.links.push_back(std::move(line));
    }
    return result;
  }

  std::vector<Item> items_;  // with those for long links behind the real ones
  size_t real_items_ = 0;
  int32_t gap_;
  std::vector<Piece> pieces_;
  std::vector<std::vector<size_t>> chains_;  // pieces of each link
  std::vector<std::vector<int32_t>> layers_;
  std::vector<std::vector<size_t>> up_;
  std::vector<std::vector<size_t>> down_;
  std::vector<double> place_;  // in the layer
  std::vector<int32_t> x_;
  std::vector<int32_t> y_;
  std::vector<int32_t> track_;    // per piece; -1: straight
  std::vector<int32_t> channel_;  // first row below each layer
  int32_t height_ = 0;
};

}  // namespace

Arrangement ArrangeLayers(const std::vector<Item>& items, const std::vector<Link>& links,
                          int32_t gap) {
  return Arranger(items, links, gap).Arrange();
}

Layering LongestPathLayers(size_t count, const std::vector<std::pair<int32_t, int32_t>>& edges) {
  Layering result{std::vector<int32_t>(count, 0), std::vector<bool>(edges.size(), false)};
  std::vector<std::vector<size_t>> out(count);
  for (size_t i = 0; i < edges.size(); ++i) out[At(edges[i].first)].push_back(i);
  // Depth first without recursion: an edge to a vertex that is still open closes a cycle.
  enum class State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> state(count, State::kNew);
  std::vector<int32_t> done;
  for (size_t root = 0; root < count; ++root) {
    if (state[root] != State::kNew) continue;
    std::vector<std::pair<size_t, size_t>> stack{{root, 0}};
    state[root] = State::kOpen;
    while (!stack.empty()) {
      const size_t vertex = stack.back().first;
      if (stack.back().second == out[vertex].size()) {
        state[vertex] = State::kDone;
        done.push_back(static_cast<int32_t>(vertex));
        stack.pop_back();
        continue;
      }
      const size_t edge = out[vertex][stack.back().second++];
      const size_t next = At(edges[edge].second);
      if (state[next] == State::kOpen) result.closes_cycle[edge] = true;
      if (state[next] != State::kNew) continue;
      state[next] = State::kOpen;
      stack.emplace_back(next, 0);
    }
  }
  for (auto vertex = done.rbegin(); vertex != done.rend(); ++vertex) {
    for (const size_t edge : out[At(*vertex)]) {
      if (result.closes_cycle[edge]) continue;
      int32_t& layer = result.layers[At(edges[edge].second)];
      layer = std::max(layer, result.layers[At(*vertex)] + 1);
    }
  }
  return result;
}

}  // namespace sidestream::topology::graph
