// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes through the JSON reader: whole, by path and typed. What is read whole can be
// written, and reads the same again.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/value_codec.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static JsonParser parser;
  static const auto paths =
      std::move(Reader::Create({.kind = FormatKind::kJson},
                               {{{"a"}, 0}, {{"a", "b"}, 1}, {{"b", "a"}, 2}}))
          .value();
  static const auto typed = std::move(Reader::Create({.kind = FormatKind::kJson,
                                                      .fields = {{"a", FieldType::kTimestamp},
                                                                 {"b.a", FieldType::kInt},
                                                                 {"c[].d", FieldType::kDouble},
                                                                 {"e", FieldType::kDuration},
                                                                 {"f", FieldType::kBytes},
                                                                 {"g", FieldType::kDecimal}}},
                                                     {{{}, 0}}))
                                .value();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  std::vector<Value> slots(3);
  const bool by_path = paths->Read(text, slots, arena).ok();
  const Result<Value> whole = parser.Parse(text, arena);
  CHECK(by_path || !whole.ok()) << "skipping refused what reading takes";
  if (whole.ok()) {
    const Value a = whole->kind() == Value::Kind::kMap ? whole->Field("a") : Value();
    std::string by_field;
    std::string by_slot;
    CHECK(EncodeValue(a, by_field).ok() && EncodeValue(slots[0], by_slot).ok());
    CHECK(by_field == by_slot) << "the path and the whole value differ";
    std::string written;
    CHECK(AppendJson(*whole, written).ok());
    const Result<Value> again = parser.Parse(written, arena);
    CHECK(again.ok() && Value::Equal(*again, *whole)) << written;
  }
  (void)typed->Read(text, slots, arena).ok();
  return 0;
}
