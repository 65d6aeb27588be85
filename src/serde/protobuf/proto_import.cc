// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_import.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/wrappers.pb.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "serde/protobuf/proto_schema.h"

namespace sidestream::serde::protobuf {
namespace {

namespace pb = google::protobuf;

/// The name of the schema's own text: nothing may import it.
constexpr char kOwnFile[] = "schema.proto";

// The parser nests as deep as the text does, by recursion.
bool NestsTooDeep(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '{' && ++depth > kMaxProtoNesting) return true;
    if (c == '}') --depth;
  }
  return false;
}

Status CheckBounds(const SchemaText& schema) {
  size_t size = schema.text.size();
  bool deep = NestsTooDeep(schema.text);
  for (const SchemaText::Reference& reference : schema.references) {
    size += reference.text.size();
    deep = deep || NestsTooDeep(reference.text);
  }
  if (size > kMaxProtoBytes) return Status::InvalidConfig("Protobuf schema: longer than 4 MiB");
  if (deep) return Status::InvalidConfig("Protobuf schema: nested deeper than 100");
  return Status::Ok();
}

/// Links the files that every schema may import into this program's pool.
const pb::DescriptorPool& WellKnownPool() {
  // What is wrong with a schema comes back as an error; the library would print its warnings, too.
  static const auto silenced = pb::SetLogHandler(nullptr);
  (void)silenced;
  (void)pb::Any::descriptor();
  (void)pb::Duration::descriptor();
  (void)pb::Empty::descriptor();
  (void)pb::FieldMask::descriptor();
  (void)pb::Struct::descriptor();
  (void)pb::Timestamp::descriptor();
  (void)pb::BoolValue::descriptor();
  return *pb::DescriptorPool::generated_pool();
}

/// Adds `text` when it is a descriptor in base64, which no .proto text can be.
void AddSerialized(std::string_view text, const std::string& name,
                   pb::SimpleDescriptorDatabase& database) {
  if (text.find_first_of(";{ \n") != std::string_view::npos) return;
  const std::optional<std::string> bytes = Base64Decode(text);
  pb::FileDescriptorProto file;
  if (!bytes || bytes->empty() || !file.ParseFromString(*bytes)) return;
  file.set_name(name);
  database.Add(file);
}

}  // namespace

pb::io::ZeroCopyInputStream* ProtoImport::Texts::Open(const std::string& name) {
  if (name == kOwnFile) {
    return new pb::io::ArrayInputStream(schema_.text.data(), static_cast<int>(schema_.text.size()));
  }
  const auto found = std::ranges::find(schema_.references, name, &SchemaText::Reference::name);
  if (found == schema_.references.end()) return nullptr;
  return new pb::io::ArrayInputStream(found->text.data(), static_cast<int>(found->text.size()));
}

void ProtoImport::FirstError::AddError(const std::string& file, int line, int column,
                                       const std::string& message) {
  if (!text_.empty()) return;
  text_ = file == kOwnFile ? "" : file + ": ";
  // libprotobuf counts from 0; -1: no place.
  if (line >= 0) {
    text_ += "line " + std::to_string(line + 1) + ", column " + std::to_string(column + 1) + ": ";
  }
  text_ += message;
}

ProtoImport::ProtoImport(const SchemaText& schema)
    : schema_(schema),
      texts_(schema),
      well_known_(WellKnownPool()),
      database_(&texts_, &well_known_),
      all_(&serialized_, &database_),
      pool_(&all_, database_.GetValidationErrorCollector()) {
  AddSerialized(schema.text, kOwnFile, serialized_);
  for (const SchemaText::Reference& reference : schema.references) {
    AddSerialized(reference.text, reference.name, serialized_);
  }
  database_.RecordErrorsTo(&error_);
  pool_.EnforceWeakDependencies(true);
}

Result<const pb::FileDescriptor*> ProtoImport::Load() {
  RETURN_IF_ERROR(CheckBounds(schema_));
  const pb::FileDescriptor* const file = pool_.FindFileByName(kOwnFile);
  if (file != nullptr) return file;
  return Status::InvalidConfig("Protobuf schema: " +
                               (error_.text().empty() ? "cannot be parsed" : error_.text()));
}

}  // namespace sidestream::serde::protobuf
