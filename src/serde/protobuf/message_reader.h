// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Turns a message of libprotobuf into a value.
//
// Bounds: libprotobuf refuses messages nested deeper than 100; an Any within an Any is unpacked
// kMaxAnyDepth deep and stays a message below.
//
// Threading: confined to one thread.

#pragma once

#include <google/protobuf/message.h>

#include "base/arena.h"
#include "base/status.h"
#include "serde/message_types.h"

namespace sidestream::serde {

inline constexpr int kMaxAnyDepth = 16;

/// What reading needs of a catalogue.
class MessageIndex {
 public:
  virtual ~MessageIndex() = default;
  /// Requires a descriptor of the catalogue.
  virtual const MessageType& TypeOf(const google::protobuf::Descriptor& descriptor) const = 0;
  virtual const MessageField& FieldOf(const google::protobuf::FieldDescriptor& field) const = 0;
};

class MessageReader {
 public:
  /// All are borrowed. `types` reads what is in an Any.
  MessageReader(const MessageIndex& index, const MessageTypes& types, Arena& arena)
      : index_(index), types_(types), arena_(arena) {}

  /// The result lives in the arena. Fails with kBadRecord: a string that is no UTF-8, a time out
  /// of its range.
  Result<Value> Read(const google::protobuf::Message& message);

 private:
  using Descriptor = google::protobuf::FieldDescriptor;

  Result<Value> ReadField(const google::protobuf::Message& message, const Descriptor& field);
  Result<Value> ReadOne(const google::protobuf::Message& message, const Descriptor& field,
                        int index);
  Result<Value> ReadMap(const google::protobuf::Message& message, const Descriptor& field);
  Result<Value> Text(const std::string& text, const Descriptor& field);

  const MessageIndex& index_;
  const MessageTypes& types_;
  Arena& arena_;
};

}  // namespace sidestream::serde
