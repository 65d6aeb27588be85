// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of tests/fuzz/fuzz_lua_values.cc: seeded values, mutations of them, and scripts.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "serde/decimal.h"
#include "serde/value_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sidestream::operators {
namespace {

using serde::Value;

Value AnyValue(Random& random, Arena& arena, int depth) {
  switch (random.Below(depth == 0 ? 9 : 11)) {
    case 0:
      return Value::Null();
    case 1:
      return Value::Bool(random.OneIn(2));
    case 2:
      return Value::Int(INT64_MIN + random.Below(INT64_MAX));
    case 3:
      return Value::Uint(UINT64_MAX - static_cast<uint64_t>(random.Below(1000)));
    case 4:
      return Value::Double(static_cast<double>(random.Below(1000)) / 8);
    case 5:
      return Value::String(random.OneIn(2) ? "ä" : "");
    case 6:
      return Value::Bytes(random.OneIn(2) ? std::string_view("\xff\0x", 3) : "");
    case 7:
      return Value::TimestampOf({random.Below(1'000'000), 5}, arena);
    case 8:
      return Value::DecimalOf(serde::Decimal::Of(random.Below(1000)), arena);
    case 9: {
      const auto items = arena.NewArray<Value>(static_cast<size_t>(random.Below(4)));
      for (Value& item : items) item = AnyValue(random, arena, depth - 1);
      return Value::List(items);
    }
    default: {
      const auto entries = arena.NewArray<serde::MapEntry>(static_cast<size_t>(random.Below(4)));
      const bool numbers = random.OneIn(4);
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].key = numbers ? Value::Int(static_cast<int64_t>(i))
                                 : Value::String(arena.Copy(std::to_string(10 - i)));
        entries[i].value = AnyValue(random, arena, depth - 1);
      }
      return Value::Map(entries);
    }
  }
}

TEST(LuaFuzzTest, SurvivesSeededMutations) {
  constexpr uint64_t kSeed = 11;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  const std::vector<std::string> scripts{
      "function process(key, value, ctx) ctx.emit(value) end",
      "local t = setmetatable({}, { __index = function(t, k) return k end }) x = t.a .. "
      "('b'):rep(3)"
      " function process() for w in ('a b'):gmatch('%a') do end end"};
  for (int i = 0; i < 5'000; ++i) {
    Arena arena;
    std::string input;
    if (random.OneIn(4)) {
      input = scripts[static_cast<size_t>(random.Below(2))];
    } else {
      ASSERT_TRUE(serde::EncodeValue(AnyValue(random, arena, 3), input).ok());
    }
    for (int64_t edits = random.Below(4); edits > 0 && !input.empty(); --edits) {
      const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(input.size())));
      if (random.OneIn(3)) {
        input.erase(at, 1);
      } else {
        input[at] = static_cast<char>(random.Below(256));
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
}

}  // namespace
}  // namespace sidestream::operators
