// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/scalars.h"

#include <gtest/gtest.h>

#include "tests/unit/topology/fake_surroundings.h"
#include "topology/test_reader.h"

namespace sidestream::topology {
namespace {

TEST(ScalarsTest, Durations) {
  EXPECT_EQ(ParseDuration("250ms"), Milliseconds(250));
  EXPECT_EQ(ParseDuration("1m30s"), Milliseconds(90'000));
  EXPECT_EQ(ParseDuration("7d"), Milliseconds(604'800'000));
  EXPECT_EQ(ParseDuration("1d2h3m4s5ms"), Milliseconds(93'784'005));
  EXPECT_EQ(ParseDuration("0s"), Milliseconds(0));
  for (const char* bad : {"", "5", "s", "5 s", "30s1m", "1m1m", "-5s", "1.5s", "1w",
                          "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_EQ(ParseDuration(bad), std::nullopt) << bad;
  }
}

TEST(ScalarsTest, Sizes) {
  EXPECT_EQ(ParseSize("64MiB"), 64 << 20);
  EXPECT_EQ(ParseSize("1GB"), 1'000'000'000);
  EXPECT_EQ(ParseSize("4096"), 4096);
  for (const char* bad : {"", "MiB", "1mib", "-1MiB", "1.5GiB", "99999999999TiB"}) {
    EXPECT_EQ(ParseSize(bad), std::nullopt) << bad;
  }
}

TEST(ScalarsTest, IntegersAreDecimal) {
  EXPECT_EQ(ParseInteger("0123"), 123);
  EXPECT_EQ(ParseInteger("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseInteger("+7"), 7);
  for (const char* bad : {"", "+", "+-1", "0x10", "1e3", "9223372036854775808", "1 "}) {
    EXPECT_EQ(ParseInteger(bad), std::nullopt) << bad;
  }
}

TEST(ScalarsTest, ReferencesAreResolvedOnce) {
  FakeSurroundings surroundings;
  surroundings.variables = {{"HOST", "kafka"}, {"EMPTY", ""}, {"TRICK", "${env:HOST}: {a: b}"}};
  surroundings.files = {{"/run/secret", "s3cret\n"}};
  const auto resolve = [&](std::string_view text) {
    const auto resolved = ResolveReferences(text, surroundings);
    return resolved.ok() ? resolved->text : "error: " + resolved.status().message();
  };
  EXPECT_EQ(resolve("${env:HOST}:${env:PORT:-9092}"), "kafka:9092");
  EXPECT_EQ(resolve("${env:EMPTY}"), "");
  EXPECT_EQ(resolve("${env:EMPTY:-x}"), "x");
  EXPECT_EQ(resolve("${file:/run/secret}"), "s3cret");
  EXPECT_EQ(resolve("$$ $$${env:HOST} $5 $"), "$ $kafka $5 $");
  EXPECT_EQ(resolve("${env:TRICK}"), "${env:HOST}: {a: b}");
  EXPECT_EQ(resolve("${env:NOPE:?set it in the pod}"),
            "error: the environment variable NOPE is not set: set it in the pod");
  EXPECT_EQ(resolve("${env:NOPE}"), "error: the environment variable NOPE is not set");
  EXPECT_TRUE(resolve("${HOST}").starts_with("error: ${HOST} is not"));
  EXPECT_TRUE(resolve("${env:HOST").starts_with("error: "));
  EXPECT_TRUE(resolve("${env:HOST:+x}").starts_with("error: "));
  EXPECT_TRUE(resolve("${file:/nope}").starts_with("error: "));
  EXPECT_TRUE(ResolveReferences("${env:HOST}", surroundings)->reference);
  EXPECT_FALSE(ResolveReferences("x${env:HOST}", surroundings)->reference);
}

TEST(ScalarsTest, TimesOfTestRecords) {
  const Timestamp start = ManualClock::kStart;
  EXPECT_EQ(ParseAt("90s"), start + 90'000);
  EXPECT_EQ(ParseAt("10:30"), start + 37'800'000);
  EXPECT_EQ(ParseAt("10:30:01.5"), start + 37'801'500);
  EXPECT_EQ(ParseAt("2026-01-01T00:00:00.250Z"), start + 250);
  EXPECT_EQ(ParseAt("2026-01-01T02:00:00+02:00"), start);
  for (const char* bad :
       {"", "25:00", "10", "10:30:", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01"}) {
    EXPECT_EQ(ParseAt(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace sidestream::topology
