// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the row of an aggregate, and as the accumulators of each function: what decodes is
// encoded to bytes that decode to the same, takes a record or refuses it, and merges with itself or
// refuses that.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "operators/aggregate/aggregate_row.h"
#include "tests/unit/operators/aggregate_case.h"

using namespace sidestream;
using operators::AggregateCase;
using operators::CallSpec;
using topology::AggregateFunction;

namespace {

void Row(std::string_view bytes) {
  const auto row = operators::DecodeAggregateRow(bytes);
  if (!row.ok()) return;
  std::string encoded;
  operators::EncodeAggregateRow(*row, encoded);
  const auto again = operators::DecodeAggregateRow(encoded);
  CHECK(again.ok() && again->accumulators == row->accumulators && again->sent == row->sent);
  AggregateCase group({{AggregateFunction::kCount}, {AggregateFunction::kSum}});
  const std::string empty = group.Encoded();
  if (group.accumulators().Decode(row->accumulators, row->form).ok()) return;
  CHECK(group.Encoded() == empty) << "not empty behind what is corrupt";
}

void State(const CallSpec& spec, std::string_view bytes) {
  AggregateCase group({spec});
  // As Accumulators::Encode of one call.
  std::string state;
  ByteWriter(state).U32(0);
  ByteWriter(state).String(bytes);
  if (!group.accumulators().Decode(state).ok()) return;
  const std::string encoded = group.Encoded();
  AggregateCase again({spec});
  CHECK(again.accumulators().Decode(encoded).ok()) << static_cast<int>(spec.function);
  CHECK(again.Encoded() == encoded) << static_cast<int>(spec.function);
  serde::DebugString(group.Result());
  std::vector<serde::Value> record(spec.function == AggregateFunction::kCount ? 0 : spec.arguments,
                                   serde::Value::Int(3));
  const Status folded = group.Fold({record}, 5);
  CHECK(folded.ok() || group.Encoded() == encoded) << folded;
  const std::string before = group.Encoded();
  const Status merged = group.Merge(again);
  CHECK(merged.ok() || group.Encoded() == before) << merged;
  serde::DebugString(group.Result());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Row(bytes);
  // The first byte names the function.
  constexpr auto kFunctions = static_cast<uint8_t>(AggregateFunction::kFold);
  if (bytes.empty()) return 0;
  CallSpec spec;
  spec.function = static_cast<AggregateFunction>(static_cast<uint8_t>(bytes[0]) % kFunctions);
  spec.arguments = 2;
  spec.limit = 3;
  spec.fraction = 0.5;
  State(spec, bytes.substr(1));
  return 0;
}
