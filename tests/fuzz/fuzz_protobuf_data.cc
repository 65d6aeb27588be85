// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as messages of a few Protobuf schemas; the first byte chooses one. Fields alone are
// what they are in the whole, and what was read can be written and reads the same again.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serde/reader.h"
#include "serde/value_codec.h"
#include "serde/writer.h"

using namespace sidestream;
using namespace sidestream::serde;

namespace {

constexpr std::string_view kSchemas[] = {
    "syntax = \"proto3\"; message A { int32 a = 1; A b = 2; repeated sint64 c = 3; map<string, A> "
    "d = 4;"
    "oneof o { string e = 5; A f = 6; bytes g = 7; } repeated A h = 8; }",
    "syntax = \"proto2\"; message A { enum E { X = 0; Y = 5; } optional E a = 1 [default = Y];"
    "repeated E b = 2; map<int32, E> c = 3; optional group G = 4 { optional int32 x = 1; }"
    "repeated fixed32 d = 5 [packed = true]; optional string e = 6; }",
    "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; message A {"
    "google.protobuf.Struct a = 1; google.protobuf.Value b = 2; google.protobuf.ListValue c = 3; }",
    "syntax = \"proto3\"; import \"google/protobuf/timestamp.proto\";"
    "import \"google/protobuf/duration.proto\"; import \"google/protobuf/wrappers.proto\";"
    "message A { google.protobuf.Timestamp a = 1; google.protobuf.Duration b = 2;"
    "google.protobuf.BytesValue c = 3; map<bool, google.protobuf.UInt64Value> d = 4; }"};

struct Case {
  std::unique_ptr<Reader> nothing;
  std::unique_ptr<Reader> fields;
  std::unique_ptr<Reader> whole;
  std::unique_ptr<Writer> writer;
};

Case MakeCase(std::string_view text) {
  const FormatSpec format{.kind = FormatKind::kProtobuf, .schema = {std::string(text), {}}};
  Case made;
  made.nothing = std::move(Reader::Create(format, {})).value();
  made.fields =
      std::move(Reader::Create(format, {{{"a"}, 0}, {{"b", "a"}, 1}, {{"f"}, 2}})).value();
  made.whole =
      std::move(Reader::Create(format, {{{}, 3}, {{"a"}, 0}, {{"b", "a"}, 1}, {{"f"}, 2}})).value();
  made.writer = std::make_unique<Writer>(std::move(Writer::Create(format)).value());
  return made;
}

std::string Bytes(const Value& value) {
  std::string bytes;
  if (value.missing()) return "missing";
  CHECK(EncodeValue(value, bytes).ok());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto cases = std::make_unique<const std::array<Case, 4>>(std::array<Case, 4>{
      MakeCase(kSchemas[0]), MakeCase(kSchemas[1]), MakeCase(kSchemas[2]), MakeCase(kSchemas[3])});
  if (size == 0) return 0;
  const Case& chosen = (*cases)[data[0] % cases->size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Arena arena;
  std::vector<Value> whole(4);
  std::vector<Value> fields(3);
  const bool read_fields = chosen.fields->Read(bytes, fields, arena).ok();
  const bool read_nothing = chosen.nothing->Read(bytes, {}, arena).ok();
  if (!chosen.whole->Read(bytes, whole, arena).ok()) return 0;
  CHECK(read_nothing) << "skipping refused it";
  CHECK(read_fields) << "fields alone refused it";
  for (size_t i = 0; i < fields.size(); ++i) CHECK(Bytes(fields[i]) == Bytes(whole[i])) << i;
  std::string written;
  // Texts of any bytes can be read as doubles that a Value does not hold.
  if (!chosen.writer->Write(whole[3], written).ok()) return 0;
  std::vector<Value> again(4);
  const Status read = chosen.whole->Read(written, again, arena);
  // The bound of values grows with the size, which may be smaller now.
  CHECK(read.ok() || written.size() < bytes.size()) << read;
  if (read.ok()) CHECK(Bytes(again[3]) == Bytes(whole[3]));
  return 0;
}
