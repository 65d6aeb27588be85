// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the checker knows of messages: the types of CEL for those of Protobuf.
//
// Threading: free functions.

#pragma once

#include "expression/type.h"
#include "serde/message.h"

namespace sidestream::expression {

/// A well-known type is CEL's own (int for Int64Value, dyn for Any); others are named.
Type TypeOfMessage(const serde::MessageType& message);

Type TypeOfField(const serde::MessageField& field);

}  // namespace sidestream::expression
