// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// KeyValueStore: what an operator sees of its state. Reads see this transaction's own
// writes; nothing is durable before the transaction that carries it is committed.
//
// Threading: confined to the task's worker.

#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"

namespace sidestream::statestore {

class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;
  /// The value of `key`, or empty. The view is good until the next call on this store.
  /// Fails with kTaskCorrupted (checksum, truncated file) or kFatal (disk full, I/O).
  virtual Result<std::optional<std::string_view>> Get(std::string_view key) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
};

}  // namespace sidestream::statestore
