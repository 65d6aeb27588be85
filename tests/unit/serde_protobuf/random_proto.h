// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random schemas and messages, made and read with libprotobuf's reflection: the oracle of the
// property tests.

#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "serde/value.h"

namespace sidestream::serde::protobuf {

/// The text of a .proto file with the messages M0 (the root), M1 … and enums. With `without` some
/// fields are left out, so that what is written with the whole schema has unknown ones.
class RandomSchema {
 public:
  explicit RandomSchema(Random& random);
  std::string Text(bool leave_some_out);

 private:
  std::string MakeField(int number);

  Random& random_;
  bool proto3_;
  /// Fields as text, of each message; oneofs as one piece.
  std::vector<std::vector<std::string>> fields_;
};

/// Fills `message` at random, down to `depth`.
void FillAtRandom(google::protobuf::Message& message, Random& random, int depth);

/// What proto_reader.h says that an expression sees of `message`.
Value SeenByUs(const google::protobuf::Message& message, Arena& arena);

/// Kinds and all, with the entries of every map sorted: equal texts are equal values.
std::string TextOf(const Value& value);

}  // namespace sidestream::serde::protobuf
