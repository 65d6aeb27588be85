// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The reader of bytes whose frame names their schema: one Reader for each schema (and message) that
// records were written with, made when the first record of it is met.
//
// Bound: kWriterSchemas readers; beyond it the one that was not used for longest goes.
//
// Threading: as Reader.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/status.h"
#include "serde/reader.h"

namespace sidestream::serde {

inline constexpr size_t kWriterSchemas = 100;

/// Requires a format with a frame. Fails with kInvalidConfig: it has no source of schemas.
Result<std::unique_ptr<Reader>> CreateRegistryReader(const FormatSpec& format,
                                                     std::vector<WantedPath> wanted);

}  // namespace sidestream::serde
