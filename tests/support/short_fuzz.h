// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ShortFuzz: the short form of the fuzz targets, for the unit tests: each runs over mutations of good
// inputs. The long form is libFuzzer's (tests/fuzz). The seed is in the test's output.
//
// Threading: confined to the test's thread.

#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::testing {

class ShortFuzz : public ::testing::Test {
 protected:
  /// An entry point of tests/fuzz, under a name of its own.
  using Target = int (*)(const uint8_t* data, size_t size);

  void SetUp() override {
    std::cout << "seed " << random_.seed() << " (SIDESTREAM_SEED repeats it)\n";
  }

  void Run(Target target, const std::vector<std::string>& good, int inputs = 20'000) {
    for (int i = 0; i < inputs; ++i) {
      const std::string input = Next(good);
      // A copy of exact size, so that the sanitizers see each byte too far.
      const std::vector<uint8_t> bytes(input.begin(), input.end());
      ASSERT_EQ(target(bytes.data(), bytes.size()), 0);
    }
  }

  virtual std::string Next(const std::vector<std::string>& good) {
    std::string input = good[Index(good.size())];
    for (size_t changes = Index(5); changes > 0; --changes) Mutate(good, input);
    return input;
  }

  virtual void Mutate(const std::vector<std::string>& good, std::string& input) {
    const size_t at = Index(input.size() + 1);
    const std::string& other = good[Index(good.size())];
    switch (random_.Below(4)) {
      case 0:
        input.resize(at);
        break;
      case 1:
        input.insert(at, 1, static_cast<char>(random_.Next()));
        break;
      case 2:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random_.Below(8)));
        break;
      default:
        input.insert(at, other.substr(Index(other.size() + 1), Index(24)));
    }
  }

  size_t Index(size_t bound) {
    return static_cast<size_t>(random_.Below(static_cast<int64_t>(bound)));
  }

  Random random_{Seed()};

 private:
  static uint64_t Seed() {
    const char* const seed = std::getenv("SIDESTREAM_SEED");
    return seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20260101;
  }
};

}  // namespace sidestream::testing
