// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes through the reader of each format but json: what is read is written as the same bytes.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/reader.h"
#include "serde/writer.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const FormatKind format :
       {FormatKind::kString, FormatKind::kBytes, FormatKind::kInt32, FormatKind::kInt64,
        FormatKind::kFloat, FormatKind::kDouble, FormatKind::kUuid}) {
    const auto reader = std::move(Reader::Create({.kind = format}, {{{}, 0}})).value();
    Arena arena;
    Value value;
    if (!reader->Read(bytes, std::span(&value, 1), arena).ok()) continue;
    std::string written;
    CHECK(Writer(format).Write(value, written).ok());
    // A NaN may come back with other bits.
    const bool nan = value.kind() == Value::Kind::kDouble && !Value::Equal(value, value);
    CHECK(written == bytes || nan) << FormatName(format);
  }
  return 0;
}
