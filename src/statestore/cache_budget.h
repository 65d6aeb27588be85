// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CacheBudget: how many bytes the read caches of all stores of the process may hold
// together. Nobody reaches into another thread's cache: each cache trims itself.
//
// Invariant: half of the budget goes to whoever comes first; beyond it a cache may hold no
// more than its fair part of the other half. The sum therefore never exceeds the budget
// by more than one entry per cache, however the load moves.
//
// Threading: all functions may be called from any thread.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sidestream::statestore {

class CacheBudget {
 public:
  explicit CacheBudget(size_t bytes) : bytes_(static_cast<int64_t>(bytes)) {}
  CacheBudget(const CacheBudget&) = delete;
  CacheBudget& operator=(const CacheBudget&) = delete;

  /// A cache comes or goes. It gives its bytes back before it detaches.
  void Attach() { caches_.fetch_add(1, std::memory_order_relaxed); }
  void Detach() { caches_.fetch_sub(1, std::memory_order_relaxed); }

  void Charge(int64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
  /// Whether a cache that holds `own` clean bytes has to let some go.
  bool MustEvict(int64_t own) const {
    const int64_t half = bytes_ / 2;
    const int64_t caches = std::max<int64_t>(1, caches_.load(std::memory_order_relaxed));
    return used_.load(std::memory_order_relaxed) > half && own > half / caches;
  }

  /// How much that is committed a cache may keep back from its backend: a share, at most 8 MiB.
  int64_t UnwrittenMax() const {
    const int64_t caches = std::max<int64_t>(1, caches_.load(std::memory_order_relaxed));
    return std::min<int64_t>(8 << 20, bytes_ / 4 / caches);
  }

  int64_t bytes() const { return bytes_; }
  int64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const int64_t bytes_;
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> caches_{0};
};

}  // namespace sidestream::statestore
