// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/serde_protobuf/random_proto.h"

#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string_view>

namespace sidestream::serde::protobuf {
namespace {

namespace pb = google::protobuf;
using Kind = Value::Kind;

constexpr int kMessages = 3;

constexpr std::string_view kScalars[] = {
    "double", "float", "int64",  "uint64", "int32",    "fixed64",  "fixed32", "bool",
    "string", "bytes", "uint32", "E",      "sfixed32", "sfixed64", "sint32",  "sint64"};
constexpr std::string_view kKeys[] = {"int32", "uint64", "sint32", "fixed32", "bool", "string"};
constexpr std::string_view kWellKnown[] = {"Timestamp",  "Duration",  "Int32Value",  "StringValue",
                                           "BytesValue", "BoolValue", "DoubleValue", "Struct",
                                           "Value",      "ListValue", "Any"};

size_t Index(Random& random, size_t bound) {
  return static_cast<size_t>(random.Below(static_cast<int64_t>(bound)));
}

std::string_view Scalar(Random& random) { return kScalars[Index(random, std::size(kScalars))]; }

std::string AnyType(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return "M" + std::to_string(random.Below(kMessages));
    case 1:
      return "google.protobuf." + std::string(kWellKnown[Index(random, std::size(kWellKnown))]);
    default:
      return std::string(Scalar(random));
  }
}

bool IsPackable(std::string_view type) {
  return std::ranges::find(kScalars, type) != std::end(kScalars) && type != "string" &&
         type != "bytes";
}

}  // namespace

