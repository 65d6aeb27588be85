// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_walker.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>

#include "serde/decimal.h"
#include "serde/json_scalar.h"

namespace sidestream::serde {
namespace {

// Up to here keys are compared with each other, from here on they are sorted, so that no
// record costs the square of its size.
constexpr size_t kComparedKeys = 64;

// Whether all of eight bytes are digits.
bool AreDigits(const char* bytes) {
  constexpr uint64_t kHigh = 0xf0f0f0f0f0f0f0f0U;
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  // '0' to '9' are 0x30 to 0x39: six more stay below 0x40. No byte carries into the next one
  // without failing the first test.
  return (word & kHigh) == 0x3030303030303030U &&
         ((word + 0x0606060606060606U) & kHigh) == 0x3030303030303030U;
}

// Most numbers; the others are looked at more closely.
bool IsPlainInteger(std::string_view token) {
  if (token.empty() || (token[0] == '0' && token.size() > 1)) return false;
  const char* at = token.data();
  const char* const end = at + token.size();
  for (; end - at >= 8; at += 8) {
    if (!AreDigits(at)) return false;
  }
  if (token.size() >= 8) return at == end || AreDigits(end - 8);
  for (; at != end; ++at) {
    if (*at < '0' || *at > '9') return false;
  }
  return true;
}

// Differs for most keys that differ.
uint64_t Fingerprint(std::string_view key) {
  uint32_t first = 0;
  uint32_t last = 0;
  const size_t part = std::min<size_t>(key.size(), 4);
  std::memcpy(&first, key.data(), part);
  std::memcpy(&last, key.data() + key.size() - part, part);
  return (static_cast<uint64_t>(first) << 32 | last) ^ key.size() * 0x9e3779b97f4a7c15U;
}

// The last of equal keys wins, in the place of the first. Returns how many entries stay.
size_t DropEqualKeys(std::span<MapEntry> entries) {
  uint64_t seen[kComparedKeys];
  size_t kept = 0;
  for (const MapEntry& entry : entries) {
    const std::string_view key = entry.key.string_value();
    const uint64_t fingerprint = Fingerprint(key);
    size_t i = 0;
    while (i < kept && (seen[i] != fingerprint || entries[i].key.string_value() != key)) ++i;
    if (i < kept) {
      entries[i].value = entry.value;
    } else {
      seen[kept] = fingerprint;
      entries[kept++] = entry;
    }
  }
  return kept;
}

size_t DropEqualKeysSorted(std::span<MapEntry> entries, std::vector<uint32_t>& order) {
  order.resize(entries.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](uint32_t i) { return entries[i].key.string_value(); };
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    const auto by_key = key(a) <=> key(b);
    return by_key != 0 ? by_key < 0 : a < b;
  });
  bool dropped = false;
  for (size_t i = 0; i < order.size();) {
    size_t last = i;
    while (last + 1 < order.size() && key(order[last + 1]) == key(order[i])) ++last;
    entries[order[i]].value = entries[order[last]].value;
    for (size_t j = i + 1; j <= last; ++j) {
      entries[order[j]].key = Value::Null();
      dropped = true;
    }
    i = last + 1;
  }
  if (!dropped) return entries.size();
  // Not std::ranges::remove_if: clang 14 does not take it from libstdc++ 12.
  const auto end = std::remove_if(entries.begin(), entries.end(),
                                  [](const MapEntry& entry) { return entry.key.null(); });
  return static_cast<size_t>(end - entries.begin());
}

template <typename T>
std::span<const T> Take(std::vector<T>& stack, size_t base, size_t count, Arena& arena) {
  T* const copy = static_cast<T*>(arena.Allocate(count * sizeof(T), alignof(T)));
  std::uninitialized_copy_n(stack.data() + base, count, copy);
  stack.resize(base);
  return {copy, count};
}

}  // namespace

bool JsonWalker::Start(std::string_view text, Arena& arena) {
  error_ = Status::Ok();
  entries_.clear();
  elements_.clear();
  depth_ = 0;
  text_ = text;
  arena_ = &arena;
  Result<std::span<const uint32_t>> tokens = index_.Build(text);
  if (!tokens.ok()) {
    error_ = tokens.status();
    return false;
  }
  token_ = tokens->data();
  end_ = token_ + tokens->size() - 1;
  has_escapes_ = std::memchr(text.data(), '\\', text.size()) != nullptr;
  return true;
}

bool JsonWalker::Finish() {
  if (token_ != end_) return Fail("something follows the value");
  return true;
}

bool JsonWalker::FailAt(std::string_view reason, size_t position) {
  error_ = Status::BadRecord("not valid JSON: " + std::string(reason) + " at byte " +
                             std::to_string(position));
  return false;
}

