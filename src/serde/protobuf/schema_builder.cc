// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/schema_builder.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "serde/utf8.h"

namespace sidestream::serde::protobuf {
namespace {

namespace pb = google::protobuf;

FieldType TypeOf(pb::FieldDescriptor::Type type) {
  // Both count in the order of descriptor.proto.
  return static_cast<FieldType>(static_cast<int>(type) - 1);
}
static_assert(static_cast<int>(pb::FieldDescriptor::TYPE_DOUBLE) - 1 ==
              static_cast<int>(FieldType::kDouble));
static_assert(static_cast<int>(pb::FieldDescriptor::TYPE_SINT64) - 1 ==
              static_cast<int>(FieldType::kSint64));

struct ExpectedField {
  int number;
  pb::FieldDescriptor::Type type;
};

/// Somebody else's text may call anything google.protobuf.Timestamp.
bool HasFields(const pb::Descriptor& descriptor, std::initializer_list<ExpectedField> expected) {
  if (descriptor.field_count() != static_cast<int>(expected.size())) return false;
  int index = 0;
  for (const ExpectedField& field : expected) {
    const pb::FieldDescriptor& found = *descriptor.field(index++);
    if (found.number() != field.number || found.type() != field.type) return false;
  }
  return true;
}

Shape ShapeOf(const pb::Descriptor& descriptor) {
  using Type = pb::FieldDescriptor;
  const std::string& name = descriptor.full_name();
  if (!name.starts_with("google.protobuf.")) return Shape::kPlain;
  const bool time = HasFields(descriptor, {{1, Type::TYPE_INT64}, {2, Type::TYPE_INT32}});
  if (time && name == "google.protobuf.Timestamp") return Shape::kTimestamp;
  if (time && name == "google.protobuf.Duration") return Shape::kDuration;
  if (name.ends_with("Value") && name != "google.protobuf.Value" && descriptor.field_count() == 1 &&
      descriptor.field(0)->number() == 1) {
    if (name == "google.protobuf.ListValue") {
      return descriptor.field(0)->is_repeated() ? Shape::kListValue : Shape::kPlain;
    }
    for (const std::string_view scalar :
         {"Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"}) {
      if (name == "google.protobuf." + std::string(scalar) + "Value" &&
          descriptor.field(0)->message_type() == nullptr && !descriptor.field(0)->is_repeated()) {
        return Shape::kWrapper;
      }
    }
  }
  if (name == "google.protobuf.Struct" && descriptor.field_count() == 1 &&
      descriptor.field(0)->is_map()) {
    return Shape::kStruct;
  }
  const bool value = HasFields(descriptor, {{1, Type::TYPE_ENUM},
                                            {2, Type::TYPE_DOUBLE},
                                            {3, Type::TYPE_STRING},
                                            {4, Type::TYPE_BOOL},
                                            {5, Type::TYPE_MESSAGE},
                                            {6, Type::TYPE_MESSAGE}});
  return value && name == "google.protobuf.Value" ? Shape::kValue : Shape::kPlain;
}

}  // namespace

Status SchemaBuilder::Build(const pb::FileDescriptor& file) {
  schema_.package_ = file.package();
  for (int i = 0; i < file.message_type_count(); ++i) AddOwn(*file.message_type(i), {i});
  // Not by recursion: a chain of types may be long.
  while (!open_.empty()) {
    const auto [descriptor, message] = open_.back();
    open_.pop_back();
    fields_ += static_cast<size_t>(descriptor->field_count());
    if (fields_ > kMaxProtoFields) return Status::InvalidConfig("Protobuf schema: too many fields");
    Fill(*descriptor, *message);
  }
  return Status::Ok();
}

void SchemaBuilder::AddOwn(const pb::Descriptor& descriptor, std::vector<int32_t> indexes) {
  Message* const message = MessageOf(descriptor);
  message->file_indexes = indexes;
  if (!descriptor.options().map_entry()) schema_.own_.push_back(message);
  for (int i = 0; i < descriptor.nested_type_count(); ++i) {
    indexes.push_back(i);
    AddOwn(*descriptor.nested_type(i), indexes);
    indexes.pop_back();
  }
}

Message* SchemaBuilder::MessageOf(const pb::Descriptor& descriptor) {
  Message*& message = messages_[&descriptor];
  if (message != nullptr) return message;
  message = &schema_.messages_.emplace_back();
  message->name = descriptor.full_name();
  message->shape = ShapeOf(descriptor);
  open_.emplace_back(&descriptor, message);
  return message;
}

const Enum* SchemaBuilder::EnumOf(const pb::EnumDescriptor& descriptor) {
  const Enum*& known = enums_[&descriptor];
  if (known != nullptr) return known;
  Enum& made = schema_.enums_.emplace_back();
  made.name = descriptor.full_name();
  made.null_value = made.name == "google.protobuf.NullValue";
  for (int i = 0; i < descriptor.value_count(); ++i) {
    made.symbols.push_back({descriptor.value(i)->name(), descriptor.value(i)->number()});
  }
  known = &made;
  return known;
}

void SchemaBuilder::Fill(const pb::Descriptor& descriptor, Message& message) {
  for (int i = 0; i < descriptor.real_oneof_decl_count(); ++i) {
    message.oneofs.push_back(descriptor.oneof_decl(i)->name());
  }
  for (int i = 0; i < descriptor.field_count(); ++i) {
    message.fields.push_back(FieldOf(*descriptor.field(i)));
    message.by_number.push_back(static_cast<uint32_t>(i));
  }
  std::ranges::sort(message.by_number, {},
                    [&](uint32_t index) { return message.fields[index].number; });
}

Field SchemaBuilder::FieldOf(const pb::FieldDescriptor& descriptor) {
  Field field;
  field.name = descriptor.name();
  field.number = descriptor.number();
  field.type = TypeOf(descriptor.type());
  field.repeated = descriptor.is_repeated();
  field.map = descriptor.is_map();
  field.packed = descriptor.is_packed();
  field.required = descriptor.is_required();
  field.has_presence = descriptor.has_presence();
  if (const pb::OneofDescriptor* oneof = descriptor.real_containing_oneof()) {
    field.oneof = oneof->index();
  }
  if (descriptor.message_type() != nullptr) field.message = MessageOf(*descriptor.message_type());
  if (descriptor.enum_type() != nullptr) {
    field.enumeration = EnumOf(*descriptor.enum_type());
    field.closed_enum = descriptor.file()->syntax() == pb::FileDescriptor::SYNTAX_PROTO2;
  }
  field.unset = UnsetOf(descriptor, field);
  return field;
}

Value SchemaBuilder::UnsetOf(const pb::FieldDescriptor& descriptor, const Field& field) {
  if (field.map) return Value::Map({});
  if (field.repeated) return Value::List({});
  // Of a oneof at most one member is there.
  if (field.oneof >= 0) return {};
  if (field.message != nullptr) {
    const Shape shape = field.message->shape;
    return shape == Shape::kWrapper || shape == Shape::kValue ? Value::Null() : Value();
  }
  // Of a map's entry key and value are always there, in proto2 too.
  const bool in_entry = descriptor.containing_type()->options().map_entry();
  if (field.has_presence && !descriptor.has_default_value() && !in_entry) return {};
  return DefaultOf(descriptor, field);
}

Value SchemaBuilder::DefaultOf(const pb::FieldDescriptor& descriptor, const Field& field) {
  switch (descriptor.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(descriptor.default_value_int32());
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(descriptor.default_value_int64());
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return Value::Uint(descriptor.default_value_uint32());
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(descriptor.default_value_uint64());
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(descriptor.default_value_double());
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(static_cast<double>(descriptor.default_value_float()));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(descriptor.default_value_bool());
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return field.enumeration->null_value ? Value::Null()
                                           : Value::Int(descriptor.default_value_enum()->number());
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string_view text = schema_.arena_.Copy(descriptor.default_value_string());
      if (field.type == FieldType::kBytes) return Value::Bytes(text);
      return IsUtf8(text) ? Value::String(text) : Value();
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return {};
}

}  // namespace sidestream::serde::protobuf
