// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Text in code points, as CEL counts it, and the nearest of several names.
//
// Threading: free functions without state.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sidestream::expression {

/// Requires valid UTF-8.
size_t CodePointCount(std::string_view text);

/// Byte offset of code point `index`; the text's size for index == count, npos beyond.
size_t ByteOffset(std::string_view text, size_t index);

/// Length in bytes of the code point that starts with `first`.
size_t CodePointLength(char first);

/// Requires a Unicode scalar value.
void AppendUtf8(uint32_t code_point, std::string& out);

/// The candidate that a typing error of `name` may have meant, or empty.
std::string NearestName(std::string_view name, std::span<const std::string> candidates);

}  // namespace sidestream::expression
