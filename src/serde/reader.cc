// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/reader.h"

#include <bit>
#include <utility>

#include "base/bytes.h"
#include "serde/avro/avro_format.h"
#include "serde/csv_format.h"
#include "serde/field_tree.h"
#include "serde/json_schema_format.h"
#include "serde/json_walker.h"
#include "serde/protobuf/proto_format.h"
#include "serde/registry_reader.h"
#include "serde/utf8.h"
#include "serde/uuid_text.h"

namespace sidestream::serde {
namespace {

class JsonReader final : public Reader {
 public:
  JsonReader(std::unique_ptr<FieldNode> root, std::vector<WantedPath> wanted)
      : root_(std::move(root)), wanted_(std::move(wanted)) {}

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
              Arena& arena) override {
    slots_ = slots;
    for (const WantedPath& path : wanted_) slots[path.slot] = Value();
    found_null_ = !bytes.has_value();
    if (found_null_) {
      for (const size_t slot : root_->slots) slots[slot] = Value::Null();
      return Status::Ok();
    }
    if (!walker_.Start(*bytes, arena)) return walker_.error();
    found_null_ = walker_.Head() == 'n';
    if (ReadNode(*root_) && walker_.Finish()) return Status::Ok();
    return walker_.error();
  }

 private:
  bool ReadNode(const FieldNode& node) {
    if (!node.slots.empty()) {
      Value value;
      if (node.stays_text) {
        if (!walker_.TakeText(value)) return false;
      } else if (!walker_.ParseValue(node.typed ? &node : nullptr, value)) {
        return false;
      }
      Assign(node, value);
      return true;
    }
    if (node.slots_below.empty() || walker_.Head() != '{') return walker_.SkipValue();
    bool more = false;
    if (!walker_.EnterMap(more)) return false;
    while (more) {
      std::string_view key;
      if (!walker_.ParseKey(key)) return false;
      const FieldNode* const child = node.Child(key);
      if (child != nullptr && child->wanted()) {
        // Of equal keys the last wins: nothing of an earlier one may shine through.
        for (const size_t slot : child->slots_below) slots_[slot] = Value();
        if (!ReadNode(*child)) return false;
      } else if (!walker_.SkipValue()) {
        return false;
      }
      if (!walker_.NextEntry(more)) return false;
    }
    return true;
  }

  // The places below a whole value are looked up in it.
  void Assign(const FieldNode& node, const Value& value) {
    for (const size_t slot : node.slots) slots_[slot] = value;
    if (node.slots_below.empty()) return;
    for (const std::unique_ptr<FieldNode>& child : node.children) {
      if (!child->wanted()) continue;
      const bool is_map = value.kind() == Value::Kind::kMap;
      Assign(*child, is_map ? value.Field(child->name) : Value());
    }
  }

  const std::unique_ptr<FieldNode> root_;
  const std::vector<WantedPath> wanted_;
  JsonWalker walker_;
  std::span<Value> slots_;  // of the Read that runs
};

class PrimitiveReader final : public Reader {
 public:
  PrimitiveReader(FormatKind format, std::vector<WantedPath> wanted)
      : format_(format), wanted_(std::move(wanted)) {}

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots, Arena&) override {
    Value value = Value::Null();
    found_null_ = !bytes.has_value();
    if (bytes.has_value()) RETURN_IF_ERROR(Decode(*bytes, value));
    for (const WantedPath& path : wanted_) {
      slots[path.slot] = path.fields.empty() ? value : Value();
    }
    return Status::Ok();
  }

 private:
  Status Decode(std::string_view bytes, Value& value) const {
    switch (format_) {
      case FormatKind::kBytes:
        value = Value::Bytes(bytes);
        return Status::Ok();
      case FormatKind::kString:
        if (!IsUtf8(bytes)) {
          return Status::BadRecord("not a string: invalid UTF-8 at byte " +
                                   std::to_string(Utf8PrefixLength(bytes)));
        }
        value = Value::String(bytes);
        return Status::Ok();
      case FormatKind::kUuid:
        if (!IsUuidText(bytes)) {
          return Status::BadRecord("not a uuid: wanted 36 characters, found " +
                                   DebugString(Value::Bytes(bytes), 60));
        }
        value = Value::String(bytes);
        return Status::Ok();
      case FormatKind::kInt32:
        if (bytes.size() != 4) return WrongSize(4, bytes.size());
        value = Value::Int(static_cast<int32_t>(ByteReader(bytes).U32()));
        return Status::Ok();
      case FormatKind::kInt64:
        if (bytes.size() != 8) return WrongSize(8, bytes.size());
        value = Value::Int(static_cast<int64_t>(ByteReader(bytes).U64()));
        return Status::Ok();
      case FormatKind::kFloat:
        if (bytes.size() != 4) return WrongSize(4, bytes.size());
        value = Value::Double(static_cast<double>(std::bit_cast<float>(ByteReader(bytes).U32())));
        return Status::Ok();
      case FormatKind::kDouble:
        if (bytes.size() != 8) return WrongSize(8, bytes.size());
        value = Value::Double(std::bit_cast<double>(ByteReader(bytes).U64()));
        return Status::Ok();
      default:
        break;
    }
    CHECK(false) << FormatName(format_) << " has its own reader";
    return Status::Ok();
  }

  Status WrongSize(size_t wanted, size_t found) const {
    return Status::BadRecord("not an " + std::string(FormatName(format_)) + ": wanted " +
                             std::to_string(wanted) + " bytes, found " + std::to_string(found));
  }

  const FormatKind format_;
  const std::vector<WantedPath> wanted_;
};

Result<std::unique_ptr<Reader>> CreateJson(const FormatSpec& format,
                                           std::vector<WantedPath> wanted) {
  ASSIGN_OR_RETURN(std::unique_ptr<FieldNode> root, BuildFieldTree(format.fields, wanted));
  return std::unique_ptr<Reader>(std::make_unique<JsonReader>(std::move(root), std::move(wanted)));
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::Create(const FormatSpec& format,
                                               std::vector<WantedPath> wanted) {
  if (!format.fields.empty() && format.kind != FormatKind::kJson &&
      format.kind != FormatKind::kCsv) {
    return Status::InvalidConfig("`fields` needs format json or csv; this one is " +
                                 std::string(FormatName(format.kind)));
  }
  if (format.kind == FormatKind::kJson) return CreateJson(format, std::move(wanted));
  if (format.kind == FormatKind::kCsv) return CreateCsvReader(format, std::move(wanted));
  if (format.framing == Framing::kConfluent) {
    return CreateRegistryReader(format, std::move(wanted));
  }
  if (HasSchema(format.kind)) return CreateFor(format, format.schema, {}, std::move(wanted));
  return std::unique_ptr<Reader>(std::make_unique<PrimitiveReader>(format.kind, std::move(wanted)));
}

Result<std::unique_ptr<Reader>> Reader::CreateFor(const FormatSpec& format,
                                                  const SchemaText& writer,
                                                  std::span<const int32_t> message_indexes,
                                                  std::vector<WantedPath> wanted) {
  switch (format.kind) {
    case FormatKind::kAvro:
      return avro::CreateReader(writer, format.schema, std::move(wanted));
    case FormatKind::kProtobuf:
      return protobuf::CreateReader(writer, format.message, message_indexes, std::move(wanted));
    case FormatKind::kJsonSchema:
      return CreateJsonSchemaReader(writer, std::move(wanted));
    default:
      break;
  }
  CHECK(false) << FormatName(format.kind) << " has no schema";
  return Status::Fatal("");
}

}  // namespace sidestream::serde