RandomSchema::RandomSchema(Random& random) : random_(random), proto3_(!random.OneIn(3)) {
  for (int message = 0; message < kMessages; ++message) {
    std::vector<std::string>& fields = fields_.emplace_back();
    std::set<int> numbers;
    const auto number = [&] {
      int next = 0;
      do {
        next =
            static_cast<int>(random_.OneIn(6) ? 21 + random_.Below(3'000) : 1 + random_.Below(20));
      } while (!numbers.insert(next).second);
      return next;
    };
    for (int64_t count = 1 + random_.Below(8); count > 0; --count) {
      fields.push_back(MakeField(number()));
    }
    if (random_.OneIn(2)) {
      std::string oneof = "  oneof pick {\n";
      for (int64_t members = 2 + random_.Below(2); members > 0; --members) {
        const int at = number();
        oneof += "    " + AnyType(random_) + " f" + std::to_string(at) + " = " +
                 std::to_string(at) + ";\n";
      }
      fields.push_back(oneof + "  }\n");
    }
  }
}

std::string RandomSchema::MakeField(int number) {
  const std::string name = " f" + std::to_string(number) + " = " + std::to_string(number);
  if (random_.OneIn(5)) {
    return "  map<" + std::string(kKeys[Index(random_, std::size(kKeys))]) + ", " +
           AnyType(random_) + ">" + name + ";\n";
  }
  const std::string type = AnyType(random_);
  if (random_.OneIn(3)) {
    std::string packed;
    if (IsPackable(type) && random_.OneIn(2)) {
      packed = random_.OneIn(2) ? " [packed = true]" : " [packed = false]";
    }
    return "  repeated " + type + name + packed + ";\n";
  }
  if (proto3_) return (random_.OneIn(3) ? "  optional " : "  ") + type + name + ";\n";
  std::string fallback;
  if (random_.OneIn(3)) {
    if (type == "int32" || type == "sint64") fallback = " [default = -7]";
    if (type == "string") fallback = " [default = \"d\\303\\251\"]";
    if (type == "bytes") fallback = " [default = \"\\377\"]";
    if (type == "double") fallback = " [default = 1.5]";
    if (type == "E") fallback = " [default = E1]";
  }
  return "  optional " + type + name + fallback + ";\n";
}

std::string RandomSchema::Text(bool leave_some_out) {
  std::string text = proto3_ ? "syntax = \"proto3\";\n" : "syntax = \"proto2\";\n";
  for (const std::string_view file : {"any", "duration", "struct", "timestamp", "wrappers"}) {
    text += "import \"google/protobuf/" + std::string(file) + ".proto\";\n";
  }
  for (int message = 0; message < kMessages; ++message) {
    text += "message M" + std::to_string(message) + " {\n";
    for (const std::string& field : fields_[static_cast<size_t>(message)]) {
      if (!leave_some_out || !random_.OneIn(4)) text += field;
    }
    text += "}\n";
  }
  text += "enum E { E0 = 0; E1 = 1; ";
  if (!leave_some_out) text += "E2 = -3; ";
  return text + "}\n";
}

namespace {

std::string RandomText(Random& random) {
  static constexpr std::string_view kPieces[] = {"a", "b", "é", "\n", "\"", "語"};
  std::string text;
  for (int64_t size = random.Below(5); size > 0; --size) text += kPieces[random.Below(6)];
  return text;
}

std::string RandomBytes(Random& random) {
  std::string bytes;
  for (int64_t size = random.Below(5); size > 0; --size) {
    bytes.push_back(static_cast<char>(random.Below(256)));
  }
  return bytes;
}

int64_t RandomInteger(Random& random) {
  const int64_t raw = static_cast<int64_t>(random.Next());
  return raw >> random.Below(64);
}

double RandomDouble(Random& random) {
  return random.OneIn(5) ? -0.0 : static_cast<double>(random.Below(2'000) - 1'000) / 8;
}

void FillTime(pb::Message& message, Random& random) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const pb::Reflection& reflection = *message.GetReflection();
  const bool is_duration = type.name() == "Duration";
  const int64_t sign = is_duration && random.OneIn(2) ? -1 : 1;
  // Of a Duration both are there: merged with another one, a part alone could have the wrong sign.
  const bool partly = !is_duration && random.OneIn(3);
  const int64_t seconds = partly ? 0 : 1 + random.Below(250'000'000'000);
  const int64_t nanos = !is_duration && random.OneIn(3) ? 0 : 1 + random.Below(999'999'999);
  reflection.SetInt64(&message, type.field(0), sign * seconds);
  reflection.SetInt32(&message, type.field(1), static_cast<int32_t>(sign * nanos));
}

/// Sets, or adds to, a field.
void FillField(pb::Message& message, const pb::FieldDescriptor& field, Random& random, int depth) {
  const pb::Reflection& r = *message.GetReflection();
  const bool add = field.is_repeated();
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32: {
      const auto value = static_cast<int32_t>(RandomInteger(random));
      return add ? r.AddInt32(&message, &field, value) : r.SetInt32(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_INT64: {
      const int64_t value = RandomInteger(random);
      return add ? r.AddInt64(&message, &field, value) : r.SetInt64(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_UINT32: {
      const auto value = static_cast<uint32_t>(RandomInteger(random));
      return add ? r.AddUInt32(&message, &field, value) : r.SetUInt32(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_UINT64: {
      const auto value = static_cast<uint64_t>(RandomInteger(random));
      return add ? r.AddUInt64(&message, &field, value) : r.SetUInt64(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_DOUBLE: {
      const double value = RandomDouble(random);
      return add ? r.AddDouble(&message, &field, value) : r.SetDouble(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_FLOAT: {
      const auto value = static_cast<float>(RandomDouble(random));
      return add ? r.AddFloat(&message, &field, value) : r.SetFloat(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_BOOL: {
      const bool value = random.OneIn(2);
      return add ? r.AddBool(&message, &field, value) : r.SetBool(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const pb::EnumDescriptor& type = *field.enum_type();
      const pb::EnumValueDescriptor* value =
          type.value(static_cast<int>(random.Below(type.value_count())));
      return add ? r.AddEnum(&message, &field, value) : r.SetEnum(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string value = field.type() == pb::FieldDescriptor::TYPE_BYTES
                                    ? RandomBytes(random)
                                    : RandomText(random);
      return add ? r.AddString(&message, &field, value) : r.SetString(&message, &field, value);
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE: {
      pb::Message* below =
          add ? r.AddMessage(&message, &field) : r.MutableMessage(&message, &field);
      return FillAtRandom(*below, random, depth - 1);
    }
  }
}

}  // namespace

void FillAtRandom(pb::Message& message, Random& random, int depth) {
  const pb::Descriptor& type = *message.GetDescriptor();
  if (type.full_name() == "google.protobuf.Timestamp" ||
      type.full_name() == "google.protobuf.Duration") {
    return FillTime(message, random);
  }
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    if (field.message_type() != nullptr && depth <= 0) continue;
    int64_t times = random.OneIn(3) ? 0 : 1;
    // Beyond 16 entries a map is built in another way.
    if (field.is_repeated()) times = random.OneIn(20) ? 40 : random.Below(4);
    for (; times > 0; --times) FillField(message, field, random, depth);
  }
}

namespace {

bool IsNullUnlessSet(const pb::FieldDescriptor& field) {
  const pb::Descriptor& type = *field.message_type();
  return type.file()->name() == "google/protobuf/wrappers.proto" ||
         type.full_name() == "google.protobuf.Value";
}

/// Element `index` of a list, or the one value (-1).
Value ScalarOf(const pb::Message& message, const pb::FieldDescriptor& field, int index,
               Arena& arena) {
  const pb::Reflection& r = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(one ? r.GetInt32(message, &field)
                            : r.GetRepeatedInt32(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(one ? r.GetInt64(message, &field)
                            : r.GetRepeatedInt64(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return Value::Uint(one ? r.GetUInt32(message, &field)
                             : r.GetRepeatedUInt32(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(one ? r.GetUInt64(message, &field)
                             : r.GetRepeatedUInt64(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(one ? r.GetDouble(message, &field)
                               : r.GetRepeatedDouble(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(static_cast<double>(one ? r.GetFloat(message, &field)
                                                   : r.GetRepeatedFloat(message, &field, index)));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(one ? r.GetBool(message, &field)
                             : r.GetRepeatedBool(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return Value::Int(one ? r.GetEnumValue(message, &field)
                            : r.GetRepeatedEnumValue(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index);
      const std::string_view copy = arena.Copy(text);
      return field.type() == pb::FieldDescriptor::TYPE_BYTES ? Value::Bytes(copy)
                                                             : Value::String(copy);
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return SeenByUs(
          one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index),
          arena);
  }
  return {};
}

Value MapOf(const pb::Message& message, const pb::FieldDescriptor& field, Arena& arena) {
  const pb::Reflection& r = *message.GetReflection();
  const pb::Descriptor& entry = *field.message_type();
  const auto size = static_cast<size_t>(r.FieldSize(message, &field));
  const std::span<MapEntry> entries = arena.NewArray<MapEntry>(size);
  // A dynamic message keeps what was on the wire: of equal keys the last one counts.
  size_t kept = 0;
  for (size_t i = 0; i < size; ++i) {
    const pb::Message& at = r.GetRepeatedMessage(message, &field, static_cast<int>(i));
    // Generated code drops an entry whose value is no symbol; a dynamic message keeps it, with the
    // number among the unknown fields.
    if (at.GetReflection()->GetUnknownFields(at).field_count() > 0) continue;
    const MapEntry read{ScalarOf(at, *entry.field(0), -1, arena),
                        ScalarOf(at, *entry.field(1), -1, arena)};
    size_t place = 0;
    while (place < kept && !Value::Equal(entries[place].key, read.key)) ++place;
    entries[place] = read;
    kept = std::max(kept, place + 1);
  }
  return Value::Map(entries.first(kept));
}

Value FieldSeen(const pb::Message& message, const pb::FieldDescriptor& field, Arena& arena) {
  const pb::Reflection& r = *message.GetReflection();
  if (field.is_map()) return MapOf(message, field, arena);
  if (field.is_repeated()) {
    const auto size = static_cast<size_t>(r.FieldSize(message, &field));
    const std::span<Value> items = arena.NewArray<Value>(size);
    for (size_t i = 0; i < size; ++i) {
      items[i] = ScalarOf(message, field, static_cast<int>(i), arena);
    }
    return Value::List(items);
  }
  if (field.has_presence() && !r.HasField(message, &field)) {
    if (field.real_containing_oneof() != nullptr) return {};
    if (field.message_type() != nullptr) return IsNullUnlessSet(field) ? Value::Null() : Value();
    if (!field.has_default_value()) return {};
  }
  return ScalarOf(message, field, -1, arena);
}

}  // namespace

Value SeenByUs(const pb::Message& message, Arena& arena) {
  const pb::Descriptor& type = *message.GetDescriptor();
  const pb::Reflection& r = *message.GetReflection();
  const std::string& name = type.full_name();
  if (name == "google.protobuf.Timestamp" || name == "google.protobuf.Duration") {
    const int64_t seconds = r.GetInt64(message, type.field(0));
    const int32_t nanos = r.GetInt32(message, type.field(1));
    const Nanos time =
        nanos < 0 ? Nanos{seconds - 1, nanos + 1'000'000'000} : Nanos{seconds, nanos};
    return type.name() == "Duration" ? Value::DurationOf(time, arena)
                                     : Value::TimestampOf(time, arena);
  }
  if (name == "google.protobuf.Struct" || name == "google.protobuf.ListValue" ||
      type.file()->name() == "google/protobuf/wrappers.proto") {
    return FieldSeen(message, *type.field(0), arena);
  }
  if (name == "google.protobuf.Value") {
    const pb::FieldDescriptor* set = r.GetOneofFieldDescriptor(message, type.oneof_decl(0));
    return set == nullptr || set->number() == 1 ? Value::Null() : FieldSeen(message, *set, arena);
  }
  const std::span<MapEntry> entries =
      arena.NewArray<MapEntry>(static_cast<size_t>(type.field_count()));
  size_t size = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    const Value value = FieldSeen(message, *type.field(i), arena);
    if (!value.missing()) entries[size++] = {Value::String(type.field(i)->name()), value};
  }
  return Value::Map(entries.first(size));
}

std::string TextOf(const Value& value) {
  std::string text(KindName(value.kind()));
  if (value.kind() == Kind::kList) {
    for (const Value& item : value.list()) text += "," + TextOf(item);
  } else if (value.kind() == Kind::kMap) {
    std::vector<std::string> entries;
    for (const MapEntry& entry : value.map()) {
      entries.push_back(TextOf(entry.key) + ":" + TextOf(entry.value));
    }
    std::ranges::sort(entries);
    for (const std::string& entry : entries) text += "," + entry;
  } else if (value.kind() == Kind::kDouble) {
    char digits[64];
    std::snprintf(digits, sizeof digits, " %a", value.double_value());
    text += digits;
  } else {
    text += " " + DebugString(value, 10'000);
  }
  return "(" + text + ")";
}

}  // namespace sidestream::serde::protobuf
