// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port inside this folder: where the committed rows of one task lie. Ordered tables of bytes:
// one per store, and "meta". All that a store means (transactions, positions, fingerprints)
// is OverlayTaskState's, so that RocksDB and memory cannot differ in it.
//
// Invariants
//  B1. A Write() is there whole or not at all, also after a crash.
//  B2. A crash loses a suffix of the writes since the last Flush(), never one in between.
//
// Threading: confined to the task's thread.

#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::statestore {

/// Names the meta table where a store's number is asked for.
inline constexpr size_t kMetaTable = std::numeric_limits<size_t>::max();

struct TableRow {
  size_t table;
  std::string_view key;
  /// Empty: deletes the key.
  std::optional<std::string_view> value;
};

/// Errors: kTaskCorrupted (checksum, truncated file), kFatal (disk full, I/O).
class StateBackend {
 public:
  /// Without a Flush(): what was not flushed may be lost.
  virtual ~StateBackend() = default;

  /// Copies the value of `key` into `value`; false: there is none.
  virtual Result<bool> Get(size_t table, std::string_view key, std::string& value) = 0;
  virtual Status Write(std::span<const TableRow> rows) = 0;
  /// Brings rows of `table` in, in key order and each key once, and `beside` with them: whole or
  /// not at all, and durable with everything before when it returns.
  virtual Status Ingest(size_t table, std::span<const Change> sorted,
                        std::span<const TableRow> beside) = 0;
  /// Makes everything written so far durable.
  virtual Status Flush() = 0;
  /// Writes all that was flushed to the folder `into`, which does not exist yet, as files that
  /// nothing changes any more; what is there already is linked, not copied.
  virtual Status SaveImage(const std::filesystem::path& into) = 0;
  /// Empties a store's table at once and durably. What was written before is flushed first.
  virtual Status Drop(size_t table) = 0;
  virtual Result<bool> Empty(size_t table) = 0;
  /// As KeyValueStore::Scan, of what is written.
  virtual Status Scan(size_t table, std::string_view from, std::string_view to,
                      const KeyValueStore::VisitRow& visit) = 0;
};

}  // namespace sidestream::statestore
