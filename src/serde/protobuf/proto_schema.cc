// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_schema.h"

#include <algorithm>
#include <utility>

#include "base/nearest_name.h"
#include "serde/protobuf/proto_import.h"
#include "serde/protobuf/schema_builder.h"

namespace sidestream::serde::protobuf {

WireType WireTypeOf(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFixed64:
    case FieldType::kSfixed64:
      return WireType::kFixed64;
    case FieldType::kFloat:
    case FieldType::kFixed32:
    case FieldType::kSfixed32:
      return WireType::kFixed32;
    case FieldType::kString:
    case FieldType::kBytes:
    case FieldType::kMessage:
      return WireType::kBytes;
    case FieldType::kGroup:
      return WireType::kGroup;
    default:
      return WireType::kVarint;
  }
}

Result<ProtoSchemaPtr> ProtoSchema::Parse(const SchemaText& schema) {
  ProtoImport import(schema);
  ASSIGN_OR_RETURN(const google::protobuf::FileDescriptor* const file, import.Load());
  std::shared_ptr<ProtoSchema> parsed(new ProtoSchema());
  RETURN_IF_ERROR(SchemaBuilder(*parsed).Build(*file));
  return ProtoSchemaPtr(std::move(parsed));
}

Result<const Message*> ProtoSchema::Find(std::string_view name) const {
  if (own_.empty()) return Status::InvalidConfig("the Protobuf schema has no message");
  if (name.empty()) return own_.front();
  const std::string in_package =
      package_.empty() ? std::string(name) : package_ + "." + std::string(name);
  std::vector<std::string> known;
  for (const Message* const message : own_) {
    if (message->name == name || message->name == in_package) return message;
    known.push_back(message->name);
  }
  std::string nearest = NearestName(name, known);
  if (nearest.empty()) nearest = NearestName(in_package, known);
  return Status::InvalidConfig("the Protobuf schema has no message '" + std::string(name) + "'" +
                               (nearest.empty() ? "; its first one is " + known.front()
                                                : "; did you mean " + nearest + "?"));
}

Result<const Message*> ProtoSchema::At(std::span<const int32_t> indexes) const {
  const auto found = std::ranges::find_if(own_, [&](const Message* message) {
    return std::ranges::equal(message->file_indexes, indexes);
  });
  if (found != own_.end()) return *found;
  std::string text;
  for (const int32_t index : indexes) text += (text.empty() ? "" : ", ") + std::to_string(index);
  return Status::BadRecord("the Protobuf schema has no message at [" + text + "]");
}

}  // namespace sidestream::serde::protobuf
