// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A bucket of S3-compatible storage as a location. Large files go in parts. A call is tried again
// after a pause that doubles when the server is busy or does not answer, and a few times only; not
// at all once the process ends.
//
// Threading: as Location.

#pragma once

#include <memory>

#include "snapshot/location.h"
#include "snapshot/s3_address.h"

namespace sidestream::snapshot {

struct S3Options {
  int tries = 5;
  Milliseconds first_pause{200};
  /// A file that is longer goes in parts of this size, or larger when it would be too many. S3
  /// takes none below 5 MiB, save the last.
  int64_t part_bytes = int64_t{16} << 20;
};

/// What `surroundings` borrows outlives the location.
std::unique_ptr<Location> NewS3Location(S3Address address, const LocationSurroundings& surroundings,
                                        S3Options options = {});

}  // namespace sidestream::snapshot
