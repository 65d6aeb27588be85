// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/windowed_aggregate.h"

#include <utility>

#include "operators/window/aligned_windows.h"
#include "operators/window/count_windows.h"
#include "operators/window/session_windows.h"
#include "operators/window/sliced_windows.h"
#include "operators/window/sliding_windows.h"

namespace sidestream::operators {
namespace {

template <typename Step>
Result<std::unique_ptr<StatefulStep>> New(const topology::AggregateNode& node,
                                          const topology::Segment& results) {
  ASSIGN_OR_RETURN(std::unique_ptr<Step> step, Step::Create(node, results));
  return std::unique_ptr<StatefulStep>(std::move(step));
}

}  // namespace

Result<std::unique_ptr<StatefulStep>> NewWindowedAggregate(const topology::AggregateNode& node,
                                                           const topology::Segment& results) {
  using Kind = topology::Window::Kind;
  switch (node.window->kind) {
    case Kind::kTumbling:
      return New<AlignedWindows>(node, results);
    case Kind::kHopping:
      // Results before the end are those of each window: every one of them would have to be merged
      // for every result, so a row of its own costs less.
      if (!topology::InSlices(node)) return New<AlignedWindows>(node, results);
      return New<SlicedWindows>(node, results);
    case Kind::kSliding:
      return New<SlidingWindows>(node, results);
    case Kind::kSession:
      return New<SessionWindows>(node, results);
    case Kind::kCount:
      return New<CountWindows>(node, results);
  }
  return Status::InvalidConfig("no such window");
}

}  // namespace sidestream::operators
