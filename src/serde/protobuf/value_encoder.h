// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One value on its way out. Internal to proto_writer.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "serde/protobuf/proto_schema.h"
#include "serde/value.h"

namespace sidestream::serde::protobuf {

/// Functions return false after the first error.
class ValueEncoder {
 public:
  explicit ValueEncoder(std::string& out) : out_(out) {}

  /// The fields of `message`, without a length in front.
  bool PutMessage(const Message& message, const Value& value, int depth);
  Status error() const;

 private:
  bool PutFields(const Message& message, const Value& value, int depth);
  bool PutField(const Field& field, const Value& value, int depth);
  bool PutList(const Field& field, const Value& value, int depth);
  bool PutMap(const Field& field, const Value& value, int depth);
  bool PutKey(const Field& field, const Value& key);
  /// A field with its tag.
  bool PutOne(const Field& field, const Value& value, int depth);
  /// Without its tag; messages and texts with their length.
  bool PutBare(const Field& field, const Value& value, int depth);
  bool PutInteger(const Field& field, const Value& value);
  bool PutFraction(const Field& field, const Value& value);
  bool PutSymbol(const Field& field, const Value& value);

  // In encode_well_known.cc.
  bool PutTime(const Message& message, const Value& value);
  bool PutDynamic(const Message& message, const Value& value, int depth);

  void PutTag(const Field& field, WireType type);
  /// Puts the length of what is behind `start` in front of it.
  void PutLength(size_t start);
  bool FailUnknownField(const Message& message, const Value& value);
  bool DoesNotFit(std::string_view what, const Value& value);
  bool Fail(std::string reason);
  bool FailIn(std::string name);

  std::string& out_;
  std::string reason_;
  std::vector<std::string> path_;  // innermost first
};

/// "int32", "string", "enum shop.Status", "message shop.Order".
std::string Describe(const Field& field);

}  // namespace sidestream::serde::protobuf
