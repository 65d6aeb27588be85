// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// WindowBounds: what a window covers, as results and expressions see it. Internal to operators.
//
// Threading: a value.

#pragma once

#include "base/ids.h"

namespace sidestream::operators {

/// The end is exclusive.
struct WindowBounds {
  Timestamp start;
  Timestamp end;
  friend bool operator==(const WindowBounds&, const WindowBounds&) = default;
};

}  // namespace sidestream::operators
