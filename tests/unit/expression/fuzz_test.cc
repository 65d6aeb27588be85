// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of tests/fuzz/fuzz_expression.cc: seeded mutations of texts that use
// every part of the language.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sidestream::expression {
namespace {

const std::vector<std::string>& Corpus() {
  static const std::vector<std::string> corpus = {
      "value.id + 1 == 8 && has(value.items) ? 'yes' : \"no\"",
      "value.items.map(x, type(x) == int, x * 2).exists(y, y > 1)",
      "{?'a': value.?b, 'c': [?value.?d, 1u, 0x1F, 1.5e-3]}.c[0]",
      "key.matches(r'^k.*$') || key.substring(1, 2).contains('\\u00e9')",
      "timestamp('2026-01-01T00:00:00Z') + duration('1h30m') > timestamp(0)",
      "cel.bind(a, value.items, a + a).all(i, v, i < 4 && v != b'\\xff')",
      "sum(value.id).where(value.id > 1) / count()",
      "regex.split(key.lowerAscii(), '\\\\W+').join('-').split('', 3)",
      "math.greatest([1, 2.0, 3u]) - math.abs(-1) << 2",
      "-9223372036854775808 / -1 % 0 // comment\n",
      "optional.of({1: null}).?x.or(optional.none()).orValue(.value.`id`)",
      "json.parse('{\"a\": [1]}').a.transformMap(k, v, v)",
      "google.protobuf.Value{struct_value: {'a': [value.id, null]}}.a[?0]",
      "google.protobuf.Any{type_url: 'x/google.protobuf.Timestamp', value: b'\\x08\\x05'}",
      "proto.hasExt(google.protobuf.FieldMask{?paths: optional.of(['a'])}, a.b) || .key != ''",
      "'''a\nb''' + R\"c\" in ['d'] || !true",
  };
  return corpus;
}

std::string Mutate(Random& random) {
  static constexpr std::string_view kPieces[] = {"(",  ")", "[",  "]",  "{",  "}",  ".", ".?", "[?",
                                                 "\"", "'", "\\", "&&", "0",  "9",  "-", "!",  ":",
                                                 "?",  ",", "x",  "in", "1e", "0x", "u", "`"};
  const auto pick = [&](size_t size) {
    return static_cast<size_t>(random.Below(static_cast<int64_t>(size)));
  };
  std::string text = Corpus()[pick(Corpus().size())];
  for (int64_t edits = random.Below(4) + 1; edits > 0; --edits) {
    const size_t at = pick(text.size() + 1);
    switch (random.Below(5)) {
      case 0:
        text.insert(at, kPieces[pick(std::size(kPieces))]);
        break;
      case 1:
        text.erase(at, pick(6));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random.Below(256));
        break;
      case 3: {
        const std::string& other = Corpus()[pick(Corpus().size())];
        text.insert(at, other.substr(pick(other.size()), pick(20)));
        break;
      }
      default:
        text.insert(at, text.substr(pick(text.size() + 1), pick(30)));
    }
  }
  return text;
}

TEST(ExpressionFuzzTest, SurvivesSeededMutations) {
  constexpr uint64_t kSeed = 3;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  for (const std::string& text : Corpus()) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = Mutate(random);
    // An exception or a CHECK ends the test here; the sanitizer build finds the rest.
    SCOPED_TRACE("round " + std::to_string(round) + ": " + text);
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size()),
              0);
  }
}

}  // namespace
}  // namespace sidestream::expression
