// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The hash map of the hand-written loops: from a key's bytes to its place in a list.
//
// Threading: none.

#pragma once

#include <tsl/robin_map.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sidestream::bench {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

using TextMap = tsl::robin_map<std::string, size_t, TextHash, std::equal_to<>>;

}  // namespace sidestream::bench
