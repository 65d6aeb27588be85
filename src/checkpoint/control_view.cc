// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/control_view.h"

namespace sidestream::checkpoint {

Status ControlView::CheckStore(const std::string& store, uint64_t fingerprint) const {
  const std::optional<uint64_t> recorded = StoreFingerprint(store);
  if (!recorded) return Status::Unavailable("the leader has not recorded the stores yet");
  if (*recorded == fingerprint) return {};
  return Status::InvalidConfig(
      "the state of a step was made by another definition of it (its group_by, its aggregate calls "
      "or the names of its results): step=" +
      store +
      "; take the edit back, or give the step a new name to start it without state, or stop all "
      "instances and run `sidestream reset`");
}

}  // namespace sidestream::checkpoint
