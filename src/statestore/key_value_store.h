// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// KeyValueStore: what an operator sees of its state. Reads see this transaction's own
// writes; nothing is durable before the transaction that carries it is committed.
//
// Threading: confined to the task's worker.

#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/status.h"

namespace sidestream::statestore {

/// One changed key. An empty value is a delete.
struct Change {
  std::string_view key;
  std::optional<std::string_view> value;
};

class KeyValueStore {
 public:
  /// Takes a row of a scan; false: no more of them. The views are good until it returns, and it may
  /// not call the store. Its error ends the scan and goes up unchanged.
  using VisitRow = std::function<Result<bool>(std::string_view key, std::string_view value)>;

  virtual ~KeyValueStore() = default;
  /// The value of `key`, or empty. The view is good until the next call on this store.
  /// Fails with kTaskCorrupted (checksum, truncated file) or kFatal (disk full, I/O).
  virtual Result<std::optional<std::string_view>> Get(std::string_view key) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  /// Visits the rows with from <= key < to in byte order, this transaction's writes among them. An
  /// empty `to`: up to the last row. Fails as Get() does.
  virtual Status Scan(std::string_view from, std::string_view to, const VisitRow& visit) = 0;
};

}  // namespace sidestream::statestore
