// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "serde/decimal.h"
#include "serde/json_text.h"
#include "serde/message.h"
#include "serde/reader.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

// Whether one of the eight bytes at `bytes` is a quote, a backslash or below 0x20.
bool NeedsEscape(const char* bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  const auto has_zero = [](uint64_t w) { return (w - kOnes) & ~w; };
  const uint64_t below = (word - 0x20 * kOnes) & ~word;
  return ((below | has_zero(word ^ '"' * kOnes) | has_zero(word ^ '\\' * kOnes)) & kHigh) != 0;
}

// Position of the first byte that needs an escape; the size of `text`: there is none.
size_t FindEscape(std::string_view text) {
  size_t i = 0;
  while (i + 8 <= text.size() && !NeedsEscape(text.data() + i)) i += 8;
  if (text.size() >= 8 && i + 8 > text.size() && !NeedsEscape(text.data() + text.size() - 8)) {
    return text.size();
  }
  for (; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x20 || byte == '"' || byte == '\\') break;
  }
  return i;
}

// A key with what stands before and behind it, in one piece where it is short and needs no escape:
// each piece costs as much as its bytes.
void AppendKey(char before, std::string_view key, std::string& out) {
  constexpr size_t kShort = 60;
  if (key.size() <= kShort && FindEscape(key) == key.size()) {
    char piece[kShort + 4];
    piece[0] = before;
    piece[1] = '"';
    std::memcpy(piece + 2, key.data(), key.size());
    piece[key.size() + 2] = '"';
    piece[key.size() + 3] = ':';
    out.append(piece, key.size() + 4);
    return;
  }
  out += before;
  AppendJsonString(key, out);
  out += ':';
}

template <typename T>
void AppendNumber(T value, std::string& out) {
  char digits[32];
  const auto result = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, result.ptr);
}

// 1.0 is 1 in a key; 2^63 and above would not be an int and keep their double form,
// which no int or uint below 2^64 may share: those are written with all digits.
void AppendKeyNumber(double value, std::string& out) {
  if (value == std::trunc(value) && value >= -0x1p63 && value < 0x1p64) {
    if (value < 0) {
      AppendNumber(static_cast<int64_t>(value), out);
    } else {
      AppendNumber(static_cast<uint64_t>(value), out);
    }
  } else {
    AppendJsonNumber(value, out);
  }
}

/// Null for none.
const Value* Inner(const Value& value) {
  const Value* inner = &value;
  while (inner != nullptr && inner->kind() == Kind::kOptional) inner = inner->optional_value();
  return inner;
}

class JsonWriter {
 public:
  JsonWriter(JsonShape shape, std::string& out) : shape_(shape), out_(out) {}

  Status Write(const Value& value, int depth) {
    switch (value.kind()) {
      case Kind::kMissing:
        return Status::BadRecord("there is no value to write");
      case Kind::kNull:
        out_ += "null";
        return Status::Ok();
      case Kind::kBool:
        out_ += value.bool_value() ? "true" : "false";
        return Status::Ok();
      case Kind::kInt:
        AppendNumber(value.int_value(), out_);
        return Status::Ok();
      case Kind::kUint:
        AppendNumber(value.uint_value(), out_);
        return Status::Ok();
      case Kind::kDouble:
        return WriteDouble(value.double_value());
      case Kind::kDecimal:
        return WriteDecimal(value.decimal_value());
      case Kind::kString:
      case Kind::kIp:
      case Kind::kCidr:
        AppendJsonString(value.string_value(), out_);
        return Status::Ok();
      case Kind::kBytes:
        out_ += '"';
        out_ += Base64Encode(value.string_value());
        out_ += '"';
        return Status::Ok();
      case Kind::kTimestamp:
      case Kind::kDuration:
        return WriteTime(value);
      case Kind::kList:
        return WriteList(value.list(), depth + 1);
      case Kind::kMap:
        return WriteMap(value.map(), depth + 1);
      case Kind::kJson:
        out_ += value.string_value();
        return Status::Ok();
      case Kind::kType:
        return Status::BadRecord("a type has no JSON form: " + std::string(value.string_value()));
      case Kind::kOptional:
        if (value.optional_value() != nullptr) return Write(*value.optional_value(), depth);
        out_ += "null";
        return Status::Ok();
      case Kind::kMessage: {
        Arena arena;
        ASSIGN_OR_RETURN(const Value json, AsJson(value.message(), arena));
        return Write(json, depth);
      }
    }
    return Status::Ok();
  }

 private:
  static Status CheckDepth(int depth) {
    if (depth <= kMaxDepth) return Status::Ok();
    return Status::BadRecord("lists and maps are nested too deep to be written (limit 500)");
  }

  Status WriteDouble(double value) {
    if (!std::isfinite(value)) {
      return Status::BadRecord("JSON has no form for the double " +
                               DebugString(Value::Double(value)));
    }
    if (shape_ == JsonShape::kData) {
      AppendJsonNumber(value, out_);
    } else {
      AppendKeyNumber(value, out_);
    }
    return Status::Ok();
  }

  Status WriteDecimal(const Decimal& number) {
    // decimal("1.0") == 1, and no decimal has bytes of its own in a key.
    if (shape_ != JsonShape::kData) return Status::BadRecord(std::string(kNoDecimalKey));
    out_ += number.ToText();
    return Status::Ok();
  }

