// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of the fuzz targets (the long form is libFuzzer's, tests/fuzz).

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/internal_record.h"
#include "serde/json_text.h"
#include "serde/value_codec.h"
#include "tests/support/short_fuzz.h"
#include "tests/unit/serde/random_value.h"

// tests/fuzz/fuzz_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int FuzzCsv(const uint8_t* data, size_t size);
int FuzzInternalRecord(const uint8_t* data, size_t size);
int FuzzJsonReader(const uint8_t* data, size_t size);
int FuzzKeyCodec(const uint8_t* data, size_t size);
int FuzzPrimitiveReader(const uint8_t* data, size_t size);
int FuzzTextRecord(const uint8_t* data, size_t size);
int FuzzValueCodec(const uint8_t* data, size_t size);
}

namespace sidestream::serde {
namespace {

/// Random bytes among the inputs, and mutations that texts mind.
class FuzzTest : public testing::ShortFuzz {
 protected:
  std::string RandomJson() {
    Arena arena;
    std::string text;
    const auto domain =
        random_.OneIn(2) ? RandomValues::Domain::kJson : RandomValues::Domain::kSmall;
    EXPECT_TRUE(AppendJson(RandomValues(random_.Next(), domain, arena).Make(), text).ok());
    return text;
  }

  std::string RandomEncodedValue() {
    Arena arena;
    std::string bytes;
    const Value value = RandomValues(random_.Next(), RandomValues::Domain::kAny, arena).Make();
    EXPECT_TRUE(EncodeValue(value, bytes).ok());
    return bytes;
  }

 private:
  std::string Next(const std::vector<std::string>& good) override {
    if (!good.empty() && !random_.OneIn(8)) return ShortFuzz::Next(good);
    std::string input;
    for (size_t left = Index(64); left > 0; --left) {
      input.push_back(static_cast<char>(random_.Next()));
    }
    return input;
  }

  void Mutate(const std::vector<std::string>& good, std::string& input) override {
    const size_t at = Index(input.size() + 1);
    switch (random_.Below(6)) {
      case 0:
        input.resize(at);
        break;
      case 1:
        input.insert(at, 1, static_cast<char>(random_.Next()));
        break;
      case 2:
        input.erase(at, Index(4));
        break;
      case 3:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random_.Below(8)));
        break;
      case 4:
        if (at < input.size()) input[at] = "\xff\0\x7f\x80{}[]\",:\\u9"[random_.Below(14)];
        break;
      default: {
        const std::string& other = good[Index(good.size())];
        const size_t from = Index(other.size() + 1);
        input.insert(at, other.substr(from, Index(16)));
      }
    }
  }
};

TEST_F(FuzzTest, JsonReader) {
  std::vector<std::string> good = {
      R"({"a":"2026-01-01T00:00:00Z","b":{"a":5.0},"c":[{"d":1}],"e":"1.5s","f":"AAE="})",
      R"({"a":{"b":[1,2,{"x":null}]},"a":true,"\u0061":"\ud83d\ude00"})", "[[[[]]]]", "1e308"};
  for (int i = 0; i < 200; ++i) good.push_back(RandomJson());
  Run(FuzzJsonReader, good);
}

TEST_F(FuzzTest, Csv) {
  Run(FuzzCsv, {std::string("\0a,\"b\"\"\n\",\r\n", 12),
                "\1"
                "1;2.5;'NULL'",
                "\2"
                "1767225600000\t-1.5s\t/w==",
                "\2-\t\"1h30m\"\t-"});
}

TEST_F(FuzzTest, PrimitiveReader) {
  Run(FuzzPrimitiveReader, {"123e4567-e89b-12d3-a456-426614174000", "12345678", "1234", "héé€😀"});
}

TEST_F(FuzzTest, KeyCodec) {
  std::vector<std::string> good = {"\x01text",
                                   std::string("\x02\0\0\0\0\0\0\0\x01", 9),
                                   std::string("\x03\x3f\xf8\0\0\0\0\0\0", 9),
                                   "\x04\x01",
                                   "\x05raw",
                                   "\x07"
                                   "2026-01-01T00:00:00.5Z",
                                   "\x08"
                                   "1h30m"};
  for (int i = 0; i < 100; ++i) good.push_back("\x06" + RandomJson());
  Run(FuzzKeyCodec, good);
}

TEST_F(FuzzTest, ValueCodec) {
  std::vector<std::string> good;
  for (int i = 0; i < 200; ++i) good.push_back(RandomEncodedValue());
  Run(FuzzValueCodec, good);
}

TEST_F(FuzzTest, InternalRecord) {
  const Header headers[] = {{"name", "value"}, {"null", std::nullopt}};
  std::vector<std::string> good(4);
  EncodeRepartitionValue({.event_time = Timestamp(1'767'225'600'000),
                          .key_kind = 2,
                          .headers = headers,
                          .origin = RecordOrigin{"topic", 3, Offset(5)},
                          .value = "value"},
                         good[0]);
  EncodeRepartitionValue({.event_time = Timestamp(-1)}, good[1]);
  EncodeMarkValue("payload", good[2]);
  EncodeChangelogValue({CommitSequence(300), Timestamp(5), "row"}, good[3]);
  Run(FuzzInternalRecord, good);
}

TEST_F(FuzzTest, TextRecord) {
  Run(FuzzTextRecord,
      {R"({"key":"u1","value":{"n":1},"timestamp":1767225600000,"headers":{"h":"x"},"partition":0})",
       R"({"value":{"base64":"/wA="},"timestamp":"2026-01-01T00:00:00.123456789+01:00"})",
       "2026-01-01T00:00:00.5Z", "0001-01-01T00:00:00Z", "-1h30m2.5s", "-0.000000001s",
       "items[].a.b[][]"});
}

}  // namespace
}  // namespace sidestream::serde
