// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "http/event_time_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace sidestream::http {
namespace {

using Json = nlohmann::ordered_json;

void Add(const tasks::EventTimeState& state, Json& json) {
  json["progress"] = state.progress;
  if (state.watermark == kEndOfTime) {
    json["ended"] = true;
  } else if (state.watermark) {
    json["watermark"] = state.watermark->value();
  }
  if (state.since != kNoTimestamp) json["since"] = state.since.value();
}

Json JsonOf(const tasks::InputReport& input) {
  Json json;
  json["partition"] = ToString(input.partition);
  Add(input.state, json);
  for (const tasks::UpstreamReport& upstream : input.upstreams) {
    Json entry;
    entry["task"] = upstream.task;
    Add(upstream.state, entry);
    json["upstreams"].push_back(std::move(entry));
  }
  if (input.newer_plan_tasks > 0) json["newer_plan_tasks"] = input.newer_plan_tasks;
  return json;
}

Json HolderOf(const tasks::TaskReport& task) {
  const tasks::InputReport& input = task.inputs[*task.holder];
  Json json;
  json["partition"] = ToString(input.partition);
  if (task.holding_upstream) {
    const tasks::UpstreamReport& upstream = input.upstreams[*task.holding_upstream];
    json["upstream_task"] = upstream.task;
    Add(upstream.state, json);
  } else {
    Add(input.state, json);
  }
  return json;
}

}  // namespace

std::string EventTimeJson(std::span<const tasks::TaskReport> tasks) {
  std::vector<const tasks::TaskReport*> sorted;
  for (const tasks::TaskReport& task : tasks) sorted.push_back(&task);
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->task < b->task; });
  Json list = Json::array();
  for (const tasks::TaskReport* task : sorted) {
    Json json;
    json["task"] = ToString(task->task);
    Add(task->state, json);
    if (task->holder) json["held_by"] = HolderOf(*task);
    for (const tasks::InputReport& input : task->inputs) json["inputs"].push_back(JsonOf(input));
    list.push_back(std::move(json));
  }
  Json all;
  all["tasks"] = std::move(list);
  return all.dump() + "\n";
}

}  // namespace sidestream::http
