// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The name that a schema gives itself; subjects may be called after it.
//
// Threading: free functions.

#pragma once

#include <string>

#include "base/status.h"
#include "serde/format.h"

namespace sidestream::serde {

/// Full name of the record or message, title of a JSON Schema. Fails with kInvalidConfig: there is
/// none, or no schema. Requires HasSchema(format.kind).
Result<std::string> NameOfSchema(const FormatSpec& format);

}  // namespace sidestream::serde
