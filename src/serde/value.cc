// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/value.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>
#include <vector>

#include "serde/message.h"
#include "serde/decimal.h"

namespace sidestream::serde {
namespace {

using Kind = Value::Kind;

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

bool IsNumber(Kind kind) {
  return kind == Kind::kInt || kind == Kind::kUint || kind == Kind::kDouble;
}

// Converting the integer to double would make 2^53 + 1 equal to 2^53: compare whole
// parts as integers, then the fraction.
std::partial_ordering CompareToDouble(int64_t a, double b) {
  if (b != b) return std::partial_ordering::unordered;
  if (b >= kTwoTo63) return std::partial_ordering::less;
  if (b < -kTwoTo63) return std::partial_ordering::greater;
  const int64_t whole = static_cast<int64_t>(b);
  if (a != whole) return a <=> whole;
  return 0.0 <=> b - static_cast<double>(whole);
}

std::partial_ordering CompareToDouble(uint64_t a, double b) {
  if (b != b) return std::partial_ordering::unordered;
  if (b >= kTwoTo64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  const uint64_t whole = static_cast<uint64_t>(b);
  if (a != whole) return a <=> whole;
  return 0.0 <=> b - static_cast<double>(whole);
}

std::partial_ordering Reverse(std::partial_ordering order) {
  if (order == std::partial_ordering::less) return std::partial_ordering::greater;
  if (order == std::partial_ordering::greater) return std::partial_ordering::less;
  return order;
}

std::partial_ordering CompareNumbers(const Value& a, const Value& b) {
  if (a.kind() == Kind::kDouble && b.kind() == Kind::kDouble) {
    return a.double_value() <=> b.double_value();
  }
  if (a.kind() == Kind::kDouble) return Reverse(CompareNumbers(b, a));
  if (a.kind() == Kind::kInt) {
    switch (b.kind()) {
      case Kind::kDouble:
        return CompareToDouble(a.int_value(), b.double_value());
      case Kind::kUint:
        if (a.int_value() < 0) return std::partial_ordering::less;
        return static_cast<uint64_t>(a.int_value()) <=> b.uint_value();
      default:
        return a.int_value() <=> b.int_value();
    }
  }
  switch (b.kind()) {
    case Kind::kDouble:
      return CompareToDouble(a.uint_value(), b.double_value());
    case Kind::kInt:
      return Reverse(CompareNumbers(b, a));
    default:
      return a.uint_value() <=> b.uint_value();
  }
}

// Empty when it is no number that a decimal compares with.
std::optional<Decimal> AsDecimal(const Value& value) {
  switch (value.kind()) {
    case Kind::kDecimal:
      return value.decimal_value();
    case Kind::kInt:
      return Decimal::Of(value.int_value());
    case Kind::kUint:
      return Decimal::Of(value.uint_value());
    default:
      return std::nullopt;
  }
}

// Requires that one is a decimal.
std::optional<std::partial_ordering> CompareDecimals(const Value& a, const Value& b) {
  const std::optional<Decimal> left = AsDecimal(a);
  const std::optional<Decimal> right = AsDecimal(b);
  if (!left || !right) return std::nullopt;
  return *left <=> *right;
}

// Equal keys have equal hashes, across the kinds of numbers too.
size_t KeyHash(const Value& key) {
  switch (key.kind()) {
    case Kind::kString:
      return std::hash<std::string_view>()(key.string_value());
    case Kind::kInt:
      return std::hash<double>()(static_cast<double>(key.int_value()));
    case Kind::kUint:
      return std::hash<double>()(static_cast<double>(key.uint_value()));
    case Kind::kDouble:
      return std::hash<double>()(key.double_value());
    default:
      return 0;
  }
}

// Finds keys of a map in about the same time whatever its size, from some size on.
class KeyIndex {
 public:
  explicit KeyIndex(std::span<const MapEntry> entries) : entries_(entries) {}

  const MapEntry* Find(const Value& key) {
    if (entries_.size() <= kCompared) return In(entries_, key);
    if (by_hash_.empty()) Build();
    const std::pair<size_t, uint32_t> from(KeyHash(key), 0);
    for (auto at = std::lower_bound(by_hash_.begin(), by_hash_.end(), from);
         at != by_hash_.end() && at->first == from.first; ++at) {
      if (Value::Equal(entries_[at->second].key, key)) return &entries_[at->second];
    }
    return nullptr;
  }

 private:
  static constexpr size_t kCompared = 32;

  static const MapEntry* In(std::span<const MapEntry> entries, const Value& key) {
    for (const MapEntry& entry : entries) {
      if (Value::Equal(entry.key, key)) return &entry;
    }
    return nullptr;
  }
  void Build() {
    by_hash_.reserve(entries_.size());
    for (uint32_t i = 0; i < entries_.size(); ++i) {
      by_hash_.emplace_back(KeyHash(entries_[i].key), i);
    }
    std::ranges::sort(by_hash_);
  }

  std::span<const MapEntry> entries_;
  std::vector<std::pair<size_t, uint32_t>> by_hash_;
};

bool EqualMaps(std::span<const MapEntry> a, std::span<const MapEntry> b) {
  if (a.size() != b.size()) return false;
  KeyIndex keys(b);
  for (size_t i = 0; i < a.size(); ++i) {
    // Maps of one origin have their keys in the same order: look there first.
    const MapEntry* match = Value::Equal(a[i].key, b[i].key) ? &b[i] : keys.Find(a[i].key);
    if (match == nullptr || !Value::Equal(a[i].value, match->value)) return false;
  }
  return true;
}

// Appends to a text that must not grow far beyond a limit.
class DebugPrinter {
 public:
  DebugPrinter(std::string& out, size_t limit) : out_(out), limit_(limit) {}

  void Print(const Value& value) {
    if (out_.size() > limit_) return;
    switch (value.kind()) {
      case Kind::kMissing:
        out_ += "missing";
        break;
      case Kind::kNull:
        out_ += "null";
        break;
      case Kind::kBool:
        out_ += value.bool_value() ? "true" : "false";
        break;
      case Kind::kInt:
        Number(value.int_value());
        break;
      case Kind::kUint:
        Number(value.uint_value());
        out_ += 'u';
        break;
      case Kind::kDouble:
        Number(value.double_value());
        break;
      case Kind::kString:
        Quoted(value.string_value());
        break;
      case Kind::kBytes:
        out_ += 'b';
        Quoted(value.string_value());
        break;
      case Kind::kType:
      case Kind::kJson:
        out_ += value.string_value();
        break;
      case Kind::kIp:
        Named("ip", value.string_value());
        break;
      case Kind::kCidr:
        Named("cidr", value.string_value());
        break;
      case Kind::kDecimal:
        Named("decimal", value.decimal_value().ToText());
        break;
      case Kind::kTimestamp:
        Time("timestamp", value.time_value());
        break;
      case Kind::kDuration:
        Time("duration", value.time_value());
        break;
      case Kind::kList:
        PrintList(value.list());
        break;
      case Kind::kMap:
        PrintMap(value.map());
        break;
      case Kind::kOptional:
        out_ += value.optional_value() == nullptr ? "optional.none()" : "optional.of(";
        if (value.optional_value() != nullptr) {
          Print(*value.optional_value());
          out_ += ')';
        }
        break;
      case Kind::kMessage:
        PrintMessage(value.message());
        break;
    }
  }

 private:
  template <typename T>
  void Number(T value) {
    char digits[32];
    const auto result = std::to_chars(digits, digits + sizeof(digits), value);
    out_.append(digits, result.ptr);
  }

  void Quoted(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out_ += '"';
    for (const char c : text.substr(0, limit_)) {
      const auto byte = static_cast<uint8_t>(c);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (byte < 0x20 || byte == 0x7f) {
        out_ += "\\x";
        out_ += kHex[byte >> 4];
        out_ += kHex[byte & 15];
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void Named(std::string_view name, std::string_view text) {
    out_ += name;
    out_ += "('";
    out_ += text;
    out_ += "')";
  }

  void Time(std::string_view name, Nanos time) {
    out_ += name;
    out_ += '(';
    Number(time.seconds);
    if (time.nanos != 0) {
      out_ += "s+";
      Number(time.nanos);
      out_ += "ns)";
    } else {
      out_ += "s)";
    }
  }

  void PrintList(std::span<const Value> items) {
    out_ += '[';
    for (size_t i = 0; i < items.size() && out_.size() <= limit_; ++i) {
      if (i > 0) out_ += ", ";
      Print(items[i]);
    }
    out_ += ']';
  }

  void PrintMap(std::span<const MapEntry> entries) {
    out_ += '{';
    for (size_t i = 0; i < entries.size() && out_.size() <= limit_; ++i) {
      if (i > 0) out_ += ", ";
      Print(entries[i].key);
      out_ += ": ";
      Print(entries[i].value);
    }
    out_ += '}';
  }

  void PrintMessage(const Message& message) {
    out_ += message.type->name;
    out_ += '{';
    for (size_t i = 0; i < message.entries.size() && out_.size() <= limit_; ++i) {
      if (i > 0) out_ += ", ";
      out_ += message.entries[i].field->name;
      out_ += ": ";
      Print(message.entries[i].value);
    }
    out_ += '}';
  }

  std::string& out_;
  const size_t limit_;
};

Value CopyMessage(const Message& message, Arena& arena) {
  const std::span<MessageEntry> entries = arena.NewArray<MessageEntry>(message.entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i] = {message.entries[i].field, message.entries[i].value.CopyInto(arena)};
  }
  const std::span<Message> memory = arena.NewArray<Message>(1);
  memory[0] = {message.type, entries, arena.Copy(message.unknown)};
  return Value::MessageOf(memory[0]);
}

}  // namespace

void Value::WrongKind(Kind kind) {
  CHECK(false) << "a value of kind " << KindName(kind) << " was asked for another";
  __builtin_unreachable();
}

Value Value::TimestampOf(Nanos since_epoch, Arena& arena) {
  const std::span<Nanos> memory = arena.NewArray<Nanos>(1);
  memory[0] = since_epoch;
  Value v;
  v.kind_ = Kind::kTimestamp;
  v.nanos_ = memory.data();
  return v;
}

Value Value::DurationOf(Nanos length, Arena& arena) {
  Value v = TimestampOf(length, arena);
  v.kind_ = Kind::kDuration;
  return v;
}

Value Value::DecimalOf(const Decimal& number, Arena& arena) {
  const std::span<Decimal> memory = arena.NewArray<Decimal>(1);
  memory[0] = number;
  Value v;
  v.kind_ = Kind::kDecimal;
  v.decimal_ = memory.data();
  return v;
}

Value Value::OptionalNone() {
  Value v;
  v.kind_ = Kind::kOptional;
  v.values_ = nullptr;
  return v;
}

Value Value::OptionalOf(Value value, Arena& arena) {
  const std::span<Value> memory = arena.NewArray<Value>(1);
  memory[0] = value;
  Value v;
  v.kind_ = Kind::kOptional;
  v.values_ = memory.data();
  return v;
}

const Value* Value::optional_value() const {
  Require(Kind::kOptional);
  return values_;
}

Value Value::Field(std::string_view name) const {
  for (const MapEntry& entry : map()) {
    if (entry.key.kind() == Kind::kString && entry.key.string_value() == name) return entry.value;
  }
  return {};
}

Value Value::CopyInto(Arena& arena) const {
  Value copy = *this;
  switch (kind_) {
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kJson:
      copy.chars_ = arena.Copy(string_value()).data();
      break;
    case Kind::kTimestamp:
      return TimestampOf(*nanos_, arena);
    case Kind::kDuration:
      return DurationOf(*nanos_, arena);
    case Kind::kDecimal:
      return DecimalOf(*decimal_, arena);
    case Kind::kList: {
      const std::span<Value> items = arena.NewArray<Value>(size_);
      for (size_t i = 0; i < size_; ++i) items[i] = values_[i].CopyInto(arena);
      return List(items);
    }
    case Kind::kMap: {
      const std::span<MapEntry> entries = arena.NewArray<MapEntry>(size_);
      for (size_t i = 0; i < size_; ++i) {
        entries[i] = {entries_[i].key.CopyInto(arena), entries_[i].value.CopyInto(arena)};
      }
      return Map(entries);
    }
    case Kind::kOptional:
      return values_ == nullptr ? copy : OptionalOf(values_->CopyInto(arena), arena);
    case Kind::kMessage:
      return CopyMessage(*message_, arena);
    default:
      break;
  }
  return copy;
}

bool Value::Equal(const Value& a, const Value& b) {
  if (IsNumber(a.kind_) && IsNumber(b.kind_)) {
    return CompareNumbers(a, b) == std::partial_ordering::equivalent;
  }
  if (a.kind_ == Kind::kDecimal || b.kind_ == Kind::kDecimal) {
    return CompareDecimals(a, b) == std::partial_ordering::equivalent;
  }
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Kind::kMissing:
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return a.bool_ == b.bool_;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kIp:
    case Kind::kCidr:
    case Kind::kJson:
      return a.string_value() == b.string_value();
    case Kind::kTimestamp:
    case Kind::kDuration:
      return a.time_value() == b.time_value();
    case Kind::kList:
      return std::ranges::equal(a.list(), b.list(), Equal);
    case Kind::kMap:
      return EqualMaps(a.map(), b.map());
    case Kind::kOptional:
      if (a.values_ == nullptr || b.values_ == nullptr) return a.values_ == b.values_;
      return Equal(*a.values_, *b.values_);
    case Kind::kMessage:
      return EqualMessages(*a.message_, *b.message_);
    default:
      return false;
  }
}

std::optional<std::partial_ordering> Value::Compare(const Value& a, const Value& b) {
  if (IsNumber(a.kind_) && IsNumber(b.kind_)) return CompareNumbers(a, b);
  if (a.kind_ == Kind::kDecimal || b.kind_ == Kind::kDecimal) return CompareDecimals(a, b);
  if (a.kind_ != b.kind_) return std::nullopt;
  switch (a.kind_) {
    case Kind::kBool:
      return a.bool_ <=> b.bool_;
    case Kind::kString:
    case Kind::kBytes:
      // char_traits compares as unsigned bytes, which for UTF-8 is the order of code points.
      return a.string_value() <=> b.string_value();
    case Kind::kTimestamp:
    case Kind::kDuration:
      return a.time_value() <=> b.time_value();
    default:
      return std::nullopt;
  }
}

std::string_view KindName(Value::Kind kind) {
  switch (kind) {
    case Kind::kMissing:
      return "missing";
    case Kind::kNull:
      return "null_type";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kUint:
      return "uint";
    case Kind::kDouble:
      return "double";
    case Kind::kString:
      return "string";
    case Kind::kBytes:
      return "bytes";
    case Kind::kTimestamp:
      return "google.protobuf.Timestamp";
    case Kind::kDuration:
      return "google.protobuf.Duration";
    case Kind::kList:
      return "list";
    case Kind::kMap:
      return "map";
    case Kind::kType:
      return "type";
    case Kind::kOptional:
      return "optional_type";
    case Kind::kIp:
      return "net.IP";
    case Kind::kCidr:
      return "net.CIDR";
    case Kind::kJson:
      return "json";
    case Value::Kind::kMessage:
      return "message";
    case Kind::kDecimal:
      return "decimal";
  }
  return "unknown";
}

std::string_view TypeName(const Value& value) {
  return value.kind() == Kind::kMessage ? value.message().type->name : KindName(value.kind());
}

std::string DebugString(const Value& value, size_t limit) {
  std::string text;
  DebugPrinter(text, limit).Print(value);
  if (text.size() > limit) {
    size_t cut = limit > 3 ? limit - 3 : 0;
    // Not in the middle of a UTF-8 sequence.
    while (cut > 0 && (static_cast<uint8_t>(text[cut]) & 0xc0) == 0x80) --cut;
    text.resize(cut);
    if (limit >= 3) text += "...";
  }
  return text;
}

}  // namespace sidestream::serde
