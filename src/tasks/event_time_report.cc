// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/event_time_report.h"

#include <algorithm>
#include <string>

namespace sidestream::tasks {
namespace {

using time::Progress;

std::string NameOf(Progress progress) {
  switch (progress) {
    case Progress::kUnknown:
      return "unknown";
    case Progress::kActive:
      return "active";
    case Progress::kIdle:
      return "idle";
    case Progress::kFinished:
      return "finished";
  }
  return "";
}

EventTimeState StateOf(Progress progress, Timestamp watermark, Timestamp since) {
  EventTimeState state{NameOf(progress), std::nullopt, since};
  if (progress == Progress::kFinished) watermark = kEndOfTime;
  if (progress != Progress::kUnknown && watermark != kNoWatermark) state.watermark = watermark;
  return state;
}

InputReport InputOf(const time::TaskTime& time, size_t index, const TopicPartition& partition) {
  InputReport report{partition, {}, {}, 0};
  if (const time::SourceTime* const source = time.source(index)) {
    report.state = StateOf(source->progress(), source->watermark(), source->moved_at());
    return report;
  }
  const time::UpstreamVector& hop = *time.hop(index);
  Timestamp since = kNoTimestamp;
  for (uint32_t i = 0; i < hop.upstream_tasks(); ++i) {
    const time::UpstreamTime& entry = hop.entry(i);
    report.upstreams.push_back({i, StateOf(entry.progress, entry.watermark, hop.changed_at(i))});
    since = std::max(since, hop.changed_at(i));
  }
  report.state = StateOf(hop.progress(), hop.watermark(), since);
  report.newer_plan_tasks = hop.newer_plan_tasks();
  return report;
}

/// The slowest of those that count.
std::optional<size_t> SlowestOf(const std::vector<UpstreamReport>& upstreams) {
  std::optional<size_t> slowest;
  for (size_t i = 0; i < upstreams.size(); ++i) {
    const EventTimeState& state = upstreams[i].state;
    if (state.progress == "idle" || state.progress == "finished") continue;
    if (slowest && state.watermark >= upstreams[*slowest].state.watermark) continue;
    slowest = i;
  }
  return slowest;
}

}  // namespace

TaskReport ReportOf(const TaskId& task, const time::TaskTime& time,
                    const std::vector<TopicPartition>& inputs) {
  TaskReport report;
  report.task = task;
  report.state = StateOf(time.progress(), time.watermark(), time.moved_at());
  // Not heard of is one thing, a committed watermark from before another.
  if (time.watermark() != kNoWatermark) report.state.watermark = time.watermark();
  for (size_t i = 0; i < inputs.size(); ++i) report.inputs.push_back(InputOf(time, i, inputs[i]));
  report.holder = time.Holder();
  if (report.holder) {
    report.holding_upstream = SlowestOf(report.inputs[*report.holder].upstreams);
  }
  return report;
}

}  // namespace sidestream::tasks
