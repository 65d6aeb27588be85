// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/message_catalog.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "serde/protobuf/message_reader.h"

namespace sidestream::serde {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

constexpr std::string_view kWellKnownFiles[] = {
    "google/protobuf/any.proto",     "google/protobuf/duration.proto",
    "google/protobuf/empty.proto",   "google/protobuf/field_mask.proto",
    "google/protobuf/struct.proto",  "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto"};

const FileDescriptor* GeneratedFile(std::string_view name) {
  return DescriptorPool::generated_pool()->FindFileByName(std::string(name));
}

std::string ShapeOf(const Descriptor& descriptor) {
  std::string shape;
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    shape += std::to_string(field.number()) + " " + field.name() + " " + field.type_name() +
             (field.is_repeated() ? "[]; " : "; ");
  }
  return shape;
}

// A file may call its own message google.protobuf.Timestamp: it is that only with its fields.
WellKnown WellKnownOf(const Descriptor& descriptor) {
  static const std::map<std::string, WellKnown, std::less<>> kNames = {
      {"google.protobuf.Any", WellKnown::kAny},
      {"google.protobuf.Timestamp", WellKnown::kTimestamp},
      {"google.protobuf.Duration", WellKnown::kDuration},
      {"google.protobuf.Struct", WellKnown::kStruct},
      {"google.protobuf.Value", WellKnown::kValue},
      {"google.protobuf.ListValue", WellKnown::kListValue},
      {"google.protobuf.FieldMask", WellKnown::kFieldMask},
      {"google.protobuf.BoolValue", WellKnown::kWrapper},
      {"google.protobuf.Int32Value", WellKnown::kWrapper},
      {"google.protobuf.Int64Value", WellKnown::kWrapper},
      {"google.protobuf.UInt32Value", WellKnown::kWrapper},
      {"google.protobuf.UInt64Value", WellKnown::kWrapper},
      {"google.protobuf.FloatValue", WellKnown::kWrapper},
      {"google.protobuf.DoubleValue", WellKnown::kWrapper},
      {"google.protobuf.StringValue", WellKnown::kWrapper},
      {"google.protobuf.BytesValue", WellKnown::kWrapper},
  };
  const auto found = kNames.find(descriptor.full_name());
  if (found == kNames.end()) return WellKnown::kNone;
  const Descriptor* generated =
      DescriptorPool::generated_pool()->FindMessageTypeByName(descriptor.full_name());
  return ShapeOf(descriptor) == ShapeOf(*generated) ? found->second : WellKnown::kNone;
}

FieldKind KindOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return FieldKind::kBool;
    case FieldDescriptor::CPPTYPE_INT32:
      return FieldKind::kInt32;
    case FieldDescriptor::CPPTYPE_INT64:
      return FieldKind::kInt64;
    case FieldDescriptor::CPPTYPE_UINT32:
      return FieldKind::kUint32;
    case FieldDescriptor::CPPTYPE_UINT64:
      return FieldKind::kUint64;
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FieldKind::kFloat;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return FieldKind::kDouble;
    case FieldDescriptor::CPPTYPE_ENUM:
      return FieldKind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return FieldKind::kMessage;
    case FieldDescriptor::CPPTYPE_STRING:
      break;
  }
  return field.type() == FieldDescriptor::TYPE_BYTES ? FieldKind::kBytes : FieldKind::kString;
}

class Catalogue final : public MessageTypes, public MessageIndex {
 public:
  explicit Catalogue(std::unique_ptr<DescriptorPool> own = nullptr) : pool_(std::move(own)) {}

  void Add(std::span<const FileDescriptor* const> files) {
    for (const FileDescriptor* file : files) AddFile(*file);
    for (const std::string_view name : kWellKnownFiles) AddFile(*GeneratedFile(name));
    for (auto& [descriptor, type] : types_) FillFields(*descriptor, *type);
    extensions_.clear();
  }

  const MessageType* Find(std::string_view name) const override {
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : types_.at(found->second).get();
  }

