// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of the fuzz targets of this folder, over mutations of good inputs. The seed
// is in the test's output.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"

// tests/fuzz/fuzz_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int FuzzRegistryAnswer(const uint8_t* data, size_t size);
int FuzzWireFrame(const uint8_t* data, size_t size);
}

namespace sidestream::registry {
namespace {

using Target = int (*)(const uint8_t*, size_t);

void RunOver(Target target, const std::vector<std::string>& good) {
  const char* const given = std::getenv("SIDESTREAM_SEED");
  Random random(given != nullptr ? std::strtoull(given, nullptr, 10) : 20260101);
  std::cout << "seed " << random.seed() << " (SIDESTREAM_SEED repeats it)\n";
  const auto below = [&](size_t bound) {
    return static_cast<size_t>(random.Below(static_cast<int64_t>(bound)));
  };
  for (int i = 0; i < 50'000; ++i) {
    std::string input = good[below(good.size())];
    for (size_t changes = below(6); changes > 0; --changes) {
      const size_t at = below(input.size() + 1);
      switch (below(4)) {
        case 0:
          input.resize(at);
          break;
        case 1:
          input.insert(at, 1, static_cast<char>(random.Next()));
          break;
        case 2:
          input.insert(at, 1, "\xff\0\x7f\x80{}[]\",:\\u9-"[below(15)]);
          break;
        default:
          if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
      }
    }
    // A copy of exact size, so that the sanitizers see each byte too far.
    const std::vector<uint8_t> bytes(input.begin(), input.end());
    ASSERT_EQ(target(bytes.data(), bytes.size()), 0);
  }
}

TEST(FuzzTest, RegistryAnswer) {
  const std::string status(2, '\0');
  RunOver(FuzzRegistryAnswer,
          {status + R"({"subject":"s","version":3,"id":17,"schemaType":"PROTOBUF","schema":"x",)" +
               R"("references":[{"name":"a","subject":"b","version":2}]})",
           status + R"({"schema":"\"int\"","references":[]})", status + R"({"id":12})",
           std::string("\x07\0", 2) + R"({"error_code":40403,"message":"Schema not found"})",
           status + "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]"});
}

TEST(FuzzTest, WireFrame) {
  RunOver(FuzzWireFrame, {std::string("\0\0\0\0\x07payload", 12),
                          std::string("\0\0\0\0\1\6\2\4\6x", 10), std::string("\0\0\0\0\1\0x", 7),
                          "\x01"
                          "0123456789abcdefrest"});
}

}  // namespace
}  // namespace sidestream::registry
