// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a row of a window and as parts of its key: what decodes is encoded to bytes that
// decode to the same, and what is read of a key makes that key again.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "operators/ordered_key.h"
#include "operators/window/count_row.h"
#include "operators/window/window_row.h"

using namespace sidestream;

namespace {

void Row(std::string_view bytes) {
  std::vector<topology::AggregateCall> calls(1);
  calls[0].function = topology::AggregateFunction::kSum;
  calls[0].text = "sum(value)";
  operators::WindowState state(calls);
  if (!operators::DecodeWindowRow(bytes, state).ok()) return;
  std::string scratch;
  std::string encoded;
  operators::EncodeWindowRow(state, scratch, encoded);
  CHECK(operators::DecodeWindowRow(encoded, state).ok());
  std::string again;
  operators::EncodeWindowRow(state, scratch, again);
  CHECK(again == encoded);
}

void CountRow(std::string_view bytes) {
  topology::AggregateNode node;
  node.calls.resize(1);
  node.calls[0].function = topology::AggregateFunction::kSum;
  node.calls[0].text = "sum(value)";
  node.window = {.kind = topology::Window::Kind::kCount, .size = 4, .every = 2};
  const auto row = operators::DecodeCountRow(bytes, node);
  if (!row.ok()) return;
  std::string encoded;
  operators::EncodeCountRow(*row, encoded);
  const auto again = operators::DecodeCountRow(encoded, node);
  CHECK(again.ok());
  std::string twice;
  operators::EncodeCountRow(*again, twice);
  CHECK(twice == encoded);
}

void Key(std::string_view bytes) {
  operators::OrderedKeyReader reader(bytes);
  const uint8_t kind = reader.Byte();
  std::string key;
  reader.Bytes(key);
  const Timestamp time = reader.Time();
  if (!reader.ok()) return;
  std::string again(1, static_cast<char>(kind));
  operators::AppendOrderedBytes(key, again);
  operators::AppendOrderedTime(time, again);
  CHECK(again.append(reader.Rest()) == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Row(bytes);
  CountRow(bytes);
  Key(bytes);
  return 0;
}