  std::optional<Value> EnumConstant(std::string_view name) const override {
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto found = enum_names_.find(name.substr(0, dot));
    if (found == enum_names_.end()) return std::nullopt;
    for (const auto& [value_name, number] : found->second->values) {
      if (value_name != name.substr(dot + 1)) continue;
      return found->second->IsNull() ? Value::Null() : Value::Int(number);
    }
    return std::nullopt;
  }

  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, descriptor] : names_) names.push_back(name);
    return names;
  }

  Result<Value> Read(const MessageType& type, std::string_view bytes, Arena& arena) const override {
    return ReadAt(0, type, bytes, arena);
  }

  const MessageType& TypeOf(const Descriptor& descriptor) const override {
    return *types_.at(&descriptor);
  }
  const MessageField& FieldOf(const FieldDescriptor& field) const override {
    return *fields_.at(&field);
  }

 private:
  // Knows no types where an Any lies too deep in others.
  class Nested final : public MessageTypes {
   public:
    Nested(const Catalogue& catalogue, int depth) : catalogue_(catalogue), depth_(depth) {}
    const MessageType* Find(std::string_view name) const override {
      return depth_ < kMaxAnyDepth ? catalogue_.Find(name) : nullptr;
    }
    std::optional<Value> EnumConstant(std::string_view name) const override {
      return catalogue_.EnumConstant(name);
    }
    std::vector<std::string> Names() const override { return catalogue_.Names(); }
    Result<Value> Read(const MessageType& type, std::string_view bytes,
                       Arena& arena) const override {
      return catalogue_.ReadAt(depth_ + 1, type, bytes, arena);
    }

   private:
    const Catalogue& catalogue_;
    int depth_;
  };

  Result<Value> ReadAt(int depth, const MessageType& type, std::string_view bytes,
                       Arena& arena) const {
    const auto descriptor = names_.find(type.name);
    CHECK(descriptor != names_.end()) << type.name << " is of another catalogue";
    const std::unique_ptr<google::protobuf::Message> message(
        factory_.GetPrototype(descriptor->second)->New());
    const google::protobuf::LogSilencer silence;  // the status says it
    if (!message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return Status::BadRecord("the bytes are no message of type " + type.name);
    return MessageReader(*this, Nested(*this, depth), arena).Read(*message);
  }

  void AddFile(const FileDescriptor& file) {
    if (!files_.insert(file.name()).second) return;
    for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i));
    for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) AddEnum(*file.enum_type(i));
    for (int i = 0; i < file.extension_count(); ++i) AddExtension(*file.extension(i));
  }

  void AddMessage(const Descriptor& descriptor) {
    auto type = std::make_unique<MessageType>();
    type->name = descriptor.full_name();
    type->well_known = WellKnownOf(descriptor);
    type->empty.type = type.get();
    names_.emplace(type->name, &descriptor);
    types_.emplace(&descriptor, std::move(type));
    for (int i = 0; i < descriptor.nested_type_count(); ++i) AddMessage(*descriptor.nested_type(i));
    for (int i = 0; i < descriptor.enum_type_count(); ++i) AddEnum(*descriptor.enum_type(i));
    for (int i = 0; i < descriptor.extension_count(); ++i) AddExtension(*descriptor.extension(i));
  }

  void AddEnum(const EnumDescriptor& descriptor) {
    auto type = std::make_unique<EnumType>();
    type->name = descriptor.full_name();
    for (int i = 0; i < descriptor.value_count(); ++i) {
      type->values.emplace_back(descriptor.value(i)->name(), descriptor.value(i)->number());
    }
    enum_names_.emplace(type->name, type.get());
    enums_.emplace(&descriptor, std::move(type));
  }

  void AddExtension(const FieldDescriptor& field) {
    extensions_[field.containing_type()].push_back(&field);
  }

  void FillFields(const Descriptor& descriptor, MessageType& type) {
    std::vector<const FieldDescriptor*> all = extensions_[&descriptor];
    for (int i = 0; i < descriptor.field_count(); ++i) all.push_back(descriptor.field(i));
    std::ranges::sort(all, {}, [](const FieldDescriptor* field) { return field->number(); });
    type.fields.reserve(all.size());  // pointers to fields are handed out
    for (const FieldDescriptor* each : all) {
      MessageField& field = type.fields.emplace_back(MakeField(*each));
      type.by_name.emplace(field.name, &field);
      fields_.emplace(each, &field);
    }
  }

  MessageField MakeField(const FieldDescriptor& from) {
    MessageField field;
    field.name = from.is_extension() ? from.full_name() : from.name();
    field.json_name = from.is_extension() ? "[" + from.full_name() + "]" : from.json_name();
    field.number = from.number();
    field.kind = KindOf(from);
    field.map = from.is_map();
    field.repeated = from.is_repeated() && !field.map;
    field.presence = from.has_presence();
    if (from.real_containing_oneof() != nullptr)
      field.oneof = from.real_containing_oneof()->index();
    if (field.kind == FieldKind::kMessage) field.message = types_.at(from.message_type()).get();
    if (field.kind == FieldKind::kEnum) field.enumeration = enums_.at(from.enum_type()).get();
    field.initial = InitialOf(from, field);
    return field;
  }

  Value InitialOf(const FieldDescriptor& from, const MessageField& field) {
    if (field.map) return Value::Map({});
    if (field.repeated) return Value::List({});
    switch (field.kind) {
      case FieldKind::kBool:
        return Value::Bool(from.default_value_bool());
      case FieldKind::kInt32:
        return Value::Int(from.default_value_int32());
      case FieldKind::kInt64:
        return Value::Int(from.default_value_int64());
      case FieldKind::kUint32:
        return Value::Uint(from.default_value_uint32());
      case FieldKind::kUint64:
        return Value::Uint(from.default_value_uint64());
      case FieldKind::kFloat:
        return Value::Double(static_cast<double>(from.default_value_float()));
      case FieldKind::kDouble:
        return Value::Double(from.default_value_double());
      case FieldKind::kString:
        return Value::String(from.default_value_string());
      case FieldKind::kBytes:
        return Value::Bytes(from.default_value_string());
      case FieldKind::kEnum:
        if (field.enumeration->IsNull()) return Value::Null();
        return Value::Int(from.default_value_enum()->number());
      case FieldKind::kMessage:
        break;
    }
    switch (field.message->well_known) {
      case WellKnown::kAny:
      case WellKnown::kValue:
      case WellKnown::kWrapper:
        return Value::Null();
      case WellKnown::kTimestamp:
        return Value::TimestampOf({}, arena_);
      case WellKnown::kDuration:
        return Value::DurationOf({}, arena_);
      case WellKnown::kStruct:
        return Value::Map({});
      case WellKnown::kListValue:
        return Value::List({});
      case WellKnown::kNone:
      case WellKnown::kFieldMask:
        break;
    }
    return Value::MessageOf(field.message->empty);
  }

  const std::unique_ptr<DescriptorPool> pool_;               // null: the descriptors are borrowed
  mutable google::protobuf::DynamicMessageFactory factory_;  // has a lock of its own
  Arena arena_;                                              // of initial values
  std::set<std::string> files_;
  std::unordered_map<const Descriptor*, std::unique_ptr<MessageType>> types_;
  std::unordered_map<const EnumDescriptor*, std::unique_ptr<EnumType>> enums_;
  std::unordered_map<const FieldDescriptor*, const MessageField*> fields_;
  std::map<std::string, const Descriptor*, std::less<>> names_;
  std::map<std::string, const EnumType*, std::less<>> enum_names_;
  std::unordered_map<const Descriptor*, std::vector<const FieldDescriptor*>> extensions_;
};

