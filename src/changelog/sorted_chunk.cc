// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/sorted_chunk.h"

#include <algorithm>
#include <cstring>

namespace sidestream::changelog {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;

uint64_t HeadOf(std::string_view key) {
  uint64_t head = 0;
  for (size_t i = 0; i < sizeof(head); ++i) {
    head = (head << 8) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return head;
}

}  // namespace

bool SortedChunk::Entry::operator<(const Entry& other) const {
  if (head != other.head) return head < other.head;
  const int compared = key().compare(other.key());
  return compared != 0 ? compared < 0 : number < other.number;
}

char* SortedChunk::Take(size_t bytes) {
  if (block_bytes_ - block_used_ < bytes) {
    block_bytes_ = std::max(kBlockBytes, bytes);
    // Not make_unique, which would write zeros first.
    blocks_.emplace_back(new char[block_bytes_]);
    block_used_ = 0;
    held_bytes_ += block_bytes_;
  }
  char* at = blocks_.back().get() + block_used_;
  block_used_ += bytes;
  return at;
}

void SortedChunk::Add(std::string_view key, std::optional<std::string_view> value) {
  char* at = Take(key.size() + (value ? value->size() : 0));
  if (!key.empty()) std::memcpy(at, key.data(), key.size());
  if (value && !value->empty()) std::memcpy(at + key.size(), value->data(), value->size());
  entries_.push_back({.head = HeadOf(key),
                      .at = at,
                      .key_bytes = static_cast<uint32_t>(key.size()),
                      .value_bytes = value ? static_cast<int32_t>(value->size()) : -1,
                      .number = static_cast<uint32_t>(entries_.size())});
}

size_t SortedChunk::bytes() const {
  return held_bytes_ + entries_.size() * (sizeof(Entry) + sizeof(statestore::Change));
}

std::span<const statestore::Change> SortedChunk::Sort() {
  std::sort(entries_.begin(), entries_.end());
  sorted_.clear();
  sorted_.reserve(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (i + 1 < entries_.size() && entries_[i + 1].key() == entry.key()) continue;
    statestore::Change row{.key = entry.key(), .value = std::nullopt};
    if (entry.value_bytes >= 0) {
      row.value =
          std::string_view(entry.at + entry.key_bytes, static_cast<size_t>(entry.value_bytes));
    }
    sorted_.push_back(row);
  }
  return sorted_;
}

void SortedChunk::Clear() {
  blocks_.clear();
  block_bytes_ = block_used_ = held_bytes_ = 0;
  entries_.clear();
  sorted_.clear();
}

}  // namespace sidestream::changelog
