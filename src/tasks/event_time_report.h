// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A task's event time as a report for people (event_time_view.h).
//
// Threading: free function, on the task's worker.

#pragma once

#include <vector>

#include "base/ids.h"
#include "tasks/event_time_view.h"
#include "time/task_time.h"

namespace sidestream::tasks {

/// `inputs`: partitions in the order of `time`'s inputs.
TaskReport ReportOf(const TaskId& task, const time::TaskTime& time,
                    const std::vector<TopicPartition>& inputs);

}  // namespace sidestream::tasks
