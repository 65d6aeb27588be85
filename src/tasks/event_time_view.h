// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where event time stands in the tasks of an instance, and what holds it there: the answer to
// "why has this window not fired". For people: HTTP, `explain --live`, metrics.
//
// Threading: values; an EventTimeView may be asked from any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "checkpoint/presence_record.h"

namespace sidestream::tasks {

/// How an input, or an upstream task of it, stands.
struct EventTimeState {
  /// "unknown": never heard; "active", "idle", "finished".
  std::string progress;
  /// Empty: not known. kEndOfTime: nothing comes any more.
  std::optional<Timestamp> watermark;
  /// Wall clock when this became so.
  Timestamp since;
};

struct UpstreamReport {
  uint32_t task = 0;
  EventTimeState state;
};

struct InputReport {
  TopicPartition partition;
  EventTimeState state;
  /// Of a repartition topic.
  std::vector<UpstreamReport> upstreams;
  /// Marks name more upstream tasks than the plan does; it holds until the newer plan runs. 0: no.
  uint32_t newer_plan_tasks = 0;
};

struct TaskReport {
  TaskId task;
  EventTimeState state;
  std::vector<InputReport> inputs;
  /// The input that the watermark waits for; empty: none.
  std::optional<size_t> holder;
  /// Of a holder that is a repartition topic: the upstream task that it waits for.
  std::optional<size_t> holding_upstream;
  /// How far its stores are in their changelogs.
  std::vector<checkpoint::StoreProgress> stores;
};

class EventTimeView {
 public:
  virtual ~EventTimeView() = default;
  /// Of all tasks that run here, as of a second ago at most.
  virtual std::vector<TaskReport> EventTimes() const = 0;
};

}  // namespace sidestream::tasks
