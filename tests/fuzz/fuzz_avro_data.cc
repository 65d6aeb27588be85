// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as data of a few Avro schemas; the first byte chooses one. What is read whole is also
// stepped over, its fields alone are what they are in the whole, and it can be written and
// reads the same again.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serde/avro/decoder.h"
#include "serde/avro/encoder.h"
#include "serde/avro/resolution.h"
#include "serde/avro/schema.h"
#include "serde/value_codec.h"

using namespace sidestream;
using namespace sidestream::serde;

namespace {

constexpr std::string_view kSchemas[] = {
    R"({"type":"record","name":"R","fields":[{"name":"a","type":["null","R","string",)"
    R"({"type":"array","items":"R"}]},{"name":"b","type":{"type":"map","values":"long"}}]})",
    R"({"type":"record","name":"R","fields":[{"name":"b","type":{"type":"array","items":)"
    R"({"type":"bytes","logicalType":"decimal","precision":20,"scale":3}}},{"name":"a","type":)"
    R"({"type":"record","name":"S","fields":[{"name":"b","type":"int"},{"name":"a","type":)"
    R"({"type":"fixed","name":"D","size":12,"logicalType":"duration"}}]}}]})",
    R"({"type":"map","values":["null",{"type":"enum","name":"E","symbols":["A","B"]},)"
    R"({"type":"long","logicalType":"timestamp-micros"},{"type":"array","items":"null"}]})",
    R"({"type":"record","name":"R","fields":[{"name":"a","type":"boolean"},{"name":"b","type":)"
    R"({"type":"array","items":{"type":"array","items":["double","float"]}}}]})"};

struct Case {
  avro::SchemaPtr schema;
  avro::ResolutionPtr nothing;
  avro::ResolutionPtr fields;
  avro::ResolutionPtr whole;
};

Case MakeCase(std::string_view text) {
  Case made;
  made.schema = *avro::Schema::Parse(text);
  made.nothing = *avro::Resolution::Compile(made.schema, made.schema, {});
  made.fields = *avro::Resolution::Compile(made.schema, made.schema, {{{"a"}, 0}, {{"b", "a"}, 1}});
  made.whole =
      *avro::Resolution::Compile(made.schema, made.schema, {{{}, 0}, {{"a"}, 1}, {{"b", "a"}, 2}});
  return made;
}

std::string Bytes(const Value& value) {
  std::string bytes;
  CHECK(EncodeValue(value, bytes).ok());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto cases = std::make_unique<const std::array<Case, 4>>(std::array<Case, 4>{
      MakeCase(kSchemas[0]), MakeCase(kSchemas[1]), MakeCase(kSchemas[2]), MakeCase(kSchemas[3])});
  static avro::Decoder decoder;
  if (size == 0) return 0;
  const Case& chosen = (*cases)[data[0] % cases->size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Arena arena;
  std::vector<Value> whole(3);
  std::vector<Value> fields(2);
  if (!decoder.Decode(*chosen.whole, bytes, whole, arena).ok()) {
    (void)decoder.Decode(*chosen.fields, bytes, fields, arena).ok();
    (void)decoder.Decode(*chosen.nothing, bytes, {}, arena).ok();
    return 0;
  }
  CHECK(decoder.Decode(*chosen.nothing, bytes, {}, arena).ok()) << "skipping refused it";
  CHECK(decoder.Decode(*chosen.fields, bytes, fields, arena).ok()) << "fields alone refused it";
  CHECK(Bytes(fields[0]) == Bytes(whole[1]) && Bytes(fields[1]) == Bytes(whole[2]));
  std::string written;
  // A union's branch may be another one of the same kind, and then refuse the value.
  if (!avro::Encoder(chosen.schema).Encode(whole[0], written).ok()) return 0;
  std::vector<Value> again(3);
  const Status read = decoder.Decode(*chosen.whole, written, again, arena);
  // The bound of values without bytes grows with the size, and the blocks are fewer now.
  CHECK(read.ok() || written.size() < bytes.size()) << read;
  return 0;
}
