// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a line of NDJSON, as a field path, a timestamp and a duration. Times that
// are read come back from what is written.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/format.h"
#include "serde/ndjson.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static JsonParser parser;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  if (const Result<TextRecord> record = ParseTextRecord(text, parser, arena); record.ok()) {
    for (const FormatKind format : {FormatKind::kBytes, FormatKind::kInt32, FormatKind::kJson}) {
      std::string bytes;
      (void)EncodeText(Writer(format), record->value, bytes).ok();
    }
  }
  (void)ParseFieldPath(text).ok();
  if (const std::optional<Nanos> time = ParseTimestamp(text)) {
    std::string written;
    CHECK(AppendTimestamp(*time, written).ok());
    CHECK(ParseTimestamp(written) == time) << written;
  }
  if (const std::optional<Nanos> length = ParseDuration(text)) {
    std::string written;
    AppendDuration(*length, written);
    CHECK(ParseDuration(written) == length) << written;
  }
  return 0;
}
