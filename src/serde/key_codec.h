// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Bytes of a computed key (`rekey`, `group_by`, `right_key`): what Kafka partitions by and what
// stores find rows under. A stream's own key is never encoded here: it keeps its bytes.
//
// The rule that all depends on: keys that are `==` in CEL have equal bytes, whatever their
// types: 1, 1u and 1.0 are one key, also inside lists and maps.
//
// Persistent: do not change; docs/formats/keys.md has the bytes.
//
// Threading: free functions, DecodeKey's parser is the caller's.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "serde/json_text.h"
#include "serde/value.h"

namespace sidestream::serde {

/// How a key came to its bytes, so that it can be read back behind a hop or from a store
/// (`key` in expressions). Persistent: do not renumber.
enum class KeyKind : uint8_t {
  kOwn = 0,  // a stream's own bytes: read with the stream's key format
  kString = 1,
  kInt = 2,  // int, uint, integral double
  kDouble = 3,
  kBool = 4,
  kBytes = 5,
  kJson = 6,  // list, map
  kTimestamp = 7,
  kDuration = 8,
};

/// Order of the entries of a map that is a key. Maps inside it are always sorted.
enum class KeyOrder : uint8_t {
  kSorted,   // a map that an expression computed
  kAsGiven,  // the map of named expressions of a `group_by`
};

/// Appends the bytes of `key` to `out` and says their kind. Requires a key that is not null (a
/// null key never gets bytes: the step drops it or treats it as unmatched).
/// Fails with kBadRecord and leaves `out` as it was: NaN, a uint above the largest int, a
/// decimal, missing, a type, optional.none().
Result<KeyKind> EncodeKey(const Value& key, std::string& out, KeyOrder order = KeyOrder::kSorted);

/// The Value of an encoded key; integral doubles and uints come back as int.
/// Fails with kBadRecord when the bytes are not of this kind. Requires kind != kOwn.
/// The result points into `bytes` and `arena`.
Result<Value> DecodeKey(KeyKind kind, std::string_view bytes, JsonParser& parser, Arena& arena);

/// The kind that a byte of a record stands for. Fails with kBadRecord.
Result<KeyKind> ParseKeyKind(uint8_t byte);

}  // namespace sidestream::serde
