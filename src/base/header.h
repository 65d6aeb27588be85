// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A record header: a name that may repeat, and bytes that may be absent. Here because
// operators see headers without seeing Kafka.

#pragma once

#include <optional>
#include <string_view>

namespace sidestream {

struct Header {
  std::string_view name;
  std::optional<std::string_view> value;
  friend bool operator==(const Header&, const Header&) = default;
};

}  // namespace sidestream
