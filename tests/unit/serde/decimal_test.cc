// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/decimal.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"

namespace sidestream::serde {
namespace {

std::string Text(const std::optional<Decimal>& number) {
  return number ? number->ToText() : "none";
}

Decimal Number(std::string_view text) { return Decimal::Parse(text).value(); }

const std::string kNines(38, '9');

TEST(DecimalTest, KeepsThePlacesOfItsText) {
  const std::pair<std::string, std::string> cases[] = {
      {"0", "0"},
      {"-0.00", "0.00"},
      {"007.50", "7.50"},
      {"+.5", "0.5"},
      {"5.", "5"},
      {"1.5e3", "1500"},
      {"15E-4", "0.0015"},
      {"1e+37", "1" + std::string(37, '0')},
      {kNines, kNines},
      {"-" + kNines + "e-127", "-0." + std::string(89, '0') + kNines},
      {"1." + std::string(60, '0'), "1." + std::string(37, '0')},
      {"0." + std::string(126, '0') + "1", "0." + std::string(126, '0') + "1"},
      {"10e-128", "0." + std::string(126, '0') + "1"},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(Text(Decimal::Parse(text)), shown) << text;
}

TEST(DecimalTest, RefusesWhatIsNoNumberOrTooLong) {
  for (const std::string& text :
       std::vector<std::string>{"", ".", "-", "+-1", "1.2.3", "1e", "1e+-2", "e5", " 1", "1 ",
                                "0x1", "NaN", "1_0", kNines + "9", "1e38", "1e-128", "1e99999",
                                "0." + kNines + "9", "1" + std::string(38, '0')}) {
    EXPECT_EQ(Text(Decimal::Parse(text)), "none") << text;
  }
}

// The quotients are those of IEEE 754's decimal128, as Python's decimal module gives them.
TEST(DecimalTest, ComputesExactlyAndDividesHalfEven) {
  struct Case {
    std::string left;
    char op;
    std::string right;
    std::string result;
  };
  const Case cases[] = {
      {"0.1", '+', "0.2", "0.3"},
      {"1.50", '+', "-1.5", "0.00"},
      {"1e37", '+', "0." + std::string(30, '0'), "1" + std::string(37, '0')},
      {kNines, '+', "1", "none"},
      {"1e36", '+', "0.1", "1" + std::string(36, '0') + ".1"},
      {"1e36", '+', "0.01", "none"},
      {"1", '-', "0.001", "0.999"},
      {"1.10", '*', "2.0", "2.200"},
      {"1e20", '*', "1e20", "none"},
      {"0." + std::string(63, '0') + "1", '*', "0." + std::string(63, '0') + "1", "none"},
      {"0." + std::string(63, '0') + "1", '*', "0." + std::string(62, '0') + "1",
       "0." + std::string(126, '0') + "1"},
      {"0.50000000000000000000", '*', "0.20000000000000000000", "0.10"},
      {"1", '/', "3", "0.3333333333333333333333333333333333"},
      {"2", '/', "3", "0.6666666666666666666666666666666667"},
      {"-2", '/', "3", "-0.6666666666666666666666666666666667"},
      {"10", '/', "4", "2.5"},
      {"10", '/', "5", "2"},
      {"1.00", '/', "2", "0.50"},
      {"1", '/', "0.50", "2"},
      {"100", '/', "0.01", "10000"},
      {"1", '/', "1e37", "0." + std::string(36, '0') + "1"},
      {kNines, '/', "1", "none"},
      {"12345678901234567890123456789012345678", '/', "1",
       "12345678901234567890123456789012350000"},
      {"10000000000000000000000000000000005", '/', "1", "10000000000000000000000000000000000"},
      {"10000000000000000000000000000000015", '/', "1", "10000000000000000000000000000000020"},
      {"10000000000000000000000000000000005", '/', "0.99999",
       "10000100001000010000100001000010010"},
      {"1", '/', kNines, "0." + std::string(37, '0') + "1"},
      {"0.0", '/', "7", "0.0"},
  };
  for (const Case& c : cases) {
    const Decimal left = Number(c.left);
    const Decimal right = Number(c.right);
    const auto result = c.op == '+'   ? Decimal::Add(left, right)
                        : c.op == '-' ? Decimal::Subtract(left, right)
                        : c.op == '*' ? Decimal::Multiply(left, right)
                                      : Decimal::Divide(left, right);
    EXPECT_EQ(Text(result), c.result) << c.left << ' ' << c.op << ' ' << c.right;
  }
}

// Twice 38 digits do not fit 128 bits either.
TEST(DecimalTest, ASumThatIsTooLongIsNone) {
  const Decimal nines = Number(kNines);
  const Decimal minus = Number("-" + kNines);
  EXPECT_EQ(Decimal::Add(nines, nines), std::nullopt);
  EXPECT_EQ(Decimal::Subtract(minus, nines), std::nullopt);
  EXPECT_EQ(Decimal::Add(nines, minus), Number("0"));
}

TEST(DecimalTest, ComparesByValue) {
  EXPECT_EQ(Number("1.50"), Number("1.5"));
  EXPECT_EQ(Number("0"), Number("-0.000"));
  EXPECT_LT(Number("-1"), Number("-0.9"));
  EXPECT_LT(Number("1e-127"), Number("1e37"));
  EXPECT_GT(Number("1e37"), Number("1e-127"));
  EXPECT_LT(Number("-1e37"), Number("1e-127"));
  EXPECT_LT(Number("-1e37"), Number("-1e-127"));
  EXPECT_GT(Number("-1e-127"), Number("-1e37"));
}

TEST(DecimalTest, Rounds) {
  using enum Decimal::Rounding;
  const auto all = [](std::string_view text, int places) {
    std::string shown;
    for (const auto rounding : {kFloor, kCeil, kTruncate, kHalfAway, kHalfEven}) {
      shown += Number(text).Rounded(places, rounding).ToText() + " ";
    }
    return shown;
  };
  EXPECT_EQ(all("2.5", 0), "2 3 2 3 2 ");
  EXPECT_EQ(all("-2.5", 0), "-3 -2 -2 -3 -2 ");
  EXPECT_EQ(all("0.125", 2), "0.12 0.13 0.12 0.13 0.12 ");
  EXPECT_EQ(all("1.2", 2), "1.2 1.2 1.2 1.2 1.2 ");
  EXPECT_EQ(all("1e-120", 0), "0 1 0 0 0 ");
  EXPECT_EQ(all("-0." + kNines, 0), "-1 0 0 -1 -1 ");
  EXPECT_EQ(Number("-7.9").ToInt(), -7);
  EXPECT_EQ(Number("9223372036854775807.9").ToInt(), INT64_MAX);
  EXPECT_EQ(Number("9223372036854775808").ToInt(), std::nullopt);
  EXPECT_EQ(Number("0.1").ToDouble(), 0.1);
}

TEST(DecimalTest, RandomSumsAndProductsGoBack) {
  Random random(20'261'121);
  int products = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto make = [&] {
      const auto digits = static_cast<int>(random.Below(19)) + 1;
      std::string text = random.OneIn(2) ? "-" : "";
      for (int i = 0; i < digits; ++i) text += static_cast<char>('0' + random.Below(10));
      return Number(text + "e-" + std::to_string(random.Below(25)));
    };
    const Decimal a = make();
    const Decimal b = make();
    const auto sum = Decimal::Add(a, b);
    if (sum) {
      ASSERT_EQ(Decimal::Subtract(*sum, b), a) << a.ToText() << ' ' << b.ToText();
      ASSERT_EQ(*sum <=> a, b <=> Decimal()) << a.ToText() << ' ' << b.ToText();
      ASSERT_EQ(Number(sum->ToText()), *sum);
    }
    const auto product = Decimal::Multiply(a, b);
    if (!product || b.zero()) continue;
    const auto quotient = Decimal::Divide(*product, b);
    ASSERT_TRUE(quotient.has_value());
    ASSERT_EQ(*quotient, a) << a.ToText() << ' ' << b.ToText();
    ++products;
  }
  EXPECT_GT(products, 10'000);
}

}  // namespace
}  // namespace sidestream::serde
