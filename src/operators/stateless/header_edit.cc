// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/stateless/header_edit.h"

#include <algorithm>

namespace sidestream::operators {

using serde::Value;

Result<std::span<const Header>> EditHeaders(std::span<const Header> headers,
                                            const topology::HeadersNode& node,
                                            std::span<const Value> values, Arena& arena) {
  const std::span<Header> room = arena.NewArray<Header>(headers.size() + node.set.size());
  const auto is_set = [&](std::string_view name) {
    for (size_t i = 0; i < node.set.size(); ++i) {
      if (node.set[i].first == name && !values[i].missing()) return true;
    }
    return false;
  };
  size_t count = 0;
  for (const Header& header : headers) {
    const bool unset =
        std::find(node.unset.begin(), node.unset.end(), header.name) != node.unset.end();
    if (!unset && !is_set(header.name)) room[count++] = header;
  }
  for (size_t i = 0; i < node.set.size(); ++i) {
    const Value& value = values[i];
    switch (value.kind()) {
      case Value::Kind::kMissing:
        continue;
      case Value::Kind::kNull:
        room[count++] = {node.set[i].first, std::nullopt};
        break;
      case Value::Kind::kString:
      case Value::Kind::kBytes:
        room[count++] = {node.set[i].first, value.string_value()};
        break;
      default:
        return Status::BadRecord("a header is a string or bytes: " + node.set[i].first + " is " +
                                 std::string(serde::KindName(value.kind())) +
                                 " (string() converts it)");
    }
  }
  return std::span<const Header>(room.first(count));
}

}  // namespace sidestream::operators
