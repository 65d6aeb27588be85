// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/ndjson.h"

#include <limits>

#include "base/bytes.h"
#include "serde/schema_type.h"
#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kBase64 = "base64";

Status WrongField(std::string_view field, std::string_view wanted, const Value& found) {
  return Status::BadRecord("field '" + std::string(field) + "' of a record wants " +
                           std::string(wanted) + ", found " + std::string(KindName(found.kind())) +
                           " " + DebugString(found, 60));
}

// What {"base64": "..."} stands for; empty when `value` is not that.
std::optional<std::string> FromBase64(const Value& value) {
  if (value.kind() != Kind::kMap || value.map().size() != 1) return std::nullopt;
  const Value text = value.Field(kBase64);
  if (text.kind() != Kind::kString) return std::nullopt;
  return Base64Decode(text.string_value());
}

void AppendBytes(std::string_view bytes, std::string& out) {
  if (IsUtf8(bytes)) {
    AppendJsonString(bytes, out);
    return;
  }
  out += R"({"base64":")";
  out += Base64Encode(bytes);
  out += R"("})";
}

void AppendHeaderValue(const TextHeader& header, std::string& out) {
  if (header.value.has_value()) {
    AppendBytes(*header.value, out);
  } else {
    out += "null";
  }
}

// Every name once, in the order of its first header; a name that comes again has a list.
void AppendHeaders(std::span<const TextHeader> headers, std::string& out) {
  const auto is_first = [&](size_t index) {
    for (size_t i = 0; i < index; ++i) {
      if (headers[i].name == headers[index].name) return false;
    }
    return true;
  };
  out += '{';
  bool separate = false;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!is_first(i)) continue;
    if (separate) out += ',';
    separate = true;
    // Kafka wants header names to be UTF-8 but does not check.
    const size_t valid = Utf8PrefixLength(headers[i].name);
    AppendJsonString(headers[i].name.substr(0, valid), out);
    out += ':';
    size_t count = 0;
    for (const TextHeader& other : headers) count += other.name == headers[i].name ? 1 : 0;
    if (count == 1) {
      AppendHeaderValue(headers[i], out);
      continue;
    }
    char open = '[';
    for (const TextHeader& other : headers) {
      if (other.name != headers[i].name) continue;
      out += open;
      AppendHeaderValue(other, out);
      open = ',';
    }
    out += ']';
  }
  out += '}';
}

Status AddHeader(std::string_view name, const Value& value, Arena& arena,
                 std::vector<TextHeader>& headers) {
  if (value.null()) {
    headers.push_back({name, std::nullopt});
  } else if (value.kind() == Kind::kString || value.kind() == Kind::kBytes) {
    headers.push_back({name, value.string_value()});
  } else if (const std::optional<std::string> bytes = FromBase64(value)) {
    headers.push_back({name, arena.Copy(*bytes)});
  } else {
    return WrongField("headers", R"(strings, {"base64": "..."}, null, or lists of these)", value);
  }
  return Status::Ok();
}

Result<Timestamp> ToTimestamp(const Value& value) {
  if (value.kind() == Kind::kInt) return Timestamp(value.int_value());
  std::optional<Nanos> time;
  if (value.kind() == Kind::kString) time = ParseTimestamp(value.string_value());
  if (!time.has_value()) {
    return WrongField("timestamp", "epoch milliseconds or an RFC 3339 text", value);
  }
  return Timestamp(time->seconds * 1000 + time->nanos / 1'000'000);
}

Result<Partition> ToPartition(const Value& value) {
  if (value.kind() != Kind::kInt || value.int_value() < 0 ||
      value.int_value() > std::numeric_limits<Partition>::max()) {
    return WrongField("partition", "a number from 0", value);
  }
  return static_cast<Partition>(value.int_value());
}

