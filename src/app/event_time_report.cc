// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/event_time_report.h"

#include <algorithm>
#include <string>
#include <variant>

namespace sidestream::app {
namespace {

bool KeepsState(const topology::Operation& operation) {
  return std::visit(
      [](const auto& o) {
        return requires { o.store; };
      },
      operation);
}

}  // namespace

EventTimeReport::EventTimeReport(metrics::Registry& registry, const topology::Plan& plan,
                                 const tasks::ApplicationSpec& application)
    : metrics_(registry) {
  for (size_t i = 0; i < plan.sub_topologies.size(); ++i) {
    const topology::SubTopology& part = plan.sub_topologies[i];
    const std::string& anchor = application.sub_topologies[i].anchor_topic();
    for (const topology::Node& node : part.nodes) {
      if (!KeepsState(node.operation)) continue;
      const size_t dot = node.name.find('.');
      steps_[anchor].push_back({node.name.substr(0, dot), node.name.substr(dot + 1)});
    }
  }
}

void EventTimeReport::TasksAre(const std::vector<tasks::TaskReport>& tasks) {
  std::map<Labels, Timestamp> steps;
  std::map<Labels, Timestamp> inputs;
  for (const tasks::TaskReport& task : tasks) {
    for (const tasks::InputReport& input : task.inputs) {
      // The end of time is no time that a dashboard can show.
      if (!input.state.watermark || input.state.watermark == kEndOfTime) continue;
      inputs[{input.partition.topic, std::to_string(input.partition.partition)}] =
          *input.state.watermark;
    }
    if (!task.state.watermark || task.state.watermark == kEndOfTime) continue;
    for (const Labels& step : steps_[task.task.anchor_topic]) {
      const auto [found, added] = steps.emplace(step, *task.state.watermark);
      if (!added) found->second = std::min(found->second, *task.state.watermark);
    }
  }
  metrics_.StepsAre(steps);
  metrics_.InputsAre(inputs);
}

}  // namespace sidestream::app
