// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The short form of the Protobuf fuzz targets (the long form is libFuzzer's, tests/fuzz). The seed
// is in the test's output.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/short_fuzz.h"

// tests/fuzz/fuzz_protobuf_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int FuzzProtobufData(const uint8_t* data, size_t size);
int FuzzProtobufSchema(const uint8_t* data, size_t size);
}

namespace sidestream::serde::protobuf {
namespace {

using namespace std::string_literals;

class ProtoFuzzTest : public testing::ShortFuzz {};

TEST_F(ProtoFuzzTest, Data) {
  Run(FuzzProtobufData,
      {"\0\x08\x05\x12\x04\x08\x01\x1a\x00\x18\x03\x1a\x02\x01\x02\x2a\x01x"s,
       "\0\x22\x07\x0a\x01k\x12\x02\x08\x07\x32\x02\x08\x01\x3a\x01\xff\x42\x00\x42\x02\x08\x03"s,
       "\1\x08\x05\x10\x00\x12\x02\x05\x07\x1a\x04\x08\x01\x10\x05\x23\x08\x01\x24\x2a\x04"
       "abcd\x32\x01y"s,
       "\2\x0a\x0d\x0a\x0b\x0a\x01\x61\x12\x06\x32\x04\x0a\x02\x20\x01\x12\x02\x08\x00"s,
       "\3\x0a\x04\x08\x01\x10\x05\x12\x02\x08\x7f\x1a\x02\x0a\x00\x22\x06\x08\x01\x12\x02\x08\x09"s});
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
