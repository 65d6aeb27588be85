// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: the message types that an expression may name, read and make.
//
// Place in the flow: serde/protobuf/message_catalog.h makes one from descriptors; a Scope hands it
// to the expression compiler.
//
// Ownership: types live as long as the MessageTypes; programs and messages borrow them.
//
// Threading: immutable; may be shared.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serde/message.h"

namespace sidestream::serde {

class MessageTypes {
 public:
  virtual ~MessageTypes() = default;
  /// By full name ("com.example.Order"); null: there is none.
  virtual const MessageType* Find(std::string_view name) const = 0;
  /// "com.example.Color.RED": the name of an enum and one of its values. An int, or null for
  /// google.protobuf.NullValue.
  virtual std::optional<Value> EnumConstant(std::string_view name) const = 0;
  /// Full names of all messages, for suggestions.
  virtual std::vector<std::string> Names() const = 0;
  /// The value that `bytes`, a message of `type` on the wire, are to CEL; it lives in `arena`.
  /// Requires a type of these. Fails with kBadRecord when they are none.
  virtual Result<Value> Read(const MessageType& type, std::string_view bytes,
                             Arena& arena) const = 0;
};

}  // namespace sidestream::serde
