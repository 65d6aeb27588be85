// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_format.h"

#include <algorithm>
#include <utility>

#include "serde/protobuf/proto_plan.h"
#include "serde/protobuf/proto_reader.h"
#include "serde/protobuf/proto_schema.h"
#include "serde/protobuf/proto_writer.h"

namespace sidestream::serde::protobuf {
namespace {

using Kind = Value::Kind;

class ProtoCodec final : public Writer::Codec {
 public:
  ProtoCodec(ProtoSchemaPtr schema, const Message& message) : writer_(std::move(schema), message) {}
  Status Write(const Value& value, std::string& out) const override {
    return writer_.Encode(value, out);
  }

 private:
  const ProtoWriter writer_;
};

Kind KindOf(FieldType type) {
  switch (type) {
    case FieldType::kDouble:
    case FieldType::kFloat:
      return Kind::kDouble;
    case FieldType::kBool:
      return Kind::kBool;
    case FieldType::kString:
      return Kind::kString;
    case FieldType::kBytes:
      return Kind::kBytes;
    case FieldType::kUint32:
    case FieldType::kUint64:
    case FieldType::kFixed32:
    case FieldType::kFixed64:
      return Kind::kUint;
    default:
      return Kind::kInt;
  }
}

/// The types of a message; a message inside itself is open.
class Typing {
 public:
  SchemaType Of(const Message& message) {
    switch (message.shape) {
      case Shape::kTimestamp:
        return SchemaType::Scalar(Kind::kTimestamp);
      case Shape::kDuration:
        return SchemaType::Scalar(Kind::kDuration);
      case Shape::kWrapper:
        return OfOne(message.fields[0]);
      case Shape::kStruct:
        return SchemaType::Map(Kind::kString, {});
      case Shape::kListValue:
        return SchemaType::List({});
      case Shape::kValue:
        return {};
      case Shape::kPlain:
        break;
    }
    if (std::ranges::find(open_, &message) != open_.end()) return {};
    if (fields_ + message.fields.size() > kTypedFields) return {};
    fields_ += message.fields.size();
    open_.push_back(&message);
    SchemaType type{.kind = SchemaType::Kind::kObject, .closed = true};
    for (const Field& field : message.fields) {
      if (field.type != FieldType::kGroup) type.fields.push_back({field.name, OfField(field)});
    }
    open_.pop_back();
    return type;
  }

 private:
  SchemaType OfField(const Field& field) {
    if (field.map) {
      return SchemaType::Map(KindOf(field.message->fields[0].type),
                             OfOne(field.message->fields[1]));
    }
    return field.repeated ? SchemaType::List(OfOne(field)) : OfOne(field);
  }

  SchemaType OfOne(const Field& field) {
    if (field.message != nullptr) return Of(*field.message);
    if (field.enumeration != nullptr && field.enumeration->null_value) return {};
    return SchemaType::Scalar(KindOf(field.type));
  }

  std::vector<const Message*> open_;
  size_t fields_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> CreateReader(const SchemaText& schema, std::string_view message,
                                             std::span<const int32_t> indexes,
                                             std::vector<WantedPath> wanted) {
  ASSIGN_OR_RETURN(ProtoSchemaPtr parsed, ProtoSchema::Parse(schema));
  ASSIGN_OR_RETURN(const Message* const chosen,
                   indexes.empty() ? parsed->Find(message) : parsed->At(indexes));
  ASSIGN_OR_RETURN(auto plan, ProtoPlan::Compile(std::move(parsed), *chosen, wanted));
  return std::unique_ptr<Reader>(std::make_unique<ProtoReader>(std::move(plan)));
}

Result<std::shared_ptr<const Writer::Codec>> CreateCodec(const SchemaText& schema,
                                                         std::string_view message) {
  ASSIGN_OR_RETURN(ProtoSchemaPtr parsed, ProtoSchema::Parse(schema));
  ASSIGN_OR_RETURN(const Message* const chosen, parsed->Find(message));
  return std::shared_ptr<const Writer::Codec>(
      std::make_shared<ProtoCodec>(std::move(parsed), *chosen));
}

Result<SchemaType> TypeOfSchema(const SchemaText& schema, std::string_view message) {
  ASSIGN_OR_RETURN(const ProtoSchemaPtr parsed, ProtoSchema::Parse(schema));
  ASSIGN_OR_RETURN(const Message* const chosen, parsed->Find(message));
  return Typing().Of(*chosen);
}

Result<std::string> NameOf(const SchemaText& schema, std::string_view message) {
  ASSIGN_OR_RETURN(const ProtoSchemaPtr parsed, ProtoSchema::Parse(schema));
  ASSIGN_OR_RETURN(const Message* const chosen, parsed->Find(message));
  return chosen->name;
}

Result<std::vector<int32_t>> IndexesOf(const SchemaText& schema, std::string_view message) {
  ASSIGN_OR_RETURN(const ProtoSchemaPtr parsed, ProtoSchema::Parse(schema));
  ASSIGN_OR_RETURN(const Message* const chosen, parsed->Find(message));
  return chosen->file_indexes;
}

}  // namespace sidestream::serde::protobuf
