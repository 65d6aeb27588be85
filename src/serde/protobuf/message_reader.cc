// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/message_reader.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/unknown_field_set.h>

#include <string>
#include <unordered_set>
#include <vector>

#include "serde/message_builder.h"
#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

using google::protobuf::FieldDescriptor;

// Equal keys of one map have equal texts.
std::string KeyText(const Value& key) {
  return key.kind() == Value::Kind::kString ? std::string(key.string_value()) : DebugString(key);
}

}  // namespace

Result<Value> MessageReader::Read(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);  // ordered by number
  const std::span<MessageEntry> entries = arena_.NewArray<MessageEntry>(set.size());
  for (size_t i = 0; i < set.size(); ++i) {
    ASSIGN_OR_RETURN(const Value value, ReadField(message, *set[i]));
    entries[i] = {&index_.FieldOf(*set[i]), value};
  }
  std::string unknown;
  reflection.GetUnknownFields(message).SerializeToString(&unknown);
  const Message made{&index_.TypeOf(*message.GetDescriptor()), entries, arena_.Copy(unknown)};
  return Unpack(types_, made, arena_);
}

Result<Value> MessageReader::ReadField(const google::protobuf::Message& message,
                                       const Descriptor& field) {
  if (field.is_map()) return ReadMap(message, field);
  if (!field.is_repeated()) return ReadOne(message, field, -1);
  const int size = message.GetReflection()->FieldSize(message, &field);
  const std::span<Value> items = arena_.NewArray<Value>(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    ASSIGN_OR_RETURN(items[static_cast<size_t>(i)], ReadOne(message, field, i));
  }
  return Value::List(items);
}

// The last one of equal keys wins, as on the wire.
Result<Value> MessageReader::ReadMap(const google::protobuf::Message& message,
                                     const Descriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const auto size = static_cast<size_t>(reflection.FieldSize(message, &field));
  const std::span<MapEntry> entries = arena_.NewArray<MapEntry>(size);
  std::unordered_set<std::string> keys;
  size_t first = size;
  for (size_t i = size; i > 0; --i) {
    const auto& entry = reflection.GetRepeatedMessage(message, &field, static_cast<int>(i - 1));
    const google::protobuf::Descriptor& type = *entry.GetDescriptor();
    ASSIGN_OR_RETURN(const Value key, ReadOne(entry, *type.map_key(), -1));
    if (!keys.insert(KeyText(key)).second) continue;
    ASSIGN_OR_RETURN(const Value value, ReadOne(entry, *type.map_value(), -1));
    entries[--first] = {key, value};
  }
  return Value::Map(entries.subspan(first));
}

Result<Value> MessageReader::Text(const std::string& text, const Descriptor& field) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) return Value::Bytes(arena_.Copy(text));
  if (!IsUtf8(text)) {
    return Status::BadRecord("the string in field " + field.full_name() + " is not UTF-8");
  }
  return Value::String(arena_.Copy(text));
}

// Element `at` of a repeated field, or the field itself when negative.
Result<Value> MessageReader::ReadOne(const google::protobuf::Message& message,
                                     const Descriptor& field, int at) {
  const google::protobuf::Reflection& in = *message.GetReflection();
  const bool one = at < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(one ? in.GetBool(message, &field)
                             : in.GetRepeatedBool(message, &field, at));
    case FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(one ? in.GetInt32(message, &field)
                            : in.GetRepeatedInt32(message, &field, at));
    case FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(one ? in.GetInt64(message, &field)
                            : in.GetRepeatedInt64(message, &field, at));
    case FieldDescriptor::CPPTYPE_UINT32:
      return Value::Uint(one ? in.GetUInt32(message, &field)
                             : in.GetRepeatedUInt32(message, &field, at));
    case FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(one ? in.GetUInt64(message, &field)
                             : in.GetRepeatedUInt64(message, &field, at));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(one ? static_cast<double>(in.GetFloat(message, &field))
                               : static_cast<double>(in.GetRepeatedFloat(message, &field, at)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(one ? in.GetDouble(message, &field)
                               : in.GetRepeatedDouble(message, &field, at));
    case FieldDescriptor::CPPTYPE_ENUM:
      if (index_.FieldOf(field).enumeration->IsNull()) return Value::Null();
      return Value::Int(one ? in.GetEnumValue(message, &field)
                            : in.GetRepeatedEnumValue(message, &field, at));
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      return Text(one ? in.GetStringReference(message, &field, &scratch)
                      : in.GetRepeatedStringReference(message, &field, at, &scratch),
                  field);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Read(one ? in.GetMessage(message, &field)
                      : in.GetRepeatedMessage(message, &field, at));
  }
  return Status::BadRecord("the kind of field " + field.full_name() + " is not known");
}

}  // namespace sidestream::serde
