// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// "Did you mean …?": the known name next to a misspelt one.
//
// Threading: free function.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sidestream {

/// The candidate that a typing error of `name` may have meant, or empty.
std::string NearestName(std::string_view name, std::span<const std::string> candidates);

}  // namespace sidestream
