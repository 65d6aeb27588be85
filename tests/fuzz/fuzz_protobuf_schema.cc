// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any text as a Protobuf schema, alone and as what another one imports: readers, writers and types
// are made of it or it is refused.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serde/protobuf/proto_format.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const SchemaText& schema :
       {SchemaText{text, {}},
        SchemaText{"syntax = \"proto3\"; import \"a.proto\"; message M { int32 a = 1; }",
                   {{"a.proto", text}}}}) {
    const auto type = protobuf::TypeOfSchema(schema, "");
    const auto codec = protobuf::CreateCodec(schema, "");
    CHECK(type.ok() == codec.ok()) << type.status() << codec.status();
    const auto reader = protobuf::CreateReader(schema, "", {}, {{{}, 0}, {{"a", "b"}, 1}});
    CHECK(type.ok() == reader.ok()) << type.status() << reader.status();
    if (!reader.ok()) continue;
    Arena arena;
    std::vector<Value> slots(2);
    CHECK((*reader)->Read("", slots, arena).ok());
    std::string out;
    (void)(*codec)->Write(slots[0], out).ok();
  }
  return 0;
}
