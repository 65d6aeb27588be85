// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// WindowState: what a windowed aggregate knows of one key in one window, slice or session, and the
// row that it is kept in. Internal to operators.
//
// Persistent: docs/formats/window-rows.md. Bytes behind the known ones are skipped.
//
// Threading: values and free functions.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "operators/aggregate/accumulators.h"
#include "topology/plan.h"

namespace sidestream::operators {

struct WindowState {
  explicit WindowState(std::span<const topology::AggregateCall> calls) : accumulators(calls) {}

  Accumulators accumulators;
  /// Largest event time of the records in it.
  Timestamp timestamp = kNoTimestamp;
  /// What the window's end brings has come out.
  bool ended = false;
  /// A record came in since the last result.
  bool owed = false;
  /// Waits for the wall clock: there is a row that says when (`emit: every`).
  bool held = false;
  /// Wall clock of the last result, where that matters; else kNoTimestamp.
  Timestamp sent_at = kNoTimestamp;
  /// serde::EncodeValue of the last result, where that matters.
  bool was_sent = false;
  std::string sent;

  /// As for a window without records.
  void Clear();
  /// About the bytes that it takes.
  size_t held_bytes() const { return sizeof(*this) + sent.capacity() + accumulators.held_bytes(); }
};

/// Appends the row of `state` to `out`; `scratch` is overwritten.
void EncodeWindowRow(const WindowState& state, std::string& scratch, std::string& out);

/// Sets `state`. Fails with kInvalidConfig when a newer release wrote the row, with kTaskCorrupted
/// when the bytes are not ours or hold other accumulators.
Status DecodeWindowRow(std::string_view bytes, WindowState& state);

}  // namespace sidestream::operators
