// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an encoded Value: what decodes is encoded, and decodes the same again.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/value_codec.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Arena arena;
  const Result<Value> value = DecodeValue({reinterpret_cast<const char*>(data), size}, arena);
  if (!value.ok()) return 0;
  std::string first;
  CHECK(EncodeValue(*value, first).ok());
  const Result<Value> again = DecodeValue(first, arena);
  CHECK(again.ok());
  std::string second;
  CHECK(EncodeValue(*again, second).ok());
  CHECK(first == second) << DebugString(*value);
  return 0;
}
