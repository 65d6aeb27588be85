// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where event time stands in an instance, as metrics: of input partitions, and of the steps that
// keep state.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <memory>
#include <vector>

#include "metrics/scopes.h"
#include "tasks/event_time_view.h"
#include "tasks/sub_topology.h"
#include "topology/plan.h"

namespace sidestream::app {

class EventTimeReport {
 public:
  EventTimeReport(metrics::Registry& registry, const topology::Plan& plan,
                  const tasks::ApplicationSpec& application);
  void TasksAre(const std::vector<tasks::TaskReport>& tasks);

 private:
  using Labels = metrics::EventTimeMetrics::Labels;

  metrics::EventTimeMetrics metrics_;
  /// Steps with state, by the anchor topic of their tasks.
  std::map<std::string, std::vector<Labels>> steps_;
};

}  // namespace sidestream::app
