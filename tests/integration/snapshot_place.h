// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where a test lets the program keep its snapshots: in a directory, or in a bucket of a real S3
// server (scripts/object_storage.sh).
//
// Threading: pure functions.

#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/integration/spawned.h"

namespace sidestream::integration {

enum class SnapshotPlace { kDirectory, kBucket };

/// `checkpoint.location` for a test of this name, which no other uses. Empty: there is no server.
inline std::optional<std::string> LocationAt(SnapshotPlace place,
                                             const std::filesystem::path& directory,
                                             const std::string& name) {
  if (place == SnapshotPlace::kDirectory) return (directory / "place").string();
  const char* url = std::getenv("SIDESTREAM_TEST_OBJECT_STORAGE");
  if (url == nullptr || *url == '\0') return std::nullopt;
  return fmt::format("s3://snapshots/{}?endpoint={}", name, url);
}

/// What lets the program into the bucket.
inline Variables BucketLogin() {
  return {{"AWS_ACCESS_KEY_ID", "sidestream"}, {"AWS_SECRET_ACCESS_KEY", "sidestream-secret"}};
}

/// Of the cases of a suite that runs over the places.
inline std::string NameOfPlace(const ::testing::TestParamInfo<SnapshotPlace>& place) {
  return place.param == SnapshotPlace::kBucket ? "Bucket" : "Directory";
}

}  // namespace sidestream::integration
