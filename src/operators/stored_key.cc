// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/stored_key.h"

#include <utility>

#include "operators/row_key.h"

namespace sidestream::operators {

StoredKey::StoredKey(bool computed) : computed_(computed) {
  topology::Slot slot;
  slot.source = topology::Slot::Source::kKey;
  segment_.slots.push_back(std::move(slot));
}

Result<std::unique_ptr<StoredKey>> StoredKey::Create(const topology::Encoding& encoding) {
  std::unique_ptr<StoredKey> key(new StoredKey(encoding.computed));
  ASSIGN_OR_RETURN(key->entry_, SegmentEntry::Create(key->segment_, encoding));
  key->slots_ = key->entry_->NewSlots();
  return key;
}

Result<serde::Value> StoredKey::Read(std::string_view key, Arena& arena) {
  ASSIGN_OR_RETURN(RowKey row_key, ReadStoreKey(key, computed_));
  RETURN_IF_ERROR(entry_->FillKey(row_key, slots_, parser_, arena));
  return slots_.front().CopyInto(arena);
}

}  // namespace sidestream::operators
