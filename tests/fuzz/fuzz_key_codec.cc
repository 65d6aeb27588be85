// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The first byte as a kind of key, the others as its bytes: a key that decodes can be encoded, and
// then decodes to an equal one.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/key_codec.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Result<KeyKind> kind = ParseKeyKind(data[0] % 10);
  if (!kind.ok() || *kind == KeyKind::kOwn) return 0;
  static JsonParser parser;
  Arena arena;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Result<Value> key = DecodeKey(*kind, bytes, parser, arena);
  if (!key.ok() || key->null()) return 0;
  std::string encoded;
  const Result<KeyKind> again = EncodeKey(*key, encoded);
  if (!again.ok()) return 0;  // NaN, or a JSON text that is no list or map
  const Result<Value> decoded = DecodeKey(*again, encoded, parser, arena);
  CHECK(decoded.ok() && Value::Equal(*decoded, *key)) << DebugString(*key);
  return 0;
}
