// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/csv_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "serde/csv_line.h"
#include "serde/decimal.h"
#include "serde/json_text.h"
#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

struct Column {
  std::string name;
  std::optional<FieldType> type;
};

Status CheckLayout(const CsvLayout& layout) {
  if (layout.columns.empty()) return Status::InvalidConfig("format csv needs its columns");
  if (layout.columns.size() > kCsvColumns) return Status::InvalidConfig("too many columns");
  std::set<std::string_view> names;
  for (const std::string& name : layout.columns) {
    if (name.empty()) return Status::InvalidConfig("a column without a name");
    if (!names.insert(name).second) {
      return Status::InvalidConfig("the column '" + name + "' is there twice");
    }
  }
  const auto is_break = [](char c) { return c == '\n' || c == '\r'; };
  if (layout.delimiter == layout.quote || is_break(layout.delimiter) || is_break(layout.quote)) {
    return Status::InvalidConfig("delimiter and quote must differ and be no line break");
  }
  return Status::Ok();
}

Result<std::vector<Column>> ColumnsOf(const FormatSpec& format) {
  RETURN_IF_ERROR(CheckLayout(format.csv));
  std::vector<Column> columns;
  for (const std::string& name : format.csv.columns) columns.push_back({name, std::nullopt});
  for (const FieldSpec& field : format.fields) {
    const auto column = std::ranges::find(columns, field.path, &Column::name);
    if (column == columns.end()) {
      return Status::InvalidConfig("fields names '" + field.path + "', which is no column");
    }
    if (column->type.has_value()) {
      return Status::InvalidConfig("the column '" + field.path + "' has two types");
    }
    column->type = field.type;
  }
  return columns;
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<Value> ParseTime(std::string_view text, Arena& arena) {
  if (const auto time = ParseTimestamp(text)) return Value::TimestampOf(*time, arena);
  const auto millis = ParseNumber<int64_t>(text);
  if (!millis.has_value()) return std::nullopt;
  const int64_t rest = (*millis % 1000 + 1000) % 1000;
  return Value::TimestampOf({(*millis - rest) / 1000, static_cast<int32_t>(rest * 1'000'000)},
                            arena);
}

/// Empty when `text` does not fit.
std::optional<Value> ParseTyped(FieldType type, std::string_view text, Arena& arena) {
  switch (type) {
    case FieldType::kInt:
      if (const auto number = ParseNumber<int64_t>(text)) return Value::Int(*number);
      return std::nullopt;
    case FieldType::kDouble:
      if (const auto number = ParseNumber<double>(text); number && std::isfinite(*number)) {
        return Value::Double(*number);
      }
      return std::nullopt;
    case FieldType::kString:
      return Value::String(text);
    case FieldType::kBool:
      if (text == "true" || text == "false") return Value::Bool(text == "true");
      return std::nullopt;
    case FieldType::kBytes:
      if (const auto bytes = Base64Decode(text)) return Value::Bytes(arena.Copy(*bytes));
      return std::nullopt;
    case FieldType::kTimestamp:
      return ParseTime(text, arena);
    case FieldType::kDuration:
      if (const auto length = ParseDuration(text)) return Value::DurationOf(*length, arena);
      return std::nullopt;
    case FieldType::kDecimal:
      if (const auto number = Decimal::Parse(text)) return Value::DecimalOf(*number, arena);
      return std::nullopt;
  }
  return std::nullopt;
}

class CsvReader final : public Reader {
 public:
  CsvReader(CsvLayout layout, std::vector<Column> columns, const std::vector<WantedPath>& wanted)
      : layout_(std::move(layout)), columns_(std::move(columns)), slots_(columns_.size()) {
    for (const WantedPath& path : wanted) {
      if (path.fields.empty()) {
        whole_.push_back(path.slot);
        continue;
      }
      const auto column = std::ranges::find(columns_, path.fields[0], &Column::name);
      if (path.fields.size() > 1 || column == columns_.end()) {
        missing_.push_back(path.slot);
      } else {
        slots_[static_cast<size_t>(column - columns_.begin())].push_back(path.slot);
      }
    }
  }

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
              Arena& arena) override {
    for (const size_t slot : missing_) slots[slot] = Value();
    found_null_ = !bytes.has_value();
    if (found_null_) {
      for (const size_t slot : whole_) slots[slot] = Value::Null();
      for (const auto& column : slots_) {
        for (const size_t slot : column) slots[slot] = Value();
      }
      return Status::Ok();
    }
    if (!IsUtf8(*bytes)) {
      return Status::BadRecord("not a line of CSV: invalid UTF-8 at byte " +
                               std::to_string(Utf8PrefixLength(*bytes)));
    }
    RETURN_IF_ERROR(CutCsvLine(*bytes, layout_, fields_));
    RETURN_IF_ERROR(CheckCount());
    std::span<MapEntry> entries;
    if (!whole_.empty()) entries = arena.NewArray<MapEntry>(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (entries.empty() && slots_[i].empty()) continue;
      Value value;
      RETURN_IF_ERROR(ReadField(i, arena, value));
      for (const size_t slot : slots_[i]) slots[slot] = value;
      if (!entries.empty()) entries[i] = {Value::String(columns_[i].name), value};
    }
    for (const size_t slot : whole_) slots[slot] = Value::Map(entries);
    return Status::Ok();
  }

 private:
  Status CheckCount() const {
    if (fields_.size() == columns_.size()) return Status::Ok();
    if (fields_.size() > columns_.size()) {
      return Status::BadRecord(
          "a line of CSV has more than its " + std::to_string(columns_.size()) +
          " columns: another begins at byte " + std::to_string(fields_.back().position));
    }
    return Status::BadRecord(
        "a line of CSV ends before column " + std::to_string(fields_.size() + 1) + " (" +
        columns_[fields_.size()].name + ") of " + std::to_string(columns_.size()) + ": at byte " +
        std::to_string(fields_.back().position + fields_.back().raw.size() +
                       (fields_.back().quoted ? 2 : 0)));
  }

  Status ReadField(size_t index, Arena& arena, Value& value) const {
    const CsvField& field = fields_[index];
    const Column& column = columns_[index];
    if (!field.quoted && field.raw == layout_.null_text) {
      value = Value::Null();
      return Status::Ok();
    }
    const std::string_view text = CsvFieldText(field, layout_.quote, arena);
    const std::optional<Value> typed =
        ParseTyped(column.type.value_or(FieldType::kString), text, arena);
    if (!typed.has_value()) {
      return Status::BadRecord("column " + std::to_string(index + 1) + " (" + column.name +
                               ") does not fit its type: wanted " +
                               std::string(FieldTypeName(*column.type)) + ", found " +
                               DebugString(Value::String(text), 60) + " at byte " +
                               std::to_string(field.position));
    }
    value = *typed;
    return Status::Ok();
  }

  const CsvLayout layout_;
  const std::vector<Column> columns_;
  std::vector<std::vector<size_t>> slots_;  // of each column
  std::vector<size_t> whole_;
  std::vector<size_t> missing_;
  std::vector<CsvField> fields_;  // of the Read that runs
};