Status SetField(std::string_view name, const Value& value, Arena& arena, TextRecord& record) {
  if (name == "key") {
    record.key = value;
  } else if (name == "value") {
    record.value = value;
  } else if (name == "timestamp") {
    ASSIGN_OR_RETURN(record.timestamp, ToTimestamp(value));
  } else if (name == "partition") {
    ASSIGN_OR_RETURN(record.partition, ToPartition(value));
  } else if (name == "headers") {
    ASSIGN_OR_RETURN(record.headers, ParseTextHeaders(value, arena));
  } else {
    return Status::BadRecord("unknown field '" + std::string(name) +
                             "' of a record; known: key, value, timestamp, headers, partition");
  }
  return Status::Ok();
}

}  // namespace

Result<TextRecord> ParseTextRecord(std::string_view line, JsonParser& parser, Arena& arena) {
  ASSIGN_OR_RETURN(const Value object, parser.Parse(line, arena));
  if (object.kind() != Kind::kMap) {
    return Status::BadRecord(
        "a record is an object with key, value, timestamp, headers or "
        "partition; found " +
        std::string(KindName(object.kind())) + " " + DebugString(object, 60));
  }
  TextRecord record;
  for (const MapEntry& entry : object.map()) {
    RETURN_IF_ERROR(SetField(entry.key.string_value(), entry.value, arena, record));
  }
  return record;
}

Result<std::vector<TextHeader>> ParseTextHeaders(const Value& headers, Arena& arena) {
  std::vector<TextHeader> parsed;
  if (headers.null()) return parsed;
  if (headers.kind() != Kind::kMap) return WrongField("headers", "an object", headers);
  for (const MapEntry& entry : headers.map()) {
    if (entry.key.kind() != Kind::kString) return WrongField("headers", "string names", entry.key);
    const std::string_view name = entry.key.string_value();
    if (entry.value.kind() != Kind::kList) {
      RETURN_IF_ERROR(AddHeader(name, entry.value, arena, parsed));
      continue;
    }
    for (const Value& value : entry.value.list()) {
      RETURN_IF_ERROR(AddHeader(name, value, arena, parsed));
    }
  }
  return parsed;
}

Result<bool> EncodeText(const Writer& writer, const Value& value, std::string& out) {
  if (value.null()) return false;
  const FormatKind format = writer.format();
  if (const std::optional<std::string> bytes = FromBase64(value);
      bytes.has_value() && format != FormatKind::kJson && format != FormatKind::kJsonSchema) {
    // For every format, so that a test can also give bytes that do not fit it.
    out += *bytes;
    return true;
  }
  if (format == FormatKind::kBytes && value.kind() == Kind::kString) {
    out += value.string_value();
    return true;
  }
  if (writer.values() == nullptr) {
    RETURN_IF_ERROR(writer.Write(value, out));
    return true;
  }
  Arena arena;
  RETURN_IF_ERROR(writer.Write(FromText(*writer.values(), value, arena), out));
  return true;
}

void AppendText(std::optional<std::string_view> bytes, Reader& reader, std::string& out) {
  if (!bytes.has_value()) {
    out += "null";
    return;
  }
  Arena arena;
  Value value;
  const Status read = reader.Read(bytes, std::span(&value, 1), arena);
  if (!read.ok() || value.kind() == Kind::kBytes || !AppendJson(value, out).ok()) {
    AppendBytes(*bytes, out);
  }
}

void AppendTextRecord(const PrintedRecord& record, Reader& key_reader, Reader& value_reader,
                      std::string& out) {
  out += R"({"key":)";
  AppendText(record.key, key_reader, out);
  out += R"(,"value":)";
  AppendText(record.value, value_reader, out);
  out += R"(,"timestamp":)";
  out += std::to_string(record.timestamp.value());
  if (!record.headers.empty()) {
    out += R"(,"headers":)";
    AppendHeaders(record.headers, out);
  }
  if (record.partition.has_value()) {
    out += R"(,"partition":)";
    out += std::to_string(*record.partition);
  }
  out += "}\n";
}

}  // namespace sidestream::serde
