// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/arena.h"

#include <algorithm>

namespace sidestream {
namespace {
constexpr size_t kFirstBlock = 4096;
constexpr size_t kLargestKept = 64 * 1024;
}  // namespace

void* Arena::AllocateSlow(size_t bytes) {
  const size_t grown = blocks_.empty() ? kFirstBlock : std::min(blocks_.back().size * 2, size_t{1} << 20);
  const size_t size = std::max(grown, bytes);
  blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
  current_ = blocks_.size() - 1;
  reserved_ += size;
  used_ = bytes;
  return blocks_[current_].memory.get();
}

void Arena::Reset() {
  if (blocks_.size() > 1) {
    // The largest block that is small enough stays; the others go back.
    size_t keep = 0;
    for (size_t i = 1; i < blocks_.size(); ++i) {
      if (blocks_[i].size <= kLargestKept && blocks_[i].size > blocks_[keep].size) keep = i;
    }
    Block kept = std::move(blocks_[keep]);
    blocks_.clear();
    blocks_.push_back(std::move(kept));
  }
  if (!blocks_.empty() && blocks_[0].size > kLargestKept) blocks_.clear();
  reserved_ = blocks_.empty() ? 0 : blocks_[0].size;
  current_ = 0;
  used_ = 0;
}

}  // namespace sidestream
