// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SortedChunk: replayed rows on their way into a sorted file: collected as they were read, given
// out in key order, each key once with what was added last.
//
// Place in the flow: filled by StoreRestorer when much is to be replayed, emptied into
// TaskState::IngestRestored(). It copies the bytes, for the reader's buffers are bounded.
//
// Threading: confined to the restorer's thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "statestore/task_state.h"

namespace sidestream::changelog {

class SortedChunk {
 public:
  /// An empty value is a delete.
  void Add(std::string_view key, std::optional<std::string_view> value);
  bool empty() const { return entries_.empty(); }
  /// What the chunk holds, with what Sort() needs beside.
  size_t bytes() const;

  /// The rows point into the chunk and are good until the next Add() or Clear().
  std::span<const statestore::Change> Sort();
  void Clear();

 private:
  struct Entry {
    /// The first bytes of the key as a number: most comparisons end here.
    uint64_t head;
    const char* at;
    uint32_t key_bytes;
    int32_t value_bytes;  // -1: a delete
    uint32_t number;

    std::string_view key() const { return {at, key_bytes}; }
    bool operator<(const Entry& other) const;
  };
  char* Take(size_t bytes);

  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_bytes_ = 0;
  size_t block_used_ = 0;
  size_t held_bytes_ = 0;
  std::vector<Entry> entries_;
  std::vector<statestore::Change> sorted_;
};

}  // namespace sidestream::changelog
