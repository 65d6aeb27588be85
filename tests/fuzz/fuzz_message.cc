// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fuzz entry of messages: the first byte chooses a type, the rest are any bytes on the wire. What
// can be read is copied, compared, printed, written as JSON and stored.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/json_text.h"
#include "serde/protobuf/message_catalog.h"
#include "serde/value_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sidestream;         // NOLINT: one function
  using namespace sidestream::serde;  // NOLINT
  if (size == 0 || size > 4096) return 0;
  static const MessageTypes& types = WellKnownTypes();
  static const std::vector<std::string>& names = *new std::vector<std::string>(types.Names());
  const MessageType* type = types.Find(names[data[0] % names.size()]);
  CHECK(type != nullptr);
  Arena arena;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Result<Value> read = types.Read(*type, bytes, arena);
  if (!read.ok()) return 0;
  CHECK(!read->missing());
  Arena other;
  const Value copy = read->CopyInto(other);
  CHECK(DebugString(copy) == DebugString(*read));
  CHECK(Value::Equal(copy, *read) == Value::Equal(*read, copy));
  std::string json;
  (void)AppendJson(copy, json);
  std::string stored;
  if (EncodeValue(copy, stored).ok()) CHECK(DecodeValue(stored, other).ok());
  return 0;
}
