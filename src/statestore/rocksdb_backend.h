// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StateBackend over RocksDB: one database per task, a column family "store.<name>" per store
// and one "meta". No RocksDB type is in this header.
//
// WAL off and atomic_flush: a flush takes all column families at one point of the write
// sequence, so that positions never run ahead of rows (engine.md E2: 60 of 60 crashes were wrong
// without it). WAL-less writes that were not flushed are replayed from Kafka.
//
// Threading: a backend as StateBackend; resources are shared by all of them.

#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "statestore/state_backend.h"

namespace sidestream::statestore {

/// Block cache, write buffers and rate limiter of the process. They are made when the first
/// database is opened, so that a stateless instance pays nothing. Thread-safe.
class RocksdbResources {
 public:
  virtual ~RocksdbResources() = default;
  /// `bytes`: block cache and write buffers together.
  static std::shared_ptr<RocksdbResources> Make(size_t bytes);
  /// Bytes that cache and write buffers hold now, pinned blocks included.
  virtual size_t used_bytes() const = 0;
};

/// Opens or creates the database at `path` with the tables of `stores`. Column families that
/// are not named stay as they are. kTaskCorrupted: the directory is damaged or not RocksDB's
/// (the caller moves it aside); kFatal: disk.
Result<std::unique_ptr<StateBackend>> OpenRocksdb(const std::filesystem::path& path,
                                                  std::span<const std::string> stores,
                                                  std::shared_ptr<RocksdbResources> resources);

}  // namespace sidestream::statestore
