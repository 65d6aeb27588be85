// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Makes messages: checks what a field may hold, and gives a well-known type the form that CEL
// sees of it.
//
// Place in the flow: the expression's message literals, and readers of messages.
//
// Threading: free functions.

#pragma once

#include <span>

#include "base/arena.h"
#include "base/status.h"
#include "serde/message_types.h"

namespace sidestream::serde {

/// Field by field what a literal says; the last one wins, also within a oneof. Values are those of
/// CEL, and become what the field holds: a double rounds to a float, a list becomes a ListValue,
/// null leaves a message out. The result borrows from them, and is no message where `type` is
/// well known. Fails with kBadRecord (kind, range, a null that the field cannot hold).
Result<Value> NewMessage(const MessageTypes& types, const MessageType& type,
                         std::span<const MessageEntry> fields, Arena& arena);

/// What CEL sees of `message`, whose entries are as the invariants of message.h have them. An Any
/// of a type that `types` does not know, or whose bytes cannot be read, stays a message.
Result<Value> Unpack(const MessageTypes& types, const Message& message, Arena& arena);

/// The value as google.protobuf.Value holds it: null, bool, double, string, or lists and maps of
/// those. Integers that a double cannot hold become texts, as do times and bytes.
Result<Value> ToJsonValue(const Value& value, Arena& arena);

}  // namespace sidestream::serde
