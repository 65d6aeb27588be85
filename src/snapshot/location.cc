// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/location.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "snapshot/directory_location.h"
#include "snapshot/s3_address.h"
#include "snapshot/s3_location.h"

namespace sidestream::snapshot {
namespace {

// Room for a location's own prefix within the 1,024 bytes of a key of S3.
constexpr size_t kNameMax = 700;
constexpr size_t kPartMax = 240;

bool IsPart(std::string_view part) {
  if (part.empty() || part.size() > kPartMax || part == "." || part == "..") return false;
  return std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '~' || c == '=';
  });
}

}  // namespace

bool IsObjectName(std::string_view name) {
  if (name.size() > kNameMax) return false;
  for (;;) {
    const size_t slash = name.find('/');
    if (!IsPart(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

LocationSurroundings SystemSurroundings(const Clock& clock) {
  LocationSurroundings surroundings;
  surroundings.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  surroundings.read_file = [](const std::string& path) -> std::optional<std::string> {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  surroundings.clock = &clock;
  surroundings.pause = [](Milliseconds time) { std::this_thread::sleep_for(time); };
  return surroundings;
}

Result<std::unique_ptr<Location>> OpenLocation(const std::string& text,
                                               const LocationSurroundings& surroundings) {
  if (text.starts_with("s3://")) {
    ASSIGN_OR_RETURN(S3Address address, ReadS3Address(text, surroundings));
    return NewS3Location(std::move(address), surroundings);
  }
  if (text.empty() || text.find("://") != std::string::npos) {
    // Without the text, which may hold a password.
    return Status::InvalidConfig(
        "the snapshot location is neither a path nor \"s3://bucket/prefix\"");
  }
  return NewDirectoryLocation(text);
}

}  // namespace sidestream::snapshot
