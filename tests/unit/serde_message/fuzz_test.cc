// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of tests/fuzz/fuzz_message.cc: seeded mutations of messages of every well-known
// type.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sidestream::serde {
namespace {

TEST(MessageFuzzTest, SurvivesSeededMutations) {
  constexpr uint64_t kSeed = 11;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  const std::vector<std::string> corpus = {
      std::string("\x0a\x1f"
                  "x/google.protobuf.Timestamp\x12\x02\x08\x05"),
      std::string("\x0a\x0a\x0a\x01k\x12\x05\x2a\x03\x0a\x01j"),
      std::string("\x32\x09\x0a\x02\x20\x01\x0a\x03\x1a\x01s"),
      std::string("\x08\x05\x10\x06"),
      std::string("\x0a\x03"
                  "a_b\x0a\x01"
                  "c"),
  };
  const auto below = [&](size_t limit) {
    return static_cast<size_t>(random.Below(static_cast<int64_t>(limit)));
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = corpus[below(corpus.size())];
    for (size_t edits = below(4); edits > 0; --edits) {
      const size_t at = below(bytes.size() + 1);
      if (random.OneIn(3)) bytes.insert(at, corpus[below(corpus.size())]);
      if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
    }
    bytes.insert(0, 1, static_cast<char>(below(256)));
    SCOPED_TRACE("round " + std::to_string(round));
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()),
              0);
  }
}

}  // namespace
}  // namespace sidestream::serde
