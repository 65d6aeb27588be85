// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From libprotobuf's descriptors to our graph. Internal to this folder.
//
// Threading: confined to one thread.

#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/status.h"
#include "serde/protobuf/proto_schema.h"

namespace sidestream::serde::protobuf {

class SchemaBuilder {
 public:
  explicit SchemaBuilder(ProtoSchema& schema) : schema_(schema) {}

  /// All messages of `file` and what they lead to. Fails with kInvalidConfig beyond the bounds.
  Status Build(const google::protobuf::FileDescriptor& file);

 private:
  void AddOwn(const google::protobuf::Descriptor& descriptor, std::vector<int32_t> indexes);
  Message* MessageOf(const google::protobuf::Descriptor& descriptor);
  const Enum* EnumOf(const google::protobuf::EnumDescriptor& descriptor);
  void Fill(const google::protobuf::Descriptor& descriptor, Message& message);
  Field FieldOf(const google::protobuf::FieldDescriptor& descriptor);
  Value UnsetOf(const google::protobuf::FieldDescriptor& descriptor, const Field& field);
  Value DefaultOf(const google::protobuf::FieldDescriptor& descriptor, const Field& field);

  ProtoSchema& schema_;
  std::unordered_map<const google::protobuf::Descriptor*, Message*> messages_;
  std::unordered_map<const google::protobuf::EnumDescriptor*, const Enum*> enums_;
  // Messages that were met and have no fields yet.
  std::vector<std::pair<const google::protobuf::Descriptor*, Message*>> open_;
  size_t fields_ = 0;
};

}  // namespace sidestream::serde::protobuf