  Status WriteTime(const Value& value) {
    out_ += '"';
    if (value.kind() == Kind::kTimestamp) {
      RETURN_IF_ERROR(AppendTimestamp(value.time_value(), out_));
    } else {
      AppendDuration(value.time_value(), out_);
    }
    out_ += '"';
    return Status::Ok();
  }

  Status WriteList(std::span<const Value> items, int depth) {
    RETURN_IF_ERROR(CheckDepth(depth));
    out_ += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ',';
      RETURN_IF_ERROR(Write(items[i], depth));
    }
    out_ += ']';
    return Status::Ok();
  }

  Status WriteMap(std::span<const MapEntry> entries, int depth) {
    RETURN_IF_ERROR(CheckDepth(depth));
    const bool in_order =
        shape_ == JsonShape::kData || (shape_ == JsonShape::kKeyFields && depth == 1);
    if (!in_order) return WriteSorted(entries, depth);
    char before = '{';
    bool only_strings = true;
    for (const MapEntry& entry : entries) {
      const Value* const value = Inner(entry.value);
      if (value == nullptr) continue;  // optional.none(): left out
      if (entry.key.kind() == Kind::kString) {
        AppendKey(before, entry.key.string_value(), out_);
      } else {
        only_strings = false;
        std::string text;
        RETURN_IF_ERROR(KeyText(entry.key, text));
        AppendKey(before, text, out_);
      }
      before = ',';
      RETURN_IF_ERROR(Write(*value, depth));
    }
    out_ += before == '{' ? "{}" : "}";
    return only_strings ? Status::Ok() : CheckKeyTexts(entries);
  }

  Status WriteSorted(std::span<const MapEntry> entries, int depth) {
    std::vector<std::pair<std::string, const Value*>> sorted;
    sorted.reserve(entries.size());
    for (const MapEntry& entry : entries) {
      const Value* const value = Inner(entry.value);
      if (value == nullptr) continue;
      sorted.emplace_back(std::string(), value);
      RETURN_IF_ERROR(KeyText(entry.key, sorted.back().first));
    }
    std::ranges::sort(sorted, {},
                      [](const auto& entry) -> const std::string& { return entry.first; });
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0 && sorted[i].first == sorted[i - 1].first) return SameText(sorted[i].first);
      AppendKey(i == 0 ? '{' : ',', sorted[i].first, out_);
      RETURN_IF_ERROR(Write(*sorted[i].second, depth));
    }
    out_ += sorted.empty() ? "{}" : "}";
    return Status::Ok();
  }

  static Status KeyText(const Value& key, std::string& out) {
    switch (key.kind()) {
      case Kind::kString:
        out += key.string_value();
        return Status::Ok();
      case Kind::kBool:
        out += key.bool_value() ? "true" : "false";
        return Status::Ok();
      case Kind::kInt:
        AppendNumber(key.int_value(), out);
        return Status::Ok();
      case Kind::kUint:
        AppendNumber(key.uint_value(), out);
        return Status::Ok();
      default:
        return Status::BadRecord("a map key must be a string, int, uint or bool, found " +
                                 std::string(KindName(key.kind())) + " " + DebugString(key, 60));
    }
  }

  static Status SameText(const std::string& key) {
    return Status::BadRecord("two map keys have the same text: " +
                             DebugString(Value::String(key), 60));
  }

  // Keys that differ in CEL (1 and "1") may not become one field. Only where some key is no string.
  static Status CheckKeyTexts(std::span<const MapEntry> entries) {
    std::vector<std::string> texts;
    for (const MapEntry& entry : entries) {
      if (Inner(entry.value) == nullptr) continue;
      RETURN_IF_ERROR(KeyText(entry.key, texts.emplace_back()));
    }
    std::ranges::sort(texts);
    const auto same = std::ranges::adjacent_find(texts);
    return same == texts.end() ? Status::Ok() : SameText(*same);
  }

  const JsonShape shape_;
  std::string& out_;
};

}  // namespace

Status WriteJson(const Value& value, JsonShape shape, std::string& out) {
  const size_t start = out.size();
  Status status = JsonWriter(shape, out).Write(value, 0);
  if (!status.ok()) out.resize(start);
  return status;
}

Status AppendJson(const Value& value, std::string& out) {
  return WriteJson(value, JsonShape::kData, out);
}

void AppendJsonNumber(double value, std::string& out) {
  const size_t start = out.size();
  AppendNumber(value, out);
  // "1" would come back as an int, and 1 / 2 is not 1.0 / 2.
  if (std::string_view(out).substr(start).find_first_of(".e") == std::string_view::npos) {
    out += ".0";
  }
}

void AppendJsonString(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (;;) {
    const size_t plain = FindEscape(text);
    out.append(text, 0, plain);
    if (plain == text.size()) break;
    const auto byte = static_cast<uint8_t>(text[plain]);
    text.remove_prefix(plain + 1);
    out += '\\';
    switch (byte) {
      case '"':
      case '\\':
        out += static_cast<char>(byte);
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out += "u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    }
  }
  out += '"';
}

}  // namespace sidestream::serde
