// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "serde/json_text.h"

namespace sidestream::serde {
namespace {

std::string Timestamp(Nanos time) {
  std::string out;
  return AppendTimestamp(time, out).ok() ? out : "error";
}

std::string Duration(Nanos length) {
  std::string out;
  AppendDuration(length, out);
  return out;
}

TEST(TimeTextTest, TimestampsComeBack) {
  const std::pair<Nanos, std::string_view> cases[] = {
      {{0, 0}, "1970-01-01T00:00:00Z"},
      {{-1, 0}, "1969-12-31T23:59:59Z"},
      {{-62'135'596'800, 0}, "0001-01-01T00:00:00Z"},
      {{253'402'300'799, 999'999'999}, "9999-12-31T23:59:59.999999999Z"},
      {{951'782'400, 1'000}, "2000-02-29T00:00:00.000001Z"},
      {{1'767'225'600, 120'000'000}, "2026-01-01T00:00:00.120Z"},
  };
  for (const auto& [time, text] : cases) {
    EXPECT_EQ(Timestamp(time), text);
    EXPECT_EQ(ParseTimestamp(text), time) << text;
  }
  EXPECT_EQ(Timestamp({-62'135'596'801, 0}), "error");
  EXPECT_EQ(Timestamp({253'402'300'800, 0}), "error");
}

TEST(TimeTextTest, OffsetsAndShortFractionsAreRead) {
  EXPECT_EQ(ParseTimestamp("2026-01-01T01:30:00.5+01:30"), (Nanos{1'767'225'600, 500'000'000}));
  EXPECT_EQ(ParseTimestamp("2025-12-31t19:00:00-05:00"), (Nanos{1'767'225'600, 0}));
  EXPECT_EQ(ParseTimestamp("2026-01-01 00:00:00z"), (Nanos{1'767'225'600, 0}));
}

TEST(TimeTextTest, WhatIsNoTimestampIsRefused) {
  for (const std::string_view text : {"",
                                      "2026-01-01",
                                      "2026-01-01T00:00:00",
                                      "2026-13-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00.Z",
                                      "2026-01-01T00:00:00.1234567890Z",
                                      "2026-01-01T00:00:00+0100",
                                      "2026-01-01T00:00:00+24:00",
                                      "2026-01-01T00:00:00Zx",
                                      "26-01-01T00:00:00Z",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01",
                                      "0000-01-01T00:00:00Z",
                                      "2026-01-01T00:00:00",
                                      "2026_01_01T00:00:00Z",
                                      "+026-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

TEST(TimeTextTest, DurationsComeBack) {
  const std::pair<Nanos, std::string_view> cases[] = {
      {{0, 0}, "0s"},
      {{3, 1'000}, "3.000001s"},
      {{-1, 0}, "-1s"},
      {{-1, 500'000'000}, "-0.500s"},
      {{-2, 999'999'999}, "-1.000000001s"},
      {{315'576'000'000, 0}, "315576000000s"},
  };
  for (const auto& [length, text] : cases) {
    EXPECT_EQ(Duration(length), text);
    EXPECT_EQ(ParseDuration(text), length) << text;
  }
}

TEST(TimeTextTest, DurationsAreSumsOfUnits) {
  EXPECT_EQ(ParseDuration("1h30m"), (Nanos{5400, 0}));
  EXPECT_EQ(ParseDuration("-1.5ms"), (Nanos{-1, 998'500'000}));
  EXPECT_EQ(ParseDuration("+1m2us3ns"), (Nanos{60, 2'003}));
  EXPECT_EQ(ParseDuration("0"), (Nanos{0, 0}));
  EXPECT_EQ(ParseDuration(".5s"), (Nanos{0, 500'000'000}));
  EXPECT_EQ(ParseDuration("1.0000000009s"), (Nanos{1, 0}));
  for (const std::string_view text : {"", "-", "1", "s", "1x", "1s ", "1h-1m", ".s", "00",
                                      "9999999999999999999s", "9223372036854775807h"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sidestream::serde
