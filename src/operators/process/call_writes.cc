// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/call_writes.h"

namespace sidestream::operators {

void CallWrites::Keep() {
  for (const auto& [key, value] : writes_) {
    if (value) {
      store_->Put(key, *value);
    } else {
      store_->Delete(key);
    }
  }
  Discard();
}

Result<std::optional<std::string_view>> CallWrites::Get(std::string_view key) {
  const auto found = writes_.find(key);
  if (found == writes_.end()) return store_->Get(key);
  if (!found->second) return std::optional<std::string_view>();
  return std::optional<std::string_view>(*found->second);
}

void CallWrites::Put(std::string_view key, std::string_view value) {
  bytes_ += key.size() + value.size();
  writes_.insert_or_assign(std::string(key), std::string(value));
}

void CallWrites::Delete(std::string_view key) {
  bytes_ += key.size();
  writes_.insert_or_assign(std::string(key), std::nullopt);
}

Status CallWrites::Scan(std::string_view from, std::string_view to, const VisitRow& visit) {
  if (!to.empty() && to <= from) return Status::Ok();
  auto next = writes_.lower_bound(from);
  const auto end = to.empty() ? writes_.end() : writes_.lower_bound(to);
  bool going = true;
  // Visits the written rows below `key`, all that are left when there is none.
  const auto visit_below = [&](std::optional<std::string_view> key) -> Status {
    for (; going && next != end && (!key || next->first < *key); ++next) {
      if (!next->second) continue;
      ASSIGN_OR_RETURN(going, visit(next->first, *next->second));
    }
    return Status::Ok();
  };
  const auto visit_stored = [&](std::string_view key, std::string_view value) -> Result<bool> {
    RETURN_IF_ERROR(visit_below(key));
    if (!going) return false;
    // Written in this call: it comes with the next ones.
    if (next != end && next->first == key) return true;
    ASSIGN_OR_RETURN(going, visit(key, value));
    return going;
  };
  RETURN_IF_ERROR(store_->Scan(from, to, visit_stored));
  if (!going) return Status::Ok();
  return visit_below(std::nullopt);
}

}  // namespace sidestream::operators
