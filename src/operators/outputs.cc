// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/outputs.h"

#include <algorithm>
#include <variant>

#include "base/check.h"

namespace sidestream::operators {

std::vector<Output> OutputsOf(const topology::SubTopology& sub_topology) {
  std::vector<Output> outputs;
  const auto add = [&](const std::string& topic, int32_t partitions, bool repartition) {
    const bool known = std::any_of(outputs.begin(), outputs.end(),
                                   [&](const Output& output) { return output.topic == topic; });
    if (!known) outputs.push_back({topic, partitions, repartition});
  };
  for (const topology::Node& node : sub_topology.nodes) {
    if (const auto* sink = std::get_if<topology::SinkNode>(&node.operation)) {
      add(sink->topic, sink->partitions, false);
    } else if (const auto* hop = std::get_if<topology::RepartitionNode>(&node.operation)) {
      add(hop->topic, hop->partitions, true);
    }
  }
  if (sub_topology.dead_letters) {
    add(sub_topology.dead_letters->name, sub_topology.dead_letters->partitions, false);
  }
  return outputs;
}

size_t OutputIndex(const std::vector<Output>& outputs, std::string_view topic) {
  const auto found = std::find_if(outputs.begin(), outputs.end(),
                                  [&](const Output& output) { return output.topic == topic; });
  CHECK(found != outputs.end()) << topic;
  return static_cast<size_t>(found - outputs.begin());
}

}  // namespace sidestream::operators
