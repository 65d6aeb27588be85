// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "serde/avro/binary.h"
#include "serde/avro/encode_logical.h"
#include "serde/avro/logical_time.h"
#include "serde/avro/union_choice.h"
#include "serde/message.h"
#include "serde/reader.h"
#include "serde/uuid_text.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

/// One value on its way out. Functions return false after the first error.
class ValueWriter {
 public:
  explicit ValueWriter(std::string& out) : out_(out) {}

  bool Put(const Node& type, const Value& value, int depth);
  Status error() const;

 private:
  bool PutInteger(const Node& type, const Value& value);
  bool PutFraction(const Node& type, const Value& value);
  bool PutString(const Node& type, const Value& value);
  bool PutBinary(const Node& type, const Value& value);
  bool PutSymbol(const Node& type, const Value& value);
  bool PutList(const Node& type, const Value& value, int depth);
  bool PutMap(const Node& type, const Value& value, int depth);
  bool PutRecord(const Node& type, const Value& value, int depth);
  bool PutField(const Field& field, const Value& value, int depth);
  bool FailUnknownField(const Node& type, const Value& value);

  bool Fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool FailIn(std::string name) {
    path_.push_back(std::move(name));
    return false;
  }
  bool DoesNotFit(const Node& type, const Value& value) {
    return Fail(DescribeLogical(type) + " does not take " + std::string(KindName(value.kind())) +
                " " + DebugString(value, 60));
  }

  std::string& out_;
  std::string reason_;
  std::vector<std::string> path_;  // innermost first
};

Status ValueWriter::error() const {
  std::string place;
  for (auto name = path_.rbegin(); name != path_.rend(); ++name) {
    if (!place.empty() && !name->starts_with('[')) place += '.';
    place += *name;
  }
  return Status::BadRecord("cannot be written as Avro: " + (place.empty() ? "" : place + ": ") +
                           reason_);
}

bool ValueWriter::Put(const Node& type, const Value& value, int depth) {
  if (depth > kMaxDepth) return Fail("nested deeper than 500");
  if (value.kind() == Kind::kOptional) {
    return Put(type, value.optional_value() == nullptr ? Value::Null() : *value.optional_value(),
               depth + 1);
  }
  if (value.missing()) return Fail("there is no value to write");
  if (value.kind() == Kind::kMessage) {
    Arena arena;
    return Put(type, AsMap(value.message(), arena), depth + 1);
  }
  switch (type.type) {
    case Type::kNull:
      return value.null() || DoesNotFit(type, value);
    case Type::kBoolean:
      if (value.kind() != Kind::kBool) return DoesNotFit(type, value);
      out_.push_back(value.bool_value() ? '\1' : '\0');
      return true;
    case Type::kInt:
    case Type::kLong:
      return PutInteger(type, value);
    case Type::kFloat:
    case Type::kDouble:
      return PutFraction(type, value);
    case Type::kString:
      return PutString(type, value);
    case Type::kBytes:
    case Type::kFixed:
      return PutBinary(type, value);
    case Type::kEnum:
      return PutSymbol(type, value);
    case Type::kArray:
      return PutList(type, value, depth);
    case Type::kMap:
      return PutMap(type, value, depth);
    case Type::kRecord:
      return PutRecord(type, value, depth);
    case Type::kUnion: {
      const std::optional<size_t> branch = ChooseBranch(type, value);
      if (!branch.has_value()) {
        std::string branches;
        for (const Node* const node : type.branches) {
          branches += (branches.empty() ? "" : ", ") + DescribeLogical(*node);
        }
        return Fail("none of " + branches + " takes " + std::string(KindName(value.kind())) + " " +
                    DebugString(value, 60));
      }
      PutLong(static_cast<int64_t>(*branch), out_);
      return Put(*type.branches[*branch], value, depth);
    }
  }
  return false;
}

bool ValueWriter::PutInteger(const Node& type, const Value& value) {
  std::optional<int64_t> number;
  if (IsTime(type.logical)) {
    if (!TakesTime(type.logical, value)) return DoesNotFit(type, value);
    number = RawTime(type.logical, value);
  } else if (value.kind() == Kind::kInt) {
    number = value.int_value();
  } else if (value.kind() == Kind::kUint) {
    if (value.uint_value() <= INT64_MAX) number = static_cast<int64_t>(value.uint_value());
  } else {
    return DoesNotFit(type, value);
  }
  if (!number.has_value() ||
      (type.type == Type::kInt && *number != static_cast<int32_t>(*number))) {
    return Fail("out of the range of " + DescribeLogical(type) + ": " + DebugString(value, 60));
  }
  PutLong(*number, out_);
  return true;
}

bool ValueWriter::PutFraction(const Node& type, const Value& value) {
  double number = 0;
  if (value.kind() == Kind::kDouble) {
    number = value.double_value();
  } else if (value.kind() == Kind::kInt) {
    number = static_cast<double>(value.int_value());
  } else if (value.kind() == Kind::kUint) {
    number = static_cast<double>(value.uint_value());
  } else {
    return DoesNotFit(type, value);
  }
  if (type.type == Type::kDouble) {
    PutDouble(number, out_);
    return true;
  }
  // A finite number that a float cannot hold would become infinity.
  if (std::isfinite(number) && std::abs(number) > double{std::numeric_limits<float>::max()}) {
    return Fail("out of the range of float: " + DebugString(value));
  }
  PutFloat(static_cast<float>(number), out_);
  return true;
}

