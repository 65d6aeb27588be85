// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Positions of the tokens of a JSON text, found by simdjson's vector code (its first
// stage): each bracket, comma and colon, and the first byte of each string, number
// and literal. UTF-8, control characters in strings and unclosed strings are checked on the way.
//
// The walk over the tokens is ours (json_walker.h): it checks the grammar everywhere,
// names the position of an error, and needs neither padding nor a copy of the text,
// which simdjson's own second stage would.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/status.h"

namespace sidestream::serde {

class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(JsonIndex&&) noexcept;
  JsonIndex& operator=(JsonIndex&&) noexcept;

  /// Positions in ascending order, and behind the last one the length of `text`: a token
  /// reaches to the next position, white space included. Good until the next call.
  /// Fails with kBadRecord. Reads no byte behind `text`.
  Result<std::span<const uint32_t>> Build(std::string_view text);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidestream::serde
