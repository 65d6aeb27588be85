// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What an instance says of itself on `<app>-presence`: its name and address, its tasks, and how far
// their stores are.
//
// Persistent: docs/formats/presence-record.md.
//
// Threading: free functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::checkpoint {

struct StoreProgress {
  std::string store;
  /// Next changelog offset to apply; zero: nothing was applied.
  Offset position;
  friend bool operator==(const StoreProgress&, const StoreProgress&) = default;
};

struct PresentTask {
  TaskId id;
  /// It follows the changelogs; false: it owns the task.
  bool standby = false;
  std::vector<StoreProgress> stores;
  friend bool operator==(const PresentTask&, const PresentTask&) = default;
};

struct PresenceRecord {
  std::string instance;
  /// Where its HTTP listener answers, "host:port"; empty: nowhere.
  std::string address;
  /// It is about to leave: no new standby is for it.
  bool stopping = false;
  std::vector<PresentTask> tasks;
  friend bool operator==(const PresenceRecord&, const PresenceRecord&) = default;
};

/// The Kafka value; the key is the instance's name.
std::string EncodePresence(const PresenceRecord& record);
/// kInvalidConfig: a newer release wrote it; kStopped: not ours, or cut.
Result<PresenceRecord> DecodePresence(std::string_view bytes);

}  // namespace sidestream::checkpoint
