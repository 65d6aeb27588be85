// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The engine's own binary form of a Value: for computed values in repartition records and for
// accumulators in stores. Each value has a tag, so that CEL types survive (an int stays an int,
// a timestamp a timestamp), which JSON cannot.
//
// A message of Protobuf is stored as a map: with its bytes would come its type, which may be
// another one when they are read again.
//
// Not a key codec: values that are `==` may have different bytes (1 and 1.0).
//
// Persistent: do not renumber; docs/formats/value.md has the bytes.
//
// Threading: free functions.

#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "serde/value.h"

namespace sidestream::serde {

/// Appends `value`, of any kind. Fails with kBadRecord when it is nested deeper than
/// kMaxDepth (reader.h), and leaves `out` as it was.
Status EncodeValue(const Value& value, std::string& out);

/// The result points into `bytes` and `arena`. Bytes behind the value are an error.
/// Fails with kTaskCorrupted: we wrote these bytes, and they are not what we write.
Result<Value> DecodeValue(std::string_view bytes, Arena& arena);

}  // namespace sidestream::serde
