// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Chunks for tests, without a broker.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/record.h"

namespace sidestream::tasks {

class BuiltChunk final : public kafka::RecordChunk {
 public:
  BuiltChunk(TopicPartition partition, std::vector<std::pair<int64_t, std::string>> records,
             std::optional<int64_t> end)
      : texts_(std::move(records)) {
    partition_ = std::move(partition);
    for (const auto& [offset, text] : texts_) {
      records_.push_back({Offset(offset), Timestamp(offset), std::nullopt, std::string_view(text)});
      bytes_ += text.size();
    }
    if (end) end_position_ = Offset(*end);
  }
  std::span<const Header> Headers(size_t) const override { return {}; }

 private:
  const std::vector<std::pair<int64_t, std::string>> texts_;
};

inline std::unique_ptr<kafka::RecordChunk> Chunk(
    std::vector<std::pair<int64_t, std::string>> records, std::optional<int64_t> end = {},
    TopicPartition partition = {"in", 0}) {
  return std::make_unique<BuiltChunk>(std::move(partition), std::move(records), end);
}

}  // namespace sidestream::tasks