// Collects what a pool has to say about a file.
class ErrorText final : public DescriptorPool::ErrorCollector {
 public:
  void AddError(const std::string& file, const std::string& element,
                const google::protobuf::Message*, ErrorLocation,
                const std::string& message) override {
    if (text_.empty()) text_ = file + ": " + element + ": " + message;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Files that this library brings along may be left out of a set.
void AddMissing(const google::protobuf::FileDescriptorProto& file, DescriptorPool& pool) {
  for (const std::string& name : file.dependency()) {
    const FileDescriptor* known = GeneratedFile(name);
    if (known == nullptr || pool.FindFileByName(name) != nullptr) continue;
    google::protobuf::FileDescriptorProto copy;
    known->CopyTo(&copy);
    AddMissing(copy, pool);
    pool.BuildFile(copy);
  }
}

}  // namespace

std::unique_ptr<MessageTypes> TypesOfFiles(std::span<const FileDescriptor* const> files) {
  auto catalogue = std::make_unique<Catalogue>();
  catalogue->Add(files);
  return catalogue;
}

Result<std::unique_ptr<MessageTypes>> TypesOfDescriptorSet(std::string_view bytes) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Status::InvalidConfig("the bytes are no google.protobuf.FileDescriptorSet");
  }
  auto pool = std::make_unique<DescriptorPool>();
  std::vector<const FileDescriptor*> files;
  for (const google::protobuf::FileDescriptorProto& file : set.file()) {
    AddMissing(file, *pool);
    ErrorText errors;
    const FileDescriptor* built = pool->FindFileByName(file.name());
    if (built == nullptr) built = pool->BuildFileCollectingErrors(file, &errors);
    if (built == nullptr) return Status::InvalidConfig(errors.text());
    files.push_back(built);
  }
  auto catalogue = std::make_unique<Catalogue>(std::move(pool));
  catalogue->Add(files);
  return std::unique_ptr<MessageTypes>(std::move(catalogue));
}

const MessageTypes& WellKnownTypes() {
  static const MessageTypes* const types = TypesOfFiles({}).release();  // lives for ever
  return *types;
}

}  // namespace sidestream::serde
