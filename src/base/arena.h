// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A bump allocator: what a record needs while it travels is taken from an arena
// and given back all at once. No destructor runs, so only trivially
// destructible things may live here.
//
// Threading: confined to one thread.

#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sidestream {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  void* Allocate(size_t bytes, size_t alignment = alignof(std::max_align_t)) {
    const size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    if (blocks_.empty() || start + bytes > blocks_[current_].size) return AllocateSlow(bytes);
    used_ = start + bytes;
    return blocks_[current_].memory.get() + start;
  }

  template <typename T>
  std::span<T> NewArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* items = static_cast<T*>(Allocate(count * sizeof(T), alignof(T)));
    for (size_t i = 0; i < count; ++i) new (items + i) T();
    return {items, count};
  }

  std::string_view Copy(std::string_view bytes) {
    if (bytes.empty()) return "";
    char* copy = static_cast<char*>(Allocate(bytes.size(), 1));
    std::memcpy(copy, bytes.data(), bytes.size());
    return {copy, bytes.size()};
  }

  /// Gives everything back; keeps one block (64 KiB at most) for the next use.
  void Reset();
  /// Bytes that the arena holds from the system.
  size_t reserved_bytes() const { return reserved_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    size_t size = 0;
  };
  void* AllocateSlow(size_t bytes);

  std::vector<Block> blocks_;
  size_t current_ = 0;
  size_t used_ = 0;
  size_t reserved_ = 0;
};

}  // namespace sidestream
