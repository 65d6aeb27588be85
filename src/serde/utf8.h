// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checks of UTF-8: what comes from outside is checked once, where it enters.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidestream::serde {

/// Whether `text` is valid UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

/// Length of the longest valid prefix: the position of the first bad byte.
size_t Utf8PrefixLength(std::string_view text);

/// Writes the 1 to 4 bytes of a code point, which must be no surrogate and at most
/// 0x10FFFF; returns the end.
char* PutUtf8(uint32_t code_point, char* out);

}  // namespace sidestream::serde
