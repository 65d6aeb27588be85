// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/mark.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace sidestream::time {
namespace {

Mark Example() {
  return {4,
          {{0, 1, Progress::kActive, Timestamp(1'767'225'600'123)},
           {2, 300, Progress::kIdle, Timestamp(1'767'225'600'000)},
           {3, 1, Progress::kUnknown, Timestamp()}}};
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

TEST(MarkTest, IsByteExact) {
  // docs/formats/mark.md has this example; persistent, so it must never change.
  std::string bytes;
  EncodeMark(Example(), bytes);
  EXPECT_EQ(Hex(bytes),
            "0403"
            "0005f6a1d5edee66"
            "02b209f501"
            "0104");
  const Result<Mark> decoded = DecodeMark(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());
}

TEST(MarkTest, BytesOfLaterReleasesAreSkippedAndCutOnesAreNone) {
  std::string bytes;
  EncodeMark(Example(), bytes);
  EXPECT_EQ(*DecodeMark(bytes + "later"), Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeMark(bytes.substr(0, size)).status().code(), StatusCode::kStopped) << size;
  }
}

TEST(MarkTest, MutatedMarksNeverCrash) {
  Random random(20261121);
  std::string good;
  EncodeMark(Example(), good);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (int64_t n = random.Below(5); n >= 0; --n) {
      bytes[static_cast<size_t>(random.Below(static_cast<int64_t>(bytes.size())))] =
          static_cast<char>(random.Next());
    }
    const Result<Mark> decoded = DecodeMark(bytes);
    if (!decoded.ok()) continue;
    std::string again;
    EncodeMark(*decoded, again);
    EXPECT_EQ(*DecodeMark(again), *decoded);
  }
}

}  // namespace
}  // namespace sidestream::time
