// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/writer.h"

#include <bit>
#include <cmath>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/check.h"
#include "serde/avro/avro_format.h"
#include "serde/csv_format.h"
#include "serde/json_schema_format.h"
#include "serde/json_text.h"
#include "serde/protobuf/proto_format.h"
#include "serde/uuid_text.h"
#include "serde/wire_frame.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

std::string_view HintFor(FormatKind format, Kind kind) {
  if (format == FormatKind::kString || format == FormatKind::kUuid) {
    return kind == Kind::kBytes ? "; convert it with string(...)"
                                : "; convert it with string(...), or declare the format json";
  }
  if (kind == Kind::kString) return "; convert it, or declare the format string";
  if (format == FormatKind::kInt32 || format == FormatKind::kInt64) {
    return kind == Kind::kDouble ? "; convert it with int(...), or declare the format double" : "";
  }
  return "";
}

Status NotTaken(FormatKind format, const Value& value) {
  if (value.missing()) return Status::BadRecord("there is no value to write");
  return Status::BadRecord("format " + std::string(FormatName(format)) + " does not take " +
                           std::string(KindName(value.kind())) + " " + DebugString(value, 60) +
                           std::string(HintFor(format, value.kind())));
}

Status OutOfRange(FormatKind format, const Value& value) {
  return Status::BadRecord("number out of range of format " + std::string(FormatName(format)) +
                           ": " + DebugString(value));
}

std::optional<int64_t> ToInt64(const Value& value) {
  if (value.kind() == Kind::kInt) return value.int_value();
  if (value.uint_value() > uint64_t{std::numeric_limits<int64_t>::max()}) return std::nullopt;
  return static_cast<int64_t>(value.uint_value());
}

double ToDouble(const Value& value) {
  if (value.kind() == Kind::kDouble) return value.double_value();
  if (value.kind() == Kind::kInt) return static_cast<double>(value.int_value());
  return static_cast<double>(value.uint_value());
}

Status WriteNumber(FormatKind format, const Value& value, std::string& out) {
  ByteWriter writer(out);
  switch (format) {
    case FormatKind::kInt32: {
      const std::optional<int64_t> number = ToInt64(value);
      if (!number.has_value() || *number != static_cast<int32_t>(*number)) {
        return OutOfRange(format, value);
      }
      writer.U32(static_cast<uint32_t>(*number));
      return Status::Ok();
    }
    case FormatKind::kInt64: {
      const std::optional<int64_t> number = ToInt64(value);
      if (!number.has_value()) return OutOfRange(format, value);
      writer.U64(static_cast<uint64_t>(*number));
      return Status::Ok();
    }
    case FormatKind::kFloat: {
      const double number = ToDouble(value);
      // A finite number that a float cannot hold would become infinity.
      if (std::isfinite(number) && std::abs(number) > std::numeric_limits<float>::max()) {
        return OutOfRange(format, value);
      }
      writer.U32(std::bit_cast<uint32_t>(static_cast<float>(number)));
      return Status::Ok();
    }
    default:
      writer.U64(std::bit_cast<uint64_t>(ToDouble(value)));
      return Status::Ok();
  }
}

}  // namespace

Writer::Writer(FormatKind format) : format_(format) {
  CHECK(!HasSchema(format) && format != FormatKind::kCsv) << FormatName(format);
}

Result<Writer> Writer::Create(const FormatSpec& format) {
  ASSIGN_OR_RETURN(Writer writer, CreateUnframed(format));
  writer.values_ = format.values;
  if (format.framing == Framing::kNone) return writer;
  if (!format.schema_id) {
    return Status::InvalidConfig("the schema has no id: the schema registry was not asked for it");
  }
  PutWireFrame(*format.schema_id, writer.frame_);
  if (format.kind == FormatKind::kProtobuf) {
    ASSIGN_OR_RETURN(const auto indexes, protobuf::IndexesOf(format.schema, format.message));
    PutMessageIndexes(indexes, writer.frame_);
  }
  return writer;
}

Result<Writer> Writer::CreateUnframed(const FormatSpec& format) {
  switch (format.kind) {
    case FormatKind::kAvro: {
      ASSIGN_OR_RETURN(auto codec, avro::CreateCodec(format.schema));
      return Writer(format.kind, std::move(codec));
    }
    case FormatKind::kProtobuf: {
      ASSIGN_OR_RETURN(auto codec, protobuf::CreateCodec(format.schema, format.message));
      return Writer(format.kind, std::move(codec));
    }
    case FormatKind::kJsonSchema: {
      ASSIGN_OR_RETURN(auto codec, CreateJsonSchemaCodec(format.schema));
      return Writer(format.kind, std::move(codec));
    }
    case FormatKind::kCsv: {
      ASSIGN_OR_RETURN(auto codec, CreateCsvCodec(format));
      return Writer(format.kind, std::move(codec));
    }
    default:
      return Writer(format.kind);
  }
}

Status Writer::Write(const Value& value, std::string& out) const {
  if (format_ == FormatKind::kJson) return AppendJson(value, out);
  if (value.kind() == Kind::kOptional && value.optional_value() != nullptr) {
    return Write(*value.optional_value(), out);
  }
  if (codec_ != nullptr) {
    if (value.missing() || value.kind() == Kind::kOptional) return NotTaken(format_, value);
    const size_t start = out.size();
    out += frame_;
    Status written = codec_->Write(value, out);
    if (!written.ok()) out.resize(start);
    return written;
  }
  if (!FormatTakes(format_, value.kind())) return NotTaken(format_, value);
  switch (format_) {
    case FormatKind::kUuid:
      if (!IsUuidText(value.string_value())) {
        return Status::BadRecord("not a uuid: " + DebugString(value, 60));
      }
      out += value.string_value();
      return Status::Ok();
    case FormatKind::kString:
    case FormatKind::kBytes:
      out += value.string_value();
      return Status::Ok();
    default:
      return WriteNumber(format_, value, out);
  }
}

}  // namespace sidestream::serde
