// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the key of a row of any store: its place is told or refused, and comes out of the row
// itself.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "operators/row_placement.h"

using namespace sidestream;
using namespace sidestream::operators;

namespace {

/// By the first byte: each kind of store, with both formats of the key.
StoreLayout Layout(uint8_t choice) {
  static const std::vector<std::pair<std::string, std::string>> kKinds = {
      {"aggregate", ""},
      {"windows", "tumbling 1m"},
      {"windows", "session 1m"},
      {"windows", "count 5"},
      {"dedup", ""},
      {"process", ""},
      {"hold", ""}};
  const auto& [kind, window] = kKinds[choice / 2 % kKinds.size()];
  StoreLayout layout;
  layout.parts = {{"kind", kind},
                  {"format of the key", choice % 2 == 0 ? "string" : "computed"},
                  {"window", window}};
  return layout;
}

void Place(uint8_t choice, std::string_view row) {
  const Result<RowPlace> place = PlaceOfRow(Layout(choice), row);
  if (!place.ok()) return;
  CHECK(place->key.size() <= row.size());
  CHECK(place->kind == RowPlace::Kind::kOfKey || (place->key.empty() && !place->window));
}

void Counter(std::string_view a, std::string_view b) {
  const Result<std::string_view> larger = LargerCounter(a, b);
  const Result<std::string_view> turned = LargerCounter(b, a);
  CHECK(larger.ok() == turned.ok());
  CHECK(!larger.ok() || *larger == a || *larger == b);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Place(data[0], bytes);
  Counter(bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2));
  return 0;
}
