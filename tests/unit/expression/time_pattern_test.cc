// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/time_pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "expression/number_text.h"

namespace sidestream::expression {
namespace {

std::string Parse(const std::string& text, const std::string& pattern,
                  const std::string& zone = "UTC") {
  std::string error;
  const auto time = ParseTime(text, pattern, zone, error);
  return time ? TimestampText(*time) : "error: " + error;
}

std::string Format(Nanos time, const std::string& pattern, const std::string& zone = "UTC") {
  std::string error;
  return FormatTime(time, pattern, zone, error).value_or("error: " + error);
}

TEST(TimePatternTest, ReadsWhatThePatternSays) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"2026-07-01", "%Y-%m-%d", "2026-07-01T00:00:00Z"},
      {"2026-07-01 23:59:58", "%F %T", "2026-07-01T23:59:58Z"},
      {"1/7/26 5:04", "%d/%m/%y %H:%M", "2026-07-01T05:04:00Z"},
      {"07/01/69", "%D", "1969-07-01T00:00:00Z"},
      {"20260701T120000.5", "%Y%m%dT%H%M%S.%f", "2026-07-01T12:00:00.5Z"},
      {"12:00:00.123456789", "%H:%M:%S.%9f", "1970-01-01T12:00:00.123456789Z"},
      {"12:00:00.123", "%H:%M:%S.%3f", "1970-01-01T12:00:00.123Z"},
      {"Wed, 01 JUL 2026 12:30 PM", "%a, %d %b %Y %I:%M %p", "2026-07-01T12:30:00Z"},
      {"Wednesday 1 July 2026 12:30 am", "%A %e %B %Y %I:%M %p", "2026-07-01T00:30:00Z"},
      {"2026 182", "%Y %j", "2026-07-01T00:00:00Z"},
      {"2024-366", "%Y-%j", "2024-12-31T00:00:00Z"},
      {"2026-07-01 00:30 +0200", "%F %R %z", "2026-06-30T22:30:00Z"},
      {"2026-07-01 00:30-03:30", "%F %R%z", "2026-07-01T04:00:00Z"},
      {"2026-07-01 00:30Z", "%F %R%z", "2026-07-01T00:30:00Z"},
      {"-1", "%s", "1969-12-31T23:59:59Z"},
      {"10%\t", "%S%%%t", "1970-01-01T00:00:10Z"},
      {"", "", "1970-01-01T00:00:00Z"},
  };
  for (const auto& [text, pattern, shown] : cases) {
    EXPECT_EQ(Parse(text, pattern), shown) << text << ' ' << pattern;
  }
}

TEST(TimePatternTest, RefusesWhatDoesNotFitThePattern) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"2026-02-29", "%F", "there is no such day"},
      {"2026-04-31", "%F", "there is no such day"},
      {"2026 366", "%Y %j", "there is no such day"},
      {"2026-13-01", "%F", "a month expected"},
      {"2026-07-01x", "%F", "text behind what the pattern takes"},
      {"2026-07", "%F", "'-' expected"},
      {"24:00", "%R", "an hour expected"},
      {"0:30 PM", "%I:%M %p", "an hour expected"},
      {"15:30 PM", "%H:%M %p", "an hour with %I is 1 to 12"},
      {"12:00:00.12", "%T.%3f", "a fraction of 3 digits expected"},
      {"Juy", "%b", "a month's name expected"},
      {"0000-01-01", "%F", "a year expected"},
      {"0001-01-01 00:00 +01:00", "%F %R %z", "out of range"},
      {"1", "%Q", "the pattern has '%Q'"},
      {"1", "%", "the pattern has '%'"},
      {"1", "%4f", "the pattern has '%4'"},
  };
  for (const auto& [text, pattern, reason] : cases) {
    EXPECT_TRUE(Parse(text, pattern).starts_with("error: " + reason))
        << text << ' ' << pattern << ": " << Parse(text, pattern);
  }
  EXPECT_EQ(Parse("1", "%d", "Mars/Olympus"), "error: time zone is not known here: Mars/Olympus");
  EXPECT_EQ(Format({}, "%d", "Mars/Olympus"), "error: time zone is not known here: Mars/Olympus");
}

TEST(TimePatternTest, KnowsTheClocksOfZones) {
  // Berlin: the clock goes from 2:00 to 3:00 on 29 March, from 3:00 to 2:00 on 25 October.
  EXPECT_EQ(Parse("2026-03-29 01:59", "%F %R", "Europe/Berlin"), "2026-03-29T00:59:00Z");
  EXPECT_EQ(Parse("2026-03-29 02:30", "%F %R", "Europe/Berlin"), "2026-03-29T01:30:00Z");
  EXPECT_EQ(Parse("2026-03-29 03:00", "%F %R", "Europe/Berlin"), "2026-03-29T01:00:00Z");
  EXPECT_EQ(Parse("2026-10-25 02:30", "%F %R", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(Parse("2026-10-25 03:00", "%F %R", "Europe/Berlin"), "2026-10-25T02:00:00Z");
  EXPECT_EQ(Parse("2026-07-01", "%F", "-03:30"), "2026-07-01T03:30:00Z");
  EXPECT_EQ(Format({1'782'907'200, 0}, "%F %T%z", "Europe/Berlin"), "2026-07-01 14:00:00+0200");
}

TEST(TimePatternTest, WritesWhatItReads) {
  EXPECT_EQ(Format({1'782'907'200, 5'000'000}, "%a %A %b %B %d %e %j %I %p %y %f %3f %9f %s %%"),
            "Wed Wednesday Jul July 01  1 182 12 PM 26 005000 005 005000000 1782907200 %");
  EXPECT_EQ(Format({}, "%D|%R|%n|%t"), "01/01/70|00:00|\n|\t");
  Random random(20'261'121);
  for (int round = 0; round < 20'000; ++round) {
    const Nanos time{random.Below(253'402'300'800),
                     static_cast<int32_t>(random.Below(1'000'000'000))};
    for (const std::string pattern :
         {"%Y-%m-%dT%H:%M:%S.%9f%z", "%A, %d %B %Y, %I:%M:%S.%9f %p %z", "%j %Y %T.%f"}) {
      std::string error;
      const std::string text = Format(time, pattern, "America/St_Johns");
      const auto back = ParseTime(text, pattern, "America/St_Johns", error);
      ASSERT_TRUE(back.has_value()) << text << ": " << error;
      // %f writes six digits of nine.
      const Nanos wanted{time.seconds,
                         pattern.starts_with("%j") ? time.nanos / 1000 * 1000 : time.nanos};
      if (!pattern.ends_with("%z") && back->seconds != time.seconds) continue;  // an hour twice
      ASSERT_EQ(*back, wanted) << text;
    }
  }
}

}  // namespace
}  // namespace sidestream::expression
