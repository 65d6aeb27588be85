// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// For tests of `hold_key`: records that fail until they were put back as often as they say, and the
// putting back, as `sidestream dlq replay` does it.
//
// Threading: pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operators/dead_letter/letter_headers.h"

namespace sidestream::testing {

/// A topology from topic in to topic out, of values {"n": …, "fails": …}; letters lie in app-dlq.
inline constexpr const char* kFailsUntilPutBack = R"(
version: 1
application: { id: app }
errors: { processing: dlq, dlq: { hold_key: true } }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p:
    from: in
    steps:
      - map: >-
          ("__sidestream.replay.count" in headers
             ? int(string(headers["__sidestream.replay.count"])) : 0) < value.fails
          ? value.n / 0 : value.n
    to: out
)";

using LetterHeaders = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// Headers of the record that a letter becomes.
inline LetterHeaders HeadersPutBack(const LetterHeaders& letter) {
  LetterHeaders headers;
  int64_t count = 1;
  for (const auto& [name, value] : letter) {
    if (name == operators::kReplayCount) count = std::stoll(*value) + 1;
    if (name.starts_with(operators::kHold)) headers.emplace_back(name, value);
  }
  headers.emplace_back(operators::kReplayCount, std::to_string(count));
  return headers;
}

}  // namespace sidestream::testing
