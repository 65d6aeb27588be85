// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the program's exit code says, the same for every command.
//
// Persistent: scripts and Kubernetes read these; do not renumber.

#pragma once

#include "base/status.h"

namespace sidestream::app {

inline constexpr int kExitOk = 0;
/// What was checked is wrong, or the run failed.
inline constexpr int kExitFailed = 1;
/// The command line is wrong.
inline constexpr int kExitUsage = 2;
/// plan --detailed-exitcode: it found changes, and nothing is wrong with them.
inline constexpr int kExitChanges = 3;
/// The configuration, or what it relies on in the cluster, is wrong (EX_CONFIG): a restart
/// does not help.
inline constexpr int kExitConfig = 78;

inline int ExitCodeOf(const Status& status) {
  if (status.ok()) return kExitOk;
  // What was changed from outside stays so until somebody mends it.
  const bool lasting =
      status.code() == StatusCode::kInvalidConfig || status.code() == StatusCode::kStopped;
  return lasting ? kExitConfig : kExitFailed;
}

}  // namespace sidestream::app