bool FitsType(FieldType type, const Value& value) {
  const Kind kind = value.kind();
  switch (type) {
    case FieldType::kInt:
      return kind == Kind::kInt || (kind == Kind::kUint && value.uint_value() <= INT64_MAX);
    case FieldType::kDouble:
      return kind == Kind::kDouble || kind == Kind::kInt || kind == Kind::kUint;
    case FieldType::kString:
      return kind == Kind::kString;
    case FieldType::kBool:
      return kind == Kind::kBool;
    case FieldType::kBytes:
      return kind == Kind::kBytes;
    case FieldType::kTimestamp:
      return kind == Kind::kTimestamp || kind == Kind::kInt ||
             (kind == Kind::kString && ParseTimestamp(value.string_value()).has_value());
    case FieldType::kDuration:
      return kind == Kind::kDuration;
    case FieldType::kDecimal:
      return kind == Kind::kDecimal || kind == Kind::kInt || kind == Kind::kUint;
  }
  return false;
}

class CsvCodec final : public Writer::Codec {
 public:
  CsvCodec(CsvLayout layout, std::vector<Column> columns)
      : layout_(std::move(layout)), columns_(std::move(columns)) {}

  Status Write(const Value& value, std::string& out) const override {
    if (value.kind() != Kind::kMap) {
      return Status::BadRecord("format csv takes a map with its columns, not " +
                               std::string(KindName(value.kind())) + " " + DebugString(value, 60));
    }
    size_t found = 0;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += layout_.delimiter;
      const Value entry = value.Field(columns_[i].name);
      if (!entry.missing()) ++found;
      RETURN_IF_ERROR(WriteField(columns_[i], entry, out));
    }
    return found == value.map().size() ? Status::Ok() : UnknownColumn(value);
  }

 private:
  Status UnknownColumn(const Value& value) const {
    for (const MapEntry& entry : value.map()) {
      const bool known =
          entry.key.kind() == Kind::kString &&
          std::ranges::find(columns_, entry.key.string_value(), &Column::name) != columns_.end();
      if (!known) {
        return Status::BadRecord("there is no column " + DebugString(entry.key, 60) +
                                 "; leave it out (`unset`), or add it to columns");
      }
    }
    return Status::BadRecord("an entry without a value");
  }

  Status WriteField(const Column& column, Value value, std::string& out) const {
    while (value.kind() == Kind::kOptional) {
      value = value.optional_value() == nullptr ? Value::Null() : *value.optional_value();
    }
    if (value.missing() || value.null()) {
      out += layout_.null_text;
      return Status::Ok();
    }
    if (value.kind() == Kind::kList || value.kind() == Kind::kMap ||
        (column.type.has_value() && !FitsType(*column.type, value))) {
      return Status::BadRecord(
          "column '" + column.name + "' " +
          (column.type.has_value() ? "is " + std::string(FieldTypeName(*column.type)) + " and "
                                   : std::string()) +
          "does not take " + std::string(KindName(value.kind())) + " " + DebugString(value, 60));
    }
    if (value.kind() == Kind::kString) {
      PutText(value.string_value(), out);
      return Status::Ok();
    }
    // The text that JSON has for it, without JSON's quotes: no kind but a string has escapes.
    const size_t start = out.size();
    if (const Status written = AppendJson(value, out); !written.ok()) {
      return written.WithContext("column '" + column.name + "'");
    }
    if (out[start] == '"') {
      out.pop_back();
      out.erase(start, 1);
    }
    const std::string text = out.substr(start);
    out.resize(start);
    PutText(text, out);
    return Status::Ok();
  }

  void PutText(std::string_view text, std::string& out) const {
    const bool plain =
        text != layout_.null_text && text.find_first_of({kBreaks, sizeof kBreaks}) == text.npos &&
        text.find(layout_.quote) == text.npos && text.find(layout_.delimiter) == text.npos;
    if (plain) {
      out += text;
      return;
    }
    out += layout_.quote;
    for (const char c : text) {
      if (c == layout_.quote) out += c;
      out += c;
    }
    out += layout_.quote;
  }

  static constexpr char kBreaks[2] = {'\n', '\r'};
  const CsvLayout layout_;
  const std::vector<Column> columns_;
};

