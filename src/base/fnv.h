// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// FNV-1a, 64 bits: small, and the same on every machine and in every release. Tells definitions
// apart, and defends against nobody. Persistent: part of fingerprints.
//
// Threading: free function.

#pragma once

#include <cstdint>
#include <string_view>

namespace sidestream {

constexpr uint64_t Fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace sidestream
