// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/avro_format.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "serde/avro/binary.h"
#include "serde/avro/decoder.h"
#include "serde/avro/encoder.h"
#include "serde/avro/resolution.h"
#include "serde/avro/schema.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

Result<SchemaPtr> Parse(const SchemaText& schema) {
  std::vector<std::string> references;
  for (const SchemaText::Reference& reference : schema.references) {
    references.push_back(reference.text);
  }
  auto parsed = Schema::Parse(schema.text, references);
  if (!parsed.ok()) return parsed.status().WithContext("Avro schema");
  return parsed;
}

class AvroReader final : public Reader {
 public:
  AvroReader(ResolutionPtr resolution, std::vector<WantedPath> wanted)
      : resolution_(std::move(resolution)), wanted_(std::move(wanted)) {
    const Node& root = resolution_->writer();
    if (root.type != Type::kUnion) return;
    const auto null = std::ranges::find(root.branches, Type::kNull, &Node::type);
    if (null != root.branches.end()) null_branch_ = null - root.branches.begin();
  }

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
              Arena& arena) override {
    found_null_ = !bytes.has_value();
    if (found_null_) {
      for (const WantedPath& path : wanted_) {
        slots[path.slot] = path.fields.empty() ? Value::Null() : Value();
      }
      return Status::Ok();
    }
    found_null_ = SaysNull(*bytes);
    return decoder_.Decode(*resolution_, *bytes, slots, arena);
  }

 private:
  bool SaysNull(std::string_view bytes) const {
    int64_t branch = -1;
    if (null_branch_.has_value()) return Cursor(bytes).Long(branch) && branch == *null_branch_;
    return resolution_->writer().type == Type::kNull;
  }

  const ResolutionPtr resolution_;
  const std::vector<WantedPath> wanted_;
  std::optional<int64_t> null_branch_;
  Decoder decoder_;
};

class AvroCodec final : public Writer::Codec {
 public:
  explicit AvroCodec(SchemaPtr schema) : encoder_(std::move(schema)) {}
  Status Write(const Value& value, std::string& out) const override {
    return encoder_.Encode(value, out);
  }

 private:
  const Encoder encoder_;
};

/// The types of a schema; a record inside itself is open.
class Typing {
 public:
  SchemaType Of(const Node& node) {
    switch (node.type) {
      case Type::kBoolean:
        return SchemaType::Scalar(Kind::kBool);
      case Type::kInt:
      case Type::kLong:
        return SchemaType::Scalar(KindOfInteger(node.logical));
      case Type::kFloat:
      case Type::kDouble:
        return SchemaType::Scalar(Kind::kDouble);
      case Type::kString:
      case Type::kEnum:
        return SchemaType::Scalar(Kind::kString);
      case Type::kBytes:
      case Type::kFixed:
        return OfBytes(node.logical);
      case Type::kArray:
        return SchemaType::List(Of(*node.element));
      case Type::kMap:
        return SchemaType::Map(Kind::kString, Of(*node.element));
      case Type::kUnion:
        return OfUnion(node);
      case Type::kRecord:
        return OfRecord(node);
      case Type::kNull:
        break;
    }
    return {};
  }

 private:
  static Kind KindOfInteger(LogicalType logical) {
    switch (logical) {
      case LogicalType::kNone:
        return Kind::kInt;
      case LogicalType::kTimeMillis:
      case LogicalType::kTimeMicros:
        return Kind::kDuration;
      default:
        return Kind::kTimestamp;
    }
  }

  static SchemaType OfBytes(LogicalType logical) {
    if (logical == LogicalType::kNone) return SchemaType::Scalar(Kind::kBytes);
    if (logical == LogicalType::kDecimal) return SchemaType::Scalar(Kind::kDecimal);
    if (logical == LogicalType::kUuid) return SchemaType::Scalar(Kind::kString);
    SchemaType type{.kind = SchemaType::Kind::kObject, .closed = true};
    for (const char* const name : {"months", "days", "millis"}) {
      type.fields.push_back({name, SchemaType::Scalar(Kind::kInt)});
    }
    return type;
  }

  SchemaType OfUnion(const Node& node) {
    const Node* only = nullptr;
    for (const Node* const branch : node.branches) {
      if (branch->type == Type::kNull) continue;
      if (only != nullptr) return {};
      only = branch;
    }
    return only == nullptr ? SchemaType() : Of(*only);
  }

  SchemaType OfRecord(const Node& node) {
    if (std::ranges::find(open_, &node) != open_.end()) return {};
    if (fields_ + node.fields.size() > kTypedFields) return {};
    fields_ += node.fields.size();
    open_.push_back(&node);
    SchemaType type{.kind = SchemaType::Kind::kObject, .closed = true};
    for (const Field& field : node.fields) type.fields.push_back({field.name, Of(*field.type)});
    open_.pop_back();
    return type;
  }

  std::vector<const Node*> open_;
  size_t fields_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> CreateReader(const SchemaText& writer, const SchemaText& reader,
                                             std::vector<WantedPath> wanted) {
  ASSIGN_OR_RETURN(const SchemaPtr written, Parse(writer));
  SchemaPtr read = written;
  if (!reader.text.empty() && !(reader == writer)) {
    ASSIGN_OR_RETURN(read, Parse(reader));
  }
  ASSIGN_OR_RETURN(ResolutionPtr resolution, Resolution::Compile(written, read, wanted));
  return std::unique_ptr<Reader>(
      std::make_unique<AvroReader>(std::move(resolution), std::move(wanted)));
}

Result<std::shared_ptr<const Writer::Codec>> CreateCodec(const SchemaText& schema) {
  ASSIGN_OR_RETURN(SchemaPtr parsed, Parse(schema));
  return std::shared_ptr<const Writer::Codec>(std::make_shared<AvroCodec>(std::move(parsed)));
}

Result<std::string> NameOf(const SchemaText& schema) {
  ASSIGN_OR_RETURN(const SchemaPtr parsed, Parse(schema));
  return parsed->root().name;
}

Result<SchemaType> TypeOfSchema(const SchemaText& schema) {
  ASSIGN_OR_RETURN(const SchemaPtr parsed, Parse(schema));
  return Typing().Of(parsed->root());
}

}  // namespace sidestream::serde::avro