bool ValueWriter::PutString(const Node& type, const Value& value) {
  if (value.kind() != Kind::kString) return DoesNotFit(type, value);
  if (type.logical == LogicalType::kUuid && !IsUuidText(value.string_value())) {
    return Fail("not a uuid: " + DebugString(value, 60));
  }
  PutBytes(value.string_value(), out_);
  return true;
}

bool ValueWriter::PutBinary(const Node& type, const Value& value) {
  if (type.logical != LogicalType::kNone) {
    const Result<std::string> bytes = LogicalBytes(type, value);
    if (!bytes.ok()) return Fail(bytes.status().message());
    if (type.type == Type::kFixed) {
      out_ += *bytes;
    } else {
      PutBytes(*bytes, out_);
    }
    return true;
  }
  if (value.kind() != Kind::kBytes) return DoesNotFit(type, value);
  if (type.type == Type::kBytes) {
    PutBytes(value.string_value(), out_);
    return true;
  }
  if (value.string_value().size() != type.fixed_size) {
    return Fail(Describe(type) + " takes " + std::to_string(type.fixed_size) + " bytes, not " +
                std::to_string(value.string_value().size()));
  }
  out_ += value.string_value();
  return true;
}

bool ValueWriter::PutSymbol(const Node& type, const Value& value) {
  if (value.kind() != Kind::kString) return DoesNotFit(type, value);
  const auto symbol = std::ranges::find(type.symbols, value.string_value());
  if (symbol == type.symbols.end()) {
    return Fail("not a symbol of " + Describe(type) + ": " + DebugString(value, 60));
  }
  PutLong(symbol - type.symbols.begin(), out_);
  return true;
}

bool ValueWriter::PutList(const Node& type, const Value& value, int depth) {
  if (value.kind() != Kind::kList) return DoesNotFit(type, value);
  const std::span<const Value> items = value.list();
  if (!items.empty()) PutLong(static_cast<int64_t>(items.size()), out_);
  for (size_t i = 0; i < items.size(); ++i) {
    if (!Put(*type.element, items[i], depth + 1)) return FailIn("[" + std::to_string(i) + "]");
  }
  PutLong(0, out_);
  return true;
}

bool ValueWriter::PutMap(const Node& type, const Value& value, int depth) {
  if (value.kind() != Kind::kMap) return DoesNotFit(type, value);
  if (!value.map().empty()) PutLong(static_cast<int64_t>(value.map().size()), out_);
  for (const MapEntry& entry : value.map()) {
    if (entry.key.kind() != Kind::kString) {
      return Fail("a key of a map is a string, not " + DebugString(entry.key, 60));
    }
    PutBytes(entry.key.string_value(), out_);
    if (!Put(*type.element, entry.value, depth + 1)) {
      return FailIn(std::string(entry.key.string_value()));
    }
  }
  PutLong(0, out_);
  return true;
}

bool ValueWriter::PutRecord(const Node& type, const Value& value, int depth) {
  if (value.kind() != Kind::kMap) return DoesNotFit(type, value);
  const std::span<const MapEntry> entries = value.map();
  size_t found = 0;
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const Field& field = type.fields[i];
    // Most values have their entries in the schema's order.
    const bool in_order = i < entries.size() && entries[i].key.kind() == Kind::kString &&
                          entries[i].key.string_value() == field.name;
    const Value entry = in_order ? entries[i].value : value.Field(field.name);
    if (!entry.missing()) ++found;
    if (!PutField(field, entry, depth)) return FailIn(field.name);
  }
  return found == entries.size() || FailUnknownField(type, value);
}

bool ValueWriter::PutField(const Field& field, const Value& value, int depth) {
  const bool none = value.kind() == Kind::kOptional && value.optional_value() == nullptr;
  if (!value.missing() && !none) return Put(*field.type, value, depth + 1);
  if (field.default_bytes.has_value()) {
    out_ += *field.default_bytes;
    return true;
  }
  return Fail(field.default_error.ok() ? "there is no value, and the schema has no default"
                                       : field.default_error.message());
}

bool ValueWriter::FailUnknownField(const Node& type, const Value& value) {
  for (const MapEntry& entry : value.map()) {
    const bool known =
        entry.key.kind() == Kind::kString &&
        std::ranges::find(type.fields, entry.key.string_value(), &Field::name) != type.fields.end();
    if (!known) {
      return Fail(Describe(type) + " has no field " + DebugString(entry.key, 60) +
                  "; leave it out (`unset`), or add it to the schema");
    }
  }
  return Fail("an entry without a value");
}

}  // namespace

Status Encoder::Encode(const Value& value, std::string& out) const {
  const size_t start = out.size();
  ValueWriter writer(out);
  if (writer.Put(schema_->root(), value, 0)) return Status::Ok();
  out.resize(start);
  return writer.error();
}

}  // namespace sidestream::serde::avro