bool JsonWalker::Unescape(std::string_view& text) {
  size_t bad = 0;
  const std::optional<std::string_view> unescaped = UnescapeJsonString(text, *arena_, bad);
  if (!unescaped.has_value()) return FailAt("wrong escape in a string", *token_ + 1 + bad);
  text = *unescaped;
  return true;
}

bool JsonWalker::ParseScalar(Value& value) {
  switch (Head()) {
    case '"': {
      std::string_view text;
      if (!ParseString(text)) return false;
      value = Value::String(text);
      return true;
    }
    case 't':
    case 'f':
    case 'n':
      value = ParseJsonLiteral(Token());
      break;
    case '\0':
    case '}':
    case ']':
    case ',':
    case ':':
      return Fail("a value expected");
    default:
      value = ParseJsonNumber(Token());
      if (value.null()) return Fail("a number beyond the range of double");
      break;
  }
  if (value.missing()) return Fail("neither a number, true, false nor null");
  ++token_;
  return true;
}

// A number keeps the digits that a double would lose; all else goes on as it is.
bool JsonWalker::ParseDecimal(Value& value) {
  const std::string_view token = Head() == '\0' ? std::string_view() : Token();
  if (!IsJsonNumber(token)) return ParseScalar(value);
  const std::optional<Decimal> number = Decimal::Parse(token);
  if (!number) return Fail("a number beyond the 38 digits of a decimal");
  value = Value::DecimalOf(*number, *arena_);
  ++token_;
  return true;
}

bool JsonWalker::ParseValue(const FieldNode* types, Value& value) {
  const size_t position = *token_;
  const char head = Head();
  const bool decimal = types != nullptr && types->type == FieldType::kDecimal;
  const bool made = head == '{'   ? ParseMap(types, value)
                    : head == '[' ? ParseList(types, value)
                    : decimal     ? ParseDecimal(value)
                                  : ParseScalar(value);
  if (!made) return false;
  if (types == nullptr || !types->type.has_value() || IsOfType(*types->type, value)) return true;
  Result<Value> converted = ConvertField(*types, value, *arena_);
  if (!converted.ok()) {
    error_ = Status(converted.status().code(),
                    converted.status().message() + " at byte " + std::to_string(position));
    return false;
  }
  value = *converted;
  return true;
}

bool JsonWalker::ParseMap(const FieldNode* types, Value& value) {
  const size_t base = entries_.size();
  const bool typed = types != nullptr && types->typed;
  bool more = false;
  if (!EnterMap(more)) return false;
  while (more) {
    std::string_view key;
    if (!ParseKey(key)) return false;
    Value entry;
    if (!ParseValue(typed ? types->Child(key) : nullptr, entry)) return false;
    entries_.push_back({Value::String(key), entry});
    if (!NextEntry(more)) return false;
  }
  const std::span<MapEntry> made = std::span(entries_).subspan(base);
  const size_t count =
      made.size() <= kComparedKeys ? DropEqualKeys(made) : DropEqualKeysSorted(made, order_);
  value = Value::Map(Take(entries_, base, count, *arena_));
  return true;
}

bool JsonWalker::ParseList(const FieldNode* types, Value& value) {
  const size_t base = elements_.size();
  const FieldNode* const element_types = types != nullptr ? types->element.get() : nullptr;
  bool more = false;
  if (!Enter(']', more)) return false;
  while (more) {
    Value element;
    if (!ParseValue(element_types, element)) return false;
    elements_.push_back(element);
    if (!Next(']', "',' or ']' expected", more)) return false;
  }
  value = Value::List(Take(elements_, base, elements_.size() - base, *arena_));
  return true;
}

bool JsonWalker::SkipOther(char head) {
  switch (head) {
    case '{':
      return SkipMap();
    case '[':
      return SkipList();
    case 't':
    case 'f':
    case 'n': {
      Value value;
      return ParseScalar(value);
    }
    case '\0':
    case '}':
    case ']':
    case ',':
    case ':':
      return Fail("a value expected");
    default:
      if (!IsPlainInteger(Token()) && !IsJsonNumber(Token())) {
        return Fail("neither a number, true, false nor null");
      }
      ++token_;
      return true;
  }
}

bool JsonWalker::SkipMap() {
  bool more = false;
  if (!EnterMap(more)) return false;
  while (more) {
    std::string_view key;
    if (!ParseKey(key) || !SkipValue() || !NextEntry(more)) return false;
  }
  return true;
}

bool JsonWalker::SkipList() {
  bool more = false;
  if (!Enter(']', more)) return false;
  while (more) {
    if (!SkipValue() || !Next(']', "',' or ']' expected", more)) return false;
  }
  return true;
}

}  // namespace sidestream::serde
