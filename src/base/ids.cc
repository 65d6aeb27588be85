// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/ids.h"

namespace sidestream {

std::string ToString(const TopicPartition& tp) {
  return tp.topic + "-" + std::to_string(tp.partition);
}

std::string ToString(const TopicId& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(id.bytes.size() * 2);
  for (const uint8_t byte : id.bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

std::string ToString(const TaskId& id) {
  return id.anchor_topic + "_" + std::to_string(id.partition);
}

}  // namespace sidestream
