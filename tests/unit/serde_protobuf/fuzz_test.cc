// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of the Protobuf fuzz targets (the long form is libFuzzer's, tests/fuzz). The seed
// is in the test's output.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/clock.h"

// tests/fuzz/fuzz_protobuf_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int FuzzProtobufData(const uint8_t* data, size_t size);
int FuzzProtobufSchema(const uint8_t* data, size_t size);
}

namespace sidestream::serde::protobuf {
namespace {

using namespace std::string_literals;

class ProtoFuzzTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::cout << "seed " << random_.seed() << " (SIDESTREAM_SEED repeats it)\n";
  }

  void Run(int (*target)(const uint8_t*, size_t), const std::vector<std::string>& good,
           int inputs) {
    for (int i = 0; i < inputs; ++i) {
      std::string input = good[Index(good.size())];
      for (size_t changes = Index(5); changes > 0; --changes) Mutate(good, input);
      // A copy of exact size, so that the sanitizers see each byte too far.
      const std::vector<uint8_t> bytes(input.begin(), input.end());
      ASSERT_EQ(target(bytes.data(), bytes.size()), 0);
    }
  }

 private:
  size_t Index(size_t bound) {
    return static_cast<size_t>(random_.Below(static_cast<int64_t>(bound)));
  }

  void Mutate(const std::vector<std::string>& good, std::string& input) {
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

  static uint64_t Seed() {
    const char* const seed = std::getenv("SIDESTREAM_SEED");
    return seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20260101;
  }

  Random random_{Seed()};
};

TEST_F(ProtoFuzzTest, Data) {
  Run(FuzzProtobufData,
      {"\0\x08\x05\x12\x04\x08\x01\x1a\x00\x18\x03\x1a\x02\x01\x02\x2a\x01x"s,
       "\0\x22\x07\x0a\x01k\x12\x02\x08\x07\x32\x02\x08\x01\x3a\x01\xff\x42\x00\x42\x02\x08\x03"s,
       "\1\x08\x05\x10\x00\x12\x02\x05\x07\x1a\x04\x08\x01\x10\x05\x23\x08\x01\x24\x2a\x04"
       "abcd\x32\x01y"s,
       "\2\x0a\x0d\x0a\x0b\x0a\x01\x61\x12\x06\x32\x04\x0a\x02\x20\x01\x12\x02\x08\x00"s,
       "\3\x0a\x04\x08\x01\x10\x05\x12\x02\x08\x7f\x1a\x02\x0a\x00\x22\x06\x08\x01\x12\x02\x08\x09"s},
      20'000);
}

TEST_F(ProtoFuzzTest, Schema) {
  Run(FuzzProtobufSchema,
      {"syntax = \"proto3\"; package p; message A { int32 a = 1; map<string, A> b = 2; "
       "oneof o { A c = 3; bytes d = 4; } enum E { X = 0; } repeated E e = 5; }",
       "syntax = \"proto2\"; message A { required int32 a = 1; optional string b = 2 [default = "
       "\"x\"]; optional group G = 3 { repeated float f = 1 [packed = true]; } extensions 9 to "
       "max; }",
       "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; message A { "
       "google.protobuf.Value a = 1; message B { message C {} } reserved 5; }"},
      3'000);
}

}  // namespace
}  // namespace sidestream::serde::protobuf
