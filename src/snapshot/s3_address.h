// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where a bucket is and who asks: "s3://bucket/prefix?endpoint=…&region=…&path_style=true" with
// what the environment says, as the tools of S3 read it.
//
// Threading: values and free functions.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "snapshot/location.h"
#include "snapshot/s3_signature.h"

namespace sidestream::snapshot {

struct S3Address {
  std::string bucket;
  /// Empty, or ends with a slash.
  std::string prefix;
  std::string region;
  /// "http" or "https".
  std::string scheme;
  /// With its port; with the bucket in it, unless `path_style`.
  std::string host;
  bool path_style = false;
  /// PEM file of authorities; empty: the system's.
  std::string ca_file;
  S3Credentials credentials;

  std::string PathOf(std::string_view key) const;
};

/// kInvalidConfig: says what is wrong with the text, or which credentials are missing.
Result<S3Address> ReadS3Address(std::string_view text, const LocationSurroundings& surroundings);

}  // namespace sidestream::snapshot
