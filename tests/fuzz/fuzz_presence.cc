// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Presence records: any bytes are refused or read; what is read is written and read again as it
// was.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "checkpoint/presence_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sidestream::checkpoint;  // NOLINT(google-build-using-namespace)
  const auto record = DecodePresence({reinterpret_cast<const char*>(data), size});
  if (!record.ok()) return 0;
  const auto again = DecodePresence(EncodePresence(*record));
  CHECK(again.ok() && *again == *record);
  return 0;
}
