// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/control_view.h"

namespace sidestream::checkpoint {

LayoutChange ChangeOf(const StoreRecord& recorded, const StoreLayout& planned) {
  if (!recorded.dropped) return CompareLayouts(recorded.layout, planned);
  LayoutChange change;
  change.kind = LayoutChange::Kind::kOther;
  change.reason = "the step left the topology once, and its state was given up";
  return change;
}

Status RefuseLoss(const std::string& store, const std::string& reason) {
  return Status::InvalidConfig(
      "the topology gives up state: step=" + store + ": " + reason +
      "; `sidestream plan` shows all of it; take the edit back, or give the step a new name, or "
      "agree to the loss with --allow-dropped-state");
}

Status ControlView::CheckStore(const std::string& store, const StoreLayout& layout,
                               bool may_lose) const {
  const std::optional<StoreRecord> recorded = Store(store);
  if (!recorded) return Status::Unavailable("the leader has not recorded the stores yet");
  const LayoutChange change = ChangeOf(*recorded, layout);
  if (change.kind == LayoutChange::Kind::kSame) return {};
  if (change.loses() && !may_lose) return RefuseLoss(store, Describe(change));
  return Status::Unavailable("the leader has not recorded the new layout of the state yet: step=" +
                             store);
}

}  // namespace sidestream::checkpoint
