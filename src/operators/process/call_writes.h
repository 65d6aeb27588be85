// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CallWrites: what one call of a script writes, above the store: a call that fails leaves nothing
// behind. Internal to operators/process.
//
// Threading: confined to the task's worker.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

class CallWrites final : public statestore::KeyValueStore {
 public:
  /// A call begins. `store` is borrowed until the next one.
  void Begin(statestore::KeyValueStore& store) {
    store_ = &store;
    Discard();
  }
  /// The call has succeeded: its writes go to the store.
  void Keep();
  /// They never happened.
  void Discard() {
    writes_.clear();
    bytes_ = 0;
  }
  /// Bytes written in this call, overwritten ones too.
  size_t bytes() const { return bytes_; }

  Result<std::optional<std::string_view>> Get(std::string_view key) override;
  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  Status Scan(std::string_view from, std::string_view to, const VisitRow& visit) override;

 private:
  using Writes = std::map<std::string, std::optional<std::string>, std::less<>>;  // empty: deleted

  statestore::KeyValueStore* store_ = nullptr;
  Writes writes_;
  size_t bytes_ = 0;
};

}  // namespace sidestream::operators
