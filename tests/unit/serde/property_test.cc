// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What holds for every value. The argument of a property is a seed; RapidCheck prints it.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "serde/json_text.h"
#include "serde/key_codec.h"
#include "serde/reader.h"
#include "serde/value_codec.h"
#include "tests/unit/serde/random_value.h"

namespace sidestream::serde {
namespace {

using Domain = RandomValues::Domain;

// Equal, and of the same kinds.
std::string Exact(const Value& value) {
  std::string bytes;
  RC_ASSERT(EncodeValue(value, bytes).ok());
  return bytes;
}

RC_GTEST_PROP(SerdeProperty, JsonGivesTheSameValueBack, (uint64_t seed)) {
  Arena arena;
  const Value value = RandomValues(seed, Domain::kJson, arena).Make();
  std::string text;
  RC_ASSERT(AppendJson(value, text).ok());
  RC_ASSERT(nlohmann::json::accept(text));
  JsonParser parser;
  const Result<Value> parsed = parser.Parse(text, arena);
  RC_ASSERT(parsed.ok());
  RC_ASSERT(Exact(*parsed) == Exact(value));
}

RC_GTEST_PROP(SerdeProperty, BytesGiveTheSameValueBack, (uint64_t seed)) {
  Arena arena;
  const Value value = RandomValues(seed, Domain::kAny, arena).Make();
  const std::string bytes = Exact(value);
  const Result<Value> decoded = DecodeValue(bytes, arena);
  RC_ASSERT(decoded.ok());
  RC_ASSERT(Exact(*decoded) == bytes);
  RC_ASSERT(Value::Equal(*decoded, value));
}

RC_GTEST_PROP(SerdeProperty, ACopyIsTheSameValue, (uint64_t seed)) {
  Arena arena;
  const Value value = RandomValues(seed, Domain::kAny, arena).Make();
  RC_ASSERT(Exact(value.CopyInto(arena)) == Exact(value));
}

RC_GTEST_PROP(SerdeProperty, EqualKeysHaveEqualBytes, (uint64_t seed)) {
  Arena arena;
  RandomValues values(seed, Domain::kJson, arena);
  const Value key = values.Make();
  const Value other = values.Twist(key);
  RC_PRE(!key.null());
  RC_ASSERT(Value::Equal(key, other));
  std::string bytes;
  std::string other_bytes;
  const Result<KeyKind> kind = EncodeKey(key, bytes);
  const Result<KeyKind> other_kind = EncodeKey(other, other_bytes);
  RC_ASSERT(kind.ok() || key.kind() == Value::Kind::kUint);
  // A double of 2^63 and above has the uint that it equals refused.
  if (kind.ok() && other_kind.ok()) {
    RC_ASSERT(bytes == other_bytes);
    RC_ASSERT(*kind == *other_kind);
  }
}

// Bytes and kind together tell keys apart.
RC_GTEST_PROP(SerdeProperty, KeysOfEqualBytesAndKindAreEqual, (uint64_t seed)) {
  Arena arena;
  RandomValues values(seed, Domain::kSmall, arena);
  const Value a = values.Make(2);
  const Value b = values.Make(2);
  RC_PRE(!a.null() && !b.null());
  std::string a_bytes;
  std::string b_bytes;
  const Result<KeyKind> a_kind = EncodeKey(a, a_bytes);
  const Result<KeyKind> b_kind = EncodeKey(b, b_bytes);
  RC_ASSERT(a_kind.ok() && b_kind.ok());
  RC_ASSERT((a_bytes == b_bytes && *a_kind == *b_kind) == Value::Equal(a, b));
}

RC_GTEST_PROP(SerdeProperty, KeysComeBackEqual, (uint64_t seed)) {
  Arena arena;
  const Value key = RandomValues(seed, Domain::kJson, arena).Make();
  RC_PRE(!key.null() && key.kind() != Value::Kind::kUint);
  std::string bytes;
  const Result<KeyKind> kind = EncodeKey(key, bytes);
  RC_ASSERT(kind.ok());
  JsonParser parser;
  const Result<Value> decoded = DecodeKey(*kind, bytes, parser, arena);
  RC_ASSERT(decoded.ok());
  RC_ASSERT(Value::Equal(*decoded, key));
}

// What a reader finds at a path is what a walk through the whole value finds.
RC_GTEST_PROP(SerdeProperty, PathsReadWhatTheWholeValueHolds, (uint64_t seed)) {
  Arena arena;
  RandomValues values(seed, Domain::kSmall, arena);
  std::string text;
  RC_ASSERT(AppendJson(values.Make(5), text).ok());
  std::vector<WantedPath> wanted;
  for (size_t slot = 0; slot < 6; ++slot) {
    WantedPath& path = wanted.emplace_back(WantedPath{{}, slot});
    for (int64_t length = 1 + values.random().Below(3); length > 0; --length) {
      path.fields.push_back(values.random().OneIn(2) ? "a" : "b");
    }
  }
  const auto reader = Reader::Create({.kind = FormatKind::kJson}, wanted);
  RC_ASSERT(reader.ok());
  std::vector<Value> slots(wanted.size());
  RC_ASSERT((*reader)->Read(text, slots, arena).ok());
  JsonParser parser;
  const Value whole = *parser.Parse(text, arena);
  for (const WantedPath& path : wanted) {
    Value expected = whole;
    for (const std::string& field : path.fields) {
      expected = expected.kind() == Value::Kind::kMap ? expected.Field(field) : Value();
    }
    RC_ASSERT(Exact(slots[path.slot]) == Exact(expected));
  }
}

// A text with a few bytes changed is JSON for us exactly when another parser takes it.
RC_GTEST_PROP(SerdeProperty, TakesTheTextsThatAnotherParserTakes, (uint64_t seed)) {
  Arena arena;
  RandomValues values(seed, Domain::kJson, arena);
  std::string text;
  RC_ASSERT(AppendJson(values.Make(3), text).ok());
  static constexpr std::string_view kBytes =
      "{}[],:\"\\ \n0123456789+-.eEtrufalsn/\x01\x7f\xc3\xa9\xf0";
  for (int64_t changes = values.random().Below(4); changes > 0; --changes) {
    const auto at = static_cast<size_t>(values.random().Below(static_cast<int64_t>(text.size())));
    const char byte =
        kBytes[static_cast<size_t>(values.random().Below(static_cast<int64_t>(kBytes.size())))];
    switch (values.random().Below(3)) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      default:
        text.erase(at, text.size() > 1 ? 1 : 0);
    }
  }
  JsonParser parser;
  const bool taken = parser.Parse(text, arena).ok();
  RC_ASSERT(taken == nlohmann::json::accept(text));
  // Skipped is checked as read; only the range of numbers is not looked at.
  const auto reader = Reader::Create({.kind = FormatKind::kJson}, {});
  const bool skipped = (*reader)->Read(text, {}, arena).ok();
  RC_ASSERT(skipped || !taken);
  if (skipped && !taken) {
    RC_ASSERT(parser.Parse(text, arena).status().message().find("range of double") !=
              std::string::npos);
  }
}

}  // namespace
}  // namespace sidestream::serde
