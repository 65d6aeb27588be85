// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of tests/fuzz/fuzz_held_key.cc: seeded mutations of rows and places that fit.

#include <gtest/gtest.h>

#include <cstdint>
#include <iostream>
#include <string>

#include "base/clock.h"
#include "operators/dead_letter/held_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sidestream::operators {
namespace {

/// A row of the hold "app/in/0/5" and a record of it, as the target takes them apart.
std::string Input(Random& random) {
  const auto head = static_cast<uint64_t>(random.Below(4));
  std::string row;
  EncodeHeldRow({head, head + 1 + static_cast<uint64_t>(random.Below(4)), "app/in/0/5"}, row);
  const auto first = static_cast<uint64_t>(row.size()) * 2 + static_cast<uint64_t>(random.Below(2));
  return static_cast<char>(first) + row + "app/in/0/5" + "0" + std::to_string(random.Below(10));
}

TEST(HeldKeyFuzzTest, SurvivesSeededMutations) {
  constexpr uint64_t kSeed = 7;
  std::cout << "seed " << kSeed << "\n";
  Random random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    std::string input = Input(random);
    for (int64_t edits = random.Below(4); edits > 0; --edits) {
      const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(input.size())));
      if (random.OneIn(3)) {
        input.erase(at, 1);
        if (input.empty()) break;
      } else {
        input[at] = static_cast<char>(random.Below(256));
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
}

}  // namespace
}  // namespace sidestream::operators
