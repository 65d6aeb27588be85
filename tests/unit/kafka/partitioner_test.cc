// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/partitioner.h"

#include <gtest/gtest.h>

#include <string>

namespace sidestream::kafka {
namespace {

/// The known answers of the Java client (UtilsTest.testMurmur2).
TEST(PartitionerTest, HashesAsTheJavaClient) {
  const std::pair<std::string_view, int32_t> known[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [key, hash] : known) {
    EXPECT_EQ(static_cast<int32_t>(Murmur2(key)), hash) << key;
  }
}

TEST(PartitionerTest, DropsTheSignBitAndDoesNotNegate) {
  // -973932308 & 0x7fffffff = 1173551340.
  EXPECT_EQ(PartitionOf("21", 1'000), 340);
  EXPECT_EQ(PartitionOf("abc", 1'000), 107);
}

TEST(PartitionerTest, TakesEveryByteAsUnsigned) {
  // All tail lengths with bytes above 0x7f; a signed char would change each of them.
  EXPECT_NE(Murmur2("\xff"), Murmur2("\x7f"));
  for (size_t size = 1; size <= 8; ++size) {
    const std::string high(size, '\xff');
    EXPECT_NE(Murmur2(high), Murmur2(high.substr(1))) << size;
  }
}

TEST(PartitionerTest, OfOnePartitionIsZero) { EXPECT_EQ(PartitionOf("any", 1), 0); }

}  // namespace
}  // namespace sidestream::kafka
