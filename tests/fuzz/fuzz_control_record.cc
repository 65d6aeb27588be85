// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a record of the control topic: what decodes is encoded to bytes that decode to the
// same.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "checkpoint/control_record.h"

using namespace sidestream;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto record = checkpoint::DecodeControlRecord("key", bytes);
  if (!record.ok() || !*record) return 0;
  const checkpoint::EncodedControlRecord encoded = checkpoint::EncodeControlRecord(**record);
  const auto again = checkpoint::DecodeControlRecord(encoded.key, encoded.value);
  CHECK(again.ok() && *again);
  // A plan's text and the reasons are cut where they are written.
  CHECK(checkpoint::EncodeControlRecord(**again).value == encoded.value);
  return 0;
}
