// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The text form of a UUID, shared by reader and writer.
//
// Threading: free function.

#pragma once

#include <cstddef>
#include <string_view>

namespace sidestream::serde {

/// 8-4-4-4-12 hexadecimal digits of either case, as Kafka's UUIDSerializer writes them.
constexpr bool IsUuidText(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace sidestream::serde
