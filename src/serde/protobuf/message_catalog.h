// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// MessageTypes over descriptors of Protobuf: the types of some files, of all that those import,
// and the well-known ones.
//
// Place in the flow: whoever knows a schema makes one; expressions name its types, and messages on
// the wire become values through it (message_reader.h).
//
// Ownership: a descriptor pool that was given from outside must outlive the catalogue.
//
// Threading: immutable after it is made.

#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/status.h"
#include "serde/message_types.h"

namespace google::protobuf {
class FileDescriptor;
}

namespace sidestream::serde {

std::unique_ptr<MessageTypes> TypesOfFiles(
    std::span<const google::protobuf::FileDescriptor* const> files);

/// `bytes` are a google.protobuf.FileDescriptorSet, in which a file stands behind what it imports;
/// the well-known files may be left out. Fails with kInvalidConfig.
Result<std::unique_ptr<MessageTypes>> TypesOfDescriptorSet(std::string_view bytes);

/// google.protobuf.Timestamp and its kin alone. Lives for ever.
const MessageTypes& WellKnownTypes();

}  // namespace sidestream::serde
