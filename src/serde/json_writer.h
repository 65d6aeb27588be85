// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The one JSON writer, with the two shapes that it has: for data, and for keys, where values
// that are `==` in CEL must give equal bytes.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "serde/value.h"

namespace sidestream::serde {

enum class JsonShape : uint8_t {
  kData,       // map entries in their order; a double keeps a mark that it is one ("1.0")
  kKey,        // entries sorted; integral doubles as integers
  kKeyFields,  // as kKey, but the entries of the outermost map in their order
};

/// Why a decimal is refused where a key is wanted, also inside lists and maps.
inline constexpr std::string_view kNoDecimalKey =
    "a decimal cannot be a key: use string(...), or int(...) of a whole number";

/// Appends `value`. Fails as AppendJson (json_text.h) and leaves `out` as it was.
Status WriteJson(const Value& value, JsonShape shape, std::string& out);

}  // namespace sidestream::serde
