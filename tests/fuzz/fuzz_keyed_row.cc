// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a row of `process` (an element, its key, a timer) and of `dedup`: what decodes is
// encoded to bytes that decode to the same.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "operators/dedup/dedup_row.h"
#include "operators/ordered_key.h"
#include "operators/process/process_row.h"

using namespace sidestream;
using namespace sidestream::operators;

namespace {

void ElementOf(std::string_view bytes) {
  const Result<Element> element = DecodeElement(bytes);
  if (!element.ok()) return;
  std::string encoded;
  EncodeElement(*element, encoded);
  const Result<Element> again = DecodeElement(encoded);
  CHECK(again.ok() && again->updated == element->updated && again->value == element->value);
}

void TimerOf(std::string_view bytes) {
  const Result<TimerRow> timer = DecodeTimer(bytes);
  if (!timer.ok()) return;
  std::string encoded;
  EncodeTimer(*timer, encoded);
  const Result<TimerRow> again = DecodeTimer(encoded);
  CHECK(again.ok() && again->time == timer->time && again->domain == timer->domain);
}

void KeyOf(std::string_view bytes) {
  const Result<std::optional<ElementKey>> key = ParseElementKey(bytes);
  if (!key.ok() || !key->has_value()) return;
  std::string encoded{static_cast<char>(ProcessRow::kElement), static_cast<char>((*key)->store)};
  AppendOrderedBytes((*key)->key, encoded);
  CHECK(encoded.append((*key)->element) == bytes);
  Arena arena;
  std::string map_key;
  CHECK(AppendMapKey(ReadMapKey((*key)->element, arena), map_key).ok());
}

void PassedOf(std::string_view bytes) {
  std::vector<Timestamp> times;
  if (!DecodePassed(bytes, times).ok()) return;
  std::string encoded;
  EncodePassed(times, encoded);
  std::vector<Timestamp> again;
  CHECK(DecodePassed(encoded, again).ok() && again == times);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ElementOf(bytes);
  TimerOf(bytes);
  KeyOf(bytes);
  PassedOf(bytes);
  return 0;
}
