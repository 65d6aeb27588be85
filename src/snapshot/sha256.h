// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SHA-256 and HMAC over it: checksums of snapshots, and signatures of requests to S3.
//
// Threading: values and free functions.

#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace sidestream::snapshot {

struct Digest {
  std::array<uint8_t, 32> bytes{};
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  friend auto operator<=>(const Digest&, const Digest&) = default;
  friend bool operator==(const Digest&, const Digest&) = default;
};

Digest Sha256(std::string_view bytes);
/// Of a file of ours; kFatal: it cannot be read.
Result<Digest> Sha256OfFile(const std::filesystem::path& file);
Digest HmacSha256(std::string_view key, std::string_view bytes);
/// 64 lower-case hexadecimal digits.
std::string Hex(const Digest& digest);
/// Empty: `text` is none.
std::optional<Digest> DigestOfHex(std::string_view text);

}  // namespace sidestream::snapshot
