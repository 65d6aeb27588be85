// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Defaults of a schema: from JSON, as the specification writes them there, to Avro's binary
// encoding. With the bytes in hand a default is read by the same code as data (logical types
// included), and an encoder writes it by appending them.
//
// Threading: confined to one thread.

#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/status.h"
#include "serde/avro/schema.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

class DefaultEncoder {
 public:
  using JsonOfFields = std::map<const Field*, Value>;

  /// `json` has the default of each field that has one: a default of a record may leave
  /// fields out that have their own. Borrowed.
  explicit DefaultEncoder(const JsonOfFields& json) : json_(json) {}

  /// Fails with kInvalidConfig: what was wanted and what was found, with the place below.
  Result<std::string> Encode(const Node& type, const Value& json);

 private:
  Status Put(const Node& type, const Value& json, int depth);
  Status PutInteger(const Node& type, const Value& json);
  Status PutText(const Node& type, const Value& json);
  Status PutFixed(const Node& type, const Value& json);
  Status PutSymbol(const Node& type, const Value& json);
  Status PutRecord(const Node& type, const Value& json, int depth);
  Status PutItems(const Node& type, const Value& json, int depth);
  Status PutUnion(const Node& type, const Value& json, int depth);

  const JsonOfFields& json_;
  std::string out_;
  /// Of all defaults of the schema: unions are tried branch by branch, and a record's default may
  /// be made of others, so a small text could ask for endless work.
  size_t steps_left_ = 100'000;
  size_t bytes_left_ = size_t{8} << 20;
};

}  // namespace sidestream::serde::avro
