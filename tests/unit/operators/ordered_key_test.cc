// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Key parts: their bytes, their order, and what a reader does with bytes that are not ours.

#include "operators/ordered_key.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/clock.h"

namespace sidestream::operators {
namespace {

std::string TimeBytes(int64_t millis) {
  std::string bytes;
  AppendOrderedTime(Timestamp(millis), bytes);
  return bytes;
}

std::string EscapedBytes(std::string_view raw) {
  std::string bytes;
  AppendOrderedBytes(raw, bytes);
  return bytes;
}

/// Short, of few letters, zero and FF among them.
std::string RandomBytes(Random& random) {
  std::string bytes;
  for (int64_t size = random.Below(5); size > 0; --size) {
    bytes.push_back("\0\x01\xff""a"[random.Below(4)]);
  }
  return bytes;
}

TEST(OrderedKeyTest, HasTheBytesOfTheFormatPage) {
  EXPECT_EQ(TimeBytes(0), std::string("\x80\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(TimeBytes(-1), "\x7f\xff\xff\xff\xff\xff\xff\xff");
  EXPECT_EQ(TimeBytes(258), std::string("\x80\0\0\0\0\0\x01\x02", 8));
  EXPECT_EQ(EscapedBytes(std::string("a\0b", 3)), std::string("a\0\xff" "b\0\x01", 6));
  EXPECT_EQ(EscapedBytes(""), std::string("\0\x01", 2));
}

TEST(OrderedKeyTest, BytesAreOrderedAsWhatTheyStandFor) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const std::string a = RandomBytes(random);
    const std::string b = RandomBytes(random);
    // With a part behind it, as in a key.
    ASSERT_EQ(EscapedBytes(a) + "z" < EscapedBytes(b) + "a", a < b)
        << "seed " << kSeed << " round " << i;
    const auto first = static_cast<int64_t>(random.Next() >> random.Below(64));
    const auto second = static_cast<int64_t>(random.Next() >> random.Below(64));
    ASSERT_EQ(TimeBytes(first) < TimeBytes(second), first < second) << "seed " << kSeed;
  }
  EXPECT_LT(TimeBytes(std::numeric_limits<int64_t>::min()), TimeBytes(-5));
  EXPECT_LT(TimeBytes(5), TimeBytes(std::numeric_limits<int64_t>::max()));
}

TEST(OrderedKeyTest, ReadsWhatItWrote) {
  constexpr uint64_t kSeed = 6;
  Random random(kSeed);
  for (int i = 0; i < 5'000; ++i) {
    const std::string key = RandomBytes(random);
    const auto time = static_cast<int64_t>(random.Next());
    const std::string rest = RandomBytes(random);
    const std::string bytes = "x" + EscapedBytes(key) + TimeBytes(time) + rest;
    OrderedKeyReader reader(bytes);
    EXPECT_EQ(reader.Byte(), 'x');
    std::string read = "before";
    reader.Bytes(read);
    ASSERT_EQ(read, "before" + key) << "seed " << kSeed << " round " << i;
    ASSERT_EQ(reader.Time(), Timestamp(time));
    ASSERT_EQ(reader.Rest(), rest);
    ASSERT_TRUE(reader.ok());
  }
}

TEST(OrderedKeyTest, WhatIsCutOrNotEscapedIsNoKey) {
  for (const std::string& bytes : {std::string("abc"), std::string("a\0", 2), std::string("a\0b", 3),
                                   std::string()}) {
    OrderedKeyReader reader(bytes);
    std::string read;
    reader.Bytes(read);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(read, "");
    EXPECT_EQ(reader.Time(), Timestamp());
  }
  OrderedKeyReader reader("1234567");
  reader.Time();
  EXPECT_FALSE(reader.ok());
}

TEST(OrderedKeyTest, AKeyAboveAPrefixIsTheEndOfItsRange) {
  EXPECT_EQ(EndOfPrefix("a"), "b");
  EXPECT_EQ(EndOfPrefix("a\xff\xff"), "b");
  EXPECT_EQ(EndOfPrefix("\xff"), "");
  EXPECT_EQ(EndOfPrefix(""), "");
}

}  // namespace
}  // namespace sidestream::operators