Kind KindOf(FieldType type) {
  switch (type) {
    case FieldType::kInt:
      return Kind::kInt;
    case FieldType::kDouble:
      return Kind::kDouble;
    case FieldType::kString:
      return Kind::kString;
    case FieldType::kBool:
      return Kind::kBool;
    case FieldType::kBytes:
      return Kind::kBytes;
    case FieldType::kTimestamp:
      return Kind::kTimestamp;
    case FieldType::kDuration:
      return Kind::kDuration;
    case FieldType::kDecimal:
      return Kind::kDecimal;
  }
  return Kind::kString;
}

}  // namespace

Result<std::unique_ptr<Reader>> CreateCsvReader(const FormatSpec& format,
                                                std::vector<WantedPath> wanted) {
  ASSIGN_OR_RETURN(std::vector<Column> columns, ColumnsOf(format));
  return std::unique_ptr<Reader>(
      std::make_unique<CsvReader>(format.csv, std::move(columns), wanted));
}

Result<std::shared_ptr<const Writer::Codec>> CreateCsvCodec(const FormatSpec& format) {
  ASSIGN_OR_RETURN(std::vector<Column> columns, ColumnsOf(format));
  return std::shared_ptr<const Writer::Codec>(
      std::make_shared<CsvCodec>(format.csv, std::move(columns)));
}

Result<SchemaType> TypeOfCsv(const FormatSpec& format) {
  ASSIGN_OR_RETURN(const std::vector<Column> columns, ColumnsOf(format));
  SchemaType type{.kind = SchemaType::Kind::kObject, .closed = true};
  for (const Column& column : columns) {
    type.fields.push_back(
        {column.name, SchemaType::Scalar(KindOf(column.type.value_or(FieldType::kString)))});
  }
  return type;
}

}  // namespace sidestream::serde
