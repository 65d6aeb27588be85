// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What makes two schemas the same for a reader: the specification's Parsing Canonical Form,
// and the 64-bit Rabin fingerprint of a text.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "serde/avro/schema.h"

namespace sidestream::serde::avro {

/// Fails with kInvalidConfig when types are nested too deep through references.
Result<std::string> CanonicalForm(const Schema& schema);

/// CRC-64-AVRO. The fingerprint of a schema is that of its canonical form.
uint64_t Fingerprint(std::string_view text);

}  // namespace sidestream::serde::avro
