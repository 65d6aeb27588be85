// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Counts what a test program takes from the heap. Linking counted_heap.cc replaces operator new for
// the whole program, so such a test is a program of its own.
//
// Threading: any thread.

#pragma once

#include <cstdint>

namespace sidestream::testing {

/// Calls of operator new so far.
int64_t Allocations();

}  // namespace sidestream::testing
